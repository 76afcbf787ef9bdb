"""Who a device belongs to: a person's master key signs a certificate for each of their devices.

The user *is* the master key (32 public bytes of Ed25519; the private half is kept away from the phone, as a backup
code). A certificate is the canonical array ``[1, user (32), device (16), ed25519 (32), curve25519 (32), not_before
(hour), not_after (hour), signature (64)]``; signed are ``DOMAIN`` ‖ the canonical array of the first seven. It travels
inside the seal, where no relay sees it. Whether a master key is the right person's is the transparency log's and the
people's to say, not this module's.
"""

import hashlib
from typing import Annotated

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from filon_net.wire import canonical
from filon_net.wire.errors import BadSignature, Malformed
from filon_net.wire.frames import Hour, Key, Signature
from filon_net.wire.proofs import verify

__all__ = ["DOMAIN", "SIZE", "Certificate", "certify", "check_certificate", "fingerprint", "read_certificate"]

DOMAIN = b"filon-net device certificate v1\x00"
SIZE = 256
"""No certificate is longer than this many bytes."""


class Certificate(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=1):
    """One device of one user, good from hour ``not_before`` to hour ``not_after``, both included."""

    user: Key
    device: Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
    ed25519: Key
    curve25519: Key
    not_before: Hour
    not_after: Hour
    signature: Signature

    @property
    def encoded(self) -> bytes:
        """The certificate's bytes."""
        return canonical.encode(msgspec.to_builtins(self, builtin_types=(bytes,)))


def certify(
    master: Ed25519PrivateKey, device: bytes, ed25519: bytes, curve25519: bytes, not_before: int, not_after: int
) -> Certificate:
    """A certificate by the user's master key for the public keys of one device."""
    user = master.public_key().public_bytes_raw()
    fields = [1, user, device, ed25519, curve25519, not_before, not_after]
    signature = master.sign(DOMAIN + canonical.encode(fields))
    return read_certificate(canonical.encode([*fields, signature]))


def read_certificate(data: bytes) -> Certificate:
    """The certificate in ``data``, not yet believed. Malformed or TooLarge."""
    try:
        value = canonical.decode(data, size=SIZE)
        return msgspec.convert(value, Certificate, strict=True, builtin_types=(bytes,))
    except msgspec.ValidationError as error:
        raise Malformed(f"not a device certificate: {error}") from error


def check_certificate(certificate: Certificate, hour: int) -> None:
    """BadSignature unless the user's master key signed it and it is good at ``hour``."""
    *fields, signature = msgspec.to_builtins(certificate, builtin_types=(bytes,))
    verify(certificate.user, signature, DOMAIN + canonical.encode(fields))
    if not certificate.not_before <= hour <= certificate.not_after:
        raise BadSignature(
            "this device's certificate is not good at this time",
            hint="check the clock of this device; the other side may have to renew its certificate",
        )


def fingerprint(certificate: Certificate) -> bytes:
    """32 bytes that stand for user, device and keys together; the same after renewal, another after any new key."""
    held = certificate.user, certificate.device, certificate.ed25519, certificate.curve25519
    return hashlib.sha256(b"filon-net device v1\x00" + b"".join(held)).digest()
