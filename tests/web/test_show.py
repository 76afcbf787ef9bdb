"""Values as people read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filon.model.time import Stamp
from filon.web.show import Show

APRIL = 1_585_922_602_500_000
"""2020-04-03 14:03:22.5 UTC."""
PARIS = Show("en", "Europe/Paris")


def test_times_are_shown_in_the_zone_of_the_view():
    assert PARIS.full(APRIL) == "2020-04-03 16:03:22.5 UTC+02:00"
    assert PARIS.minute(APRIL) == "2020-04-03 16:03"
    assert PARIS.clock(APRIL) == "16:03"
    assert PARIS.day(APRIL) == "2020-04-03"
    assert Show("en", "America/St_Johns").full(APRIL).endswith("UTC-02:30")


def test_a_time_without_zone_is_shown_as_written():
    assert PARIS.full(APRIL, False) == "2020-04-03 14:03:22.5"
    assert PARIS.iso(APRIL, False) == "2020-04-03T14:03:22.500000"
    assert PARIS.stamp(Stamp(local=APRIL)) == "2020-04-03 14:03:22.5"
    assert PARIS.stamp(Stamp(raw="soon")) == ""


def test_no_time_is_no_1970():
    for write in (PARIS.full, PARIS.minute, PARIS.clock, PARIS.day, PARIS.iso):
        assert write(None) == ""
    assert PARIS.minute(0) == "1970-01-01 01:00"


@given(st.integers(-(2**63), 2**63 - 1), st.booleans())
def test_any_number_can_be_shown(time, known):
    for write in (PARIS.full, PARIS.minute, PARIS.clock, PARIS.day, PARIS.iso):
        assert isinstance(write(time, known), str)
    assert PARIS.full(time, known) != ""


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (48_213, "48.2 kB"),
        (4_100_000_000, "4.1 GB"),
        (10**18, "1,000 PB"),
    ],
)
def test_sizes(size, words):
    assert PARIS.size(size) == words


def test_numbers_follow_the_language():
    assert PARIS.number(1_019_000) == "1,019,000"
    assert Show("fr", "UTC").number(1_019_000).replace("\u202f", " ") == "1 019 000"
    assert Show("fr", "UTC").long_day("2020-04-03") == "vendredi 3 avril 2020"
    assert PARIS.axis(APRIL, "month") == "Apr 2020"
    assert (PARIS.bucket(APRIL, "month"), PARIS.bucket(APRIL, "day")) == ("2020-04", "2020-04-03")
    assert (PARIS.axis(APRIL, "hour"), PARIS.bucket(APRIL, "hour")) == ("14:03", "2020-04-03T14")
