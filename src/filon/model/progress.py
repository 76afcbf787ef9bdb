"""How long work tells of itself: values passed to a callback, worded at the edge."""

from collections import deque
from collections.abc import Callable
from itertools import pairwise

import msgspec

__all__ = ["Pace", "Progress", "Report", "silent"]


class Progress(msgspec.Struct, frozen=True, gc=False):
    """Where a piece of work stands.

    ``stage``: a code of the kind ``stage`` in ``filon.words.terms``. ``done`` and ``total`` count what ``unit`` says;
    ``total`` is None where it is not known. ``item`` is the file at hand.
    """

    stage: str
    done: int
    total: int | None = None
    unit: str = "bytes"
    item: str | None = None


Report = Callable[[Progress], None]


def silent(progress: Progress) -> None:
    """A report that nobody listens to."""


class Pace:
    """How fast the present stage goes, judged by its last half minute; the stages before it say nothing of it.

    Times are seconds of one clock that never goes back. Work that is reported in a few large steps is judged from step to
    step. Where the next one is long overdue, nothing is said any more.
    """

    _SETTLED = 1.0
    """Seconds before a rate means something."""
    _WINDOW = 30.0
    _APART = 0.5
    """Seconds between two marks."""
    _OVERDUE = 10.0
    _STEPS, _SHARE = 5, 100
    """So many marks, or such a part of the whole, are needed before a rate is told."""

    def __init__(self) -> None:
        self._last = Progress("", 0)
        self._marks: deque[tuple[float, int]] = deque()

    def note(self, progress: Progress, now: float) -> bool:
        """Take a report in; whether it begins another stage, or the next file of the same one."""
        new = progress.stage != self._last.stage or progress.done < self._last.done
        if new:
            self._marks.clear()
        moved = not self._marks or progress.done > self._last.done
        self._last = progress
        if moved and len(self._marks) > 1 and now - self._marks[-2][0] < self._APART:
            self._marks.pop()
        if moved:
            self._marks.append((now, progress.done))
        while len(self._marks) > 2 and now - self._marks[1][0] >= self._WINDOW:
            self._marks.popleft()
        return new

    def rate(self, now: float) -> float | None:
        """Units a second; None where that cannot be said yet, or nothing comes any more."""
        if len(self._marks) < 2 or self._last.done == self._last.total:
            return None
        (since, before), (until, done) = self._marks[0], self._marks[-1]
        gaps = [later[0] - earlier[0] for earlier, later in pairwise(self._marks)]
        if until - since < self._SETTLED or now - until > max(self._OVERDUE, 2 * max(gaps)):
            return None
        if len(self._marks) <= self._STEPS and (done - before) * self._SHARE < (self._last.total or 0):
            return None
        return (done - before) / (until - since)

    def left(self, now: float) -> float | None:
        """Seconds until this stage is done, should it go on like this; None where that cannot be said."""
        rate = self.rate(now)
        if rate is None or self._last.total is None:
            return None
        left = (self._last.total - self._last.done) / rate - (now - self._marks[-1][0])
        return left if left > 0 else None
