"""The inner message: what one device says to another. It exists in the clear only on phones.

A letter is the canonical array ``[1, kind, id (16), number, sent_at, expires_at, body]`` padded to a bucket
(``crypto.padding``). ``number`` counts the letters from one device to another from 1, without gaps: the receiver sees
what is missing. Times are milliseconds since 1970 (UTC) by the sender's clock; ``expires_at`` 0 means never. ``body``
is bytes whose meaning depends on ``kind``; kinds that begin with ``filon-net.`` belong to this layer.
"""

from typing import Annotated, TypeAlias

import msgspec

from filon_net.crypto.padding import BUCKETS, pad, unpad
from filon_net.wire import canonical
from filon_net.wire.errors import Malformed

__all__ = ["BODY_SIZE", "HEAL", "Letter", "read_letter", "write_letter"]

BODY_SIZE = 65_280
"""Longest body in bytes; anything longer is an attachment."""
HEAL = "filon-net.heal"
"""Kind of the letter that opens a new session after one failed; body: see ``crypto.numbers``."""

Millis: TypeAlias = Annotated[int, msgspec.Meta(ge=0, lt=1 << 53)]


class Letter(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=1):
    """One inner message."""

    kind: Annotated[str, msgspec.Meta(min_length=1, max_length=48, pattern=r"^[a-z0-9.-]+\Z")]
    id: Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
    number: Annotated[int, msgspec.Meta(ge=1, lt=1 << 53)]
    sent_at: Millis
    expires_at: Millis
    body: Annotated[bytes, msgspec.Meta(max_length=BODY_SIZE)]


def write_letter(letter: Letter) -> bytes:
    """The padded bytes: 256, 1,024, 4,096, 16,384 or 65,536 of them. Malformed where a field breaks its limits."""
    data = canonical.encode(msgspec.to_builtins(letter, builtin_types=(bytes,)))
    _shaped(data)
    return pad(data)


def read_letter(padded: bytes) -> Letter:
    """The letter in padded bytes; Malformed or TooLarge."""
    return _shaped(unpad(padded))


def _shaped(data: bytes) -> Letter:
    try:
        value = canonical.decode(data, size=BUCKETS[-1])
        return msgspec.convert(value, Letter, strict=True, builtin_types=(bytes,))
    except msgspec.ValidationError as error:
        raise Malformed(f"not a letter: {error}") from error
