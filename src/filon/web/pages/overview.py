"""Overview: how much there is, when it was written, by whom and with whom, and what it came from."""

from dataclasses import dataclass
from typing import ClassVar

from litestar import get

from filon.case.answers import Overview
from filon.web.answer import Page
from filon.web.room import InRoom

__all__ = ["OverviewPage", "overview"]


@dataclass(frozen=True)
class OverviewPage(Page):
    """The first page of a case."""

    template: ClassVar[str] = "overview.html"
    active: ClassVar[str] = "overview"

    overview: Overview


@get("/", sync_to_thread=True)
def overview(room: InRoom) -> OverviewPage:
    """Counts, biggest conversations and accounts, items; the activity over time follows in a second request."""
    return OverviewPage(room.case.overview(room.view))
