"""A conversation: a reader that holds a few hundred messages of up to millions, and asks for more as it moves."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal, TypeVar

from litestar import get
from litestar.params import FromPath, FromQuery, QueryParameter

from filon.case.answers import ConversationHead, ConversationPage
from filon.errors import NotHeld
from filon.model.ids import parse
from filon.web.answer import Page
from filon.web.moment import moment
from filon.web.room import InRoom, Room
from filon.web.show import Show
from filon.web.transcript import Line, transcript

__all__ = ["ConversationReader", "LinesPart", "conversation", "lines", "place", "reader", "strip"]

R = TypeVar("R", bound="ConversationReader")
Bins = Annotated[int, QueryParameter(ge=1, le=2000)]


@dataclass(frozen=True)
class ConversationReader(Page):
    """What stands above a conversation, and where the reader begins."""

    template: ClassVar[str] = "conversation.html"
    active: ClassVar[str] = "conversations"

    head: ConversationHead
    place: int
    at: str | None
    """Number of the message to begin at, if any."""
    elsewhere: bool
    """True where that message does not stand in this conversation."""
    q: str
    """Search whose hits are marked along the conversation."""


@dataclass(frozen=True)
class ConversationReaderPart(ConversationReader):
    """The reader alone, for a pane."""

    block: ClassVar[str | None] = "reader"


@dataclass(frozen=True)
class LinesPart(Page):
    """A stretch of the transcript."""

    template: ClassVar[str] = "conversation.html"
    block: ClassVar[str | None] = "lines"

    lines: tuple[Line, ...]
    offset: int
    total: int


@get("/conversations/{number:int}", sync_to_thread=True)
def conversation(
    room: InRoom,
    number: FromPath[int],
    at: FromQuery[str | None] = None,
    time: FromQuery[str | None] = None,
    q: FromQuery[str] = "",
) -> ConversationReader:
    """Begin at a message, a time, the mark of what was read, or the top."""
    return _begin(ConversationReader, room, number, at, time, q)


@get("/conversations/{number:int}/reader", sync_to_thread=True)
def reader(
    room: InRoom,
    number: FromPath[int],
    at: FromQuery[str | None] = None,
    time: FromQuery[str | None] = None,
    q: FromQuery[str] = "",
) -> ConversationReaderPart:
    """The same for a pane of another page."""
    return _begin(ConversationReaderPart, room, number, at, time, q)


def _begin(kind: type[R], room: Room, number: int, at: str | None, time: str | None, q: str) -> R:
    head = room.case.conversation(room.view, number)
    start, elsewhere = 0, False
    if begin := at or (None if time else head.read_to):
        found = _place_here(room, number, begin)
        start, elsewhere = found or 0, bool(at) and found is None
        at = begin if at or found is not None else None
    elif time:
        start = room.case.place_at(room.view, number, moment(time, room.view.zone))
    return kind(head, start, at, elsewhere, q)


def _place_here(room: Room, conversation: int, message: str) -> int | None:
    """The place of a message; None where it stands elsewhere, or left with an item that was withdrawn."""
    parse(message)
    try:
        found = room.case.place_of(room.view, message)
    except NotHeld:
        return None
    return found[1] if found and found[0] == conversation else None


@get("/conversations/{number:int}/lines", sync_to_thread=True)
def lines(
    room: InRoom,
    number: FromPath[int],
    offset: Annotated[int, QueryParameter(ge=0)] = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=200)] = 60,
) -> LinesPart:
    """Messages at ``offset`` and on, with the message before them for the grouping."""
    before = 1 if offset else 0
    page: ConversationPage = room.case.page(room.view, number, offset - before, limit + before)
    return LinesPart(transcript(page, offset, Show(room.view.language, room.view.zone)), offset, page.total)


@get("/conversations/{number:int}/place", sync_to_thread=True)
def place(
    room: InRoom, number: FromPath[int], time: FromQuery[str] = "", at: FromQuery[str] = ""
) -> dict[Literal["place"], int | None]:
    """The first place at or after a time in the view's zone, or that of a message; None where it stands elsewhere."""
    if at:
        return {"place": _place_here(room, number, at)}
    return {"place": room.case.place_at(room.view, number, moment(time, room.view.zone))}


@get("/conversations/{number:int}/strip", sync_to_thread=True)
def strip(
    room: InRoom, number: FromPath[int], q: FromQuery[str] = "", tagged: FromQuery[bool] = False, bins: Bins = 400
) -> dict[Literal["bins", "places"], list[int]]:
    """Density of hits along the conversation and the places of the first 10,000; ``tagged``: of whatever has a tag."""
    if tagged:
        q = " OR ".join(f'tag:"{tag.tag}"' for tag in room.case.tags(room.view))
    if not q.strip():
        return {"bins": [0] * bins, "places": []}
    return {
        "bins": room.case.strip(room.view, number, q, bins),
        "places": [] if tagged else room.case.places(room.view, number, q),
    }
