"""The outer seal: HPKE (RFC 9180, base mode, single shot) to a key of the receiving device.

KEM X-Wing (draft-connolly-cfrg-xwing-kem: ML-KEM-768 and X25519; HPKE id 0x647a), KDF HKDF-SHA256, AEAD AES-256-GCM,
empty AAD. ``info`` is ``DOMAIN`` ‖ the fingerprint (32) of the receiving device, so that a blob cannot be passed on to
another device. A sealed blob is the version byte ``0x01`` ‖ enc (1,120) ‖ ciphertext (plaintext + 16). It hides the
sender from the relay, and it keeps what is recorded today closed to a quantum computer of tomorrow: Olm alone would
not. A device changes its seal key every week and keeps the old ones only as long as a relay may still hold a blob.
"""

import hashlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from filon_net.wire.errors import CryptoError, NotSealed

__all__ = ["DOMAIN", "OVERHEAD", "PUBLIC_SIZE", "SEED_SIZE", "VERSION", "open_seal", "public_of", "seal"]

DOMAIN = b"filon-net seal v1\x00"
VERSION = 1
SEED_SIZE = 32
PUBLIC_SIZE = 1_184 + 32
"""ML-KEM-768 public key ‖ X25519 public key, as X-Wing writes it."""
OVERHEAD = 1 + 1_120 + 16
"""Bytes a seal adds."""

_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def public_of(seed: bytes) -> bytes:
    """The public key (1,216 bytes) of a seal key, which is kept as its 32-byte seed."""
    mlkem, x25519 = _private(seed)
    return mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()


def seal(plaintext: bytes, public: bytes, receiver: bytes) -> bytes:
    """Seal to a public key of the device with fingerprint ``receiver``. CryptoError where the key is not one."""
    if len(public) != PUBLIC_SIZE:
        raise CryptoError("not a seal key")
    try:
        mlkem = MLKEM768PublicKey.from_public_bytes(public[:1_184])
        key = MLKEM768X25519PublicKey(mlkem, X25519PublicKey.from_public_bytes(public[1_184:]))
        return bytes([VERSION]) + _SUITE.encrypt(plaintext, key, info=DOMAIN + receiver)
    except ValueError as error:
        raise CryptoError("not a seal key") from error


def open_seal(blob: bytes, seeds: list[bytes], receiver: bytes) -> bytes:
    """What was sealed to one of these keys (newest first). NotSealed where there is no seal, or it is not for us."""
    if len(blob) < OVERHEAD or blob[0] != VERSION:
        raise NotSealed(
            "there is no seal around this", hint="it did not come from a phone of this version; nothing was opened"
        )
    for seed in seeds:
        mlkem, x25519 = _private(seed)
        try:
            return _SUITE.decrypt(blob[1:], MLKEM768X25519PrivateKey(mlkem, x25519), info=DOMAIN + receiver)
        except (InvalidTag, ValueError):
            continue
    raise NotSealed("the seal does not open", hint="it is for another device, was changed, or its key is past its time")


def _private(seed: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    """X-Wing's own expansion of a seed: SHAKE-256 to 96 bytes, 64 for ML-KEM (d ‖ z), 32 for X25519."""
    if len(seed) != SEED_SIZE:
        raise CryptoError("a seal key's seed has 32 bytes")
    wide = hashlib.shake_256(seed).digest(96)
    return MLKEM768PrivateKey.from_seed_bytes(wide[:64]), X25519PrivateKey.from_private_bytes(wide[64:])
