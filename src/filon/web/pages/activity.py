"""Messages over time, for any search: months lead to their days, days to their hours, hours to their messages."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, ClassVar

from litestar import Request, get
from litestar.params import FromQuery, QueryParameter
from msgspec.structs import replace

from filon.case import Case
from filon.case.answers import Activity
from filon.model.view import View
from filon.web.answer import Page
from filon.web.charts import Bars, bars, densest
from filon.web.room import InRoom

__all__ = ["ActivityPage", "activity"]

_MONTH = len("2020-04")
_FEW = 6
"""Of so few months the days are drawn at once: a handful of blocks says nothing."""
_MOST = 240
"""So many months are drawn at most; what lies farther off than that is counted and led to, not drawn."""
_HOUR = 3_600_000_000


@dataclass(frozen=True)
class ActivityPage(Page):
    """A chart and the table behind it."""

    template: ClassVar[str] = "activity.html"
    active: ClassVar[str] = "overview"

    q: str
    within: str | None
    """The month whose days, or the day whose hours, are drawn, as ``2020-04``, ``2020-04-03``; None: the whole time."""
    activity: Activity
    bars: Bars
    far: tuple[tuple[str, int], ...] = ()
    """Search text and number of messages with a time that are not drawn because they lie far before or after."""


@dataclass(frozen=True)
class ActivityPart(ActivityPage):
    """The chart alone, for another page."""

    block: ClassVar[str | None] = "activity"


@get("/activity", sync_to_thread=True)
def activity(
    request: Request[Any, Any, Any],
    room: InRoom,
    q: FromQuery[str] = "",
    within: Annotated[str | None, QueryParameter(pattern=r"^\d{4}-\d{2}(-\d{2})?$")] = None,
) -> ActivityPage:
    """The whole time in months, or in days where there are few; the days of one month; the hours of one day."""
    kind = ActivityPart if request.headers.get("hx-request") else ActivityPage
    if within is None:
        return _whole(kind, room.case, room.view, q)
    text = _dated(q, within)
    by_day = len(within) == _MONTH
    answer = room.case.activity(room.view, text, "day") if by_day else _hours(room.case, room.view, text, within)
    return kind(q, within, answer, bars(answer))


def _whole(kind: type[ActivityPage], case: Case, view: View, q: str) -> ActivityPage:
    """All of it, but for what lies centuries off."""
    whole = case.activity(view, q, "month")
    drawn, before, after = densest(whole, _MOST)
    far: list[tuple[str, int]] = []
    if before or after:
        first, last = _month(drawn.starts[0], -1), _month(drawn.starts[-1], 1)
        far = [(_dated(q, span), n) for span, n in ((f"..{first}", before), (f"{last}..", after)) if n]
    if len(drawn.starts) <= _FEW:
        near = _dated(q, f"{_month(drawn.starts[0])}..{_month(drawn.starts[-1])}") if far else q
        drawn = replace(case.activity(view, near, "day"), undated=whole.undated)
    return kind(q, None, drawn, bars(drawn), tuple(far))


def _dated(q: str, span: str) -> str:
    """A search, narrowed to a stretch of time."""
    return f"({q}) date:{span}" if q.strip() else f"date:{span}"


def _month(start: int, on: int = 0) -> str:
    """The month that begins at this wall time, or so many months on: ``2020-04``."""
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=start)
    year, month = divmod(at.year * 12 + at.month - 1 + on, 12)
    return f"{year:04d}-{month + 1:02d}"


def _hours(case: Case, view: View, text: str, day: str) -> Activity:
    """The 24 hours of a day. An hour that the clock showed twice is one."""
    found = case.facets(view, text, ("hour",), 24)["hour"]
    counts = {int(bucket.value): bucket.count for bucket in found.buckets}
    midnight = int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) * 1_000_000
    starts = tuple(midnight + hour * _HOUR for hour in range(24))
    return Activity(step="hour", starts=starts, counts=tuple(counts.get(hour, 0) for hour in range(24)), undated=0)
