"""Dates and times as people and programs write them, with the order of day and month always stated.

A written date is three numbers. Which is the day is not in them: ``03/06/2018`` is in March or in June. So reading
goes in two steps: ``possible_orders`` says what the numbers allow, and ``to_date`` takes an order. ``OrderEvidence``
collects what a whole file says about it.

Digits of every script are read. Years from 2400 are Buddhist (Thai solar calendar, 543 years ahead); years from 1300
to 1424 are Solar Hijri (Iran, Afghanistan). Years of the lunar Islamic calendar (1425 to 1500) are not read: its
months follow sightings or tables, which the text does not name.
"""

import re
import unicodedata
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

__all__ = [
    "ORDERS",
    "Order",
    "OrderEvidence",
    "half_of_day",
    "month_named",
    "plain_digits",
    "possible_orders",
    "to_date",
    "to_hour",
]

Order = str
"""``dmy``, ``mdy``, ``ymd`` or ``myd``: what the three numbers of a date stand for, from the left."""
ORDERS: tuple[Order, ...] = ("dmy", "mdy", "ymd", "myd")

_BUDDHIST_FROM = 2400
_SOLAR_HIJRI = range(1300, 1425)
_GREGORIAN = range(1900, 2200)


class _Digits(dict[int, int]):
    """Translates characters as they are met: a table of all of Unicode would cost every start."""

    def __missing__(self, code: int) -> int:
        char = chr(code)
        self[code] = plain = ord("0") + unicodedata.decimal(char) if char.isdecimal() else code
        return plain


_DIGITS = _Digits()


def plain_digits(text: str) -> str:
    """The text with the decimal digits of every script written 0 to 9. Its length does not change."""
    return text if text.isascii() else text.translate(_DIGITS)


def to_date(numbers: tuple[int, int, int], order: Order) -> date | None:
    """The date of three written numbers under ``order``, in the Gregorian calendar; None where there is none.

    A year of one or two digits is of this century: 20 is 2020.
    """
    year = numbers[order.index("y")]
    month = numbers[order.index("m")]
    day = numbers[order.index("d")]
    if year < 100:
        year += 2000
    elif year >= _BUDDHIST_FROM:
        year -= 543
    try:
        if year in _SOLAR_HIJRI:
            return _from_solar_hijri(year, month, day)
        return date(year, month, day) if year in _GREGORIAN else None
    except (ValueError, OverflowError):
        return None


def possible_orders(numbers: tuple[int, int, int]) -> tuple[Order, ...]:
    """The orders under which the numbers are a date; more than one where they leave it open.

    A number above 99 can only be the year. Without one, the year is taken to stand last if that gives a date.
    """
    year = next((position for position, number in enumerate(numbers) if number > 99), None)
    if year is None:
        last = tuple(order for order in ("dmy", "mdy") if to_date(numbers, order) is not None)
        return last or (("ymd",) if to_date(numbers, "ymd") is not None else ())
    return tuple(order for order in ORDERS if order.index("y") == year and to_date(numbers, order) is not None)


class OrderEvidence:
    """What the dates of one file, in their order, say about the order of day and month.

    ``add`` them as they come. Two kinds of evidence are kept: dates that only one order can read, and how often the
    days would run backwards under each order (messages are written down as they come).
    """

    def __init__(self) -> None:
        self.only = dict.fromkeys(ORDERS, 0)
        """Dates that only this order can read."""
        self.open = 0
        """Dates that more than one order can read."""
        self.backwards = dict.fromkeys(ORDERS, 0)
        """How often the next date would be an earlier day."""
        self._last: dict[Order, date] = {}
        self._seen: tuple[int, int, int] | None = None
        self._short_years = True

    def add(self, numbers: tuple[int, int, int]) -> None:
        """Take the next date of the file. One that is no date under any order is no evidence."""
        if numbers == self._seen:
            return
        self._seen = numbers
        orders = possible_orders(numbers)
        if len(orders) > 1:
            self.open += 1
        elif orders:
            self.only[orders[0]] += 1
        self._short_years = self._short_years and max(numbers) <= 99 and to_date(numbers, "ymd") is not None
        for order in orders if max(numbers) > 99 else ORDERS:
            day = to_date(numbers, order)
            if day is not None:
                self.backwards[order] += day < self._last.get(order, day)
                self._last[order] = day

    @property
    def mixed(self) -> bool:
        """True where some dates can only be day-month and others only month-day."""
        return bool(self.only["dmy"] and self.only["mdy"]) and not self._year_first()

    @property
    def order(self) -> Order | None:
        """The order the file itself decides, or None where it is open or mixed."""
        if self._year_first():
            return "ymd"
        decided = [order for order in ("dmy", "mdy") if self.only[order]]
        if decided:
            return decided[0] if len(decided) == 1 else None
        if self.open:
            forwards = self.backwards["mdy"] - self.backwards["dmy"]
            return None if not forwards else "dmy" if forwards > 0 else "mdy"
        return max(ORDERS, key=lambda order: self.only[order]) if any(self.only.values()) else None

    @property
    def ground(self) -> Literal["digits", "time", "mixed", "open"]:
        """What ``order`` stands on: a number that can be no month, days that would run backwards, or nothing."""
        if self.mixed:
            return "mixed"
        if self.order is None:
            return "open"
        return "time" if self._year_first() or not any(self.only.values()) else "digits"

    def _year_first(self) -> bool:
        """Years of two digits stand first where every other order runs backwards at least twice more often."""
        late = [self.backwards[order] for order in ("dmy", "mdy") if not self.only["mdy" if order == "dmy" else "dmy"]]
        return self._short_years and self._seen is not None and self.backwards["ymd"] + 2 <= min(late, default=0)


_BEFORE_NOON = frozenset(
    "am vorm vm 上午 午前 오전 凌晨 清晨 早上 ص قظ fm дп öö ap ก่อนเที่ยง sa dop de πμ पूर्वाह्न".split()  # noqa: SIM905 - words read better in a row
)
_AFTER_NOON = frozenset(
    "pm nachm nm 下午 午後 오후 中午 傍晚 晚上 م بظ em пп ös ip หลังเที่ยง ch odp du μμ अपराह्न".split()  # noqa: SIM905 - the same
)
_BETWEEN = re.compile(r"[\s.\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


def half_of_day(word: str) -> Literal["am", "pm"] | None:
    """``am`` or ``pm`` for the mark beside a time of twelve hours, in the languages phones write it; else None.

    Blanks and full stops do not matter (``p. m.``, with whichever space).
    """
    bare = _BETWEEN.sub("", word).casefold()
    if bare in _BEFORE_NOON:
        return "am"
    return "pm" if bare in _AFTER_NOON else None


def to_hour(hour: int, half: Literal["am", "pm"] | None) -> int | None:
    """The hour from 0 to 23. ``12 am`` is 0, ``12 pm`` is 12; an hour above 12 beside a mark stands as it is written."""
    if not 0 <= hour <= 23:
        return None
    if half == "am" and hour == 12:
        return 0
    return hour + 12 if half == "pm" and hour < 12 else hour


_MONTHS = {
    1: "january jan janvier janv januar jan januari enero ene januar janeiro gennaio",
    2: "february feb fevrier fevr februar februari febrero feb fevereiro febbraio",
    3: "march mar mars marz maerz mrz maart mrt marzo marco",
    4: "april apr avril avr abril abr aprile",
    5: "may mai mei mayo maio maggio",
    6: "june jun juin juni junio junho giugno",
    7: "july jul juillet juil juli julio julho luglio",
    8: "august aug aout augustus agosto ago",
    9: "september sep sept septembre septiembre setiembre setembro settembre",
    10: "october oct octobre oktober okt octubre outubro ottobre",
    11: "november nov novembre noviembre novembro",
    12: "december dec decembre dezember dez diciembre dic dezembro dicembre",
}
_MONTH_NUMBERS = {name: number for number, names in _MONTHS.items() for name in names.split()}


@lru_cache(maxsize=1024)
def month_named(word: str) -> int | None:
    """1 to 12 for the name of a month or its abbreviation in English, French, Dutch, German, Spanish, Portuguese, Italian."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(c))
    return _MONTH_NUMBERS.get(bare.strip(". "))


_SOLAR_HIJRI_1300 = date(1921, 3, 21)
"""1 Farvardin 1300."""


def _from_solar_hijri(year: int, month: int, day: int) -> date:
    """Gregorian date of a Solar Hijri one. Leap years by the 33-year cycle, exact for the years read here."""
    lengths = [31] * 6 + [30] * 5 + [30 if _is_leap(year) else 29]
    if not 1 <= month <= 12 or not 1 <= day <= lengths[month - 1]:
        raise ValueError("no such day")
    years = sum(366 if _is_leap(past) else 365 for past in range(1300, year))
    return _SOLAR_HIJRI_1300 + timedelta(days=years + sum(lengths[: month - 1]) + day - 1)


def _is_leap(year: int) -> bool:
    return year % 33 in {1, 5, 9, 13, 17, 22, 26, 30}
