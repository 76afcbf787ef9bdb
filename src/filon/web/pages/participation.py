"""Who wrote when in one conversation: a row of bars for each participant."""

from dataclasses import dataclass
from typing import ClassVar

from litestar import get
from litestar.params import FromPath

from filon.case.answers import Activity
from filon.web.answer import Page
from filon.web.charts import Bars, aligned, bars
from filon.web.room import InRoom

__all__ = ["ParticipationPart", "participation"]

SLOTS = 120
HEIGHT = 24


@dataclass(frozen=True)
class ParticipationPart(Page):
    """One small chart a participant, all on the same scale."""

    template: ClassVar[str] = "participation.html"
    block: ClassVar[str | None] = "participation"

    conversation: int
    rows: tuple[tuple[str, Activity, Bars], ...]


@get("/conversations/{number:int}/participation", sync_to_thread=True)
def participation(room: InRoom, number: FromPath[int]) -> ParticipationPart:
    """The busiest participants over time, those who wrote most first."""
    answer = aligned(room.case.participation(room.view, number), SLOTS)
    top = max((max(a.counts, default=0) for a in answer.values()), default=0)
    rows = sorted(answer.items(), key=lambda pair: -sum(pair[1].counts))
    return ParticipationPart(number, tuple((label, a, bars(a, top, HEIGHT)) for label, a in rows))
