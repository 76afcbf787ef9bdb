"""Records into Arrow: what the parsing process leaves behind for the store.

Each reading becomes one folder of Arrow streams. Accounts and conversations get numbers of their own inside the
reading, in order of appearance; the intake maps them to the case's numbers afterwards, so readings can be parsed side
by side and the numbers stay the same whatever finishes first.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa

from filon.case.flows.mending import mend
from filon.case.flows.register import Register
from filon.case.flows.streams import BATCH, Streams, open_stream
from filon.model import ids
from filon.model.batches import defect_batch, event_batch, message_batch
from filon.model.bulk import Bulk, Columns, Parties, Party, Reserved, column_batch
from filon.model.items import Tally
from filon.model.records import (
    Account,
    Conversation,
    Defect,
    Event,
    Locator,
    Message,
    Skipped,
    Total,
    Unread,
)

__all__ = ["BATCH", "Packer", "Streams", "open_stream"]

_ASSUMPTIONS_LISTED = 1_000
_Numbers = tuple[int, ...]
_Packed = tuple[Message, int | None, int | None, _Numbers]
"""A message with the numbers of its conversation, sender and recipients."""
_Happened = tuple[Event, int | None, int | None, _Numbers]
"""An event with the numbers of its conversation, actor and accounts."""
_T = TypeVar("_T", _Packed, _Happened)


class Packer:
    """Takes the records of one reading in order and writes its streams to a folder of its own, or after others' rows.

    ``home`` names what accounts known by name only are bound to: the SHA-256 of the item they come from.
    """

    def __init__(self, to: Path | Streams, reading: int, home: str) -> None:
        self._alone = isinstance(to, Path)
        self._streams = Streams(to) if isinstance(to, Path) else to
        self._first = ids.pack(reading, 1)
        self._numbered = 0
        self._messages: dict[int, _Packed] = {}
        self._events: dict[int, _Happened] = {}
        self._defects: dict[int, Defect] = {}
        before = self._streams.rows
        self.register = Register(reading, home[:16], before["accounts"], before["conversations"])
        self._parties = Parties()
        self._reserved: list[tuple[int, int]] = []
        self._skipped: Counter[str] = Counter()
        self._unread: Counter[str] = Counter()
        self._units: int | None = None
        self._gave = 0
        self._counts: Counter[str] = Counter()
        self._assumptions: dict[str, None] = {}

    def add(self, record: Bulk) -> None:
        """Take one record, or many messages as columns."""
        match record:
            case Message():
                self._add_message(record)
            case Event():
                self._add_event(record)
            case Defect():
                self._defects[self._number(record.locator)] = record
            case Account():
                self.register.describe_account(record.ref, record.device, record.names, record.owner)
            case Conversation():
                self.register.describe_conversation(record.ref, record.device, record.kind, record.participants)
            case Skipped():
                self._skipped[record.reason] += record.units
            case Unread():
                self._unread[record.what] += record.count
            case Total():
                self._units = record.units
            case Party():
                self._parties.add(record, *self._numbers_of(record))
            case Reserved():
                self._reserved.append((self._first + self._numbered, record.messages))
                self._numbered += record.messages
            case Columns():
                self._add_columns(record)

    def credit(self, units: int) -> None:
        """Units that gave records in readings of their own: the members of an archive."""
        self._gave += units

    def absorb(
        self, piece: Tally, numbered: int, assumptions: Iterable[str], defects: Iterable[tuple[int, Defect]]
    ) -> None:
        """Take over what a piece of this reading came to, whose ``numbered`` records follow those already here."""
        before = self._numbered
        for number, defect in defects:
            self._defects[number + before] = defect
        self._numbered += numbered
        self._gave += piece.gave
        self._skipped.update(piece.skipped)
        self._unread.update(piece.unread)
        self._assume(assumptions)
        for kind in ("messages", "events", "attachments"):
            self._counts[kind] += getattr(piece, kind)

    def finish(self, unit: str) -> Tally:
        """Write what is left and give the account of the reading. An account that does not sum up is a defect."""
        if self._units is not None and self._units != self._gave + sum(self._skipped.values()):
            detail = f"{self._units} {unit} counted, {self._gave} gave records, {sum(self._skipped.values())} skipped"
            self.add(Defect(locator=Locator("item", units=0), code="account-does-not-sum", detail=detail))
        self._flush_messages()
        self._flush_events()
        defects = dict(sorted((number, mend(defect)) for number, defect in self._defects.items()))
        self._streams.write("defects", defect_batch(list(defects), list(defects.values())))
        self._counts["defects"] = len(self._defects)
        tables = self.register.batches()
        for kind, batch in tables.items():
            self._streams.write(kind, batch)
        if self._alone:
            self._streams.close()
        return Tally(
            unit=unit,
            units=self._units,
            gave=self._gave,
            skipped=dict(sorted(self._skipped.items())),
            unread=dict(sorted(self._unread.items())),
            messages=self._counts["messages"],
            events=self._counts["events"],
            attachments=self._counts["attachments"],
            defects=self._counts["defects"],
            accounts=tables["accounts"].num_rows,
            conversations=tables["conversations"].num_rows,
        )

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Codes of everything the reader assumed, in order of appearance."""
        return tuple(self._assumptions)

    @property
    def numbered(self) -> int:
        """How many records have a number."""
        return self._numbered

    def _number(self, locator: Locator) -> int:
        self._gave += locator.units
        number = self._first + self._numbered
        self._numbered += 1
        return number

    def _assume(self, codes: Iterable[str]) -> None:
        for code in codes:
            if code not in self._assumptions and len(self._assumptions) < _ASSUMPTIONS_LISTED:
                self._assumptions[code] = None

    def _numbers_of(self, m: Message | Party) -> tuple[int | None, int | None, _Numbers]:
        register = self.register
        conversation = register.conversation(m.conversation, m.device)
        sender = register.account(m.account_from, m.device)
        to = tuple(number for ref in m.accounts_to if (number := register.account(ref, m.device)) is not None)
        register.take_part(conversation, sender)
        for account in to:
            register.take_part(conversation, account)
        return conversation, sender, to

    def _add_message(self, message: Message) -> None:
        self._messages[self._number(message.locator)] = (message, *self._numbers_of(message))
        if message.assumptions:
            self._assume(message.assumptions)
        if len(self._messages) >= BATCH:
            self._flush_messages()

    def _add_event(self, event: Event) -> None:
        register = self.register
        conversation = register.conversation(event.conversation, event.device)
        actor = register.account(event.actor, event.device)
        concerned = tuple(n for ref in event.accounts if (n := register.account(ref, event.device)) is not None)
        if event.kind in _MEMBERSHIP:
            for account in (actor, *concerned):
                register.take_part(conversation, account)
        self._assume(event.assumptions)
        self._events[self._number(event.locator)] = (event, conversation, actor, concerned)
        if len(self._events) >= BATCH:
            self._flush_events()

    def _add_columns(self, rows: Columns) -> None:
        """Messages as columns take the numbers that were reserved for them, in their order."""
        runs = [np.arange(first, first + count, dtype=np.int64) for first, count in self._reserved]
        self._reserved = []
        numbers = np.concatenate([np.empty(0, np.int64), *runs])
        self._assume(rows.assumptions)
        self._gave += len(numbers)
        self._counts["messages"] += len(numbers)
        self._counts["attachments"] += len(rows.attachments.values) if rows.attachments is not None else 0
        self._streams.write("messages", column_batch(numbers, self._parties, rows))

    def _flush_messages(self) -> None:
        rows, self._messages = self._messages, {}
        self._streams.write("messages", None)
        if not rows:
            return
        try:
            batch = _pack_messages(rows)
        except (ValueError, OverflowError, pa.ArrowException):
            rows = self._keep_storable(rows, _pack_messages)
            batch = _pack_messages(rows)
        self._counts["messages"] += len(rows)
        self._counts["attachments"] += sum(len(row[0].attachments) for row in rows.values())
        self._streams.write("messages", batch)

    def _flush_events(self) -> None:
        rows, self._events = self._events, {}
        self._streams.write("events", None)
        if not rows:
            return
        try:
            batch = _pack_events(rows)
        except (ValueError, OverflowError, pa.ArrowException):
            rows = self._keep_storable(rows, _pack_events)
            batch = _pack_events(rows)
        self._counts["events"] += len(rows)
        self._streams.write("events", batch)

    def _keep_storable(self, rows: dict[int, _T], pack: Callable[[dict[int, _T]], object]) -> dict[int, _T]:
        """Find the rows Arrow cannot hold: mend lone surrogates, and make a defect of what is left, number kept."""
        kept: dict[int, _T] = {}
        for number, row in rows.items():
            mended = mend(row)
            try:
                pack({number: mended})
            except (ValueError, OverflowError, pa.ArrowException) as error:
                self._defects[number] = Defect(
                    locator=mended[0].locator, code="value-cannot-be-stored", detail=str(error)[:500]
                )
            else:
                kept[number] = mended
        return kept


_MEMBERSHIP = frozenset({"join", "leave", "add", "remove", "create"})


def _pack_messages(rows: dict[int, _Packed]) -> pa.RecordBatch:
    messages, conversations, senders, recipients = zip(*rows.values(), strict=True) if rows else ((), (), (), ())
    return message_batch(list(rows), messages, conversations, senders, recipients)


def _pack_events(rows: dict[int, _Happened]) -> pa.RecordBatch:
    events, conversations, actors, accounts = zip(*rows.values(), strict=True) if rows else ((), (), (), ())
    return event_batch(list(rows), events, conversations, actors, accounts)
