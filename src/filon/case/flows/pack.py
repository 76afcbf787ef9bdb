"""Records into Arrow: what the parsing process leaves behind for the store.

Each reading becomes one folder of Arrow streams. Accounts and conversations get numbers of their own inside the
reading, in order of appearance; the intake maps them to the case's numbers afterwards, so readings can be parsed side
by side and the numbers stay the same whatever finishes first.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec
import pyarrow as pa

from filon.model import columns, ids
from filon.model.batches import defect_batch, event_batch, message_batch
from filon.model.items import Tally
from filon.model.records import (
    Account,
    AccountRef,
    Conversation,
    ConversationRef,
    Defect,
    Event,
    Locator,
    Message,
    Record,
    Skipped,
    Total,
    Unread,
)

__all__ = ["BATCH", "Packer", "open_stream"]

BATCH = 65_536
_ASSUMPTIONS_LISTED = 1_000
_T = TypeVar("_T")


class Packer:
    """Takes the records of one reading in order and writes its streams under ``folder``.

    ``home`` names what accounts known by name only are bound to: the SHA-256 of the item they come from.
    """

    def __init__(self, folder: Path, reading: int, home: str) -> None:
        self._folder = folder
        self._first = ids.pack(reading, 1)
        self._reading = reading
        self._home = home[:16]
        self._numbered = 0
        self._messages: dict[int, Message] = {}
        self._events: dict[int, Event] = {}
        self._defects: dict[int, Defect] = {}
        self._sinks: dict[str, pa.ipc.RecordBatchStreamWriter] = {}
        self._files: list[pa.NativeFile] = []
        self._accounts: dict[AccountRef, int] = {}
        self._account_keys: dict[str, int] = {}
        self._account_rows: list[dict[str, Any]] = []
        self._names: dict[tuple[int, str, str, str | None, bool], None] = {}
        self._conversations: dict[ConversationRef, int] = {}
        self._conversation_keys: dict[str, int] = {}
        self._conversation_rows: list[dict[str, Any]] = []
        self._participants: dict[tuple[int, int], None] = {}
        self._skipped: Counter[str] = Counter()
        self._unread: Counter[str] = Counter()
        self._units: int | None = None
        self._gave = 0
        self._counts: Counter[str] = Counter()
        self._assumptions: dict[str, None] = {}

    def add(self, record: Record) -> None:
        """Take one record."""
        match record:
            case Message():
                self._messages[self._number(record.locator)] = record
                if len(self._messages) >= BATCH:
                    self._flush_messages()
            case Event():
                self._events[self._number(record.locator)] = record
                if len(self._events) >= BATCH:
                    self._flush_events()
            case Defect():
                self._defects[self._number(record.locator)] = record
            case Account():
                self._describe_account(record)
            case Conversation():
                self._describe_conversation(record)
            case Skipped():
                self._skipped[record.reason] += record.units
            case Unread():
                self._unread[record.what] += record.count
            case Total():
                self._units = record.units

    def credit(self, units: int) -> None:
        """Units that gave records in readings of their own: the members of an archive."""
        self._gave += units

    def finish(self, unit: str) -> Tally:
        """Write what is left and give the account of the reading. An account that does not sum up is a defect."""
        if self._units is not None and self._units != self._gave + sum(self._skipped.values()):
            detail = f"{self._units} {unit} counted, {self._gave} gave records, {sum(self._skipped.values())} skipped"
            self.add(Defect(locator=Locator("item", units=0), code="account-does-not-sum", detail=detail))
        self._flush_messages()
        self._flush_events()
        defects = dict(sorted((number, _mend(defect)) for number, defect in self._defects.items()))
        self._write("defects", defect_batch(list(defects), list(defects.values())))
        self._counts["defects"] = len(self._defects)
        self._account_rows = [_mend(row) for row in self._account_rows]
        self._conversation_rows = [_mend(row) for row in self._conversation_rows]
        self._write("accounts", pa.RecordBatch.from_pylist(self._account_rows, columns.ACCOUNTS))
        self._write("names", self._name_batch())
        self._write("conversations", pa.RecordBatch.from_pylist(self._conversation_rows, columns.CONVERSATIONS))
        self._write("participants", self._participant_batch())
        for sink in self._sinks.values():
            sink.close()
        for file in self._files:
            file.close()
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
            accounts=len(self._account_rows),
            conversations=len(self._conversation_rows),
        )

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Codes of everything the reader assumed, in order of appearance."""
        return tuple(self._assumptions)

    def _number(self, locator: Locator) -> int:
        self._gave += locator.units
        number = self._first + self._numbered
        self._numbered += 1
        return number

    def _assume(self, codes: Iterable[str]) -> None:
        for code in codes:
            if code not in self._assumptions and len(self._assumptions) < _ASSUMPTIONS_LISTED:
                self._assumptions[code] = None

    def _account(self, ref: AccountRef | None, device: str | None) -> int | None:
        """The reading's own number of an account, noting the names it is met under."""
        if ref is None:
            return None
        number = self._accounts.get(ref)
        if number is not None:
            return number
        if ref.id is not None:
            key = f"{ref.platform}\x1f{ref.id}"
        else:
            key = f"{ref.platform}\x1f\x1f{ref.name or ''}\x1f{device or ''}\x1f{self._home}"
        number = self._account_keys.setdefault(key, len(self._account_rows))
        if number == len(self._account_rows):
            row = {"account": number, "key": key, "platform": ref.platform, "native_id": ref.id, "name": ref.name}
            self._account_rows.append(
                row | {"device": None if ref.id is not None else device, "reading": self._reading}
            )
            if ref.id is not None:
                self._names[number, ref.id, "handle", device, False] = None
        elif self._account_rows[number]["name"] is None:
            self._account_rows[number]["name"] = ref.name
        if ref.name is not None:
            self._names[number, ref.name, "display", device, False] = None
        self._accounts[ref] = number
        return number

    def _conversation(self, ref: ConversationRef | None, device: str | None) -> int | None:
        if ref is None:
            return None
        number = self._conversations.get(ref)
        if number is not None:
            return number
        home = "" if ref.shared else f"\x1f{device or ''}\x1f{self._home}"
        key = f"{ref.platform}\x1f{ref.id}{home}" if ref.id is not None else f"{ref.platform}\x1f\x1f{ref.title}{home}"
        number = self._conversation_keys.setdefault(key, len(self._conversation_rows))
        if number == len(self._conversation_rows):
            row = {"conversation": number, "key": key, "platform": ref.platform, "native_id": ref.id}
            self._conversation_rows.append(row | {"title": ref.title, "kind": None, "reading": self._reading})
        elif ref.title is not None:
            # The last title the source gives is the one in force; earlier ones stand in its rename events.
            self._conversation_rows[number]["title"] = ref.title
        self._conversations[ref] = number
        return number

    def _describe_account(self, record: Account) -> None:
        number = self._account(record.ref, record.device)
        if number is None:
            return
        for name in record.names:
            self._names[number, name.text, name.kind, record.device, False] = None
        if record.owner:
            label = record.ref.id or record.ref.name or ""
            self._names[number, label, "owner", record.device or self._home, True] = None

    def _describe_conversation(self, record: Conversation) -> None:
        number = self._conversation(record.ref, record.device)
        if number is None:
            return
        self._conversation_rows[number]["kind"] = record.kind or self._conversation_rows[number]["kind"]
        for ref in record.participants:
            self._take_part(number, self._account(ref, record.device))

    def _take_part(self, conversation: int | None, account: int | None) -> None:
        if conversation is not None and account is not None:
            self._participants[conversation, account] = None

    def _flush_messages(self) -> None:
        rows, self._messages = self._messages, {}
        self._write("messages", None)
        if not rows:
            return
        try:
            batch = self._pack_messages(rows)
        except (ValueError, OverflowError, pa.ArrowException):
            rows = self._keep_storable(rows, self._pack_messages)
            batch = self._pack_messages(rows)
        self._counts["messages"] += len(rows)
        self._counts["attachments"] += sum(len(m.attachments) for m in rows.values())
        self._write("messages", batch)

    def _pack_messages(self, rows: dict[int, Message]) -> pa.RecordBatch:
        conversations, senders, recipients = [], [], []
        for m in rows.values():
            conversation = self._conversation(m.conversation, m.device)
            sender = self._account(m.account_from, m.device)
            to = [number for ref in m.accounts_to if (number := self._account(ref, m.device)) is not None]
            self._take_part(conversation, sender)
            for account in to:
                self._take_part(conversation, account)
            if m.assumptions:
                self._assume(m.assumptions)
            conversations.append(conversation)
            senders.append(sender)
            recipients.append(to)
        return message_batch(list(rows), list(rows.values()), conversations, senders, recipients)

    def _flush_events(self) -> None:
        rows, self._events = self._events, {}
        self._write("events", None)
        if not rows:
            return
        try:
            batch = self._pack_events(rows)
        except (ValueError, OverflowError, pa.ArrowException):
            rows = self._keep_storable(rows, self._pack_events)
            batch = self._pack_events(rows)
        self._counts["events"] += len(rows)
        self._write("events", batch)

    def _pack_events(self, rows: dict[int, Event]) -> pa.RecordBatch:
        conversations, actors, accounts = [], [], []
        for e in rows.values():
            conversation = self._conversation(e.conversation, e.device)
            actor = self._account(e.actor, e.device)
            concerned = [number for ref in e.accounts if (number := self._account(ref, e.device)) is not None]
            if e.kind in _MEMBERSHIP:
                for account in (actor, *concerned):
                    self._take_part(conversation, account)
            self._assume(e.assumptions)
            conversations.append(conversation)
            actors.append(actor)
            accounts.append(concerned)
        return event_batch(list(rows), list(rows.values()), conversations, actors, accounts)

    def _keep_storable(self, rows: dict[int, _T], pack: Callable[[dict[int, _T]], object]) -> dict[int, _T]:
        """Find the rows Arrow cannot hold: mend lone surrogates, and make a defect of what is left, number kept."""
        kept: dict[int, _T] = {}
        for number, row in rows.items():
            mended = _mend(row)
            try:
                pack({number: mended})
            except (ValueError, OverflowError, pa.ArrowException) as error:
                locator = _mend(getattr(row, "locator", Locator("item", units=0)))
                self._defects[number] = Defect(locator=locator, code="value-cannot-be-stored", detail=str(error)[:500])
            else:
                kept[number] = mended
        return kept

    def _name_batch(self) -> pa.RecordBatch:
        rows = [
            {"account": a, "text": text, "kind": kind, "device": device, "owner": owner, "reading": self._reading}
            for a, text, kind, device, owner in map(_mend, self._names)
        ]
        return pa.RecordBatch.from_pylist(rows, columns.NAMES)

    def _participant_batch(self) -> pa.RecordBatch:
        rows = [{"conversation": c, "account": a, "reading": self._reading} for c, a in self._participants]
        return pa.RecordBatch.from_pylist(rows, columns.PARTICIPANTS)

    def _write(self, kind: str, batch: pa.RecordBatch | None) -> None:
        if kind not in self._sinks:
            schema = columns.MESSAGES if kind == "messages" else columns.TABLES[kind]
            file = pa.OSFile(str(self._folder / f"{kind}.arrows"), "wb")
            self._files.append(file)
            self._sinks[kind] = pa.ipc.new_stream(file, schema, options=pa.ipc.IpcWriteOptions(compression="lz4"))
        if batch is not None:
            self._sinks[kind].write_batch(batch)


_MEMBERSHIP = frozenset({"join", "leave", "add", "remove", "create"})


def open_stream(folder: Path, kind: str) -> pa.ipc.RecordBatchStreamReader:
    """One table of a packed reading, batch by batch."""
    return pa.ipc.open_stream(pa.memory_map(str(folder / f"{kind}.arrows")))


def _mend(value: _T) -> _T:
    """The same value with lone surrogates, which no store can hold, written out as ``\\ud83d``."""
    mended: Any = value
    if isinstance(value, str):
        mended = value.encode("utf-8", "backslashreplace").decode("utf-8")
    elif isinstance(value, tuple):
        mended = tuple(_mend(part) for part in value)
    elif isinstance(value, dict):
        mended = {key: _mend(part) for key, part in value.items()}
    elif isinstance(value, msgspec.Struct):
        mended = type(value)(**{name: _mend(getattr(value, name)) for name in value.__struct_fields__})
    return cast("_T", mended)
