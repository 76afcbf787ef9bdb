"""A release on its way: a file that goes from one signer to the next, and then into the log.

The file is the entry as the log will hold it, in base64, with one more signature after each signer.
"""

import base64
import binascii
import re
from pathlib import Path

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from filon_net.errors import FilonNetError, Malformed
from filon_net.log import Entry, Release, durable, read_entry, sign_entry
from filon_net.log.entries import release_of
from filon_net.log.tokens import ADD_ENTRY

__all__ = ["NotTaken", "read_release", "sign_release", "submit", "write_release"]


_MOST = 4_096
"""Bytes of a log's answer that are read."""


class NotTaken(FilonNetError):
    """The log did not take an entry."""


def sign_release(release: Release, private: Ed25519PrivateKey, before: Entry | None = None) -> Entry:
    """The entry with one more signature; ``before`` is what the others signed. Malformed where that is another release."""
    made = sign_entry(release, private)
    if before is None:
        return made
    if before.body != made.body:
        raise Malformed("the file holds another release than the one to be signed")
    return read_entry(
        Entry(made.kind, made.body, tuple(sorted({**dict(before.signatures), **dict(made.signatures)}.items()))).data
    )


def read_release(path: Path) -> Entry:
    """The entry in a file; Malformed where it holds no release."""
    try:
        entry = read_entry(base64.b64decode(path.read_bytes(), validate=False))
    except (OSError, binascii.Error) as error:
        raise Malformed("{path} cannot be read as a release", path=str(path)) from error
    release_of(entry)
    return entry


def write_release(path: Path, entry: Entry) -> None:
    """Write the entry, in lines of 76 characters."""
    durable.replace_file(path, base64.encodebytes(entry.data))


def submit(url: str, entry: Entry) -> tuple[int, bool]:
    """Send an entry to a log: its index, and whether it is published already. NotTaken."""
    try:
        with (
            httpx.Client(timeout=30, trust_env=False, headers={"accept-encoding": "identity"}) as client,
            client.stream("POST", f"{url.rstrip('/')}/{ADD_ENTRY}", content=entry.data) as answer,
        ):
            status, text = answer.status_code, next(answer.iter_raw(_MOST), b"").decode("utf-8", "replace").strip()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotTaken("the log could not be reached: {what}", hint="send it again", what=str(error)) from error
    if status not in (200, 202) or not re.fullmatch(r"[0-9]{1,19}", text):
        raise NotTaken("the log answered {status}: {text}", status=status, text=text)
    return int(text), status == 200
