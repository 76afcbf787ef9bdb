"""The piece of CBOR (RFC 8949) that log entries use, in its one deterministic form (section 4.2.1).

Whole numbers from 0 to 2^63 - 1, byte strings, UTF-8 texts and arrays of these; shortest heads, definite lengths, no
tags, maps, floats or simple values. A value has one encoding, so whoever hashes or signs an entry hashes the same bytes.
A general CBOR reader would take a hundred other things from an attacker, some of which run code or reserve memory.
"""

from collections.abc import Sequence
from typing import TypeAlias

from filon_net.errors import Malformed
from filon_net.log.strict import LARGEST, encoded

__all__ = ["Value", "dump", "load"]

Value: TypeAlias = "int | bytes | str | Sequence[Value]"

_UINT, _BYTES, _TEXT, _ARRAY = 0, 2, 3, 4
_DEEPEST = 6


def _head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes([major << 5 | number])
    for code, length in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << 8 * length:
            return bytes([major << 5 | code]) + number.to_bytes(length, "big")
    raise Malformed("a number beyond 2^63 cannot be written")


def dump(value: Value) -> bytes:
    """The encoding of a value; Malformed for what the form does not hold."""
    if isinstance(value, bool):
        raise Malformed("true and false are not part of an entry")
    if isinstance(value, int):
        if not 0 <= value <= LARGEST:
            raise Malformed("{value} is outside 0 to 2^63 - 1", value=value)
        return _head(_UINT, value)
    if isinstance(value, bytes):
        return _head(_BYTES, len(value)) + value
    if isinstance(value, str):
        text = encoded(value, "a text")
        return _head(_TEXT, len(text)) + text
    return _head(_ARRAY, len(value)) + b"".join(dump(one) for one in value)


def load(data: bytes) -> Value:
    """The one value that ``data`` encodes; arrays come as tuples. Malformed for anything else, also behind it."""
    value, end = _load(data, 0, 0)
    if end != len(data):
        raise Malformed("{count} bytes follow the end", count=len(data) - end)
    return value


def _load_head(data: bytes, at: int) -> tuple[int, int, int]:
    """Major type, number and the place behind the head."""
    if at >= len(data):
        raise Malformed("the data is cut off")
    major, code = data[at] >> 5, data[at] & 31
    if code < 24:
        return major, code, at + 1
    if code > 27:
        raise Malformed("lengths that are not stated are not part of an entry")
    length = 1 << code - 24
    number = int.from_bytes(data[at + 1 : at + 1 + length], "big")
    if at + 1 + length > len(data) or number > LARGEST or _head(major, number) != data[at : at + 1 + length]:
        raise Malformed("a number is cut off, too large or written longer than it need be")
    return major, number, at + 1 + length


def _load(data: bytes, at: int, depth: int) -> tuple[Value, int]:
    major, number, at = _load_head(data, at)
    if major == _UINT:
        return number, at
    if major in (_BYTES, _TEXT, _ARRAY) and number > len(data) - at:  # an element takes at least one byte
        raise Malformed("the data is cut off")
    if major == _BYTES:
        return data[at : at + number], at + number
    if major == _TEXT:
        try:
            return data[at : at + number].decode("utf-8"), at + number
        except UnicodeDecodeError as error:
            raise Malformed("a text is not UTF-8") from error
    if major != _ARRAY or depth == _DEEPEST:
        raise Malformed("this is not part of an entry: type {major} at depth {depth}", major=major, depth=depth)
    items: list[Value] = []
    for _ in range(number):
        item, at = _load(data, at, depth + 1)
        items.append(item)
    return tuple(items), at
