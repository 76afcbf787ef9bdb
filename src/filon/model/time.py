"""Times as evidence gives them: a value, the raw text, and on what basis its zone is known.

UTC microseconds are known only where the source states an offset or an instant, or where a named person
stated the zone of an item. Otherwise ``at`` is None and ``local`` holds the wall time, as microseconds since
1970 of a clock that knows no zone. Unknown is None, never 1970.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from filon.errors import ReadingError

__all__ = ["SECOND", "Basis", "Precision", "Stamp", "from_utc", "from_wall", "to_datetime", "unreadable", "zone_named"]

SECOND = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = _EPOCH.replace(tzinfo=None)
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?")

Basis = str
"""``source``: the item states instant or offset; ``user``: a person stated the zone; ``unknown``."""
Precision = str
"""``us ms s min h d``: the finest unit the source writes."""


class Stamp(msgspec.Struct, frozen=True, gc=False):
    """One time as the source gives it. At most one of ``at`` and ``local`` is set.

    ``at`` UTC microseconds; ``local`` wall-clock microseconds where the zone is unknown; ``raw`` the text or
    number as written; both values None where it cannot be read as a time (``99.99.9999``, ``10 days ago``).
    """

    at: int | None = None
    local: int | None = None
    raw: str | None = None
    basis: Basis = "unknown"
    precision: Precision = "s"

    @property
    def order(self) -> int | None:
        """Microseconds to sort by: wall times as if they were UTC, None where there is no time."""
        return self.at if self.at is not None else self.local


def from_utc(microseconds: int, raw: str | None = None, precision: Precision = "ms", basis: Basis = "source") -> Stamp:
    """A stamp whose instant the source states."""
    return Stamp(microseconds, None, raw, basis, precision)


def from_wall(wall: datetime, raw: str | None, zone: str | None, precision: Precision = "s") -> Stamp:
    """A stamp from a wall time: UTC where ``zone`` is given by a person, else local with zone unknown.

    A wall time that the zone skips (spring) is taken at the offset before the jump, one that it repeats (autumn)
    at its first occurrence, as ``datetime.fold=0`` says.
    """
    if wall.tzinfo is not None:
        return Stamp((wall - _EPOCH) // timedelta(microseconds=1), None, raw, "source", precision)
    if zone is None:
        return Stamp(None, (wall - _NAIVE_EPOCH) // timedelta(microseconds=1), raw, "unknown", precision)
    instant = wall.replace(tzinfo=zone_named(zone))
    return Stamp((instant - _EPOCH) // timedelta(microseconds=1), None, raw, "user", precision)


def unreadable(raw: str | None) -> Stamp:
    """A stamp that only keeps what was written."""
    return Stamp(None, None, raw)


def to_datetime(microseconds: int, zone: str = "UTC") -> datetime:
    """An aware datetime in the given zone, for showing; in UTC where the zone's clock shows a year before 1 or after 9999.

    Programs write 9999-12-31 for "never", and it is a year later east of Greenwich.
    """
    found = _EPOCH + timedelta(microseconds=microseconds)
    try:
        return found.astimezone(zone_named(zone))
    except OverflowError:
        return found


def zone_named(name: str) -> ZoneInfo | timezone:
    """The zone called ``Europe/Paris``, ``UTC`` or ``+02:00``; ReadingError where there is none."""
    found = _OFFSET.fullmatch(name)
    if found and int(found[2]) <= 14:
        sign = -1 if found[1] == "-" else 1
        return timezone(sign * timedelta(hours=int(found[2]), minutes=int(found[3] or 0)))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ReadingError(
            "there is no time zone called {name!r}",
            hint="use a name such as Europe/Paris or an offset such as +02:00",
            name=name,
        ) from error
