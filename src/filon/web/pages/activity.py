"""Messages over time, for any search: a bar a month; a month leads to its days, a day to its messages."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from litestar import get
from litestar.params import FromQuery, QueryParameter

from filon.case.answers import Activity
from filon.web.answer import Page
from filon.web.charts import Bars, bars
from filon.web.room import InRoom

__all__ = ["ActivityPage", "activity"]


@dataclass(frozen=True)
class ActivityPage(Page):
    """A chart and the table behind it."""

    template: ClassVar[str] = "activity.html"
    block: ClassVar[str | None] = "activity"

    q: str
    within: str | None
    """The month whose days are drawn, as ``2020-04``; None: all months."""
    activity: Activity
    bars: Bars


@get("/activity", sync_to_thread=True)
def activity(
    room: InRoom, q: FromQuery[str] = "", within: Annotated[str | None, QueryParameter(pattern=r"^\d{4}-\d{2}$")] = None
) -> ActivityPage:
    """Months in the view's zone, or the days of one month."""
    text = q if within is None else f"({q}) date:{within}" if q.strip() else f"date:{within}"
    answer = room.case.activity(room.view, text, "month" if within is None else "day")
    return ActivityPage(q, within, answer, bars(answer))
