"""Messages over time, for any search: months lead to their days, days to their hours, hours to their messages."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, ClassVar

from litestar import get
from litestar.params import FromQuery, QueryParameter

from filon.case import Case
from filon.case.answers import Activity
from filon.model.view import View
from filon.web.answer import Page
from filon.web.charts import Bars, bars
from filon.web.room import InRoom

__all__ = ["ActivityPage", "activity"]

_MONTH = len("2020-04")
_FEW = 6
"""Of so few months the days are drawn at once: a handful of blocks says nothing."""
_HOUR = 3_600_000_000


@dataclass(frozen=True)
class ActivityPage(Page):
    """A chart and the table behind it."""

    template: ClassVar[str] = "activity.html"
    block: ClassVar[str | None] = "activity"

    q: str
    within: str | None
    """The month whose days, or the day whose hours, are drawn, as ``2020-04``, ``2020-04-03``; None: the whole time."""
    activity: Activity
    bars: Bars


@get("/activity", sync_to_thread=True)
def activity(
    room: InRoom,
    q: FromQuery[str] = "",
    within: Annotated[str | None, QueryParameter(pattern=r"^\d{4}-\d{2}(-\d{2})?$")] = None,
) -> ActivityPage:
    """The whole time in months, or in days where there are few; the days of one month; the hours of one day."""
    text = q if within is None else f"({q}) date:{within}" if q.strip() else f"date:{within}"
    if within is None:
        answer = room.case.activity(room.view, text, "month")
        if len(answer.starts) <= _FEW:
            answer = room.case.activity(room.view, text, "day")
    elif len(within) == _MONTH:
        answer = room.case.activity(room.view, text, "day")
    else:
        answer = _hours(room.case, room.view, text, within)
    return ActivityPage(q, within, answer, bars(answer))


def _hours(case: Case, view: View, text: str, day: str) -> Activity:
    """The 24 hours of a day. An hour that the clock showed twice is one."""
    found = case.facets(view, text, ("hour",), 24)["hour"]
    counts = {int(bucket.value): bucket.count for bucket in found.buckets}
    midnight = int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) * 1_000_000
    starts = tuple(midnight + hour * _HOUR for hour in range(24))
    return Activity(step="hour", starts=starts, counts=tuple(counts.get(hour, 0) for hour in range(24)), undated=0)
