"""Bars over time as plain SVG: positions in percent of the width, so that a chart fits any width without a script."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate

from msgspec.structs import replace

from filon.case.answers import Activity

__all__ = ["Bar", "Bars", "aligned", "bars", "densest"]

DAY = 86_400_000_000
HEIGHT = 140
TICKS = (1, 2, 5)
LABELS = 12


@dataclass(frozen=True)
class Bar:
    """One bucket. ``x`` and ``width`` in percent, ``y`` and ``height`` in pixels."""

    start: int
    count: int
    x: float
    width: float
    y: float
    height: float
    labelled: bool


@dataclass(frozen=True)
class Bars:
    """A chart: its bars, and the lines of its axis as (value, y)."""

    bars: tuple[Bar, ...]
    ticks: tuple[tuple[int, float], ...]
    height: int
    total: int


def aligned(activities: Mapping[str, Activity], slots: int) -> dict[str, Activity]:
    """Activities of one step over the same stretch of time, drawn together into at most ``slots`` buckets each."""
    starts = sorted({start for activity in activities.values() for start in activity.starts})
    if not starts:
        return dict(activities)
    width = max(-(-(starts[-1] - starts[0] + DAY) // slots), DAY)
    edges = tuple(range(starts[0], starts[-1] + 1, width))
    together = {}
    for label, activity in activities.items():
        counts = [0] * len(edges)
        for start, count in zip(activity.starts, activity.counts, strict=True):
            counts[(start - edges[0]) // width] += count
        together[label] = replace(activity, starts=edges, counts=tuple(counts))
    return together


def densest(activity: Activity, slots: int) -> tuple[Activity, int, int]:
    """The stretch of at most ``slots`` buckets that holds most messages, and how many come before and after it.

    One message dated by a wrong clock centuries off must not squeeze all the others into a line.
    """
    counts = activity.counts
    if len(counts) <= slots:
        return activity, 0, 0
    sums = (0, *accumulate(counts))
    first = max(range(len(counts) - slots + 1), key=lambda start: sums[start + slots] - sums[start])
    held = [place for place in range(first, first + slots) if counts[place]] or [first]
    first, end = held[0], held[-1] + 1
    drawn = replace(activity, starts=activity.starts[first:end], counts=counts[first:end])
    return drawn, sums[first], sums[-1] - sums[end]


def bars(activity: Activity, top: int | None = None, height: int = HEIGHT) -> Bars:
    """Bars of an activity; ``top`` is the value at full height where several charts share one scale."""
    counts = activity.counts
    highest = max(top or 0, max(counts, default=0), 1)
    unit = _tick(highest)
    ceiling = -(-highest // unit) * unit
    slot = 100 / max(len(counts), 1)
    every = -(-len(counts) // LABELS)
    drawn = tuple(
        Bar(
            start=start,
            count=count,
            x=round(i * slot, 4),
            width=round(slot, 4),
            y=round(height - height * count / ceiling, 2) if count else height,
            height=round(max(height * count / ceiling, 1), 2) if count else 0,
            labelled=i % every == 0,
        )
        for i, (start, count) in enumerate(zip(activity.starts, counts, strict=True))
    )
    ticks = tuple((value, round(height - height * value / ceiling, 2)) for value in range(0, ceiling + 1, unit))
    return Bars(drawn, ticks, height, sum(counts))


def _tick(highest: int) -> int:
    """1, 2 or 5 times a power of ten, so that about four lines are drawn."""
    power = 1
    while True:
        for base in TICKS:
            if highest <= 4 * base * power:
                return base * power
        power *= 10
