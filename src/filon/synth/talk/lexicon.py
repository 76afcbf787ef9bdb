"""Word lists, and the values that fill the places of a play: a name, a town, an amount, a time.

The lists are invented or public knowledge (towns, football clubs). Telephone numbers come only from ranges that the
regulators keep for fiction: +44 7700 900000-900999 (Ofcom) and +33 6 39 98 00 00-99 99 (Arcep).
"""

import tomllib
from collections.abc import Callable
from functools import cache
from importlib import resources
from random import Random
from typing import Any

from filon.synth.chance import pick, zipf

__all__ = ["LANGUAGES", "Slots", "load", "names", "towns"]

LANGUAGES = ("fr", "nl", "en", "es")


@cache
def load(name: str) -> dict[str, Any]:
    """One of the shipped TOML files beside this module."""
    return tomllib.loads((resources.files("filon.synth.talk") / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def names(what: str) -> tuple[str, ...]:
    """A shared list by name: first names by language, parts of handles, clubs, …"""
    return tuple(load("words")[what].split())


@cache
def towns() -> dict[str, tuple[float, float]]:
    """Latitude and longitude in degrees by town."""
    return {town: (latitude, longitude) for town, latitude, longitude in load("words")["towns"]}


class Slots(dict[str, str]):
    """Values of the places of one play, drawn when first asked for: ``{town}`` stays the same to the end of the play.

    A digit behind the name (``{name2}``) asks for another value of the same list.
    """

    def __init__(self, language: str, draws: Random, given: "dict[str, str] | None" = None) -> None:
        super().__init__(given or {})
        self._language = language
        self._draws = draws

    def __missing__(self, place: str) -> str:
        what = place.rstrip("23")
        if what == "price":
            return self._bargain(place)
        make = _MAKERS.get(what)
        value = zipf(self._draws, _values(self._language, what)) if make is None else make(self._draws, self._language)
        self[place] = value
        return value

    def _bargain(self, place: str) -> str:
        """``{price}`` is what is asked, ``{price2}`` what is offered: less."""
        asked = int(240 + 90 * self._draws.random()) * 100
        offered = asked - 500 * int(1 + 5 * self._draws.random())
        self["price"], self["price2"] = (_price(self._draws, self._language, value) for value in (asked, offered))
        return self[place]


@cache
def _values(language: str, what: str) -> tuple[str, ...]:
    if what == "town":
        return tuple(towns())
    if what == "name":
        return names(language)
    if what == "team":
        return tuple(load("words")["teams"])
    if what == "word":
        return _invented()
    return tuple(load(language)["lists"][what])


@cache
def _invented() -> tuple[str, ...]:
    """Three thousand words of no language: nicknames, brands and stamps."""
    starts, middles, ends = (names(part) for part in ("starts", "middles", "ends"))
    count = len(starts) * len(middles) * len(ends)
    places = [(i * 7_919) % count for i in range(min(3_000, count))]
    return tuple(
        starts[p % len(starts)] + middles[p // len(starts) % len(middles)] + ends[p // (len(starts) * len(middles))]
        for p in places
    )


def _amount(draws: Random, language: str) -> str:
    thousands = int(1 + 60 * draws.random() ** 2)
    hundreds = int(10 * draws.random())
    form = draws.random()
    if form < 0.3:
        return f"{thousands}k" + (str(hundreds) if hundreds else "")
    mark = "," if language == "en" else "."
    number = f"{thousands}{mark}{hundreds}00" if form < 0.7 else f"{thousands}{hundreds}00"
    return f"€{number}" if form < 0.5 else f"{number} euro" if form < 0.8 else number


def _clock(draws: Random, language: str) -> str:
    hour, minute = int(8 + 15 * draws.random()), pick(draws, ("00", "15", "30", "45", "00", "30", "10", "20"))
    form = draws.random()
    if language == "en" and form < 0.6:
        half = "am" if hour < 12 else "pm"
        return f"{(hour - 1) % 12 + 1}{half}" if minute == "00" else f"{(hour - 1) % 12 + 1}.{minute}{half}"
    if language in {"fr", "nl"} and form < 0.6:
        sign = "h" if language == "fr" else "u"
        return f"{hour}{sign}" if minute == "00" else f"{hour}{sign}{minute}"
    return f"{hour}:{minute}"


def _date(draws: Random, language: str) -> str:
    day, month = int(1 + 28 * draws.random()), pick(draws, (4, 5, 6))
    if draws.random() < 0.5:
        return f"{day}/{month}"
    return f"{day} {load(language)['lists']['months'][month - 4]}"


def _telephone(draws: Random, language: str) -> str:
    if language == "fr" or draws.random() < 0.4:
        number = int(10_000 * draws.random())
        return f"+33 6 39 98 {number // 100:02d} {number % 100:02d}"
    number = int(1_000 * draws.random())
    return f"07700 900{number:03d}" if draws.random() < 0.5 else f"+447700900{number:03d}"


def _price(draws: Random, language: str, value: int) -> str:
    form = draws.random()
    if form < 0.4:
        return f"{value // 1000}" + (
            ("," if language != "en" else ".") + f"{value // 100 % 10}" if value % 1000 else ""
        )
    return f"{value // 1000}.{value % 1000:03d}" if form < 0.6 and language != "en" else f"{value}"


def _code(draws: Random, language: str) -> str:
    letters = "ABCDFGHKLMNPRSTVXZ"
    return pick(draws, letters) + pick(draws, letters) + str(int(10 + 990 * draws.random() ** 2))


_MAKERS: dict[str, Callable[[Random, str], str]] = {
    "amount": _amount,
    "clock": _clock,
    "code": _code,
    "date": _date,
    "minutes": lambda draws, _: str(5 * int(1 + 11 * draws.random() ** 1.5)),
    "n": lambda draws, _: str(int(2 + 8 * draws.random())),
    "qty": lambda draws, _: str(pick(draws, (1, 2, 3, 4, 5, 5, 6, 8, 10, 10, 12, 15, 20, 25, 30, 50, 100))),
    "score": lambda draws, _: f"{int(5 * draws.random() ** 1.3)}-{int(4 * draws.random() ** 1.3)}",
    "tel": _telephone,
}
