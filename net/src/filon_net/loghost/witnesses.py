"""A witness as the log asks it: ``POST <address>/add-checkpoint`` (c2sp.org/tlog-witness).

The log remembers what each witness saw last as its answers say so, and learns it anew from a 409.
"""

import logging
from collections.abc import Awaitable, Callable

import httpx

from filon_net.errors import LogError, Malformed
from filon_net.log import VerifierKey, read_lines, read_verifier_key, request
from filon_net.log.checkpoints import Checkpoint
from filon_net.log.keys import COSIGNATURE
from filon_net.log.notes import Signature
from filon_net.log.strict import read_number

__all__ = ["AskedWitness", "read_witness"]

_LOG = logging.getLogger(__name__)

Prove = Callable[[int], Awaitable[list[bytes]]]
_LARGEST_ANSWER = 64 * 1024
_SIZE = "text/x.tlog.size"


def read_witness(text: str) -> "AskedWitness":
    """A witness from ``URL=VERIFIER KEY``; Malformed."""
    url, parted, key = text.partition("=")
    if not parted or not url.startswith(("http://", "https://")):
        raise Malformed("{text} is not a witness", hint="it looks like http://HOST:PORT=NAME+KEYID+BASE64", text=text)
    return AskedWitness(url.rstrip("/"), read_verifier_key(key))


class AskedWitness:
    """One witness: address, key, and the size it saw last as far as is known."""

    def __init__(self, url: str, key: VerifierKey) -> None:
        if key.kind != COSIGNATURE:
            raise Malformed("a witness is known by a key of type 4", hint="this is the key of a log")
        self.url = url
        self.key = key
        self.trouble: str | None = None
        """Why its last answer was no cosignature, in English; None where it was one."""
        self._seen = 0

    async def cosign(
        self, client: httpx.AsyncClient, checkpoint: Checkpoint, note: bytes, prove: Prove
    ) -> tuple[Signature, ...]:
        """Its cosignature lines, not yet checked; empty where it gave none (``trouble`` says why)."""
        try:
            trouble, lines = await self._ask(client, checkpoint, note, prove)
        except (httpx.HTTPError, LogError) as error:
            trouble, lines = f"{type(error).__name__}: {error}", ()
        if trouble is not None and trouble != self.trouble:
            _LOG.warning("witness %s: %s", self.key.name, trouble)
        self.trouble = trouble
        return lines

    async def _ask(
        self, client: httpx.AsyncClient, checkpoint: Checkpoint, note: bytes, prove: Prove
    ) -> tuple[str | None, tuple[Signature, ...]]:
        for _ in range(3):  # another asker may have brought it further in between
            old = min(self._seen, checkpoint.size)
            status, kind, body = await self._post(client, request(old, await prove(old), note))
            if status == 200:
                self._seen = checkpoint.size
                return None, read_lines(body)
            if status != 409 or kind.split(";")[0].strip() != _SIZE:
                return f"answered {status}: {body.strip()[:120]!r}", ()
            self._seen = read_number(body.removesuffix("\n"), "the size a witness saw")
            if self._seen > checkpoint.size:
                return (
                    f"says it saw {self._seen} entries; this log has {checkpoint.size}: was an older copy put back?",
                    (),
                )
            if self._seen == old:
                return f"saw another tree of {old} entries: this log signed two histories, or the witness lies", ()
        return "changes its mind about what it saw", ()

    async def _post(self, client: httpx.AsyncClient, body: bytes) -> tuple[int, str, str]:
        headers = {"accept-encoding": "identity"}
        async with client.stream("POST", f"{self.url}/add-checkpoint", content=body, headers=headers) as answer:
            data = b""
            async for part in answer.aiter_raw():  # never unpacked: a few kilobytes can hold gigabytes
                data += part
                if len(data) > _LARGEST_ANSWER:
                    raise Malformed("an answer of more than {most} bytes", most=_LARGEST_ANSWER)
        try:
            return answer.status_code, answer.headers.get("content-type", ""), data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Malformed("an answer that is not UTF-8") from error
