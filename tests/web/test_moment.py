"""Dates as people type them."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filon.errors import QueryError
from filon.web.moment import moment


def test_a_moment_is_read_in_the_zone_of_the_view():
    assert moment("2020-04-03", "UTC") == 1_585_872_000_000_000
    assert moment("2020-04-03 14:03", "Europe/Paris") == 1_585_915_380_000_000
    assert moment(" 2020-04-03T14:03:22.5 ", "UTC") == 1_585_922_602_500_000


@pytest.mark.parametrize("text", ["", "yesterday", "2020-13-01", "2020-04-31", "03/04/2020", "2020-04-03 25:00"])
def test_what_is_no_date_is_refused_in_words(text):
    with pytest.raises(QueryError) as caught:
        moment(text, "UTC")
    assert caught.value.hint


@given(st.text(max_size=30))
def test_any_text_is_a_date_or_refused(text):
    with contextlib.suppress(QueryError):
        assert isinstance(moment(text, "UTC"), int)
