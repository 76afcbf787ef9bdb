"""The key that signs the custody log: Ed25519 (RFC 8032), made with the case, never leaving it.

On disk: 32 bytes of private key in hexadecimal, mode 0600. The public key, in hexadecimal too, stands in
``case.json`` and in the first entry of the log.
"""

import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from filon.errors import CustodyError

__all__ = ["load_key", "make_key", "public_of", "signature_agrees"]


def make_key(path: Path) -> Ed25519PrivateKey:
    """Make a key and write it to ``path``, which must not exist."""
    key = Ed25519PrivateKey.generate()
    path.parent.mkdir(mode=0o700, exist_ok=True)
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError as error:
        raise CustodyError("the case already has a key at {path}", path=str(path)) from error
    with os.fdopen(fd, "w", encoding="ascii") as out:
        out.write(key.private_bytes_raw().hex() + "\n")
        out.flush()
        os.fsync(out.fileno())
    return key


def load_key(path: Path) -> Ed25519PrivateKey:
    """The key at ``path``; CustodyError where it is missing, unreadable or open to other users."""
    try:
        if path.stat().st_mode & 0o077:
            raise CustodyError(
                "the key {path} can be read by others",
                hint="chmod 600 {path}, and ask who could read it",
                path=str(path),
            )
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text("ascii").strip()))
    except (OSError, ValueError) as error:
        raise CustodyError(
            "the key of the case cannot be read from {path}: {reason}",
            hint="restore keys/custody from a backup of the case; without it the log can be verified but not continued",
            path=str(path),
            reason=str(error),
        ) from error


def public_of(key: Ed25519PrivateKey) -> str:
    """The public key in hexadecimal."""
    return key.public_key().public_bytes_raw().hex()


def signature_agrees(public: str, data: bytes, signature: str) -> bool:
    """Whether ``signature`` (hexadecimal, small letters) over ``data`` was made with the private half of ``public``."""
    try:
        made = bytes.fromhex(signature)
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(made, data)
    except (ValueError, InvalidSignature):
        return False
    return made.hex() == signature
