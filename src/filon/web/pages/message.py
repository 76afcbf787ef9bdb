"""One message with everything known about it, and the record it was read from."""

from dataclasses import dataclass
from typing import Any, ClassVar

from litestar import Request, get
from litestar.params import FromPath

from filon.case.answers import MessageDetail, Raw
from filon.web.answer import Page
from filon.web.dump import Dump, dump
from filon.web.room import InRoom

__all__ = ["MessagePage", "MessagePart", "RawPart", "message", "raw"]


@dataclass(frozen=True)
class MessagePage(Page):
    """Everything known about a message."""

    template: ClassVar[str] = "message.html"

    detail: MessageDetail


@dataclass(frozen=True)
class MessagePart(MessagePage):
    """The same, for the drawer."""

    block: ClassVar[str | None] = "message"


@dataclass(frozen=True)
class RawPart(Page):
    """The record as it stands in the item."""

    template: ClassVar[str] = "message.html"
    block: ClassVar[str | None] = "raw"

    raw: Raw
    dump: Dump


@get("/messages/{number:str}", sync_to_thread=True)
def message(request: Request[Any, Any, Any], room: InRoom, number: FromPath[str]) -> MessagePage:
    """A page of its own, or what fills the drawer."""
    kind = MessagePart if request.headers.get("hx-request") else MessagePage
    return kind(room.case.message(room.view, number))


@get("/messages/{number:str}/raw", sync_to_thread=True)
def raw(room: InRoom, number: FromPath[str]) -> RawPart:
    """The raw record, as text and as bytes."""
    found = room.case.raw(room.view, number)
    return RawPart(found, dump(found.data))
