"""Reading: conversations page by page, one message with everything known about it, its record in the item."""

import numpy as np
import pyarrow as pa

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
from filon.case.state import State
from filon.case.views import event_views, message_views, stamps_of
from filon.desk import NoteRow
from filon.errors import FilonError, NotHeld, StoreError
from filon.evidence.items import reopen
from filon.model import ids
from filon.model.items import Reading
from filon.query.tree import And, Field, Node, Rows
from filon.store import Thread

__all__ = ["around", "head", "message", "note_view", "page", "place_of", "raw", "thread"]

_EVENTS = 2_000
_RAW_MOST = 16 << 20


def thread(state: State, within: Node | None, conversation: int, zone: str) -> Thread:
    """One conversation as the view may see it."""
    return state.site.store.tables.thread(conversation, within, zone)


def head(state: State, within: Node | None, conversation: int, who: str, zone: str) -> ConversationHead:
    """What stands above a conversation."""
    row = listing.conversation(state, within, conversation)
    days = thread(state, within, conversation, zone).days(zone).to_pylist()
    dated = [(day["day"].isoformat(), day["place"], day["count"]) for day in days if day["day"] is not None]
    read_to = state.desk.read_to(who, conversation)
    devices = state.site.store.index.facets(_in(conversation, within), ("device",), 50, zone)["device"]
    return ConversationHead(
        conversation=row,
        days=tuple(dated),
        undated=row.messages - sum(count for _, _, count in dated),
        devices=tuple(b.value for b in devices.buckets),
        read_to=ids.show(read_to) if read_to is not None else None,
    )


def page(state: State, within: Node | None, conversation: int, offset: int, limit: int, zone: str) -> ConversationPage:
    """Messages at places ``offset`` to ``offset + limit``, and the events between them by time."""
    whole = thread(state, within, conversation, zone)
    rows = whole.page(offset, limit)
    messages = message_views(rows, state.directory, state.site.store.tables, state.desk)
    return ConversationPage(
        offset=offset,
        total=len(whole),
        messages=tuple(messages),
        events=_events_beside(state, whole, conversation, offset, messages),
    )


def message(state: State, within: Node | None, number: int, zone: str) -> MessageDetail:
    """Everything known about one message; StoreError where the view holds none of this number."""
    rows = _visible(state, within, number, zone)
    row = rows.to_pylist()[0]
    view = message_views(rows, state.directory, state.site.store.tables, state.desk)[0]
    reading = state.readings[ids.reading_of(number)]
    item = state.items[reading.item]
    events: tuple[EventView, ...] = ()
    if row["native_id"] is not None:
        run = state.site.store.tables.run
        found = run("events_of_target", conversation=row["conversation"], target=row["native_id"])
        events = event_views(found, state.directory)
    place = place_of(state, within, number, zone)
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
        at_hand=state.at_hand(item),
        assumptions=tuple(row["assumptions"] or ()),
        events=events,
        place_in_conversation=place[1] if place else None,
        tags=tuple(state.desk.tags_of([number]).get(number, ())),
        notes=tuple(note_view(note) for note in state.desk.notes([number])),
    )


def place_of(state: State, within: Node | None, number: int, zone: str) -> tuple[int, int] | None:
    """The conversation a message stands in and its place there, or None where it stands in none."""
    conversation = _visible(state, within, number, zone)["conversation"][0].as_py()
    if conversation is None:
        return None
    place = thread(state, within, conversation, zone).place_of(number)
    return None if place is None else (conversation, place)


def raw(state: State, within: Node | None, number: int, zone: str) -> Raw:
    """The record as it stands in its item, with why not where it cannot be had."""
    row = _visible(state, within, number, zone).to_pylist()[0]
    reading = state.readings[ids.reading_of(number)]
    locator = row["locator"]
    try:
        data, exact, problem = _bytes_of(state, reading, locator["offset"], locator["length"])
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
        item=state.items[reading.item],
        member=reading.member,
        problem=problem,
    )


def around(state: State, within: Node | None, since: int, until: int, limit: int) -> list[MessageView]:
    """Messages of all conversations in a stretch of time, oldest first."""
    tables = state.site.store.tables
    numbers = tables.run("around", within, since=since, until=until, limit=limit)["id"].to_numpy()
    return message_views(tables.messages(numbers.astype(np.int64)), state.directory, tables, state.desk)


def note_view(note: NoteRow) -> Note:
    """A note as it is shown."""
    return Note(note=note.note, message=ids.show(note.message), text=note.text, who=note.who, at=note.at)


def _visible(state: State, within: Node | None, number: int, zone: str) -> pa.Table:
    """The row of one message, if the view may see it."""
    if within is not None:
        alone = And((within, Rows(np.array([number], "<i8").tobytes(), "one message")))
        if not state.site.store.index.count(alone, zone):
            raise _no_message(number)
    try:
        return state.site.store.tables.messages(np.array([number], np.int64))
    except StoreError as error:
        raise _no_message(number) from error


def _no_message(number: int) -> StoreError:
    return NotHeld(
        "there is no message {id}",
        hint="numbers come from `filon search`; withdrawn items leave every view",
        id=ids.show(number),
    )


def _bytes_of(state: State, reading: Reading, offset: int | None, length: int | None) -> tuple[bytes, bool, str | None]:
    """The bytes at a locator, whether they are exact, and what is wrong."""
    item = state.items[reading.item]
    if not state.at_hand(item):
        return b"", False, f"the source is not at hand: {item.path}"
    if offset is None:
        return b"", False, None
    limits = state.site.settings.limits
    source = reopen(state.source_path(item), reading.member, limits, state.site.tmp, state.source_root(item))
    problem = None
    if reading.member is None and source.size != reading.size:
        problem = f"the item has changed: {source.size} bytes, {reading.size} when it was read"
    with source.open() as stream:
        stream.seek(offset)
        return stream.read(min(length if length is not None else _RAW_MOST, _RAW_MOST)), problem is None, problem


def _events_beside(
    state: State, whole: Thread, conversation: int, offset: int, messages: list[MessageView]
) -> tuple[EventView, ...]:
    """Events from the first message of a page up to the first one after it; the ends of a conversation are open."""
    first = messages[0].time if messages and offset > 0 else None
    after = whole.page(offset + len(messages), 1)
    last = after["time"][0].as_py() if after.num_rows else None
    run = state.site.store.tables.run
    found = run("events_between", conversation=conversation, since=first, until=last, limit=_EVENTS)
    return event_views(found, state.directory)


def _in(conversation: int, within: Node | None) -> Node:
    here = Field("in", f"#{conversation}")
    return here if within is None else And((within, here))
