"""People's marks on messages: tags, notes, how far they have read."""

from dataclasses import dataclass

from litestar import delete, post
from litestar.params import FromPath, URLEncodedBody

from filon.web.pages.message import MessagePart
from filon.web.room import InRoom

__all__ = [
    "NoteForm",
    "ReadForm",
    "TagForm",
    "TagHitsForm",
    "add_note",
    "add_tag",
    "mark_read",
    "remove_tag",
    "tag_hits",
]


@dataclass(frozen=True)
class TagForm:
    """A tag to put on a message."""

    tag: str


@dataclass(frozen=True)
class TagHitsForm:
    """A tag to put on every hit of a search."""

    tag: str
    q: str = ""


@dataclass(frozen=True)
class NoteForm:
    """What is noted on a message."""

    text: str


@dataclass(frozen=True)
class ReadForm:
    """The message up to which was read."""

    number: str


@post("/messages/{number:str}/tags", sync_to_thread=True, status_code=200)
def add_tag(room: InRoom, number: FromPath[str], data: URLEncodedBody[TagForm]) -> MessagePart:
    """Tag one message."""
    room.case.tag(room.view, data.tag, [number])
    return MessagePart(room.case.message(room.view, number))


@delete("/messages/{number:str}/tags/{tag:str}", sync_to_thread=True, status_code=200)
def remove_tag(room: InRoom, number: FromPath[str], tag: FromPath[str]) -> MessagePart:
    """Take a tag off one message."""
    room.case.untag(room.view, tag, [number])
    return MessagePart(room.case.message(room.view, number))


@post("/messages/{number:str}/notes", sync_to_thread=True, status_code=200)
def add_note(room: InRoom, number: FromPath[str], data: URLEncodedBody[NoteForm]) -> MessagePart:
    """Note something on a message."""
    room.case.note(room.view, number, data.text)
    return MessagePart(room.case.message(room.view, number))


@post("/tags", sync_to_thread=True, status_code=200)
def tag_hits(room: InRoom, data: URLEncodedBody[TagHitsForm]) -> dict[str, int]:
    """Tag every hit of a search; answers how many messages got the tag."""
    return {"messages": room.case.tag_hits(room.view, data.tag, data.q)}


@post("/conversations/{number:int}/read", sync_to_thread=True, status_code=200)
def mark_read(room: InRoom, number: FromPath[int], data: URLEncodedBody[ReadForm]) -> dict[str, str]:
    """Remember how far this person has read."""
    room.case.mark_read(room.view, number, data.number)
    return {"read_to": data.number}
