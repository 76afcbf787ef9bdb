"""Written times as a pattern and the instant they stand for: ``2020-04-01T00:19:57Z`` is kept as neither digit nor letter.

A pattern is found by reading a few of the texts, and holds for exactly those rows of which ``render`` makes the same
text again from the row's instant. Whatever no pattern makes again stays a text.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache, lru_cache
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from filon.store.embedded import arrow, matching
from filon.store.embedded.columns import Ints

__all__ = ["Clock", "derive", "find", "render"]

_SECOND = 1_000_000
_DAY = 86_400 * _SECOND
_QUARTER = 900 * _SECOND
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SINCE_1970 = date(1970, 1, 1).toordinal()
_FIRST, _LAST = (date(year, 1, 1).toordinal() - _SINCE_1970 for year in (1700, 2300))
"""Days that texts are made for; a time outside of them stays a text."""

_DATE: dict[str, tuple[str, Callable[[date], str]]] = {
    "Y": (r"\d{4}", lambda day: f"{day.year:04}"),
    "y": (r"\d{2}", lambda day: f"{day.year % 100:02}"),
    "m": (r"\d{2}", lambda day: f"{day.month:02}"),
    "n": (r"\d{1,2}", lambda day: str(day.month)),
    "b": ("|".join(_MONTHS), lambda day: _MONTHS[day.month - 1]),
    "d": (r"\d{2}", lambda day: f"{day.day:02}"),
    "j": (r"\d{1,2}", lambda day: str(day.day)),
    "a": ("|".join(_WEEKDAYS), lambda day: _WEEKDAYS[day.weekday()]),
}
"""Letters of a form of dates: what stands there, and how it is made."""
_TIME: dict[str, tuple[str, int, Callable[[int], str]]] = {
    "H": (r"\d{2}", 3600, "{:02}".format),
    "G": (r"\d{1,2}", 3600, str),
    "I": (r"\d{2}", 3600, lambda hour: f"{(hour + 11) % 12 + 1:02}"),
    "g": (r"\d{1,2}", 3600, lambda hour: str((hour + 11) % 12 + 1)),
    "M": (r"\d{2}", 60, "{:02}".format),
    "S": (r"\d{2}", 1, "{:02}".format),
    "p": ("[AP]M", 3600, lambda hour: "AM" if hour < 12 else "PM"),
    "q": ("[ap]m", 3600, lambda hour: "am" if hour < 12 else "pm"),
}
"""Letters of a form of times: what stands there, the seconds of its unit, and how it is made of so many of them."""
_DATES = (
    *(
        "Y-m-d",
        "Y/m/d",
        "Y.m.d",
        "d.m.Y",
        "d/m/Y",
        "m/d/Y",
        "d-m-Y",
        "j.n.Y",
        "n/j/Y",
        "j/n/Y",
        "d.m.y",
        "m/d/y",
        "d/m/y",
    ),
    *("n/j/y", "j/n/y", "a, d b Y", "d b Y", "b d, Y", "Ymd"),
)
_TIMES = ("I:M:S p", "g:M:S p", "I:M p", "g:M p", "g:M:S q", "g:M q", "H:M:S", "H:M", "G:M:S", "G:M", "HMS", "")
_NUMBERS = ((_SECOND, 1), (1000, 1), (1, 1), (1, 10), (1, 1000))
"""Microseconds that one of the number stands for, and what they are divided into: seconds down to nanoseconds."""
_ORIGINS = (0, -978_307_200 * _SECOND, 11_644_473_600 * _SECOND)
"""What is added to microseconds since 1970 to count from 1970, 2001 and 1601."""
_NUMBER_LIMIT = 1 << 62


class Clock(msgspec.Struct, frozen=True, gc=False):
    """How a source writes times. ``day`` and ``time``: forms of the letters above, or both empty for a plain number.

    ``shift``: microseconds that the written time is ahead of the instant. ``digits``: of the fraction of a second, after
    ``point``. ``unit``, ``parts``: the number is ``(instant + shift) * parts // unit``.
    """

    before: str = ""
    day: str = ""
    between: str = ""
    time: str = ""
    point: str = ""
    digits: int = 0
    after: str = ""
    shift: int = 0
    unit: int = 0
    parts: int = 1


def find(texts: "pa.Array[Any]", instants: Ints, rows: Ints) -> tuple[Ints, list[Clock]]:
    """Clocks that write these texts, and for every text the ordinal of its own, -1 where it stays a text.

    ``instants``: microseconds, one a text. ``rows``: ordinals of the texts to look at, of which each has an instant.
    """

    def guess(row: int) -> Iterator[Clock]:
        return derive(str(texts[row].as_py()), int(instants[row]))

    def holds(clock: Clock, chosen: Ints) -> npt.NDArray[np.bool_]:
        return matching.same(render(clock, instants[chosen]), matching.taken(texts, chosen))

    return matching.find(len(texts), rows, guess, holds)


def derive(text: str, instant: int) -> Iterator[Clock]:
    """Clocks that may have written this text for this instant."""
    if re.fullmatch(r"-?\d{1,19}", text):
        yield from (clock for clock in _numbers() if _rendered(clock, instant) == text)
    for form in _DATES:
        found = _look(form, of_day=True).search(text)
        if found is None:
            continue
        for time in _TIMES:
            yield from _derived(text, instant, form, found, time)


def _numbers() -> Iterator[Clock]:
    for unit, parts in _NUMBERS:
        for origin in _ORIGINS:
            yield Clock(shift=origin, unit=unit, parts=parts)


def _derived(text: str, instant: int, day: str, found: "re.Match[str]", time: str) -> Iterator[Clock]:
    """The clock of one form of dates, found at a place of the text, and one form of times behind it."""
    rest = text[found.end() :]
    hour = _look(time, of_day=False).search(rest) if time else re.match("", rest)
    if hour is None or hour.start() > 4:
        return
    fraction = re.match(r"([.,])(\d{1,9})", rest[hour.end() :]) if "S" in time else None
    end = hour.end() + (fraction.end() if fraction else 0)
    clock = Clock(
        before=text[: found.start()],
        day=day,
        between=rest[: hour.start()],
        time=time,
        point=fraction[1] if fraction else "",
        digits=len(fraction[2]) if fraction else 0,
        after=rest[end:],
    )
    for shift in _shifts(found[0], day, hour[0], time, instant):
        shifted = msgspec.structs.replace(clock, shift=shift)
        if _rendered(shifted, instant) == text:
            yield shifted


def _shifts(day: str, day_form: str, time: str, time_form: str, instant: int) -> Iterator[int]:
    """How far a written time is ahead of its instant: by quarters of an hour, up to 15 hours."""
    local = instant // _QUARTER * _QUARTER
    near = local // _DAY
    for at in range(near - 1, near + 2):
        if _FIRST <= at < _LAST and _date_text(day_form, at) == day:
            break
    else:
        return
    if not time_form:
        yield 0
        return
    for shift in (0, *(sign * step * _QUARTER for step in range(1, 61) for sign in (1, -1))):
        wall = instant + shift
        if wall // _DAY == at and _time_text(time_form, wall % _DAY // _SECOND) == time:
            yield shift
            return


def _rendered(clock: Clock, instant: int) -> str | None:
    made: str | None = render(clock, np.array([instant], np.int64))[0].as_py()
    return made


def render(clock: Clock, instants: Ints) -> "pa.Array[Any]":
    """What a clock writes for these instants; null where it cannot show them."""
    low, high = (_FIRST + 1) * _DAY, (_LAST - 1) * _DAY
    limit = _NUMBER_LIMIT // clock.parts - abs(clock.shift)
    shown = (instants >= max(low, -limit)) & (instants < min(high, limit))
    wall = np.where(shown, instants, 0) + clock.shift
    if clock.unit:
        parts: Any = [pa.array(wall * clock.parts // clock.unit).cast(pa.string())]
    else:
        days, rest = np.divmod(wall, _DAY)
        seconds, fraction = np.divmod(rest, _SECOND)
        parts = [_dates(clock, days)]
        if clock.time or clock.after or clock.digits:
            parts.append(_times(clock, seconds))
        if clock.digits:
            parts.append(_fractions(clock, fraction))
    made: pa.Array[Any] = pc.binary_join_element_wise(*parts, arrow.scalar("")) if len(parts) > 1 else parts[0]
    return made if shown.all() else pc.if_else(pa.array(shown), made, None)


def _dates(clock: Clock, days: Ints) -> "pa.Array[Any]":
    def make(day: int) -> str:
        return clock.before + _date_text(clock.day, day) + clock.between

    return _looked_up(days, make)


def _times(clock: Clock, seconds: Ints) -> "pa.Array[Any]":
    after = clock.point or clock.after
    return _every_second(clock.time, after).take(seconds)


@cache
def _every_second(form: str, after: str) -> "pa.Array[Any]":
    """Every second of a day in one form: the same for every slice a process builds."""
    seconds = np.arange(86_400)
    parts: list[Any] = []
    for letter in form:
        if letter in _TIME:
            _, step, make = _TIME[letter]
            texts = pa.array([make(value) for value in range(60)], pa.string())
            parts.append(texts.take(seconds // step % 60))
        else:
            parts.append(letter)
    every: pa.Array[Any] = pc.binary_join_element_wise(*parts, pa.array([after] * len(seconds), pa.string()), "")
    return every


def _fractions(clock: Clock, fraction: Ints) -> "pa.Array[Any]":
    return _looked_up(fraction, lambda micro: f"{micro * 1000:09}"[: clock.digits] + clock.after)


def _looked_up(values: Ints, make: Callable[[int], str]) -> "pa.Array[Any]":
    """The text of every value, made once for each that is there."""
    low, high = int(values.min(initial=0)), int(values.max(initial=0))
    if high - low <= len(values):
        low = int(values.min()) if len(values) else 0
        return pa.array([make(value) for value in range(low, high + 1)], pa.string()).take(values - low)
    present, place = np.unique(values, return_inverse=True)
    return pa.array([make(value) for value in present.tolist()], pa.string()).take(place)


@lru_cache(maxsize=1 << 14)
def _date_text(form: str, day: int) -> str:
    value = date.fromordinal(day + _SINCE_1970)
    return "".join(_DATE[letter][1](value) if letter in _DATE else letter for letter in form)


def _time_text(form: str, second: int) -> str:
    return "".join(_TIME[letter][2](second // _TIME[letter][1] % 60) if letter in _TIME else letter for letter in form)


@cache
def _look(form: str, *, of_day: bool) -> "re.Pattern[str]":
    """What finds a form in a text; it does not begin or end inside a number."""
    kinds = {letter: kind[0] for letter, kind in (_DATE if of_day else _TIME).items()}
    found = "".join(f"(?:{kinds[letter]})" if letter in kinds else re.escape(letter) for letter in form)
    return re.compile(rf"(?<!\d){found}(?!\d)", re.ASCII)
