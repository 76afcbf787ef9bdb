"""The desk: tags, notes, saved searches and what was done, with a way back."""

from dataclasses import dataclass
from typing import Any, ClassVar

from litestar import delete, get, post
from litestar.params import FromPath, URLEncodedBody

from filon.case.answers import Note, SavedSearch, TagCount
from filon.errors import DeskError
from filon.web.answer import Page
from filon.web.room import InRoom, Room

__all__ = ["DeskPage", "SearchForm", "delete_note", "delete_search", "desk", "save_search", "undo"]

LOOKED_AT = 1000
"""Actions among which the one that was taken back is looked for."""


@dataclass(frozen=True)
class SearchForm:
    """A search to keep."""

    name: str
    q: str = ""


@dataclass(frozen=True)
class DeskPage(Page):
    """Everything people have added to the case."""

    template: ClassVar[str] = "desk.html"
    active: ClassVar[str] = "desk"

    tags: tuple[TagCount, ...]
    notes: tuple[Note, ...]
    searches: tuple[SavedSearch, ...]
    history: tuple[Any, ...]
    """Actions: who, when, kind, subject, messages, undone."""
    undone: Any = None
    """The action that was just taken back, or None."""


@dataclass(frozen=True)
class DeskPart(DeskPage):
    """The lists alone, after a change."""

    block: ClassVar[str | None] = "desk"


@get("/desk", sync_to_thread=True)
def desk(room: InRoom) -> DeskPage:
    """Tags, notes, saved searches, history."""
    return _desk(DeskPage, room)


@post("/searches", sync_to_thread=True, status_code=200)
def save_search(room: InRoom, data: URLEncodedBody[SearchForm]) -> SavedSearch:
    """Keep a search under a name."""
    return room.case.save_search(room.view, data.name, data.q)


@delete("/searches/{name:str}", sync_to_thread=True, status_code=200)
def delete_search(room: InRoom, name: FromPath[str]) -> DeskPage:
    """Forget a saved search."""
    room.case.delete_search(room.view, name)
    return _desk(DeskPart, room)


@delete("/notes/{number:int}", sync_to_thread=True, status_code=200)
def delete_note(room: InRoom, number: FromPath[int]) -> DeskPage:
    """Take a note away; the history keeps it."""
    room.case.delete_note(room.view, number)
    return _desk(DeskPart, room)


@post("/undo", sync_to_thread=True, status_code=200)
def undo(room: InRoom) -> DeskPage:
    """Take back this person's last action."""
    before = {action.action for action in room.case.history(room.view, LOOKED_AT) if action.undone}
    if room.case.undo(room.view) is None:
        raise DeskError("there is nothing of yours to undo", hint="what others have done, they take back themselves")
    after = (a for a in room.case.history(room.view, LOOKED_AT) if a.undone and a.action not in before)
    return _desk(DeskPart, room, next(after, None))


def _desk(kind: type[DeskPage], room: Room, undone: Any = None) -> DeskPage:
    case, view = room.case, room.view
    return kind(
        tuple(case.tags(view)),
        tuple(case.notes(view)),
        tuple(case.saved_searches(view)),
        tuple(case.history(view, 100)),
        undone,
    )
