"""Written dates: what the numbers allow, what a file decides, and calendars against the standard library's rules."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filon.model.dates import (
    OrderEvidence,
    half_of_day,
    month_named,
    plain_digits,
    possible_orders,
    to_date,
    to_hour,
)


def decided(*dates: tuple[int, int, int]) -> OrderEvidence:
    evidence = OrderEvidence()
    for numbers in dates:
        evidence.add(numbers)
    return evidence


@pytest.mark.parametrize(
    ("numbers", "orders"),
    [
        ((3, 6, 2018), ("dmy", "mdy")),
        ((13, 6, 2018), ("dmy",)),
        ((6, 13, 2018), ("mdy",)),
        ((2018, 6, 13), ("ymd",)),
        ((2018, 13, 6), ()),
        ((6, 2018, 13), ("myd",)),
        ((13, 6, 18), ("dmy",)),
        ((32, 6, 13), ("ymd",)),
        ((31, 2, 18), ("ymd",)),
        ((99, 99, 9999), ()),
        ((0, 0, 0), ()),
        ((2018, 2018, 1), ()),
    ],
)
def test_possible_orders(numbers: tuple[int, int, int], orders: tuple[str, ...]) -> None:
    assert possible_orders(numbers) == orders


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)), st.sampled_from(["dmy", "mdy", "ymd", "myd"]))
def test_a_date_written_in_an_order_is_read_in_it(day: date, order: str) -> None:
    numbers = tuple({"d": day.day, "m": day.month, "y": day.year}[part] for part in order)
    assert to_date(numbers, order) == day
    assert order in possible_orders(numbers)


@given(st.tuples(*[st.integers(-(10**9), 10**9)] * 3))
def test_any_three_numbers_are_taken(numbers: tuple[int, int, int]) -> None:
    for order in possible_orders(numbers):
        assert to_date(numbers, order) is not None


def test_calendars() -> None:
    assert to_date((23, 6, 2561), "dmy") == date(2018, 6, 23)
    assert to_date((29, 2, 2563), "dmy") == date(2020, 2, 29)
    # New year days of Iran as published by its calendar office.
    for year, day in {1375: 20, 1379: 20, 1380: 21, 1399: 20, 1400: 21, 1403: 20, 1404: 21}.items():
        assert to_date((year, 1, 1), "ymd") == date(year + 621, 3, day)
    assert to_date((1397, 3, 23), "ymd") == date(2018, 6, 13)
    assert to_date((1400, 12, 30), "ymd") is None  # no leap year
    assert to_date((1445, 1, 1), "ymd") is None  # lunar: not read


def test_solar_hijri_years_have_no_gaps() -> None:
    day = date(1921, 3, 21)
    for year in range(1300, 1424):
        for month in range(1, 13):
            for number in range(1, 32):
                read = to_date((year, month, number), "ymd")
                if read is not None:
                    assert read == day
                    day += timedelta(days=1)


def test_order_by_a_number_above_twelve() -> None:
    assert decided((3, 6, 2017), (13, 11, 2017), (26, 12, 2017)).order == "dmy"
    assert decided((4, 2, 2017), (6, 11, 2017), (12, 13, 2017)).order == "mdy"
    assert decided((4, 2, 2017), (6, 11, 2017), (12, 13, 2017)).ground == "digits"


def test_order_by_time() -> None:
    days = decided((8, 3, 2017), (10, 5, 2017), (6, 9, 2017))
    months = decided((6, 3, 2017), (8, 5, 2017), (9, 4, 2017))
    neither = decided((1, 1, 2017), (3, 3, 2017), (6, 6, 2017))
    assert (days.order, days.ground) == ("dmy", "time")
    assert (months.order, months.ground) == ("mdy", "time")
    assert (neither.order, neither.ground) == (None, "open")


def test_mixed_orders_are_told() -> None:
    evidence = decided((6, 30, 23), (30, 6, 2023))
    assert evidence.mixed
    assert (evidence.order, evidence.ground) == (None, "mixed")
    assert (evidence.only["dmy"], evidence.only["mdy"]) == (1, 1)


def test_short_years_that_stand_first() -> None:
    korean = decided((18, 6, 13), (18, 6, 29), (18, 7, 1), (18, 7, 2), (18, 8, 1), (18, 9, 1))
    assert (korean.order, korean.ground) == ("ymd", "time")
    assert decided((1, 2, 20), (28, 1, 20)).order == "dmy"


def test_digits_of_every_script() -> None:
    assert plain_digits("٣٠/٦/٢٠٢٣ ۱۳۹۷ ๒๕๖๑ 𝟝 x²") == "30/6/2023 1397 2561 5 x²"


@pytest.mark.parametrize(
    ("word", "half"),
    [
        ("AM", "am"),
        ("p. m.", "pm"),
        ("a\u00a0m.", "am"),
        ("p.\u202fm.", "pm"),
        ("上午", "am"),
        ("下午", "pm"),
        ("午前", "am"),
        ("오전", "am"),
        ("오후", "pm"),
        ("م", "pm"),
        ("ب.ظ.", "pm"),
        ("klo", None),
        ("", None),
    ],
)
def test_half_of_day(word: str, half: str | None) -> None:
    assert half_of_day(word) == half


def test_hours() -> None:
    assert [to_hour(12, "am"), to_hour(12, "pm"), to_hour(1, "pm"), to_hour(0, "am"), to_hour(13, "pm")] == [
        0,
        12,
        13,
        0,
        13,
    ]
    assert to_hour(24, None) is None


def test_month_names() -> None:
    assert [month_named(w) for w in ("Nov", "août", "févr.", "März", "mei", "dic.", "setembro", "Mon")] == [
        11, 8, 2, 3, 5, 12, 9, None,
    ]  # fmt: skip
