"""Wall time of many instants at once, and the days, months, hours and weekdays they fall into."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from filon.model.time import zone_named
from filon.store.embedded.columns import Ints

__all__ = ["CALENDAR", "labels", "wall"]

_SECOND = 1_000_000
_HOUR = 3600 * _SECOND
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = (datetime(1, 1, 3, tzinfo=UTC) - _EPOCH) // timedelta(hours=1)
_LAST = (datetime(9999, 12, 29, tzinfo=UTC) - _EPOCH) // timedelta(hours=1)

CALENDAR = ("month", "day", "hour", "weekday")
"""Fields that are made of time: ``2020-04``, ``2020-04-01``, ``00`` to ``23``, ``1`` (Monday) to ``7``."""


def wall(times: Ints, walls: npt.NDArray[np.bool_], zone: str) -> Ints:
    """Wall-clock microseconds in a zone; times that stand without a zone (``walls``) are walls already."""
    hours, place = np.unique(times // _HOUR, return_inverse=True)
    changes, offsets = _offsets(zone, hours)
    offset = offsets[place]
    for at in np.flatnonzero(changes):  # an hour in which the clock is changed: each of its instants apart
        inside = np.flatnonzero(place == at)
        offset[inside] = [_offset(zone, int(time) / _SECOND) for time in times[inside]]
    return np.where(walls, times, times + offset)


def labels(walls: Ints, field: str) -> "tuple[Ints, list[str]]":
    """Ordinals into the labels of a calendar field, for wall times in microseconds."""
    moments = walls.view("datetime64[us]")
    if field in {"month", "day"}:
        unit = moments.astype("datetime64[M]" if field == "month" else "datetime64[D]")
        distinct, place = np.unique(unit, return_inverse=True)
        return place, [str(value) for value in distinct]
    hours = walls // _HOUR
    if field == "hour":
        return hours % 24, [f"{hour:02d}" for hour in range(24)]
    return (hours // 24 + 3) % 7, [str(day) for day in range(1, 8)]


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
