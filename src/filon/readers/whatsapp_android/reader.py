"""The database as a whole: which tables there are, who is in it, and the account of its rows."""

from collections import Counter
from collections.abc import Iterator

from filon.errors import EvidenceError
from filon.evidence.reading import Format, Given, Question
from filon.evidence.source import Source
from filon.evidence.sqlite import MAGIC, Database, open_database, schema_pages
from filon.model.records import (
    Account,
    AccountRef,
    Conversation,
    Defect,
    Event,
    Locator,
    Message,
    Record,
    Skipped,
    Total,
    Unread,
)
from filon.readers.whatsapp_android.media import Files
from filon.readers.whatsapp_android.newer import SIDE_TABLES, Newer
from filon.readers.whatsapp_android.older import Older
from filon.readers.whatsapp_android.parties import Parties, kind_of, read_names
from filon.readers.whatsapp_android.values import led, text

__all__ = ["READER", "WhatsAppAndroidReader"]

_UNITS = ("message", "message_add_on", "call_log", "messages")
"""The tables whose rows are the units. The others are read for them, or counted as not read."""
_FOR_THEM = (
    *SIDE_TABLES,
    "jid",
    "chat",
    "chat_list",
    "message_add_on_reaction",
    "messages_quotes",
    "group_participant_user",
    "group_participants",
)
_SIGNS = (b"key_remote_jid", b"sender_jid_row_id", b"message_system_chat_participant")


class WhatsAppAndroidReader:
    """Reads ``msgstore.db``. It says everything in UTC, so nothing is asked; the owner may be stated."""

    format = Format(
        name="whatsapp-android",
        title="WhatsApp message database of Android",
        version=1,
        unit="rows of message, message_add_on, call_log and messages",
        seen=("chat-history-manager's database, 2023-10 (newer tables)",),
        made=("older tables (messages, chat_list)", "reactions", "group participants"),
        extensions=(".db",),
    )

    def sniff(self, source: Source) -> float:
        """A database that names WhatsApp's tables near its beginning, or a backup called as WhatsApp calls it."""
        name = source.name.rpartition("/")[2].lower()
        named = name.startswith("msgstore")
        if named and ".crypt" in name:
            return 0.9
        if not source.head(16).startswith(MAGIC):
            return 0.0
        schema = schema_pages(source)
        signs = any(sign in schema for sign in _SIGNS)
        return 0.95 if signs and named else 0.9 if signs else 0.5 if named else 0.0

    def ask(self, source: Source, given: Given) -> tuple[Question, ...]:
        """Nothing."""
        return ()

    def read(self, source: Source, given: Given) -> Iterator[Record]:
        """Accounts, conversations, then every row in the order of its table."""
        if not source.head(16).startswith(MAGIC):
            code = "encrypted" if ".crypt" in source.name.lower() else "not-a-database"
            yield Defect(locator=Locator("file", units=0), code=code, detail="its first bytes are not those of SQLite")
            yield Total(0)
            return
        reading = _Reading(source, given)
        try:
            with open_database(source) as database:
                yield from reading.records(database)
        except EvidenceError as error:
            yield Defect(locator=Locator("file", units=0), code="database-damaged", detail=str(error))
        yield Total(reading.units)


class _Reading:
    """What is known while one database is read."""

    def __init__(self, source: Source, given: Given) -> None:
        self._source = source
        self._parties = Parties(given.owner)
        self._files = Files(frozenset(source.beside()))
        self.units = 0

    def records(self, database: Database) -> Iterator[Record]:
        """Everything but the total."""
        newer = Newer(database, self._parties, self._files)
        if database.tables.get("message") and database.tables.get("messages"):
            newer.keys = set()
        yield from self._names()
        yield from newer.prepare()
        older = Older(database, self._parties, self._files, newer.keys if newer.keys is not None else set())
        yield from older.prepare()
        yield from self._owner(database)
        yield from self._conversations(database, [*newer.chats.values(), *older.chats])
        yield from self._counted(database, ("message", "message_add_on"), newer.messages())
        yield from self._counted(database, ("call_log",), newer.calls())
        yield from self._counted(database, ("messages",), older.messages())
        yield from self._unread(database, newer, older)

    def _counted(self, database: Database, tables: tuple[str, ...], found: Iterator[Record]) -> Iterator[Record]:
        """Passes records on and accounts for the rows of their tables, however far they can be read."""
        gave = 0
        error: EvidenceError | None = None
        try:
            for record in found:
                if isinstance(record, Message | Event | Defect):
                    gave += record.locator.units
                elif isinstance(record, Skipped):
                    gave += record.units
                yield record
        except EvidenceError as problem:
            error = problem
        try:
            units = sum(database.count(table) for table in tables if database.tables.get(table))
        except EvidenceError as problem:
            error, units = error or problem, gave
        self.units += units
        if error is not None or gave < units:
            detail = str(error) if error else f"{units - gave} rows were counted and not found"
            yield Defect(locator=Locator(tables[0], units=max(0, units - gave)), code="table-damaged", detail=detail)

    def _names(self) -> Iterator[Record]:
        """The address book, if it lies beside."""
        book = self._source.sibling("wa.db")
        if book is None or not book.head(16).startswith(MAGIC):
            return
        try:
            with open_database(book) as database:
                for record in read_names(database, self._parties.device):
                    if isinstance(record, Account) and record.ref.id and record.ref.name:
                        self._parties.names[record.ref.id] = record.ref.name
                    yield record
        except EvidenceError as error:
            yield Defect(locator=Locator("wa.db", units=0), code="database-damaged", detail=str(error))

    def _owner(self, database: Database) -> Iterator[Record]:
        """Whose telephone this is, as far as stated or shown."""
        owner = self._parties.owner
        if owner is not None:
            yield Account(owner, Locator("database", units=0), device=self._parties.device, owner=True)

    def _conversations(self, database: Database, jids: list[str]) -> Iterator[Record]:
        members: dict[str, list[AccountRef]] = {}
        try:
            for row in database.rows("group_participant_user"):
                group = led(row, "group_jid_row_id", self._parties.jids)
                member = self._parties.numbered(row, "user_jid_row_id")
                if group and member:
                    members.setdefault(group, []).append(member)
            for row in database.rows("group_participants"):
                group, jid = text(row, "gjid"), text(row, "jid")
                if group and jid:
                    members.setdefault(group, []).append(self._parties.account(jid))
        except EvidenceError as error:
            yield Defect(locator=Locator("group_participant_user", units=0), code="table-damaged", detail=str(error))
        for jid in dict.fromkeys(jids):
            ref = self._parties.conversation(jid)
            participants = tuple(dict.fromkeys(members.get(jid, ())))
            yield Conversation(
                ref, Locator(f"chat of {jid}", units=0), kind_of(jid), participants, self._parties.device
            )

    def _unread(self, database: Database, newer: Newer, older: Older) -> Iterator[Record]:
        """Tables that were not read with the number of their rows, and what was in read ones without a meaning."""
        for table, number in newer.orphans.items():
            if number and table not in _UNITS:
                yield Unread(f"table {table}: rows without a message", number)
        for what, number in database.refused.items():
            yield Unread(what, number)
        types: Counter[int] = newer.types + older.types
        for type_, number in sorted(types.items()):
            yield Unread(f"message type {type_}", number)
        for table in sorted(set(database.tables) - set(_UNITS) - set(_FOR_THEM)):
            try:
                rows = database.count(table)
            except EvidenceError as error:
                yield Defect(locator=Locator(table, units=0), code="table-damaged", detail=str(error))
                continue
            if rows:
                yield Unread(f"table {table}", rows)
        for kind, number in sorted(Counter(database.others.values()).items()):
            yield Unread(kind, number)
        if database.free_pages:
            yield Unread("free page, not examined", database.free_pages)


READER = WhatsAppAndroidReader()
