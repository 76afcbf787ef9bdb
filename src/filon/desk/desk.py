"""Tags, notes, saved searches and read marks of one case: who did what, when, and how to undo it.

Every change to tags, notes and searches writes one row of ``actions`` in the same transaction. ``undo`` reverses the last
action of the same person that is not yet undone, and is itself an action: history only grows.
"""

import shutil
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Self

import msgspec
import numpy as np
from sqlalchemy import Connection, Engine, create_engine, delete, event, func, insert, select, text, update
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import DatabaseError

from filon.desk.actions import Action, log_action, now, shown
from filon.desk.check import differences
from filon.desk.tables import actions, marks, notes, searches, tags
from filon.errors import DeskError

__all__ = ["Action", "Anchor", "Desk", "NoteRow", "SearchRow"]

HEAD = "d0001"
"""Alembic revision of the tables in ``filon.desk.tables``."""
_CHUNK = 10_000
_NO_ROOM = 1 << 16
"""Bytes free below which SQLite has no room for its log."""


class Anchor(msgspec.Struct, frozen=True, gc=False):
    """A message as the desk holds it: its number, and where it stands for the day the case is gone."""

    number: int
    item_sha256: str
    locator: str


class NoteRow(msgspec.Struct, frozen=True, kw_only=True):
    """A note on a message."""

    note: int
    message: int
    text: str
    who: str
    at: int


class SearchRow(msgspec.Struct, frozen=True, kw_only=True):
    """A search kept by name."""

    name: str
    text: str
    language_version: int
    zone: str
    who: str
    at: int


class Desk:
    """The desk of one case, an SQLite file or any database SQLAlchemy reaches."""

    def __init__(self, url: str | URL) -> None:
        self._engine = create_engine(url)
        if self._engine.dialect.name == "sqlite":
            event.listen(self._engine, "connect", _prepare_sqlite)
            event.listen(self._engine, "handle_error", _tell_full_disk)
        try:
            with self._engine.begin() as connection:
                _upgrade(connection)
        except BaseException as error:
            self._engine.dispose()
            if not isinstance(error, DatabaseError):
                raise
            _require_room(error.orig, self._engine)
            raise DeskError(
                "the desk cannot be opened: {reason}",
                hint="restore desk.sqlite from a backup of the case; messages and items do not depend on it",
                reason=str(error.orig),
            ) from error

    @classmethod
    def at(cls, path: Path) -> Self:
        """The desk in the SQLite file at ``path``, made or brought up to date where needed."""
        return cls(URL.create("sqlite", database=str(path)))

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    # tags

    def tag(self, who: str, tag: str, anchors: Iterable[Anchor]) -> int:
        """Put a tag on messages; says how many did not have it before."""
        name = _named(tag, "tag")
        at = now()
        with self._engine.begin() as connection:
            new: list[Anchor] = []
            for chunk in _chunks(list(anchors)):
                numbers = [a.number for a in chunk]
                have = set(
                    connection.scalars(select(tags.c.message).where(tags.c.tag == name, tags.c.message.in_(numbers)))
                )
                fresh = list({a.number: a for a in chunk if a.number not in have}.values())
                if fresh:
                    connection.execute(insert(tags), [_tag_row(name, a, who, at) for a in fresh])
                new += fresh
            if new:
                log_action(connection, who, "tag", name, [_tag_row(name, a, who, at) for a in new])
        return len(new)

    def untag(self, who: str, tag: str, numbers: Iterable[int]) -> int:
        """Take a tag off messages; says how many had it."""
        name = _named(tag, "tag")
        with self._engine.begin() as connection:
            removed: list[dict[str, Any]] = []
            for chunk in _chunks(list(numbers)):
                where = (tags.c.tag == name, tags.c.message.in_(chunk))
                removed += [dict(row) for row in connection.execute(select(tags).where(*where)).mappings()]
                connection.execute(delete(tags).where(*where))
            if removed:
                log_action(connection, who, "untag", name, removed)
        return len(removed)

    def tags(self) -> list[tuple[str, int]]:
        """Every tag and on how many messages it is, by name."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(tags.c.tag, func.count()).group_by(tags.c.tag).order_by(tags.c.tag))
            return [(str(name), int(count)) for name, count in rows]

    def tagged(self, tag: str) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        """Numbers of the messages with this tag (``name*``: any tag that begins so), sorted."""
        where = tags.c.tag.startswith(tag[:-1], autoescape=True) if tag.endswith("*") else tags.c.tag == tag
        with self._engine.connect() as connection:
            found = connection.scalars(select(tags.c.message).where(where).distinct().order_by(tags.c.message))
            return np.fromiter(found, np.int64)

    def tags_of(self, numbers: Sequence[int]) -> dict[int, list[tuple[str, str, int]]]:
        """``(tag, who, when)`` of each of these messages that has any."""
        found: dict[int, list[tuple[str, str, int]]] = {}
        with self._engine.connect() as connection:
            for chunk in _chunks(list(numbers)):
                query = select(tags.c.message, tags.c.tag, tags.c.who, tags.c.at).where(tags.c.message.in_(chunk))
                for number, name, who, at in connection.execute(query.order_by(tags.c.tag)):
                    found.setdefault(number, []).append((name, who, at))
        return found

    # notes

    def note(self, who: str, anchor: Anchor, words: str) -> NoteRow:
        """Write a note on a message."""
        if not words.strip():
            raise DeskError("a note needs words", hint="write something, or leave the message without a note")
        at = now()
        row = {"message": anchor.number, "item_sha256": anchor.item_sha256, "locator": anchor.locator}
        row |= {"text": words, "who": who, "at": at}
        with self._engine.begin() as connection:
            key = connection.execute(insert(notes).values(**row)).inserted_primary_key
            assert key is not None
            log_action(connection, who, "note", str(key[0]), [{"note": key[0], **row}])
        return NoteRow(note=key[0], message=anchor.number, text=words, who=who, at=at)

    def delete_note(self, who: str, note: int) -> None:
        """Take a note away; it stays in the history."""
        with self._engine.begin() as connection:
            where = (notes.c.note == note, notes.c.deleted_at.is_(None))
            message = connection.scalar(select(notes.c.message).where(*where))
            if message is None:
                raise DeskError("there is no note {note}", note=note)
            connection.execute(update(notes).where(*where).values(deleted_at=now()))
            log_action(connection, who, "delete-note", str(note), [{"note": note, "message": message}])

    def notes(self, numbers: Sequence[int] | None = None) -> list[NoteRow]:
        """All notes, or those on these messages, newest first."""
        query = select(notes.c.note, notes.c.message, notes.c.text, notes.c.who, notes.c.at)
        query = query.where(notes.c.deleted_at.is_(None)).order_by(notes.c.note.desc())
        with self._engine.connect() as connection:
            if numbers is None:
                return [_note(row) for row in connection.execute(query).mappings()]
            return [
                _note(row)
                for chunk in _chunks(list(numbers))
                for row in connection.execute(query.where(notes.c.message.in_(chunk))).mappings()
            ]

    # saved searches

    def save_search(self, who: str, name: str, words: str, language_version: int, zone: str) -> SearchRow:
        """Keep a search under a name; one of the same name is replaced, and can be brought back by undo."""
        row = {"name": _named(name, "search"), "text": words, "language_version": language_version, "zone": zone}
        row |= {"who": who, "at": now()}
        with self._engine.begin() as connection:
            where = searches.c.name == row["name"]
            before = [dict(r) for r in connection.execute(select(searches).where(where)).mappings()]
            connection.execute(delete(searches).where(where))
            connection.execute(insert(searches).values(**row))
            log_action(connection, who, "save-search", str(row["name"]), [*before, row])
        return msgspec.convert(row, SearchRow)

    def searches(self) -> list[SearchRow]:
        """Saved searches by name."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(searches).order_by(searches.c.name)).mappings()
            return [SearchRow(**{str(key): value for key, value in row.items()}) for row in rows]

    def delete_search(self, who: str, name: str) -> None:
        """Forget a saved search."""
        with self._engine.begin() as connection:
            where = searches.c.name == name
            before = [dict(r) for r in connection.execute(select(searches).where(where)).mappings()]
            if not before:
                raise DeskError("there is no saved search called {name!r}", name=name)
            connection.execute(delete(searches).where(where))
            log_action(connection, who, "delete-search", name, before)

    # read marks

    def mark_read(self, who: str, conversation: int, number: int) -> None:
        """Remember up to where a person has read a conversation."""
        where = (marks.c.who == who, marks.c.conversation == conversation)
        with self._engine.begin() as connection:
            connection.execute(delete(marks).where(*where))
            row = {"who": who, "conversation": conversation, "message": number, "at": now()}
            connection.execute(insert(marks).values(**row))

    def read_to(self, who: str, conversation: int) -> int | None:
        """The message a person has read up to, or None."""
        query = select(marks.c.message).where(marks.c.who == who, marks.c.conversation == conversation)
        with self._engine.connect() as connection:
            return connection.scalar(query)

    def differences(self) -> list[str]:
        """Where the desk is not what its history comes to; empty where it is."""
        with self._engine.connect() as connection:
            return list(differences(connection))

    # history

    def history(self, limit: int = 200) -> list[Action]:
        """The last actions of everybody, newest first."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(actions).order_by(actions.c.action.desc()).limit(limit)).mappings()
            return [shown(dict(row)) for row in rows]

    def undo(self, who: str) -> Action | None:
        """Reverse this person's last action that is not undone; None where there is nothing to undo."""
        undoable = (actions.c.who == who, actions.c.kind != "undo", actions.c.undone_by.is_(None))
        with self._engine.begin() as connection:
            query = select(actions).where(*undoable).order_by(actions.c.action.desc()).limit(1)
            row = connection.execute(query).mappings().first()
            if row is None:
                return None
            _reverse(connection, row["kind"], row["subject"], msgspec.json.decode(row["body"]))
            number = log_action(connection, who, "undo", str(row["action"]), [])
            connection.execute(update(actions).where(actions.c.action == row["action"]).values(undone_by=number))
            return shown(dict(row) | {"undone_by": number})


def _reverse(connection: Connection, kind: str, subject: str, body: list[dict[str, Any]]) -> None:
    if kind == "tag":
        for chunk in _chunks([row["message"] for row in body]):
            connection.execute(delete(tags).where(tags.c.tag == subject, tags.c.message.in_(chunk)))
    elif kind == "untag":
        for chunk in _chunks(body):
            have = select(tags.c.message).where(
                tags.c.tag == subject, tags.c.message.in_([r["message"] for r in chunk])
            )
            present = set(connection.scalars(have))
            missing = [row for row in chunk if row["message"] not in present]
            if missing:
                connection.execute(insert(tags), missing)
    elif kind in ("note", "delete-note"):
        deleted = now() if kind == "note" else None
        connection.execute(update(notes).where(notes.c.note == int(subject)).values(deleted_at=deleted))
    else:
        connection.execute(delete(searches).where(searches.c.name == subject))
        before = body[:-1] if kind == "save-search" else body
        if before:
            connection.execute(insert(searches), before)


def _note(row: Any) -> NoteRow:
    return NoteRow(**{str(key): value for key, value in row.items()})


def _tag_row(tag: str, anchor: Anchor, who: str, at: int) -> dict[str, Any]:
    where = {"item_sha256": anchor.item_sha256, "locator": anchor.locator}
    return {"tag": tag, "message": anchor.number, **where, "who": who, "at": at}


def _named(name: str, what: str) -> str:
    """A name people can type in a search: no blanks around it, no quotes, no control characters."""
    clean = name.strip()
    if not clean or len(clean) > 200 or not clean.isprintable() or '"' in clean or clean.endswith("*"):
        raise DeskError(
            "{name!r} cannot be the name of a {what}",
            hint="use 1 to 200 visible characters, without quotation marks and without * at the end",
            name=name,
            what=what,
        )
    return clean


def _chunks(values: list[Any]) -> Iterable[list[Any]]:
    return (values[i : i + _CHUNK] for i in range(0, len(values), _CHUNK))


def _prepare_sqlite(connection: Any, _: Any) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _tell_full_disk(context: ExceptionContext) -> None:
    _require_room(context.original_exception, context.engine)


def _require_room(error: BaseException | None, engine: Engine | None) -> None:
    """DeskError where SQLite failed for want of room; where it cannot even make its log it calls that a fault of the disk."""
    if not isinstance(error, sqlite3.OperationalError) or engine is None or not engine.url.database:
        return
    kind = getattr(error, "sqlite_errorcode", 0) & 0xFF  # what Python itself finds wrong has no code
    no_room = kind in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN) and (
        shutil.disk_usage(Path(engine.url.database).parent).free < _NO_ROOM
    )
    if kind == sqlite3.SQLITE_FULL or no_room:
        raise DeskError(
            "the disk of the desk is full: {reason}",
            hint="make room there and do the same again; what was kept before is still there",
            reason=str(error),
        ) from error


def _upgrade(connection: Connection) -> None:
    """Bring the tables to their present form. Alembic is only loaded when there is something to do."""
    if connection.dialect.has_table(connection, "alembic_version"):
        current = connection.scalar(text("SELECT version_num FROM alembic_version"))
        if current == HEAD:
            return
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", "filon:desk/migrations")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise DeskError(
            "the desk was written by a newer filon", hint="open the case with the filon that wrote it, or a later one"
        ) from error
