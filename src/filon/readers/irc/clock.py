"""Which instant the written time of a log line means, as the days of the log go by.

A line often says only ``[12:18]``; the day is in the name of the file or in a line before. Where the time steps back by
more than half a day without a line that says so, the next day has begun (``day:rolled-over``).
"""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone

from filon.model.dates import month_named
from filon.model.time import Stamp, from_wall, unreadable

__all__ = ["Clock", "day_in_name"]

_PARTS = re.compile(
    r"(?:(\d{4})-(\d\d)-(\d\d)[ T]|([A-Z][a-z]{2}) ([ \d]\d) )?(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,6}))?)?"
    r"(Z|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
_IN_NAME = re.compile(r"(?<!\d)(\d{4})([-_./]?)(\d\d)\2(\d\d)(?!\d)", re.ASCII)
_YEARS = range(1988, 2200)
"""IRC began in 1988."""
_HALF_DAY = 12 * 3600


def day_in_name(name: str) -> date | None:
    """The day in a name such as ``2004/11/15/#ubuntu.txt`` or ``#ubuntu_20041115.log``, the last one if there are more."""
    for found in reversed(list(_IN_NAME.finditer(name))):
        day = _day(int(found[1]), int(found[3]), int(found[4]))
        if day is not None:
            return day
    return None


class Clock:
    """Turns written times into stamps, line after line of one file."""

    def __init__(self, name: str, zone: str | None) -> None:
        self._zone = zone
        self._day = day_in_name(name)
        self._zoned: tuple[str, ...] = (f"zone:{zone}",) if zone else ()
        self._noted: tuple[str, ...] = ("day:file-name",) if self._day else ()
        self._known: dict[str, tuple[int, Stamp]] = {}
        self._last = 0
        self.stamp: Stamp | None = None
        """The stamp of the last line that had one."""
        self.assumptions: tuple[str, ...] = self._zoned

    def begin_day(self, day: date) -> None:
        """A line of the log states the day."""
        self._day = _day(day.year, day.month, day.day)
        self._note()

    def read(self, written: str) -> Stamp:
        """The stamp of the next line. ``assumptions`` are then those it stands under."""
        known = self._known.get(written)
        if known is None:
            known = self._known[written] = self._interpret(written)
        second, stamp = known
        if second + _HALF_DAY < self._last and self._day is not None:
            following = self._day + timedelta(days=1)
            self._day = _day(following.year, following.month, following.day)
            self._note("day:rolled-over")
            known = self._known[written] = self._interpret(written)
            second, stamp = known
        self._last = second
        self.stamp = stamp
        return stamp

    def _note(self, *codes: str) -> None:
        self._noted = codes
        self._known.clear()
        self._last = 0

    def _interpret(self, written: str) -> tuple[int, Stamp]:
        """Seconds since midnight and the stamp."""
        found = _PARTS.fullmatch(written)
        assert found is not None
        clock = _clock_in(found)
        if clock is None:
            return self._last, unreadable(written)
        if found[1]:
            day = _day(int(found[1]), int(found[2]), int(found[3]))
            if day != self._day:
                self._day = day
                self._note()
        elif found[4]:
            day = self._day_of_year(month_named(found[4]), int(found[5]))
        else:
            day = self._day
        self.assumptions = self._noted + self._zoned
        second = clock.hour * 3600 + clock.minute * 60 + clock.second
        if day is None:
            return second, unreadable(written)
        precision = "us" if found[9] else "s" if found[8] else "min"
        wall = datetime.combine(day, clock)
        if found[10]:
            offset = _offset(found[10])
            if offset is None:
                return second, unreadable(written)
            wall = wall.replace(tzinfo=offset)
        return second, from_wall(wall, written, self._zone, precision)

    def _day_of_year(self, month: int | None, day: int) -> date | None:
        """HexChat writes ``Nov 15``; the year is that of the last session line, or the next where the months step back."""
        if self._day is None or month is None:
            return None
        here = _day(self._day.year, month, day)
        if here is not None and here < self._day - timedelta(days=180):
            here = _day(self._day.year + 1, month, day)
            self._noted = ("year:rolled-over",)
        self._day = here or self._day
        self._known.clear()
        self._last = 0
        return here


def _clock_in(found: re.Match[str]) -> time | None:
    try:
        return time(int(found[6]), int(found[7]), int(found[8] or 0), int((found[9] or "0").ljust(6, "0")))
    except ValueError:
        return None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year in _YEARS else None
    except ValueError:
        return None


def _offset(written: str) -> timezone | None:
    """The zone of ``Z``, ``+0200`` or ``+02:00``; None for an offset that no zone has."""
    if written == "Z":
        return UTC
    hours, minutes = int(written[1:3]), int(written[-2:])
    if hours > 14 or minutes > 59:
        return None
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if written[0] == "-" else offset)
