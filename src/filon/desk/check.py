"""Is the desk what its history comes to? The chain of the actions, and the tables played again from them."""

from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DatabaseError

from filon.desk.actions import FIRST, digest_of
from filon.desk.tables import actions, notes, searches, tags

__all__ = ["differences"]

_Rows = list[dict[str, Any]]


def differences(connection: Connection) -> Iterator[str]:
    """What does not agree, one sentence each; nothing where all does."""
    try:
        if connection.dialect.name == "sqlite":
            found = [str(line) for line in connection.scalars(text("PRAGMA integrity_check"))]
            if found != ["ok"]:
                yield f"the database is damaged: {'; '.join(found[:3])}"
                return
        yield from _compare(connection)
    except (DatabaseError, msgspec.DecodeError) as error:
        yield f"the database cannot be read: {str(error).splitlines()[0]}"


def _compare(connection: Connection) -> Iterator[str]:
    state = _State()
    before = FIRST
    intact = True
    bodies: dict[int, tuple[str, str, _Rows]] = {}
    for row in connection.execute(select(actions).order_by(actions.c.action)).mappings():
        digest = digest_of(before, row["at"], row["who"], row["kind"], row["subject"], row["body"])
        if digest != row["digest"]:
            yield f"action {row['action']} was changed after it was written, or one before it is missing"
            intact = False
        before = row["digest"]
        if not intact:
            continue  # what comes of it says nothing about the tables
        rows = msgspec.json.decode(row["body"])
        bodies[row["action"]] = (row["kind"], row["subject"], rows)
        if row["kind"] == "undo":
            state.play(*bodies.get(int(row["subject"]), ("", "", [])), back=True)
        else:
            state.play(row["kind"], row["subject"], rows)
    if intact:
        yield from state.compare(connection)


class _State:
    """Tags, notes and searches as the history leaves them."""

    def __init__(self) -> None:
        self.tags: dict[tuple[str, int], dict[str, Any]] = {}
        self.notes: dict[int, dict[str, Any]] = {}
        self.deleted: set[int] = set()
        self.searches: dict[str, dict[str, Any]] = {}

    def play(self, kind: str, subject: str, rows: _Rows, *, back: bool = False) -> None:
        """One action, or with ``back`` its reverse."""
        match kind, back:
            case ("tag", False) | ("untag", True):
                self.tags |= {(row["tag"], row["message"]): row for row in rows}
            case ("tag", True) | ("untag", False):
                for row in rows:
                    self.tags.pop((row["tag"], row["message"]), None)
            case ("note", False):
                self.notes |= {row["note"]: row for row in rows}
            case ("note", True) | ("delete-note", False):
                self.deleted.add(int(subject))
            case ("delete-note", True):
                self.deleted.discard(int(subject))
            case ("save-search", False) | ("delete-search", True):
                self.searches[subject] = rows[-1]
            case ("save-search", True) | ("delete-search", False):
                self.searches.pop(subject, None)
                if kind == "save-search" and len(rows) == 2:
                    self.searches[subject] = rows[0]

    def compare(self, connection: Connection) -> Iterator[str]:
        """Where the tables differ from this."""
        held = {(r["tag"], r["message"]): dict(r) for r in connection.execute(select(tags)).mappings()}
        for tag, message in sorted(held.keys() ^ self.tags.keys()):
            where = "not in its history" if (tag, message) in held else "in its history only"
            yield f"tag {tag!r} on message {message}: {where}"
        for key in sorted(held.keys() & self.tags.keys()):
            if held[key] != self.tags[key]:
                yield f"tag {key[0]!r} on message {key[1]} differs from its history"
        for row in connection.execute(select(notes)).mappings():
            written = self.notes.pop(row["note"], None)
            now = {name: row[name] for name in written} if written else None
            if now != written or written is None or (row["deleted_at"] is not None) != (row["note"] in self.deleted):
                yield f"note {row['note']} differs from its history"
        for number in self.notes:
            yield f"note {number} is in the history only"
        kept = {row["name"]: dict(row) for row in connection.execute(select(searches)).mappings()}
        for name in sorted(kept.keys() | self.searches.keys()):
            if kept.get(name) != self.searches.get(name):
                yield f"saved search {name!r} differs from its history"
