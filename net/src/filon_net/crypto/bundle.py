"""What a device leaves for others to write to it: opaque to the relay that hands it out.

A bundle is the canonical array ``[1, certificate (bytes), device signature (64), fallback (bool), key (32), key
signature (64), seal key (1,216), seal key's last hour, seal signature (64)]``. The three signatures are by the device's
own Ed25519 key over the texts of ``crypto.published``; the first proves that whoever asked for the certificate holds
the keys in it. The relay can hand a one-time key out twice or withhold it: the first shows as an undecryptable letter,
the second only makes the last resort (the fallback key) be used. It cannot put in a key of its own.
"""

from typing import Annotated

import msgspec

from filon_net.crypto.identity import SIZE, Certificate, check_certificate, read_certificate
from filon_net.crypto.published import canonical_json, device_keys, one_time_text, seal_text
from filon_net.crypto.seal import PUBLIC_SIZE
from filon_net.wire import canonical
from filon_net.wire.errors import BadSignature, Malformed
from filon_net.wire.frames import Hour, Key, Signature
from filon_net.wire.proofs import verify

__all__ = ["BUNDLE_SIZE", "Bundle", "check_bundle", "read_bundle", "write_bundle"]

BUNDLE_SIZE = 2_018
"""What ``sealed_bundle`` has room for."""


class Bundle(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=1):
    """One bundle as it travels."""

    certificate: Annotated[bytes, msgspec.Meta(max_length=SIZE)]
    device_signature: Signature
    fallback: bool
    key: Key
    key_signature: Signature
    seal_key: Annotated[bytes, msgspec.Meta(min_length=PUBLIC_SIZE, max_length=PUBLIC_SIZE)]
    seal_not_after: Hour
    seal_signature: Signature


def write_bundle(bundle: Bundle) -> bytes:
    """The bundle's bytes, about 1.8 kB."""
    return canonical.encode(msgspec.to_builtins(bundle, builtin_types=(bytes,)))


def read_bundle(data: bytes) -> Bundle:
    """The bundle in ``data``, not yet believed. Malformed or TooLarge."""
    try:
        value = canonical.decode(data, size=BUNDLE_SIZE)
        return msgspec.convert(value, Bundle, strict=True, builtin_types=(bytes,))
    except msgspec.ValidationError as error:
        raise Malformed(f"not a bundle: {error}") from error


def check_bundle(bundle: Bundle, hour: int) -> Certificate:
    """The certificate of the device, where every signature holds and nothing is past its hour. BadSignature."""
    certificate = read_certificate(bundle.certificate)
    check_certificate(certificate, hour)
    verify(certificate.ed25519, bundle.device_signature, canonical_json(device_keys(certificate)))
    verify(certificate.ed25519, bundle.key_signature, one_time_text(bundle.key, bundle.fallback))
    verify(certificate.ed25519, bundle.seal_signature, seal_text(certificate, bundle.seal_key, bundle.seal_not_after))
    if hour > bundle.seal_not_after:
        raise BadSignature("this bundle's seal key is past its last hour", hint="ask the relay for another bundle")
    return certificate
