"""What a page works with: the case, the view of this request, and what is under way."""

from dataclasses import dataclass
from typing import Any

from litestar import Request
from litestar.di import NamedDependency

from filon.case.case import Case
from filon.case.jobs import Jobs
from filon.model import View
from filon.web.drafts import Drafts
from filon.web.frame import view_of

__all__ = ["InRoom", "Room", "asks_for_json", "room"]


@dataclass(frozen=True)
class Room:
    """The only door of a page to data. ``drafts`` are additions that are being prepared."""

    case: Case
    view: View
    jobs: Jobs
    drafts: Drafts


InRoom = NamedDependency[Room]
"""How a handler asks for the room."""


def asks_for_json(request: Request[Any, Any, Any]) -> bool:
    """Whether a program asks, and not a browser for a person."""
    return request.accept.best_match(["text/html", "application/json"], default="text/html") == "application/json"


def room(request: Request[Any, Any, Any]) -> Room:
    """The room of one request, with what another process has added since the last one."""
    state = request.app.state
    state.case.refresh()
    return Room(state.case, view_of(request, state.case), state.jobs, state.drafts)
