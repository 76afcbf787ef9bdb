"""A bundle as it lies at a relay: encrypted with a key of the mailbox, which the relay never sees.

A bundle holds the certificate, and with it the master key that stands in the public log: readable, it would tell the relay whose
mailbox it is. The key (32 random bytes, made with the mailbox) travels in the route, so whoever may write to the mailbox has it.

Sealed: ``0x01 ‖ nonce (12, random) ‖ AES-256-GCM(key, nonce, padded bundle, DOMAIN ‖ mailbox)``, always 2,048 bytes; padded
as letters are. It proves nothing of who made it: the signatures in the bundle do.
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from filon_net.crypto.padding import pad, unpad
from filon_net.wire.errors import CryptoError, NotSealed

__all__ = ["DOMAIN", "KEY_SIZE", "SIZE", "VERSION", "open_bundle", "seal_bundle"]

DOMAIN = b"filon-net sealed bundle v1\x00"
VERSION = 1
SIZE = 2_048
"""Bytes of every sealed bundle."""
KEY_SIZE = 32
_NONCE = 12
_TAG = 16
_PADDED = SIZE - 1 - _NONCE - _TAG


def seal_bundle(bundle: bytes, key: bytes, mailbox: bytes, nonce: bytes | None = None) -> bytes:
    """What is left at the relay for this bundle. ``nonce`` is for values to check against only. TooLarge, CryptoError."""
    nonce = os.urandom(_NONCE) if nonce is None else nonce
    return bytes([VERSION]) + nonce + _cipher(key).encrypt(nonce, pad(bundle, (_PADDED,)), DOMAIN + mailbox)


def open_bundle(sealed: bytes, key: bytes, mailbox: bytes) -> bytes:
    """The bundle's bytes, not yet believed. NotSealed where it is not of this mailbox and key; Malformed."""
    if len(sealed) != SIZE or sealed[0] != VERSION:
        raise NotSealed("this is no sealed bundle", hint="no phone of this version left it at the relay")
    nonce, inside = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
    try:
        return unpad(_cipher(key).decrypt(nonce, inside, DOMAIN + mailbox), (_PADDED,))
    except InvalidTag as error:
        raise NotSealed("this bundle does not open", hint="it is of another mailbox, or was changed") from error


def _cipher(key: bytes) -> AESGCM:
    if len(key) != KEY_SIZE:
        raise CryptoError("a mailbox's bundle key has 32 bytes")
    return AESGCM(key)
