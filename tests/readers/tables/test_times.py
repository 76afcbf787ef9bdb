"""Cells read as times."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filon.model.time import Stamp
from filon.readers.tables.header import heading
from filon.readers.tables.times import Reading, pieces, stamp_reader

NOON = 1585742400000000
"""2020-04-01 12:00:00 UTC."""


def read(cell: object, **reading: str) -> Stamp:
    stamp = stamp_reader(Reading(**reading))(cell)  # type: ignore[arg-type]  # cells of every type
    assert stamp is not None
    return stamp


@pytest.mark.parametrize(
    ("form", "text", "precision"),
    [
        ("auto", "2020-04-01 12:00:00", "s"),
        ("auto", "2020-04-01T12:00", "min"),
        ("auto", "2020-04-01T12:00:00.000", "ms"),
        ("iso", "2020-04-01 12:00:00.000000", "us"),
        ("auto", "1 April 2020 12:00:00", "s"),
        ("auto", "mer. 1 avril 2020 12h00", "min"),
        ("auto", "1. April 2020, 12:00", "min"),
        ("auto", "Apr 1, 2020 12:00:00 PM", "s"),
        ("auto", "1 de abril de 2020 12:00", "min"),
        ("auto", "2020/04/01 12:00", "min"),
        ("dmy", "01/04/2020 12:00:00", "s"),
        ("dmy", "1.4.2020 12:00", "min"),
        ("dmy", "01-04-20 12:00:00", "s"),
        ("mdy", "4/1/2020 12:00:00 PM", "s"),
        ("excel", "43922.5", "s"),
        ("excel", "43922,5", "s"),
        ("excel", 43922.5, "s"),
        ("excel-1904", 42460.5, "s"),
        ("auto", datetime(2020, 4, 1, 12), "s"),  # noqa: DTZ001 - a clock without zone
        ("auto", "٢٠٢٠/٠٤/٠١ ١٢:٠٠", "min"),
    ],
)
def test_wall_times(form: str, text: object, precision: str) -> None:
    stamp = read(text, form=form)
    assert (stamp.at, stamp.local, stamp.basis, stamp.precision) == (None, NOON, "unknown", precision)
    assert stamp.raw is not None
    assert read(text, form=form, zone="+02:00").at == NOON - 2 * 3600 * 10**6
    assert read(text, form=form, zone="Europe/Paris").basis == "user"


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("auto", "2020-04-01T12:00:00Z"),
        ("auto", "2020-04-01T14:00:00+02:00"),
        ("dmy", "01/04/2020 14:00:00(UTC+2)"),
        ("mdy", "4/1/2020 12:00:00 PM UTC"),
        ("auto", "Wed, 01 Apr 2020 12:00:00 +0000"),
        ("s", "1585742400"),
        ("s", 1585742400),
        ("ms", "1585742400000"),
        ("us", 1585742400000000),
        ("ns", "1585742400000000000"),
        ("auto", datetime(2020, 4, 1, 12, tzinfo=UTC)),
    ],
)
def test_instants_keep_their_own_zone(form: str, text: object) -> None:
    for zone in (None, "America/Lima"):
        reading = {"form": form} if zone is None else {"form": form, "zone": zone}
        stamp = read(text, **reading)
        assert (stamp.at, stamp.local, stamp.basis) == (NOON, None, "source")


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("auto", "03/04/2020 12:00"),
        ("dmy", "13/13/2020"),
        ("mdy", "31/04/2020 10:00"),
        ("auto", "99.99.9999 99:99:99"),
        ("auto", "10 days ago"),
        ("auto", "12:34"),
        ("auto", "¹/²/2020"),
        ("dmy", "01/04/2020 25:00"),
        ("auto", "1585742400"),
        ("s", "1585742400000"),
        ("ms", "0"),
        ("excel", "-3"),
        ("excel", "1e300"),
        ("excel", float("nan")),
        ("s", float("inf")),
        ("auto", "true"),
        ("auto", ["2020-04-01"]),
    ],
)
def test_what_cannot_be_read_keeps_what_is_written(form: str, text: object) -> None:
    stamp = read(text, form=form)
    assert stamp.order is None
    assert stamp.raw


def test_a_day_alone() -> None:
    assert read("01/04/2020", form="dmy").precision == "d"
    assert read(date(2020, 4, 1)).local == NOON - 12 * 3600 * 10**6


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(st.text(max_size=40), st.floats(), st.integers(), st.datetimes(), st.dates(), st.times()),
    st.sampled_from(["auto", "iso", "dmy", "mdy", "ymd", "excel", "excel-1904", "s", "ms", "us", "ns"]),
    st.sampled_from([None, "UTC", "Europe/Paris", "-11:00"]),
)
def test_any_cell_gives_a_stamp_inside_the_calendar(cell: object, form: str, zone: str | None) -> None:
    stamp = stamp_reader(Reading(form=form, zone=zone))(cell)  # type: ignore[arg-type]  # cells of every type
    assert stamp is not None
    assert stamp.at is None or stamp.local is None
    assert stamp.order is None or -(1 << 62) < stamp.order < 1 << 62


@settings(max_examples=200, deadline=None)
@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001 - clocks without zone
def test_written_days_are_read_as_they_were_written(wall: datetime) -> None:
    wall = wall.replace(microsecond=0)
    texts = {
        "dmy": "%d/%m/%Y %H:%M:%S",
        "mdy": "%m/%d/%Y %I:%M:%S %p",
        "ymd": "%Y.%m.%d %H:%M:%S",
        "auto": "%d %B %Y %H:%M:%S",
    }
    expected = (wall - datetime(1970, 1, 1)).total_seconds() * 10**6  # noqa: DTZ001 - clocks without zone
    for form, layout in texts.items():
        assert read(wall.strftime(layout), form=form).local == expected


@pytest.mark.parametrize(
    ("text", "words", "zone", "order", "unit"),
    [
        ("Message Sent Date/Time - UTC+00:00 (dd/MM/yyyy)", "message sent date time", "UTC", "dmy", None),
        ("Message Sent Date/Time - UTC-05:00 (M/d/yyyy)", "message sent date time", "-05:00", "mdy", None),
        ("sent_utc", "sent", "UTC", None, None),
        ("Date d'envoi (jj/mm/aaaa)", "date d envoi", None, "dmy", None),
        ("Sent (Europe/Paris)", "sent", "Europe/Paris", None, None),
        ("created (ms)", "created", None, None, "ms"),
        ("Attachment #12", "attachment", None, None, None),
        ("Zeit (UTC+99)", "zeit", None, None, None),
    ],
)
def test_headings(text: str, words: str, zone: str | None, order: str | None, unit: str | None) -> None:
    found = heading(text)
    assert (found.words, found.zone, found.order, found.unit) == (words, zone, order, unit)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text_may_stand_over_a_column(text: str) -> None:
    heading(text)
    pieces(text)
