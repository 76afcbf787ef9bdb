"""How a message begins: ``[30/06/2023, 16:15:00] `` and its many relatives.

A file is written in one layout: brackets or not, one sign between the numbers of the date, one sign before the sender.
A line that begins with a date in another layout is part of the message above it. A line a sender wrote in the file's
own layout cannot be told from a real one: the export does not mark where a message ends.
"""

import re
from collections import Counter

import msgspec

from filon.model.dates import half_of_day, to_hour

__all__ = ["Head", "Layout", "head_of", "main_layouts"]

_INVISIBLE = "[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]{0,4}"
_BLANK = "[ \u00a0\u2009\u202f]"
_HALF = (
    f"[AaPp]\\.?{_BLANK}?[Mm]\\.?|上午|下午|午前|午後|凌晨|清晨|早上|中午|傍晚|晚上|오전|오후|vorm\\.|nachm\\.|de\\.|du\\.|"
    "dop\\.|odp\\.|[fe]m|ÖÖ|ÖS|π\\.μ\\.|μ\\.μ\\.|ق\\.ظ\\.?|ب\\.ظ\\.?|ص|م|पूर्वाह्न|अपराह्न|ก่อนเที่ยง|หลังเที่ยง"
)
_AT = "klo|um|at|om|à|às|a las|alle|kl\\.?|ob|o|в"
_DATE = (
    rf"{_INVISIBLE}(\[?){_INVISIBLE}(\d{{1,4}}){_INVISIBLE}([./-]|年|년){_INVISIBLE}{_BLANK}?(\d{{1,4}})"
    rf"{_INVISIBLE}(?:[./-]|月|월){_INVISIBLE}{_BLANK}?(\d{{1,4}})"
)
_TIME = (
    rf"(?:日|일)?\.?{_INVISIBLE}[,،、]?{_INVISIBLE}(?:{_BLANK}{{1,3}}(?:{_AT}))?"
    rf"{_BLANK}{{0,3}}{_INVISIBLE}({_HALF})?{_BLANK}{{0,3}}{_INVISIBLE}(\d{{1,2}})[:.](\d\d)(?:[:.](\d\d))?{_INVISIBLE}(?:{_BLANK}?({_HALF}))?()"
    rf"{_INVISIBLE}(\]{_BLANK}?|,{_BLANK}(?=[^:\n]{{1,100}} : )|{_BLANK}[-–]{_BLANK}|{_BLANK}[-–]$|:{_BLANK}|{_BLANK})"
)
_DAY = re.compile(_DATE)
_CLOCK = re.compile(_TIME)
_BLANKS = " \u00a0\u2009\u202f"
_LEAST_SHARE = 0.1

Layout = tuple[bool, str, str, bool]
"""Whether in brackets; the sign between the numbers; the sign before the sender, without blanks; whether years are short."""


class Head(msgspec.Struct, frozen=True, gc=False):
    """The beginning of a message.

    ``day``: the characters from the line's first to the end of the date, of which ``start`` is the first digit;
    ``hour`` is None where no clock shows it; ``end`` is where the sender begins.
    """

    layout: Layout
    day: str
    start: int
    written: str
    numbers: tuple[int, int, int]
    hour: int | None
    minute: int
    second: int | None
    end: int


def head_of(line: str, before: Head | None = None) -> Head | None:
    """The head of a line in any layout, or None. ``before``, the last head, spares reading the same day again."""
    if before is not None and line.startswith(before.day):
        clock = _CLOCK.match(line, len(before.day))
        if clock is not None and clock[7].strip(_BLANKS) == before.layout[2]:
            return _head(line, before.layout, before.day, before.start, before.numbers, clock)
    found = _DAY.match(line)
    clock = _CLOCK.match(line, found.end()) if found else None
    if found is None or clock is None:
        return None
    bracket, day, sign, month, year = found.groups()
    close = clock[7].strip(_BLANKS)
    if (bracket == "[") != (close == "]"):
        return None
    numbers = int(day), int(month), int(year)
    layout = bracket == "[", sign, close, max(numbers) < 100
    return _head(line, layout, found[0], found.start(2), numbers, clock)


def _head(line: str, layout: Layout, day: str, start: int, numbers: tuple[int, int, int], clock: re.Match[str]) -> Head:
    early, hour, minute, second, late, _, _ = clock.groups()
    mark = early or late
    return Head(
        layout,
        day,
        start,
        line[start : clock.end(6)],
        numbers,
        to_hour(int(hour), half_of_day(mark) if mark else None),
        int(minute),
        int(second) if second else None,
        clock.end(),
    )


def main_layouts(counted: Counter[Layout]) -> frozenset[Layout]:
    """The layouts a file is written in: the most frequent, and any other that at least a tenth of the heads have.

    A telephone set to another language writes other dates, but keeps the brackets and the sign before the sender. Where
    those differ too, the file was put together from several, which one line alone does not show.
    """
    if not counted:
        return frozenset()
    first = counted.most_common(1)[0][0]
    least = _LEAST_SHARE * sum(counted.values())
    akin = {
        layout
        for layout, count in counted.items()
        if layout[0] == first[0] and layout[2] == first[2] and count >= least
    }
    joined = {layout for layout, count in counted.items() if layout[2] in {"]", "-", "–"} and count >= max(2, least)}
    return frozenset({first} | akin | joined)
