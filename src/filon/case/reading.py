"""Reading: conversations page by page, one message with everything known about it, its record in the item."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from filon.case import listing
from filon.case.answers import (
    ConversationHead,
    ConversationPage,
    EventView,
    MessageDetail,
    MessageView,
    Note,
    Raw,
)
from filon.case.sight import Sight
from filon.case.views import SHOWN, event_views, message_views, stamps_of
from filon.desk import NoteRow
from filon.errors import FilonError
from filon.model import ids
from filon.model.columns import EVENTS
from filon.model.items import Reading
from filon.model.records import Locator
from filon.query.tree import Field
from filon.store import Thread

__all__ = ["around", "head", "message", "note_view", "page", "place_of", "raw", "thread"]

_EVENTS = 2_000
"""Events with a time, and without one, that a page shows at most."""


def thread(sight: Sight, conversation: int) -> Thread:
    """One conversation as the view may see it."""
    return sight.state.site.store.tables.thread(conversation, sight.within, sight.zone)


def head(sight: Sight, conversation: int) -> ConversationHead:
    """What stands above a conversation."""
    row = listing.conversation(sight, conversation)
    days = thread(sight, conversation).days(sight.zone).to_pylist()
    dated = [(day["day"].isoformat(), day["place"], day["count"]) for day in days if day["day"] is not None]
    read_to = sight.state.desk.read_to(sight.view.who, conversation)
    here = sight.joined(Field("in", f"#{conversation}"))
    devices = sight.state.site.store.index.facets(here, ("device",), 50, sight.zone)["device"]
    return ConversationHead(
        conversation=row,
        days=tuple(dated),
        undated=row.messages - sum(count for _, _, count in dated),
        devices=tuple(b.value for b in devices.buckets),
        read_to=ids.show(read_to) if read_to is not None and sight.sees([read_to]) else None,
    )


def page(sight: Sight, conversation: int, offset: int, limit: int) -> ConversationPage:
    """Messages at places ``offset`` to ``offset + limit``, and the events between them by time."""
    whole = thread(sight, conversation)
    rows = whole.page(offset, limit + 1, SHOWN)
    messages = message_views(sight, rows.slice(0, limit))
    events, more = _events_beside(sight, conversation, offset, messages, rows.slice(limit))
    return ConversationPage(
        offset=offset,
        total=len(whole),
        messages=tuple(messages),
        events=event_views(sight, events),
        events_left_out=more,
    )


def message(sight: Sight, number: int) -> MessageDetail:
    """Everything known about one message; NotHeld where the view holds none of this number."""
    rows = sight.message(number)
    row = rows.to_pylist()[0]
    [view] = message_views(sight, rows)
    reading = sight.readings[ids.reading_of(number)]
    item = sight.items[reading.item]
    events: tuple[EventView, ...] = ()
    if row["native_id"] is not None:
        run = sight.state.site.store.tables.run
        found = run("events_of_target", conversation=row["conversation"], target=row["native_id"])
        events = event_views(sight, found)
    place = place_of(sight, number)
    locator = row["locator"]
    return MessageDetail(
        message=view,
        times=stamps_of(row),
        sequence=row["sequence"],
        locator_path=locator["path"],
        locator_offset=locator["offset"],
        locator_length=locator["length"],
        reading=reading,
        item=item,
        at_hand=sight.state.at_hand(item),
        assumptions=tuple(row["assumptions"] or ()),
        events=events,
        place_in_conversation=place[1] if place else None,
        tags=tuple(sight.state.desk.tags_of([number]).get(number, ())),
        notes=tuple(note_view(note) for note in sight.state.desk.notes([number])),
    )


def place_of(sight: Sight, number: int) -> tuple[int, int] | None:
    """The conversation a message stands in and its place there, or None where it stands in none."""
    conversation = sight.message(number)["conversation"][0].as_py()
    if conversation is None:
        return None
    place = thread(sight, conversation).place_of(number)
    return None if place is None else (conversation, place)


def raw(sight: Sight, number: int) -> Raw:
    """The record as it stands in its item, with why not where it cannot be had."""
    [row] = sight.message(number).to_pylist()
    reading = sight.readings[ids.reading_of(number)]
    locator = row["locator"]
    try:
        data, exact, problem = _bytes_of(sight, reading, Locator(locator["path"], locator["offset"], locator["length"]))
    except FilonError as error:
        data, exact, problem = b"", False, str(error)
    if data == b"" and problem is None:
        # Formats made of rows or cells: what stood there, as it was understood.
        text = "\n".join(f"{name}: {value}" for name, value in row.items() if value not in (None, [], ()))
        data, exact = text.encode(), False
    return Raw(
        data=data,
        exact=exact,
        path=locator["path"],
        offset=locator["offset"],
        item=sight.items[reading.item],
        member=reading.member,
        problem=problem,
    )


def around(sight: Sight, since: int, until: int, limit: int) -> list[MessageView]:
    """Messages of all conversations in a stretch of time, oldest first."""
    tables = sight.state.site.store.tables
    found = tables.run("around", sight.within, sight.zone, since=since, until=until, limit=limit)
    return message_views(sight, tables.messages(found["id"].to_numpy().astype(np.int64)))


def note_view(note: NoteRow) -> Note:
    """A note as it is shown."""
    return Note(note=note.note, message=ids.show(note.message), text=note.text, who=note.who, at=note.at)


def _bytes_of(sight: Sight, reading: Reading, locator: Locator) -> tuple[bytes, bool, str | None]:
    """The bytes at a locator, whether they are exact, and what is wrong."""
    state = sight.state
    item = state.items[reading.item]
    if not state.at_hand(item):
        return b"", False, f"the source is not at hand: {item.path}"
    root = state.source_root(item)
    piece = state.originals.piece(item, state.source_path(item), root, reading, locator)
    if piece.exact and (locator.length or 0) > len(piece.data):
        shown = f"only the first {len(piece.data)} of {locator.length} bytes are shown"
        return piece.data, False, shown
    return piece.data, piece.exact, None


def _events_beside(
    sight: Sight, conversation: int, offset: int, messages: list[MessageView], after: pa.Table
) -> tuple[pa.Table, bool]:
    """Events from the first message of a page up to ``after`` it, and whether there are more than are shown.

    The ends of a conversation are open; what has no time stands at the last page.
    """
    if (offset and not messages) or conversation not in sight.state.keep("conversations of events", sight.eventful):
        return EVENTS.empty_table(), False
    since = messages[0].time if offset else None
    until = after["time"][0].as_py() if after.num_rows else None
    run = sight.state.site.store.tables.run
    found = [EVENTS.empty_table()]
    if since is not None or not offset:  # events with a time stand before the first message without one
        dated = run("events_between", conversation=conversation, since=since, until=until, limit=_EVENTS + 1)
        found.append(dated.filter(pc.is_valid(dated["time"])))
    if not after.num_rows:
        found.append(run("events_undated", conversation=conversation, limit=_EVENTS + 1))
    found = [rows.select(EVENTS.names).cast(EVENTS) for rows in found]
    return pa.concat_tables([rows.slice(0, _EVENTS) for rows in found]), any(r.num_rows > _EVENTS for r in found)
