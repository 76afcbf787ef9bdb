"""Messages over time, for any search: a bar a month, a day or an hour; a bar leads one step closer."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from litestar import get

from filon.case.answers import Activity
from filon.web.answer import Page
from filon.web.charts import Bars, bars, finer
from filon.web.room import Room

__all__ = ["ActivityPage", "activity"]


@dataclass(frozen=True)
class ActivityPage(Page):
    """A chart and the table behind it."""

    template: ClassVar[str] = "activity.html"
    block: ClassVar[str | None] = "activity"

    q: str
    since: int | None
    until: int | None
    activity: Activity
    bars: Bars
    finer: str | None
    """The step a bar leads to, or None at the finest."""


@get("/activity", sync_to_thread=True)
def activity(
    room: Room,
    q: str = "",
    step: Literal["month", "day", "hour"] = "month",
    since: int | None = None,
    until: int | None = None,
) -> ActivityPage:
    """``since`` and ``until`` in microseconds of wall time in the view's zone."""
    answer = room.case.activity(room.view, q, step, since, until)
    return ActivityPage(q, since, until, answer, bars(answer), finer(step))
