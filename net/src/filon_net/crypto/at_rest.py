"""State on the phone's disk, encrypted with the store key.

``salt (16) ‖ ciphertext`` : AES-256-GCM with a zero nonce under a key of its own, HKDF-SHA256(store key, salt, info =
``DOMAIN`` ‖ purpose); the purpose says which row it is, so rows cannot be exchanged. What it cannot do: notice that the
whole disk was put back to an earlier day.
"""

import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from filon_net.wire.errors import CryptoError, WrongStoreKey

__all__ = ["DOMAIN", "VERSION", "check_version", "lock", "unlock"]

DOMAIN = b"filon-net at rest v1\x00"
KEY_SIZE = 32
VERSION = 1
"""First value of every state inside."""


def lock(data: bytes, key: bytes, purpose: bytes) -> bytes:
    """``data`` encrypted for one purpose; ``key`` has 32 bytes."""
    salt = os.urandom(16)
    return salt + _cipher(key, salt, purpose).encrypt(bytes(12), data, None)


def unlock(data: bytes, key: bytes, purpose: bytes) -> bytes:
    """What ``lock`` was given; WrongStoreKey where key, purpose or bytes are not those."""
    try:
        return _cipher(key, data[:16], purpose).decrypt(bytes(12), data[16:], None)
    except (InvalidTag, ValueError) as error:
        raise WrongStoreKey(
            "this cannot be opened with this key", hint="the key is another one, or the data was changed"
        ) from error


def check_version(state: list[Any]) -> None:
    """CryptoError unless the first value of an unlocked state is this version."""
    if state[0] != VERSION:
        raise CryptoError("this state is of another version", hint="update this program; it reads version 1")


def _cipher(key: bytes, salt: bytes, purpose: bytes) -> AESGCM:
    if len(key) != KEY_SIZE:
        raise CryptoError("a store key has 32 bytes")
    # the salt makes a key that is used once, so a fixed nonce is safe
    return AESGCM(HKDF(SHA256(), 32, salt, DOMAIN + purpose).derive(key))
