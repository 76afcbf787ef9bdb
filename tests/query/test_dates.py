from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filon.errors import QueryError, ReadingError
from filon.model.time import to_datetime
from filon.query.dates import bound, interval
from filon.query.tree import Date


def instants(since: str | None, until: str | None, zone: str) -> list[str | None]:
    found = interval(Date(since, until), zone)
    return [None if t is None else f"{to_datetime(t):%Y-%m-%dT%H:%M:%S}" for t in (found.since_utc, found.until_utc)]


@pytest.mark.parametrize(
    ("since", "until", "zone", "first", "end"),
    [
        ("2020", "2020", "UTC", "2020-01-01T00:00:00", "2021-01-01T00:00:00"),
        ("2020-04-01", "2020-05", "Europe/Paris", "2020-03-31T22:00:00", "2020-05-31T22:00:00"),
        ("2020-12", "2020-12", "+05:30", "2020-11-30T18:30:00", "2020-12-31T18:30:00"),
        ("2020-02-29T23", "2020-02-29T23", "UTC", "2020-02-29T23:00:00", "2020-03-01T00:00:00"),
        ("2020-02-29T23:59", "2020-02-29T23:59:59", "UTC", "2020-02-29T23:59:00", "2020-03-01T00:00:00"),
        (None, "2020-01-01", "UTC", None, "2020-01-02T00:00:00"),
        ("2020-01-01", None, "UTC", "2020-01-01T00:00:00", None),
        # Paris, spring: 02:00 is followed by 03:00. Autumn: 02:00 to 03:00 is shown twice.
        ("2020-03-29", "2020-03-29", "Europe/Paris", "2020-03-28T23:00:00", "2020-03-29T22:00:00"),
        ("2020-03-29T02:30", "2020-03-29T02:30", "Europe/Paris", "2020-03-29T01:00:00", "2020-03-29T01:00:00"),
        ("2020-10-25T02", "2020-10-25T02", "Europe/Paris", "2020-10-25T00:00:00", "2020-10-25T02:00:00"),
        # a day that begins at 01:00, and a day that never was
        ("2018-11-04", "2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00:00", "2018-11-05T02:00:00"),
        ("2011-12-30", "2011-12-30", "Pacific/Apia", "2011-12-30T10:00:00", "2011-12-30T10:00:00"),
    ],
)
def test_stretches_in_a_zone(
    since: str | None, until: str | None, zone: str, first: str | None, end: str | None
) -> None:
    assert instants(since, until, zone) == [first, end]


@given(
    st.integers(946_684_800_000_000, 2_114_380_800_000_000),  # 2000 to 2037
    st.sampled_from(
        ["Europe/Paris", "Pacific/Chatham", "America/Sao_Paulo", "Pacific/Apia", "Australia/Lord_Howe", "-03:30"]
    ),
)
@settings(max_examples=250, deadline=None)
def test_a_time_lies_in_the_day_and_minute_its_zone_shows(at: int, zone: str) -> None:
    shown = to_datetime(at, zone)
    for form in ("%Y", "%Y-%m", "%Y-%m-%d", "%Y-%m-%dT%H", "%Y-%m-%dT%H:%M"):
        written = shown.strftime(form)
        assert interval(Date(written, written), zone).holds(at, None), written


def test_jump_instants_are_exact_to_the_microsecond() -> None:
    found = interval(Date("2020-03-29T02:30", None), "Europe/Paris")
    jump = int(datetime(2020, 3, 29, 3, tzinfo=ZoneInfo("Europe/Paris")).timestamp()) * 1_000_000
    assert found.since_utc == jump
    assert found.holds(jump, None)
    assert not found.holds(jump - 1, None)


def test_wall_times_are_compared_as_they_stand() -> None:
    found = interval(Date("2020-04-01", "2020-04-01"), "Pacific/Chatham")
    midnight = int(datetime(2020, 4, 1, tzinfo=UTC).timestamp()) * 1_000_000
    assert found.holds(None, midnight)
    assert not found.holds(None, midnight - 1)
    assert not found.holds(midnight + 86_399_000_000, None)
    assert not found.holds(None, midnight + 86_400_000_000)
    assert not found.holds(None, None)


@pytest.mark.parametrize(
    "text", ["", "20", "2020-1", "2020-00", "2019-02-29", "2020-01-01T24", "2020-01-01 10", "9999", "٢٠٢٠"]
)
def test_what_is_no_date_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(QueryError) as caught:
        bound(text, 7)
    assert caught.value.position == 7


def test_a_zone_that_is_none_is_refused() -> None:
    with pytest.raises(ReadingError):
        interval(Date("2020", None), "Mars/Olympus")
