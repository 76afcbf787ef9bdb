"""Bars: every message drawn once, on a scale that can be read."""

from hypothesis import given
from hypothesis import strategies as st

from filon.case.answers import Activity
from filon.web.charts import DAY, aligned, bars, densest

COUNTS = st.lists(st.integers(0, 2_000_000), max_size=80)


def activity(counts, first=0):
    return Activity(
        step="day", starts=tuple(first + i * DAY for i in range(len(counts))), counts=tuple(counts), undated=0
    )


@given(COUNTS)
def test_bars_stay_inside_and_add_up(counts):
    chart = bars(activity(counts))
    assert chart.total == sum(counts)
    assert [bar.count for bar in chart.bars] == counts
    for bar in chart.bars:
        assert 0 <= bar.x <= 100
        assert -0.01 <= bar.y <= chart.height
        assert (bar.height > 0) == (bar.count > 0)
    assert 1 <= len(chart.ticks) <= 6
    assert chart.ticks[-1][0] >= max(counts, default=0)


@given(st.dictionaries(st.text(max_size=3), st.tuples(COUNTS, st.integers(0, 900)), max_size=4), st.integers(1, 120))
def test_aligned_charts_share_one_stretch_and_lose_nothing(rows, slots):
    before = {label: activity(counts, first * DAY) for label, (counts, first) in rows.items()}
    after = aligned(before, slots)
    assert {label: sum(a.counts) for label, a in after.items()} == {label: sum(a.counts) for label, a in before.items()}
    if any(a.starts for a in before.values()):
        assert len({a.starts for a in after.values()}) == 1
        assert all(len(a.starts) <= slots for a in after.values())


def test_no_bars_for_nothing():
    assert bars(activity([])).bars == ()


@given(st.lists(st.integers(0, 50), max_size=60), st.integers(1, 20))
def test_the_densest_stretch_loses_nothing(counts, slots):
    drawn, before, after = densest(activity(counts), slots)
    assert before + sum(drawn.counts) + after == sum(counts)
    assert len(drawn.counts) <= slots or drawn.counts == tuple(counts)
    if len(counts) > slots:
        assert all(sum(drawn.counts) >= sum(counts[at : at + slots]) for at in range(len(counts)))


def test_one_wrong_clock_does_not_squeeze_the_others():
    drawn, before, after = densest(activity([1, *[0] * 5000, 7, 0, 9]), 240)
    assert (drawn.counts, before, after) == ((7, 0, 9), 1, 0)
    assert drawn.starts[0] == 5001 * DAY
