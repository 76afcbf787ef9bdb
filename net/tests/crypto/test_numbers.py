"""The numbers of letters against a plain set that forgets nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filon_net.crypto.numbers import RANGES, Arrival, Numbers, read_report
from filon_net.wire import canonical
from filon_net.wire.errors import Malformed


@given(st.lists(st.integers(1, 60), max_size=80))
def test_against_a_plain_set(arrivals: list[int]) -> None:
    numbers, here, told = Numbers(), set(), set()
    for number in arrivals:
        highest = max(here, default=0)
        expected = Arrival.SEEN if number in here else Arrival.NEW if number > highest else Arrival.LATE
        arrival, gap, given_up = numbers.take(number)
        assert (arrival, given_up) == (expected, None)
        if gap:
            told |= set(range(gap[0], gap[1] + 1))
        here.add(number)
        highest = max(here)
        missing = {one for first, last in numbers.missing for one in range(first, last + 1)}
        assert missing == set(range(1, highest + 1)) - here
        assert missing <= told
        assert read_report(numbers.report()) == (highest, tuple(numbers.missing))


@given(st.lists(st.integers(1, (1 << 53) - 1), max_size=300))
def test_any_jump_costs_nothing_and_memory_is_bounded(arrivals: list[int]) -> None:
    numbers, given = Numbers(), []
    for number in arrivals:
        _, _, given_up = numbers.take(number)
        given += [given_up] if given_up else []
        assert len(numbers.missing) <= RANGES
        assert len(numbers.report()) <= 2_048


def test_the_oldest_is_given_up_first_and_then_counts_as_seen() -> None:
    numbers = Numbers()
    given = [up for number in range(2, 2 * (RANGES + 3), 2) if (up := numbers.take(number)[2])]
    assert given == [(1, 1), (3, 3)]
    assert numbers.take(1)[0] is Arrival.SEEN


@pytest.mark.parametrize("ranges", [[[3, 2]], [[0, 1]], [[4, 5], [5, 6]], [[8, 10]], [[1, 2]] * 2, [[1, 2, 3]], [[1]]])
def test_reports_that_mean_nothing_are_refused(ranges: list[list[int]]) -> None:
    with pytest.raises(Malformed):
        read_report(canonical.encode([9, ranges]))
