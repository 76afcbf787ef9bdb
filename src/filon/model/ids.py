"""Numbers of records: ``reading:record``, one int64 inside, the string ``7:1042`` outside.

The reading takes the upper 23 bits, the record in it the lower 40; both count from 1. The packed number
never leaves Python and the engines as a number: a JavaScript double keeps only 53 bits of it.
"""

import re

from filon.errors import QueryError

__all__ = ["RECORD_BITS", "pack", "parse", "reading_of", "record_of", "show"]

RECORD_BITS = 40
_RECORD_MASK = (1 << RECORD_BITS) - 1
_SHOWN = re.compile(r"([1-9][0-9]{0,6}):([1-9][0-9]{0,12})")


def pack(reading: int, record: int) -> int:
    """The int64 of record ``record`` of reading ``reading``."""
    if not (0 < reading < 1 << 23 and 0 < record <= _RECORD_MASK):
        raise ValueError(f"out of range: {reading}:{record}")
    return reading << RECORD_BITS | record


def reading_of(number: int) -> int:
    """The reading a packed number belongs to."""
    return number >> RECORD_BITS


def record_of(number: int) -> int:
    """The record's own number inside its reading."""
    return number & _RECORD_MASK


def show(number: int) -> str:
    """``7:1042`` for a packed number."""
    return f"{number >> RECORD_BITS}:{number & _RECORD_MASK}"


def parse(text: str) -> int:
    """The packed number of ``7:1042``; QueryError where the text is not one."""
    found = _SHOWN.fullmatch(text.strip())
    if not found:
        raise QueryError(
            "{text!r} is not a message number", position=0, hint="write it as reading:record, e.g. 7:1042", text=text
        )
    reading, record = int(found[1]), int(found[2])
    if reading >= 1 << 23 or record > _RECORD_MASK:
        raise QueryError("{text!r} is out of range", position=0, text=text)
    return pack(reading, record)
