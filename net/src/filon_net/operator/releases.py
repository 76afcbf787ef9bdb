"""A release on its way: a file that goes from one signer to the next, and then into the log.

The file is the entry as the log will hold it, in base64, with one more signature after each signer.
"""

import base64
import binascii
from pathlib import Path

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from filon_net.errors import FilonNetError, Malformed
from filon_net.log import Entry, Release, durable, read_entry, sign_entry
from filon_net.log.entries import release_of
from filon_net.log.tokens import ADD_ENTRY

__all__ = ["NotTaken", "read_release", "sign_release", "submit", "write_release"]


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
        answer = httpx.post(f"{url.rstrip('/')}/{ADD_ENTRY}", content=entry.data, timeout=30, trust_env=False)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotTaken("the log could not be reached: {what}", hint="send it again", what=str(error)) from error
    text = answer.text.strip()
    if answer.status_code not in (200, 202) or not text.isascii() or not text.isdigit():
        raise NotTaken("the log answered {status}: {text}", status=answer.status_code, text=text)
    return int(text), answer.status_code == 200
