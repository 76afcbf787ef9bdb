"""People's work, tied to messages: every tag and note also keeps the item's hash and the locator."""

from typing import Any

import numpy as np

from filon.case.answers import Note, SavedSearch
from filon.case.reading import note_view
from filon.case.state import State
from filon.desk import Anchor
from filon.errors import StoreError
from filon.model import ids
from filon.model.view import View
from filon.query.parse import QUERY_VERSION, parse
from filon.query.show import show

__all__ = ["note", "save_search", "saved_searches", "tag", "undo"]

_PIECE = 20_000


def tag(state: State, view: View, name: str, numbers: "np.ndarray[Any, np.dtype[np.int64]]") -> int:
    """Put a tag on messages; how many did not have it."""
    anchors = [a for start in range(0, len(numbers), _PIECE) for a in _anchors(state, numbers[start : start + _PIECE])]
    return state.desk.tag(view.who, name, anchors)


def note(state: State, view: View, number: int, text: str) -> Note:
    """Write a note on a message."""
    [anchor] = _anchors(state, np.array([number], np.int64))
    return note_view(state.desk.note(view.who, anchor, text))


def save_search(state: State, view: View, name: str, text: str) -> SavedSearch:
    """Keep a search in its canonical form."""
    state.desk.save_search(view.who, name, show(parse(text)), QUERY_VERSION, view.zone)
    return next(s for s in saved_searches(state) if s.name == name.strip())


def saved_searches(state: State) -> list[SavedSearch]:
    """Saved searches by name."""
    return [
        SavedSearch(name=s.name, text=s.text, language_version=s.language_version, zone=s.zone, who=s.who, at=s.at)
        for s in state.desk.searches()
    ]


def undo(state: State, view: View) -> str | None:
    """Reverse this person's last action; what it was."""
    action = state.desk.undo(view.who)
    if action is None:
        return None
    touched = f" ({action.messages} messages)" if action.kind in ("tag", "untag") else ""
    return f"{action.kind} {action.subject}{touched}"


def _anchors(state: State, numbers: "np.ndarray[Any, np.dtype[np.int64]]") -> list[Anchor]:
    rows = state.site.store.tables.messages(numbers).select(["id", "locator"]).to_pylist()
    if len(rows) != len(numbers):
        raise StoreError("some of these messages are not in the case")
    return [
        Anchor(row["id"], state.items[state.readings[ids.reading_of(row["id"])].item].sha256, row["locator"]["path"])
        for row in rows
    ]
