"""The conversations of the case."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from litestar import get
from litestar.params import FromQuery, QueryParameter

from filon.case.answers import ConversationRow
from filon.web.answer import Page
from filon.web.room import InRoom

__all__ = ["ConversationsPage", "conversations"]

Order = Literal["messages", "last", "title"]


@dataclass(frozen=True)
class ConversationsPage(Page):
    """A stretch of the list. ``contains`` narrows by title and participants."""

    template: ClassVar[str] = "conversations.html"
    active: ClassVar[str] = "conversations"

    total: int
    rows: tuple[ConversationRow, ...]
    contains: str
    order: Order
    offset: int
    limit: int


@get("/conversations", sync_to_thread=True)
def conversations(
    room: InRoom,
    contains: FromQuery[str] = "",
    order: FromQuery[Order] = "messages",
    offset: Annotated[int, QueryParameter(ge=0)] = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
) -> ConversationsPage:
    """Biggest, latest or by title."""
    total, rows = room.case.conversations(room.view, contains=contains, order=order, offset=offset, limit=limit)
    return ConversationsPage(total, tuple(rows), contains, order, offset, limit)
