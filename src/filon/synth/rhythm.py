"""When people write: days and nights by their own clock, weekends, sessions with answers seconds apart."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from filon.synth.chance import normal, uniform
from filon.synth.people import START

__all__ = ["Times", "session_times"]

Times = NDArray[np.int64]
"""Seconds since 1970-01-01 UTC."""

_HOURS = (3, 2, 1, 1, 1, 1, 2, 4, 7, 10, 12, 13, 13, 12, 12, 13, 14, 16, 18, 19, 20, 19, 15, 8)
"""Traffic by hour of the local day."""
_WEEKDAYS = (10, 10, 10, 11, 13, 12, 9)
"""Traffic by day, from Monday."""
_FIRST_WEEKDAY = 2
"""2020-04-01 was a Wednesday."""
_PAUSE = 90
"""Least seconds between two sessions of a conversation."""


@lru_cache(maxsize=256)
def _reached(days: int, hours_ahead: int) -> "NDArray[np.float64]":
    """Share of the period's traffic that lies before each full hour UTC, from 0 to 1."""
    local = np.arange(days * 24) + hours_ahead
    weights = np.array(_HOURS)[local % 24] * np.array(_WEEKDAYS)[(local // 24 + _FIRST_WEEKDAY) % 7]
    return np.concatenate([[0.0], np.cumsum(weights) / weights.sum()])


def _moments(shares: "NDArray[np.float64]", days: int, hours_ahead: int) -> "NDArray[np.float64]":
    """The seconds from the start of the period at which these shares of its traffic have passed."""
    moments: NDArray[np.float64] = np.interp(shares, _reached(days, hours_ahead), np.arange(days * 24 + 1) * 3600.0)
    return moments


def session_times(
    key: int, sizes: "NDArray[np.int64]", bounds: tuple[float, float], days: int, hours_ahead: int
) -> Times:
    """Times of the messages of sessions with these sizes, never running backwards, within ``bounds`` (shares of traffic)."""
    low, high = bounds
    starts = np.sort(np.rint(_moments(low + (high - low) * uniform(key, len(sizes)), days, hours_ahead)))
    count = int(sizes.sum())
    gaps = 1.0 + np.rint(np.exp(3.1 + 1.0 * normal(key + 1, count)))  # whole seconds: no platform's last bit matters
    first = np.cumsum(sizes) - sizes
    gaps[first] = 0.0
    since = np.cumsum(gaps)
    since -= np.repeat(since[first], sizes)
    lasts = since[first + sizes - 1] + _PAUSE
    before = np.cumsum(lasts) - lasts
    starts = before + np.maximum.accumulate(starts - before)
    seconds = np.repeat(starts, sizes) + since
    begin, end = _moments(np.array(bounds), days, hours_ahead)
    if seconds[-1] >= end:
        begin = min(begin, seconds[0])
        seconds = begin + (seconds - begin) * ((end - begin - 1) / (seconds[-1] - begin))
    times: Times = START + np.floor(seconds).astype(np.int64)
    return times
