"""The header of a table: which row it is, how its columns are called, and what a name says about zone and order.

Names of columns are evidence too: they are compared folded, never obeyed.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache

import msgspec

from filon.errors import ReadingError
from filon.evidence.rows import Cell, Cut, Row
from filon.model.time import zone_named
from filon.readers.tables.words import ROLES, fold

__all__ = ["LOOKED_AT", "Heading", "best_header", "filled", "find_header", "heading", "names_of", "role_scores"]

LOOKED_AT = 60
"""Rows among which the header is looked for."""
_FEW = 2
_LONGEST_NAME = 300
_LONGEST_WORDS = 80
"""Longer text is prose, not the name of a column."""

_ZONE = re.compile(r"\b(?:UTC|GMT)\s*(?:([+-]|−)\s*(\d{1,2})(?::?(\d{2}))?)?(?!\w)")
_NAMED_ZONE = re.compile(
    r"\b((?:Africa|America|Asia|Atlantic|Australia|Europe|Indian|Pacific)/[A-Za-z_+-]+(?:/[A-Za-z_]+)?)"
)
_ORDER = re.compile(
    r"\(?\b([dj]{1,2}[./-]m{1,3}[./-][yaj]{2,4}|m{1,3}[./-][dj]{1,2}[./-][yaj]{2,4}|[yaj]{2,4}[./-]m{1,3}[./-][dj]{1,2})\b[^)]*\)?",
    re.I,
)
_EPOCH = re.compile(
    r"\b(?:(?:unix|epoch)[ _]?)?\(?(ms|millis|milliseconds|us|µs|microseconds|ns|nanoseconds|seconds)\)?\s*$", re.I
)
_UNITS = {"m": "ms", "u": "us", "µ": "us", "n": "ns", "s": "s"}
_NUMBERED = re.compile(r"\s*(?:#\s*)?\d+$")


class Heading(msgspec.Struct, frozen=True, kw_only=True):
    """What the text over a column says. ``words``: folded, without zone, order and unit."""

    words: str
    zone: str | None = None
    order: str | None = None
    unit: str | None = None


@lru_cache(maxsize=4096)
def heading(name: str) -> Heading:
    """Take the text over a column apart: ``Message Sent Date/Time - UTC+00:00 (dd/MM/yyyy)``, ``sent_utc``, ``created (ms)``."""
    text = name[:_LONGEST_NAME].replace("_", " ")
    zone, text = _zone(text)
    order = unit = None
    if found := _ORDER.search(text):
        order = _order(found[1])
        text = text[: found.start()] + " " + text[found.end() :]
    if found := _EPOCH.search(text):
        unit = _UNITS[found[1][0].lower()]
        if found[1].lower() == "milliseconds" or found[1].lower() == "millis":
            unit = "ms"
        elif found[1].lower() == "microseconds":
            unit = "us"
        text = text[: found.start()]
    return Heading(words=_NUMBERED.sub("", fold(text)), zone=zone, order=order, unit=unit)


def _zone(text: str) -> tuple[str | None, str]:
    if found := _NAMED_ZONE.search(text):
        try:
            zone_named(found[1])
        except ReadingError:
            return None, text
        return found[1], text[: found.start()] + " " + text[found.end() :]
    found = _ZONE.search(text) or _ZONE.search(text.upper())
    if not found:
        return None, text
    hours, minutes = int(found[2] or 0), int(found[3] or 0)
    rest = text[: found.start()] + " " + text[found.end() :]
    if hours > 14 or minutes > 59:
        return None, rest
    sign = "-" if found[1] in {"-", "−"} else "+"
    return ("UTC" if not hours and not minutes else f"{sign}{hours:02d}:{minutes:02d}"), rest


def _order(layout: str) -> str:
    """``dmy`` of ``dd/MM/yyyy``, ``jj/mm/aaaa``, ``TT`` is not read: German headers seen so far write dates in words."""
    parts = re.split(r"[./-]", layout.lower())
    month = next(place for place, part in enumerate(parts) if part[0] == "m")
    year = max((place for place in range(3) if place != month), key=lambda place: len(parts[place]))
    return "".join("m" if place == month else "y" if place == year else "d" for place in range(3))


_PHRASES: dict[str, list[str]] = {}
"""Roles by phrase."""
for _role, _phrases in ROLES.items():
    for _phrase in _phrases:
        _PHRASES.setdefault(_phrase, []).append(_role)
_LONGEST_PHRASE = max(phrase.count(" ") for phrase in _PHRASES) + 1


@lru_cache(maxsize=4096)
def role_scores(words: str) -> dict[str, float]:
    """How well folded header words fit each role, 0 to 1: the whole phrase, or a phrase inside."""
    if not words or len(words) > _LONGEST_WORDS:
        return {}
    inside = dict.fromkeys(_PHRASES.get(words, ()), 1.0)
    parts = words.split(" ")
    for first in range(len(parts)):
        for stop in range(first + 1, min(len(parts), first + _LONGEST_PHRASE) + 1):
            phrase = " ".join(parts[first:stop])
            for role in _PHRASES.get(phrase, ()) if len(phrase) > _FEW else ():
                inside[role] = max(inside.get(role, 0.0), 0.4 + 0.4 * len(phrase) / len(words))
    return {role: inside[role] for role in ROLES if role in inside}


def names_of(cells: Sequence[Cell]) -> list[str]:
    """Unique names of columns from a header row: ``column 3`` where it is empty, ``Name (2)`` for the second of a name."""
    names: list[str] = []
    seen: dict[str, int] = {}
    for place, cell in enumerate(cells, 1):
        name = str(cell).strip()[:_LONGEST_NAME] if cell is not None else ""
        name = name.lstrip("\ufeff") or f"column {place}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def filled(cells: "Iterable[Cell] | dict[str, Cell]") -> int:
    """How many cells hold something."""
    values = cells.values() if isinstance(cells, dict) else cells
    return sum(1 for cell in values if cell is not None and cell != "")


def best_header(rows: Sequence[Cut]) -> int | None:
    """Number of the row that looks most like a header, or None where none does."""
    best: tuple[float, int] | None = None
    for row in rows[:LOOKED_AT]:
        if not isinstance(row, Row) or not isinstance(row.cells, list):
            continue
        texts = [cell for cell in row.cells if isinstance(cell, str) and len(cell) <= _LONGEST_NAME]
        if len(texts) < _FEW or any(isinstance(cell, int | float | datetime) for cell in row.cells):
            continue
        good = _good(texts, max(best[0] if best else 0.0, 0.3 * len(texts)))
        if good >= _FEW and good >= 0.3 * len(texts) and (best is None or good > best[0]):
            best = (good, row.number)
    return best[1] if best else None


def _good(texts: Sequence[str], least: float) -> float:
    """What good names of columns add up to, each 0.6 to 1; 0 as soon as they cannot come to ``least`` any more."""
    good, left = 0.0, len(texts)
    for text in texts:
        score = max(role_scores(heading(text).words).values(), default=0.0)
        good += score if score >= 0.6 else 0.0
        left -= 1
        if good + left < least:
            return 0.0
    return good


def find_header(rows: Sequence[Cut], wanted: set[str]) -> int | None:
    """Number of the row that holds most of the ``wanted`` names (at least two, or the only one), compared folded."""
    folded = {fold(name) for name in wanted}
    best: tuple[int, int] | None = None
    for row in rows[:LOOKED_AT]:
        if not isinstance(row, Row) or not isinstance(row.cells, list):
            continue
        found = len({fold(name) for name in names_of(row.cells)} & folded)
        if found >= min(_FEW, len(folded)) and found and (best is None or found > best[0]):
            best = (found, row.number)
    return best[1] if best else None
