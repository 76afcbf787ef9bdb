"""What was written in every conversation around one minute."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from litestar import get
from litestar.params import FromQuery, QueryParameter

from filon.case.answers import ConversationPage, MessageView
from filon.errors import QueryError
from filon.web.answer import Page
from filon.web.moment import moment
from filon.web.room import InRoom
from filon.web.show import Show
from filon.web.transcript import Line, transcript
from filon.words import translator

__all__ = ["AroundPage", "around"]


@dataclass(frozen=True)
class AroundPage(Page):
    """Messages of all conversations around a moment, in order of time."""

    template: ClassVar[str] = "around.html"
    active: ClassVar[str] = "around"

    time: str | None
    """As asked for, in the view's zone; None before anything was asked."""
    minutes: int
    lines: tuple[Line, ...]
    conversations: int
    at: str | None
    """Number of the message this was asked from, if any."""
    problem: str | None = None
    """Why the time cannot be understood."""
    hint: str | None = None


@get("/around", sync_to_thread=True)
def around(
    room: InRoom,
    time: FromQuery[str | None] = None,
    minutes: Annotated[int, QueryParameter(ge=1, le=120)] = 2,
    at: FromQuery[str | None] = None,
) -> AroundPage:
    """``time`` as ``2020-04-03 14:03``; ``minutes`` before and after it."""
    if not time:
        return AroundPage(None, minutes, (), 0, at)
    try:
        asked = moment(time, room.view.zone)
    except QueryError as error:
        return AroundPage(time, minutes, (), 0, at, *translator(room.view.language).error(error))
    found: list[MessageView] = room.case.around(room.view, asked, minutes)
    page = ConversationPage(offset=0, total=len(found), messages=tuple(found), events=())
    show = Show(room.view.language, room.view.zone)
    return AroundPage(time, minutes, transcript(page, 0, show), len({message.conversation for message in found}), at)
