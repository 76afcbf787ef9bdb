"""The one way a value is written as bytes: deterministic CBOR (RFC 8949, section 4.2.1), a small part of it.

Allowed: integers of 64 bits, byte strings, text strings, arrays, maps with text keys, false, true and null. Refused:
tags (they make objects: dates, regular expressions), floats, indefinite lengths, integers or lengths written longer
than needed, map keys twice or out of order, anything after the value, and whatever passes a limit. The heads are
walked before any object is made, so that a short input can never ask for much memory; then the value is built,
written again, and compared, so that two different byte strings never mean the same value.
"""

from typing import Any

import cbor2

from filon_net.wire.errors import Malformed, TooLarge

__all__ = ["DEPTH", "ITEMS", "SIZE", "decode", "encode", "walk", "written"]

SIZE = 128 * 1024
"""Longest value in bytes unless a caller says otherwise."""
DEPTH = 8
"""Deepest nesting of arrays and maps; a plain value has depth 0."""
ITEMS = 4096
"""Most heads in one value, counting every array, map, key and element."""

_FOLLOWING = {24: 1, 25: 2, 26: 4, 27: 8}
_LEAST = {24: 24, 25: 1 << 8, 26: 1 << 16, 27: 1 << 32}
_SIMPLE = frozenset({20, 21, 22})


def encode(value: Any) -> bytes:
    """The bytes of a value; Malformed where it holds what the wire does not carry."""
    data = written(value)
    walk(data, size=len(data))
    return data


def written(value: Any) -> bytes:
    """The bytes of a value whose shape was checked before: what it is made of is not looked at again."""
    try:
        data: bytes = cbor2.dumps(value, canonical=True)
    except (cbor2.CBOREncodeError, ValueError, TypeError, RecursionError, OverflowError) as error:
        raise Malformed(f"this value cannot be written: {error}") from error
    return data


def decode(data: bytes, *, size: int = SIZE) -> Any:
    """The value of canonical bytes: int, bytes, str, list, dict, bool or None. Malformed or TooLarge otherwise."""
    walk(data, size=size)
    try:
        value = cbor2.loads(data, max_depth=DEPTH + 2, allow_indefinite=False, allow_duplicate_keys=False)
        again = cbor2.dumps(value, canonical=True)
    except (cbor2.CBORError, ValueError, TypeError, RecursionError, OverflowError) as error:
        raise Malformed("not a canonical value") from error
    if again != data:
        raise Malformed("not written in the canonical way")
    return value


def walk(data: bytes, *, size: int = SIZE) -> None:
    """Check every head of one value against the limits without building anything. Malformed or TooLarge."""
    if len(data) > size:
        raise TooLarge(f"{len(data)} bytes, at most {size} are allowed")
    position = 0
    heads = 0
    open_levels: list[list[int]] = []  # for each open array or map: items left, 1 for a map
    while True:
        heads += 1
        if heads > ITEMS:
            raise TooLarge(f"more than {ITEMS} items")
        major, argument, position = _head(data, position)
        if open_levels and open_levels[-1][1] and not open_levels[-1][0] % 2 and major != 3:
            raise Malformed("a map key that is not text")
        if major in (2, 3):
            position += argument
            if position > len(data):
                raise Malformed("ends inside a string")
        elif major in (4, 5) and argument:
            if len(open_levels) == DEPTH:
                raise TooLarge(f"nested deeper than {DEPTH}")
            count = argument * 2 if major == 5 else argument
            if count > len(data) - position:  # every item takes at least one byte
                raise Malformed("announces more items than there are bytes")
            open_levels.append([count, int(major == 5)])
            continue
        while open_levels:
            open_levels[-1][0] -= 1
            if open_levels[-1][0]:
                break
            open_levels.pop()
        if not open_levels:
            break
    if position != len(data):
        raise Malformed("bytes after the value")


def _head(data: bytes, position: int) -> tuple[int, int, int]:
    """Major type, argument and the position after one head."""
    if position >= len(data):
        raise Malformed("ends where a value should be")
    major, low = data[position] >> 5, data[position] & 31
    position += 1
    if major == 6:
        raise Malformed("tags are not allowed")
    if major == 7:
        if low not in _SIMPLE:
            raise Malformed("only false, true and null are allowed here")
        return major, low, position
    if low < 24:
        return major, low, position
    length = _FOLLOWING.get(low)
    if length is None:
        raise Malformed("indefinite and reserved lengths are not allowed")
    if position + length > len(data):
        raise Malformed("ends inside a head")
    argument = int.from_bytes(data[position : position + length], "big")
    if argument < _LEAST[low]:
        raise Malformed("a number written longer than needed")
    if (major == 1 and argument >= 1 << 63) or (major == 0 and argument >= 1 << 63):
        raise Malformed("a number outside 64 bits with sign")
    return major, argument, position + length
