"""People's work, tied to messages: every tag and note also keeps the item's hash and the locator.

A view with a scope reads and changes only work on messages in view, and sees only its own person's searches and history.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from filon.case.answers import Note, SavedSearch
from filon.case.reading import note_view
from filon.case.sight import Sight
from filon.desk import Action, Anchor, NoteRow
from filon.errors import DeskError, NotHeld
from filon.model import ids
from filon.model.words import cut
from filon.query.parse import QUERY_VERSION, parse
from filon.query.show import show

__all__ = [
    "delete_note",
    "delete_search",
    "history",
    "mark_read",
    "note",
    "notes",
    "save_search",
    "saved_searches",
    "tag",
    "undo",
    "untag",
]

_PIECE = 20_000
_Numbers = np.ndarray[Any, np.dtype[np.int64]]


def tag(sight: Sight, name: str, numbers: _Numbers) -> int:
    """Put a tag on messages; how many did not have it."""
    if not cut(name):
        raise DeskError(
            "{name!r} holds no letter, digit or emoji", hint="a tag must be something to search for", name=name
        )
    sight.require(numbers.tolist())
    anchors = [a for start in range(0, len(numbers), _PIECE) for a in _anchors(sight, numbers[start : start + _PIECE])]
    return sight.state.desk.tag(sight.view.who, name, anchors)


def untag(sight: Sight, name: str, numbers: _Numbers) -> int:
    """Take a tag off messages; how many had it."""
    if sight.within is not None:
        sight.require(numbers.tolist())
    return sight.state.desk.untag(sight.view.who, name, numbers.tolist())


def note(sight: Sight, number: int, text: str) -> Note:
    """Write a note on a message."""
    sight.require([number])
    [anchor] = _anchors(sight, np.array([number], np.int64))
    return note_view(sight.state.desk.note(sight.view.who, anchor, text))


def notes(sight: Sight) -> list[Note]:
    """Notes on messages in view, newest first; without a scope also those whose item was withdrawn."""
    return [note_view(row) for row in _visible_notes(sight)]


def delete_note(sight: Sight, number: int) -> None:
    """Take a note away."""
    if sight.within is not None and number not in {row.note for row in _visible_notes(sight)}:
        raise DeskError("there is no note {note}", note=number)
    sight.state.desk.delete_note(sight.view.who, number)


def save_search(sight: Sight, name: str, text: str) -> SavedSearch:
    """Keep a search in its canonical form."""
    _require_own_search(sight, name.strip())
    sight.state.desk.save_search(sight.view.who, name, show(parse(text)), QUERY_VERSION, sight.zone)
    return next(s for s in saved_searches(sight) if s.name == name.strip())


def saved_searches(sight: Sight) -> list[SavedSearch]:
    """Saved searches by name."""
    return [
        SavedSearch(name=s.name, text=s.text, language_version=s.language_version, zone=s.zone, who=s.who, at=s.at)
        for s in sight.state.desk.searches()
        if sight.within is None or s.who == sight.view.who
    ]


def delete_search(sight: Sight, name: str) -> None:
    """Forget a saved search."""
    _require_own_search(sight, name)
    sight.state.desk.delete_search(sight.view.who, name)


def mark_read(sight: Sight, conversation: int, number: int) -> None:
    """Remember up to where this person has read."""
    sight.require([number])
    sight.state.desk.mark_read(sight.view.who, conversation, number)


def history(sight: Sight, limit: int) -> list[Action]:
    """Who did what, newest first."""
    actions = sight.state.desk.history(limit)
    return [action for action in actions if sight.within is None or action.who == sight.view.who]


def undo(sight: Sight) -> str | None:
    """Reverse this person's last action; what it was."""
    action = sight.state.desk.undo(sight.view.who)
    if action is None:
        return None
    touched = f" ({action.messages} messages)" if action.kind in ("tag", "untag") else ""
    return f"{action.kind} {action.subject}{touched}"


def _visible_notes(sight: Sight) -> Sequence[NoteRow]:
    rows = sight.state.desk.notes()
    if sight.within is None:
        return rows
    seen = sight.sees(row.message for row in rows)
    return [row for row in rows if row.message in seen]


def _require_own_search(sight: Sight, name: str) -> None:
    """A view with a scope does not touch what others have saved; it learns no more than that the name is taken."""
    if sight.within is None:
        return
    if any(s.name == name and s.who != sight.view.who for s in sight.state.desk.searches()):
        raise DeskError("somebody else has a search of this name", hint="choose another name")


def _anchors(sight: Sight, numbers: _Numbers) -> list[Anchor]:
    state = sight.state
    rows = state.site.store.tables.messages(numbers).select(["id", "locator"]).to_pylist()
    if len(rows) != len(numbers):
        raise NotHeld("some of these messages are not in the case")
    return [
        Anchor(row["id"], state.items[state.readings[ids.reading_of(row["id"])].item].sha256, row["locator"]["path"])
        for row in rows
    ]
