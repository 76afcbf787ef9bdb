"""Reading a whole log from outside, as an auditor does: everything is checked, and what is in it is told."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import httpx

from filon_net.errors import LogError, NotServed
from filon_net.log import Fetch, Policy, freshness, read_entry, read_verifier_key, update
from filon_net.log.entries import DEVICES, RELEASE, devices_of, release_of
from filon_net.log.tiles import largest_file

__all__ = ["fetch_over", "look"]


def fetch_over(client: httpx.Client, url: str) -> Fetch:
    """A ``fetch`` over HTTP that stops reading behind the largest size a file may have, and unpacks nothing. NotServed."""

    def fetch(path: str) -> bytes:
        most = largest_file(path)
        data = bytearray()
        try:
            with client.stream("GET", f"{url.rstrip('/')}/{path}", headers={"accept-encoding": "identity"}) as answer:
                if answer.status_code != 200:
                    raise NotServed("{path} was answered with {status}", path=path, status=answer.status_code)
                for part in answer.iter_raw():
                    data += part
                    if len(data) > most:
                        break  # refused as too long by who asked
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NotServed("{path} could not be fetched: {reason}", path=path, reason=str(error)) from error
        return bytes(data)

    return fetch


def look(
    url: str, log_key: str, witnesses: Sequence[str], needed: int, now: int, entries: bool = True
) -> Iterator[str]:
    """Lines about the log at ``url``; LogError where it does not hold."""
    log = read_verifier_key(log_key)
    policy = Policy(log.name, (log,), tuple(map(read_verifier_key, witnesses)), needed)
    with httpx.Client(timeout=10, trust_env=False) as client:
        held, tree = update(None, policy, fetch_over(client, url))
        yield f"{held.checkpoint.origin}: {held.checkpoint.size} entries, {freshness(held, now).value}"
        for name, time in sorted(held.times.items()):
            yield f"  {name} signed at {_shown(time)}"
        for index, data in tree.entries():
            if entries:
                yield f"{index:>8}  {_told(data)}"
    yield f"every entry belongs to the checkpoint ({tree.size} of {held.checkpoint.size})"


def _shown(seconds: int) -> str:
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError, OSError):
        return f"second {seconds}"


def _told(data: bytes) -> str:
    try:
        entry = read_entry(data)
        if entry.kind == DEVICES:
            listed = devices_of(entry)
            return f"devices of {listed.user.hex()[:16]}…, version {listed.version}: {len(listed.devices)}"
        if entry.kind == RELEASE:
            made = release_of(entry)
            return f"release {made.product} {made.version}, {len(entry.signatures)} signatures, {made.manifest.hex()[:16]}…"
        return f"an entry of kind {entry.kind}"
    except LogError as error:
        return f"unreadable: {error}"
