"""Wall time of many instants at once, and the days, months, hours and weekdays they fall into."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from filon.model.time import zone_named
from filon.store.embedded.columns import Ints

__all__ = ["CALENDAR", "label", "ordinals", "steady", "wall"]

_SECOND = 1_000_000
_HOUR = 3600 * _SECOND
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = (datetime(1, 1, 3, tzinfo=UTC) - _EPOCH) // timedelta(hours=1)
_LAST = (datetime(9999, 12, 29, tzinfo=UTC) - _EPOCH) // timedelta(hours=1)
_YEARS = (
    (datetime(1, 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1),
    (datetime.max.replace(tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1),
)
"""The first and the last wall time of the years 1 to 9999. What a zone's clock would show beyond them stands in UTC, as
``filon.model.time.to_datetime`` shows it."""

_TOLD = 100_000
"""Hours that are looked at one by one: eleven years."""

CALENDAR = ("month", "day", "hour", "weekday")
"""Fields that are made of time: ``2020-04``, ``2020-04-01``, ``00`` to ``23``, ``1`` (Monday) to ``7``."""


def wall(times: Ints, walls: npt.NDArray[np.bool_] | None, zone: str) -> Ints:
    """Wall-clock microseconds in a zone; times that stand without a zone (``walls``; None: there are none) are walls already."""
    hours, place = _distinct(times // _HOUR)
    changes, offsets = _offsets(zone, hours)
    offset = offsets[place]
    for at in np.flatnonzero(changes):  # an hour in which the clock is changed: each of its instants apart
        inside = np.flatnonzero(place == at)
        offset[inside] = [_offset(zone, int(time) / _SECOND) for time in times[inside]]
    shown = times + offset
    left = (shown < _YEARS[0]) | (shown > _YEARS[1])
    left = left if walls is None else left | walls
    return np.where(left, times, shown) if left.any() else shown


def steady(first: int, last: int, zone: str) -> int | None:
    """Microseconds between UTC and the wall clock from ``first`` to ``last``; None where that changes, or is not told."""
    if last - first > _TOLD * _HOUR:
        return None
    found = _steady(first // _HOUR, last // _HOUR, zone)
    if found is None or first + found < _YEARS[0] or last + found > _YEARS[1]:
        return None
    return found


def ordinals(walls: Ints, field: str) -> Ints:
    """Numbers of a calendar field for wall times in microseconds: months and days since 1970, hours, weekdays from 1."""
    if field == "month":
        return walls.view("datetime64[us]").astype("datetime64[M]").astype(np.int64)
    if field == "day":
        return walls // (24 * _HOUR)
    if field == "hour":
        return walls // _HOUR % 24
    return (walls // (24 * _HOUR) + 3) % 7 + 1


def label(ordinal: int, field: str) -> str:
    """How a number of a calendar field is written."""
    if field in {"month", "day"}:
        return str(np.datetime64(int(ordinal), "M" if field == "month" else "D"))
    return f"{ordinal:02d}" if field == "hour" else str(ordinal)


def _distinct(hours: Ints) -> tuple[Ints, Ints]:
    """Each hour once, ascending, and for every time where its hour stands there."""
    low, high = (int(hours.min()), int(hours.max())) if len(hours) else (0, 0)
    if high - low > 4 * len(hours) + _TOLD:
        return np.unique(hours, return_inverse=True)
    there = np.zeros(high - low + 1, np.bool_)
    there[hours - low] = True
    return np.flatnonzero(there) + low, (np.cumsum(there) - 1)[hours - low]


@lru_cache(maxsize=1 << 10)
def _steady(first: int, last: int, zone: str) -> int | None:
    changes, offsets = _offsets(zone, np.arange(first, last + 1))
    return int(offsets[0]) if not changes.any() and (offsets == offsets[0]).all() else None


def _offsets(zone: str, hours: Ints) -> tuple[npt.NDArray[np.bool_], Ints]:
    """For every hour since 1970: does the offset change inside it, and the offset at its start in microseconds."""
    begin = np.fromiter((_hour_offset(zone, hour) for hour in hours.tolist()), np.int64, len(hours))
    end = np.fromiter((_hour_offset(zone, hour + 1) for hour in hours.tolist()), np.int64, len(hours))
    return begin != end, begin


@lru_cache(maxsize=1 << 17)
def _hour_offset(zone: str, hour: int) -> int:
    return _offset(zone, min(max(hour, _FIRST), _LAST) * 3600)


def _offset(zone: str, seconds: float) -> int:
    """Microseconds between UTC and the wall clock at an instant; outside the years 1 to 9999 as at their edge."""
    bounded = min(max(seconds, _FIRST * 3600), _LAST * 3600)
    offset: Any = (_EPOCH + timedelta(seconds=bounded)).astimezone(zone_named(zone)).utcoffset()
    return int(offset // timedelta(microseconds=1))
