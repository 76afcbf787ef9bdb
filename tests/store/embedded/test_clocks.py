"""Raw times: written again exactly, or left alone."""

import numpy as np
import pyarrow as pa
import pytest

from filon.store.embedded import clocks

HOUR = 3_600_000_000
INSTANT = 1_585_700_397_123_000  # 2020-04-01T00:19:57.123Z


@pytest.mark.parametrize(
    ("text", "later"),
    [
        ("2020-04-01T00:19:57.123Z", "2020-04-01T01:19:57.123Z"),
        ("2020-04-01T02:19:57.123+02:00", "2020-04-01T03:19:57.123+02:00"),
        ("31.03.2020 23:19", "01.04.2020 00:19"),
        ("4/1/2020 12:19:57 AM", "4/1/2020 1:19:57 AM"),
        ("[01/04/20, 05:49:57]", "[01/04/20, 06:49:57]"),
        ("Wed, 01 Apr 2020 00:19:57 +0000", "Wed, 01 Apr 2020 01:19:57 +0000"),
        ("20200401 001957", "20200401 011957"),
        ("2020-04-01", "2020-04-01"),
        ("1585700397", "1585703997"),
        ("1585700397123", "1585703997123"),
        ("607393197123000000", "607396797123000000"),
        ("132301739971230000", "132301775971230000"),
    ],
)
def test_knows_how_sources_write_times(text: str, later: str) -> None:
    written = [
        clocks.render(clock, np.array([INSTANT, INSTANT + HOUR])).to_pylist() for clock in clocks.derive(text, INSTANT)
    ]
    assert [text, later] in written
    assert {first for first, _ in written} == {text}


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2020-05-01T00:19:57.123Z", "2020-13-01T00:19:57", "01585700397", "9" * 40, "٢٠٢٠-٠٤-٠١"]
)
def test_what_is_not_the_instant_stays_a_text(text: str) -> None:
    assert list(clocks.derive(text, INSTANT)) == []


def test_two_clocks_of_summer_and_winter_and_a_stray_text() -> None:
    instants = INSTANT + np.arange(400) * HOUR * 24
    winter = [
        clocks.render(clocks.Clock(day="d.m.Y", between=" ", time="H:M:S", shift=HOUR), instants).to_pylist()[at]
        for at in range(400)
    ]
    summer = clocks.render(clocks.Clock(day="d.m.Y", between=" ", time="H:M:S", shift=2 * HOUR), instants).to_pylist()
    texts = [summer[at] if at % 3 else winter[at] for at in range(400)]
    texts[17] = "01.01.1970"
    codes, found = clocks.find(pa.array(texts), instants, np.arange(400))
    assert sorted(clock.shift for clock in found) == [HOUR, 2 * HOUR]
    assert np.flatnonzero(codes < 0).tolist() == [17]


def test_an_instant_no_calendar_shows_is_left_alone() -> None:
    clock = clocks.Clock(day="Y-m-d", time="H:M:S", between="T")
    extremes = np.array([-(1 << 63), (1 << 63) - 1, INSTANT])
    assert clocks.render(clock, extremes).to_pylist() == [None, None, "2020-04-01T00:19:57"]
