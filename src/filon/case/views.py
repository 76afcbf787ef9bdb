"""Rows of the store as values to read: messages and events with their people, titles, tags and quotations."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from filon.case.answers import EventView, MessageView
from filon.case.directory import Directory
from filon.case.sight import Sight
from filon.model import ids
from filon.model.records import Attachment, Place
from filon.model.time import Stamp

__all__ = ["SHOWN", "event_views", "message_views", "stamp_of", "stamps_of"]

SHOWN = (
    *("id", "conversation", "sender", "recipients", "time", "sent", "received", "text", "kind", "platform", "device"),
    *("direction", "state", "edited", "deleted", "native_id", "reply_to", "forwarded_from", "attachments", "place"),
)
"""Columns that a message is shown with in a list."""
_TIMES = ("sent", "received", "read", "edited", "deleted", "expires")


def message_views(sight: Sight, rows: pa.Table) -> list[MessageView]:
    """Rows of the columns ``SHOWN``, all in view, as they are read, in the same order."""
    found = rows.select(SHOWN).to_pylist()
    numbers = [row["id"] for row in found]
    desk, directory = sight.state.desk, sight.directory
    tags = desk.tags_of(numbers)
    noted = {note.message for note in desk.notes(numbers)}
    quoted = _quoted(sight, found)
    return [_message(row, directory, tags.get(row["id"], []), row["id"] in noted, quoted) for row in found]


def event_views(sight: Sight, rows: pa.Table) -> tuple[EventView, ...]:
    """Those rows of ``columns.EVENTS`` that are in view, as they are read, in the same order."""
    directory = sight.directory
    return tuple(_event(row, directory) for row in sight.events(rows).to_pylist())


def stamp_of(value: Mapping[str, Any] | None) -> Stamp | None:
    """A time column's value as a stamp."""
    return Stamp(**value) if value is not None else None


def stamps_of(row: Mapping[str, Any]) -> dict[str, Stamp]:
    """The times a message row states."""
    return {name: stamp for name in _TIMES if (stamp := stamp_of(row[name])) is not None}


def _message(
    row: dict[str, Any],
    directory: Directory,
    tags: list[tuple[str, str, int]],
    noted: bool,
    quoted: dict[tuple[int, str], int],
) -> MessageView:
    conversation, reply_to = row["conversation"], row["reply_to"]
    reply = quoted.get((conversation, reply_to)) if reply_to is not None else None
    return MessageView(
        id=ids.show(row["id"]),
        conversation=conversation,
        conversation_title=directory.title(conversation) if conversation is not None else None,
        sender=directory.account(row["sender"]) if row["sender"] is not None else None,
        recipients=directory.accounts(row["recipients"] or ()),
        time=row["time"],
        zone_known=_zone_known(row),
        text=row["text"],
        kind=row["kind"],
        platform=row["platform"],
        device=row["device"],
        direction=row["direction"],
        state=row["state"],
        edited=row["edited"] is not None,
        deleted=row["deleted"] is not None or row["state"] == "deleted",
        native_id=row["native_id"],
        reply_to=reply_to,
        reply_id=ids.show(reply) if reply is not None else None,
        forwarded_from=row["forwarded_from"],
        attachments=tuple(Attachment(**a) for a in row["attachments"] or ()),
        place=Place(**row["place"]) if row["place"] is not None else None,
        tags=tuple(tag for tag, _, _ in tags),
        noted=noted,
    )


def _zone_known(row: Mapping[str, Any]) -> bool:
    """Whether the time shown is an instant: that of sending, or of receiving where sending is not stated."""
    for name in ("sent", "received"):
        stamp = row[name]
        if stamp is not None and (stamp["at"] is not None or stamp["local"] is not None):
            return stamp["at"] is not None
    return False


def _event(row: dict[str, Any], directory: Directory) -> EventView:
    at = row["at"]
    return EventView(
        id=ids.show(row["id"]),
        kind=row["kind"],
        conversation=row["conversation"],
        actor=directory.account(row["actor"]) if row["actor"] is not None else None,
        accounts=directory.accounts(row["accounts"] or ()),
        time=row["time"],
        zone_known=at is not None and at["at"] is not None,
        target=row["target"],
        value=row["value"],
        text=row["text"],
        platform=row["platform"],
    )


def _quoted(sight: Sight, rows: list[dict[str, Any]]) -> dict[tuple[int, str], int]:
    """Numbers of the messages these rows answer, where they are in view; of several copies the first."""
    wanted: dict[int, set[str]] = {}
    for row in rows:
        if row["reply_to"] is not None and row["conversation"] is not None:
            wanted.setdefault(row["conversation"], set()).add(row["reply_to"])
    numbers_of = sight.state.site.store.tables.numbers_of
    copies = {
        (conversation, native): numbers
        for conversation, natives in wanted.items()
        for native, numbers in numbers_of(conversation, sorted(natives)).items()
    }
    if sight.within is not None:
        seen = sight.sees(number for numbers in copies.values() for number in numbers)
        copies = {quoted: tuple(n for n in numbers if n in seen) for quoted, numbers in copies.items()}
    return {quoted: numbers[0] for quoted, numbers in copies.items() if numbers}
