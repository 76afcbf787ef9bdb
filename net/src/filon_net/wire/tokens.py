"""Invite tokens: the operator's leave to make one mailbox.

A token is the canonical array ``[1, serial (16 bytes), not_after (hour), quota_messages, quota_bytes, operator key
(32 bytes), signature (64 bytes)]``; signed are ``DOMAIN`` ‖ the canonical array of the first six. It names nobody: the
operator gives it to a person, the relay sees a serial number once. That it is used once is the relay's to keep.
"""

from typing import Annotated

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from filon_net.wire import canonical
from filon_net.wire.errors import BadSignature, Malformed
from filon_net.wire.frames import Hour, Key, Number, Signature
from filon_net.wire.proofs import verify

__all__ = ["DOMAIN", "Token", "check_token", "read_token", "sign_token"]

DOMAIN = b"filon-net invite v1\x00"


class Token(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=1):
    """One invite. ``not_after`` is the last hour it may be used; quotas are those of the mailbox it makes."""

    serial: Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
    not_after: Hour
    quota_messages: Number
    quota_bytes: Number
    operator: Key
    signature: Signature


def sign_token(
    operator: Ed25519PrivateKey, serial: bytes, not_after: int, quota_messages: int, quota_bytes: int
) -> bytes:
    """The bytes of a new token."""
    public = operator.public_key().public_bytes_raw()
    fields = [1, serial, not_after, quota_messages, quota_bytes, public]
    data = canonical.encode([*fields, operator.sign(DOMAIN + canonical.encode(fields))])
    read_token(data)
    return data


def read_token(data: bytes) -> Token:
    """The token in ``data``, not yet believed. Malformed or TooLarge."""
    try:
        return msgspec.convert(canonical.decode(data, size=256), Token, strict=True, builtin_types=(bytes,))
    except msgspec.ValidationError as error:
        raise Malformed(f"not an invite token: {error}") from error


def check_token(data: bytes, operators: frozenset[bytes], hour: int) -> Token:
    """The token, where one of ``operators`` (public keys) signed it and ``hour`` is not past its last. BadSignature."""
    token = read_token(data)
    if token.operator not in operators:
        raise BadSignature("this invite is not signed by an operator of this relay")
    fields = [1, token.serial, token.not_after, token.quota_messages, token.quota_bytes, token.operator]
    verify(token.operator, token.signature, DOMAIN + canonical.encode(fields))
    if hour > token.not_after:
        raise BadSignature("this invite is past its last hour", hint="ask the operator for a new one")
    return token
