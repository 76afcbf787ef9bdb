"""What a decoded JSON object holds, taken for what it is supposed to be.

Programs write numbers as texts, texts as lists and None as anything. Each function takes a value of any type and
gives the wanted one or None; none raises. What is given up this way is counted by ``filon.evidence.unread``.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from filon.evidence.elements import Broken, Element
from filon.model.records import Defect, Locator, Place
from filon.model.time import SECOND, Stamp, from_utc, from_wall, unreadable

__all__ = [
    "broken",
    "epoch",
    "integer",
    "is_epoch",
    "iso",
    "listed",
    "losses",
    "mapped",
    "number",
    "place",
    "text",
    "word",
]

_FIRST_SECOND = -62_135_596_800  # 0001-01-01
_LAST_SECOND = 253_402_300_799  # 9999-12-31
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_REAL = re.compile(r"[+-]?[0-9]{1,9}(?:\.[0-9]{1,18})?")
_LOSSY = frozenset({"json-utf8", "json-surrogate", "json-number", "json-duplicate-key"})
_NO_MAPPING: Mapping[str, Any] = {}
_RAW_SHOWN = 100


def text(value: Any) -> str | None:
    """A text that says something, else None."""
    return value if type(value) is str and value else None


def word(value: Any) -> str | None:
    """A text or whole number as text, for identifiers; None where there is neither."""
    if type(value) is str:
        return value or None
    return str(value) if type(value) is int else None


def integer(value: Any) -> int | None:
    """A whole number of at most 18 digits, also where it is written as a text."""
    if type(value) is int:
        return value if -(10**18) < value < 10**18 else None
    if type(value) is not str:
        return None
    if len(value) <= 18 and value.isascii() and value.isdecimal():
        return int(value)
    return int(value) if _WHOLE.fullmatch(value) else None


def number(value: Any) -> float | None:
    """A finite number, also where it is written as a text."""
    if type(value) is float:
        return value
    if type(value) is str and _REAL.fullmatch(value):
        return float(value)
    whole = integer(value)
    return None if whole is None else float(whole)


def listed(value: Any) -> list[Any]:
    """A list; empty where it is none."""
    return value if type(value) is list else []


def mapped(value: Any) -> Mapping[str, Any]:
    """An object; empty where it is none."""
    return value if type(value) is dict else _NO_MAPPING


def place(latitude: Any, longitude: Any, label: str | None = None) -> Place | None:
    """A position in degrees, None where it is not on the globe."""
    north, east = number(latitude), number(longitude)
    if north is None or east is None or not (-90 <= north <= 90 and -180 <= east <= 180):
        return None
    return Place(north, east, label)


def is_epoch(value: Any, per_second: int = 1) -> bool:
    """Whether a value is a count since 1970 that lies in the years 1 to 9999."""
    count = integer(value)
    return count is not None and _FIRST_SECOND <= count // per_second <= _LAST_SECOND


def epoch(value: Any, per_second: int = 1, precision: str = "s") -> Stamp | None:
    """A stamp from a count since 1970 in UTC; only its raw text where that is no year from 1 to 9999."""
    if value is None:
        return None
    count = integer(value)
    raw = str(value)[:_RAW_SHOWN]
    if count is None or not _FIRST_SECOND <= count // per_second <= _LAST_SECOND:
        return unreadable(raw)
    return from_utc(count * (SECOND // per_second), raw, precision)


def iso(value: Any, zone: str | None, precision: str = "s") -> Stamp | None:
    """A stamp from an ISO 8601 text: an instant where it states an offset or ``zone`` is given, else wall time."""
    if value is None or value == "":
        return None
    if type(value) is not str:
        return unreadable(str(value)[:_RAW_SHOWN])
    try:
        return from_wall(datetime.fromisoformat(value), value, zone, precision)
    except (ValueError, OverflowError):
        return unreadable(value[:_RAW_SHOWN])


def broken(found: Broken, units: int = 1) -> Defect:
    """The defect that stands for a stretch of a document that could not be read."""
    locator = Locator(found.pointer, found.offset, found.length, units)
    raw = found.excerpt.decode("utf-8", errors="replace") or None
    return Defect(locator=locator, code=found.code, detail=f"{found.length} bytes", raw=raw)


def losses(found: Element) -> Iterator[Defect]:
    """A defect for every rule under which reading an element lost something of it."""
    for rule in found.rules:
        if rule in _LOSSY:
            raw = found.raw[:200].decode("utf-8", errors="replace")
            yield Defect(locator=Locator(found.pointer, found.offset, found.length, 0), code=rule, raw=raw)
