"""What ``date:`` means: a half-open stretch of time, in the zone of the view and on clocks without a zone.

A bound is a year, month, day, hour, minute or second; both bounds are meant whole, so ``date:2020-04..2020-05`` runs from
the first instant of April to the last of May. Where a zone's clock shows a time twice (autumn), the stretch begins at its
first and ends after its second showing; where it skips one (spring), the bound is the jump itself.
"""

import re
from datetime import UTC, datetime, timedelta, tzinfo

import msgspec

from filon.errors import QueryError
from filon.model.time import SECOND, zone_named
from filon.query.tree import Date

__all__ = ["Interval", "bound", "interval"]

_FORM = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d))?)?)?)?)?", re.ASCII)
_STEPS = (None, None, timedelta(days=1), timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1))
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a wall clock without zone is what is counted here
_FIRSTS = (0, 1, 1, 0, 0, 0)
_MICROSECOND = timedelta(microseconds=1)
_YEARS = range(1000, 9999)


class Interval(msgspec.Struct, frozen=True):
    """``since <= time < until`` in microseconds, None where open: instants in UTC, and times of a clock without zone."""

    since_utc: int | None
    until_utc: int | None
    since_wall: int | None
    until_wall: int | None

    def holds(self, at: int | None, local: int | None) -> bool:
        """Whether a time lies in it; ``local`` counts only without ``at``, and no time at all never does."""
        since, until, time = (
            (self.since_wall, self.until_wall, local) if at is None else (self.since_utc, self.until_utc, at)
        )
        return time is not None and (since is None or since <= time) and (until is None or time < until)


def bound(text: str, position: int = 0) -> tuple[datetime, datetime]:
    """First wall time of what ``2020``, ``2020-04`` or ``2020-04-01T18:00`` names, and the first after it.

    QueryError, at ``position``, where it names nothing.
    """
    found = _FORM.fullmatch(text)
    parts = [int(part) for part in found.groups() if part is not None] if found else []
    try:
        if not parts or parts[0] not in _YEARS:
            raise ValueError(text)
        year, month, day, hour, minute, second = [*parts, *_FIRSTS[len(parts) :]]
        first = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - see _EPOCH
    except ValueError as error:
        raise QueryError(
            "{text!r} is not a date",
            position=position,
            hint="write 2020, 2020-04, 2020-04-01 or 2020-04-01T18:00, and a stretch as 2020-04-01..2020-05",
            text=text,
        ) from error
    step = _STEPS[len(parts) - 1]
    if step is not None:
        return first, first + step
    if len(parts) == 1:
        return first, first.replace(year=first.year + 1)
    return first, first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)


def interval(date: Date, zone: str) -> Interval:
    """The stretch of time a ``date:`` means in a zone. ReadingError where there is no such zone."""
    where = zone_named(zone)
    since = bound(date.since)[0] if date.since is not None else None
    until = bound(date.until)[1] if date.until is not None else None
    return Interval(
        None if since is None else _instants(since, where)[0],
        None if until is None else _instants(until, where)[1],
        None if since is None else _wall(since),
        None if until is None else _wall(until),
    )


def _wall(time: datetime) -> int:
    return (time - _EPOCH) // _MICROSECOND


def _offset(time: datetime) -> int:
    offset = time.utcoffset()
    assert offset is not None  # every zone of ours knows its offset
    return offset // _MICROSECOND


def _instants(time: datetime, zone: tzinfo) -> tuple[int, int]:
    """First and last instant at which the zone's clock comes to show ``time``; the jump, twice, if it skips it."""
    wall = _wall(time)
    early, late = (wall - _offset(time.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))
    if early <= late:
        return early, late
    before, after = late, early
    while after - before > SECOND:
        middle = (before + after) // 2
        shown = (_EPOCH + timedelta(microseconds=middle)).replace(tzinfo=UTC).astimezone(zone)
        if middle + _offset(shown) < wall:
            before = middle
        else:
            after = middle
    jump = after // SECOND * SECOND
    return jump, jump
