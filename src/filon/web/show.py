"""How numbers, sizes and times are written for people: by locale, in the zone of the view, exact where it matters.

Times in lists and transcripts are ISO dates and 24-hour clocks, so that they sort, compare and can be cited;
only headings of days and the axes of charts are written in words.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

from babel.dates import format_date, format_skeleton, format_timedelta
from babel.numbers import format_decimal, format_percent

from filon.errors import ReadingError
from filon.model.time import Stamp, to_datetime

__all__ = ["Show"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LOCALES = {"en": "en_GB", "fr": "fr_FR"}
"""Day before month everywhere: a date must not be readable in two ways."""
UNITS = ("", "k", "M", "G", "T", "P")
BYTE = {"fr": "o"}


class Show:
    """Writes values for one language and one zone."""

    def __init__(self, language: str, zone: str) -> None:
        self.locale = LOCALES.get(language, language)
        self.zone = zone

    def query(self, asked: Mapping[str, object]) -> str:
        """What follows the ``?`` of an address that reads dates or shows times: the zone goes with it, so that it
        means the same for everybody."""
        return urlencode({**asked, "zone": asked.get("zone", self.zone)}, errors="replace")

    def number(self, value: float) -> str:
        """``18,204``."""
        return str(format_decimal(value, locale=self.locale))

    def percent(self, part: float) -> str:
        """``37 %`` for 0.37."""
        return str(format_percent(part, locale=self.locale))

    def size(self, value: int) -> str:
        """``4.1 GB``: bytes in decimal units, as disks and shops count them; ``4,1 Go`` in French."""
        amount, unit = float(value), 0
        while amount >= 999.5 and unit < len(UNITS) - 1:
            amount, unit = amount / 1000, unit + 1
        text = format_decimal(amount, format="#,##0" if unit == 0 or amount >= 99.5 else "#,##0.0", locale=self.locale)
        return f"{text} {UNITS[unit]}{BYTE.get(self.locale[:2], 'B')}"

    def wall(self, time: int, zone_known: bool = True) -> datetime | None:
        """What a clock showed: in the zone of the view, or as written where the zone is unknown. None: no such year."""
        try:
            return to_datetime(time, self.zone) if zone_known else EPOCH + timedelta(microseconds=time)
        except (OverflowError, ValueError, ReadingError):
            return None

    def clock(self, time: int | None, zone_known: bool = True) -> str:
        """``14:03``."""
        wall = None if time is None else self.wall(time, zone_known)
        return "" if wall is None else f"{wall:%H:%M}"

    def day(self, time: int | None, zone_known: bool = True) -> str:
        """``2020-04-03``."""
        wall = None if time is None else self.wall(time, zone_known)
        return "" if wall is None else wall.date().isoformat()

    def minute(self, time: int | None, zone_known: bool = True) -> str:
        """``2020-04-03 14:03``."""
        wall = None if time is None else self.wall(time, zone_known)
        return "" if wall is None else f"{wall.date().isoformat()} {wall:%H:%M}"

    def full(self, time: int | None, zone_known: bool = True) -> str:
        """``2020-04-03 14:03:22.5 UTC+02:00``; without offset where the zone is unknown."""
        wall = None if time is None else self.wall(time, zone_known)
        if wall is None:
            return "" if time is None else f"{time} µs"
        fraction = f".{wall.microsecond:06d}".rstrip("0") if wall.microsecond else ""
        text = f"{wall.date().isoformat()} {wall:%H:%M:%S}{fraction}"
        return f"{text} {offset(wall)}" if zone_known else text

    def iso(self, time: int | None, zone_known: bool = True) -> str:
        """For ``<time datetime>``."""
        wall = None if time is None else self.wall(time, zone_known)
        return "" if wall is None else (wall if zone_known else wall.replace(tzinfo=None)).isoformat()

    def stamp(self, stamp: Stamp) -> str:
        """A time of the evidence, converted; empty where it could not be read as one."""
        return self.full(stamp.order, stamp.at is not None)

    def long_day(self, day: str) -> str:
        """``Friday, 3 April 2020`` for an ISO date."""
        return str(format_date(date.fromisoformat(day), format="full", locale=self.locale))

    def axis(self, wall: int, step: str) -> str:
        """The label of a bucket that starts at this wall time: ``Apr 2020``, ``3 Apr``, ``14:00``."""
        at = EPOCH + timedelta(microseconds=wall)
        if step == "hour":
            return f"{at:%H:%M}"
        return str(format_skeleton("yMMM" if step == "month" else "MMMd", at, locale=self.locale))

    def bucket(self, wall: int, step: str) -> str:
        """A bucket as ``date:`` takes it: ``2020-04``, ``2020-04-03``, ``2020-04-03T14``."""
        at = EPOCH + timedelta(microseconds=wall)
        return at.isoformat()[: {"month": 7, "day": 10, "hour": 13}[step]]

    def lasting(self, seconds: float) -> str:
        """``4 minutes``."""
        return str(format_timedelta(timedelta(seconds=seconds), threshold=1.5, locale=self.locale))


def offset(wall: datetime) -> str:
    """``UTC+02:00`` of an aware datetime."""
    minutes = int((wall.utcoffset() or timedelta()).total_seconds() // 60)
    return f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
