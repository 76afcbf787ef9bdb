"""Accounts, conversations, names and participants of one reading, numbered in order of appearance.

What changes a register is kept in order, each once: the entries of the pieces of a reading, taken again in the order of
the pieces, come to the register of the undivided reading.
"""

from collections.abc import Iterable
from typing import Any

import msgspec
import pyarrow as pa

from filon.case.flows.mending import mend
from filon.model import columns
from filon.model.records import AccountRef, ConversationRef, Name

__all__ = ["Entry", "Register"]


class _Met(msgspec.Struct, frozen=True, tag="account"):
    ref: AccountRef
    device: str | None


class _Held(msgspec.Struct, frozen=True, tag="conversation"):
    ref: ConversationRef
    device: str | None


class _Described(msgspec.Struct, frozen=True, tag="described"):
    ref: AccountRef
    device: str | None
    names: tuple[Name, ...]
    owner: bool


class _Gathered(msgspec.Struct, frozen=True, tag="gathered"):
    ref: ConversationRef
    device: str | None
    kind: str | None
    participants: tuple[AccountRef, ...]


Entry = _Met | _Held | _Described | _Gathered
"""One change of a register."""


class Register:
    """Gives numbers from 0, or from those of the registers before it.

    ``home`` is what accounts known by name only are bound to, ``reading`` stands in the rows.
    """

    def __init__(self, reading: int, home: str, accounts: int = 0, conversations: int = 0) -> None:
        self._first_account, self._first_conversation = accounts, conversations
        self._reading = reading
        self._home = home
        self._accounts: dict[object, int] = {}
        self._account_rows: list[dict[str, Any]] = []
        self._names: dict[tuple[int, str, str, str | None, bool], None] = {}
        self._conversations: dict[object, int] = {}
        self._conversation_rows: list[dict[str, Any]] = []
        self.account_keys: dict[str, int] = {}
        self.conversation_keys: dict[str, int] = {}
        """Numbers by identity, in the order of the numbers."""
        self.participants: dict[tuple[int, int], None] = {}
        """(conversation, account)."""
        self.entries: dict[Entry, None] = {}

    def account(self, ref: AccountRef | None, device: str | None) -> int | None:
        """The number of an account, noting the names it is met under. One without an id stays inside its device."""
        if ref is None:
            return None
        known: object = ref if ref.id is not None else (ref, device)
        number = self._accounts.get(known)
        if number is not None:
            return number
        self.entries[_Met(ref, device)] = None
        if ref.id is not None:
            key = f"{ref.platform}\x1f{ref.id}"
        else:
            key = f"{ref.platform}\x1f\x1f{ref.name or ''}\x1f{device or ''}\x1f{self._home}"
        place = len(self._account_rows)
        number = self.account_keys.setdefault(key, self._first_account + place)
        if number == self._first_account + place:
            row = {"account": number, "key": key, "platform": ref.platform, "native_id": ref.id, "name": ref.name}
            self._account_rows.append(
                row | {"device": None if ref.id is not None else device, "reading": self._reading}
            )
            if ref.id is not None:
                self._names[number, ref.id, "handle", device, False] = None
        elif (row := self._account_rows[number - self._first_account])["name"] is None:
            row["name"] = ref.name
        if ref.name is not None:
            self._names[number, ref.name, "display", device, False] = None
        self._accounts[known] = number
        return number

    def conversation(self, ref: ConversationRef | None, device: str | None) -> int | None:
        """The number of a conversation. One that is not shared stays inside its device."""
        if ref is None:
            return None
        known: object = ref if ref.shared else (ref, device)
        number = self._conversations.get(known)
        if number is not None:
            return number
        self.entries[_Held(ref, device)] = None
        home = "" if ref.shared else f"\x1f{device or ''}\x1f{self._home}"
        key = f"{ref.platform}\x1f{ref.id}{home}" if ref.id is not None else f"{ref.platform}\x1f\x1f{ref.title}{home}"
        place = len(self._conversation_rows)
        number = self.conversation_keys.setdefault(key, self._first_conversation + place)
        if number == self._first_conversation + place:
            row = {"conversation": number, "key": key, "platform": ref.platform, "native_id": ref.id}
            self._conversation_rows.append(row | {"title": ref.title, "kind": None, "reading": self._reading})
        elif ref.title is not None:
            # The last title the source gives is the one in force; earlier ones stand in its rename events.
            self._conversation_rows[number - self._first_conversation]["title"] = ref.title
        self._conversations[known] = number
        return number

    def describe_account(self, ref: AccountRef, device: str | None, names: tuple[Name, ...], owner: bool) -> None:
        """What the source says about an account."""
        number = self.account(ref, device)
        entry = _Described(ref, device, names, owner)
        if number is None or entry in self.entries:
            return
        self.entries[entry] = None
        for name in names:
            self._names[number, name.text, name.kind, device, False] = None
        if owner:
            self._names[number, ref.id or ref.name or "", "owner", device or self._home, True] = None

    def describe_conversation(
        self, ref: ConversationRef, device: str | None, kind: str | None, people: tuple[AccountRef, ...]
    ) -> None:
        """What the source says about a conversation; said again, it changes nothing."""
        number = self.conversation(ref, device)
        entry = _Gathered(ref, device, kind, people)
        if number is None or entry in self.entries:
            return
        self.entries[entry] = None
        row = self._conversation_rows[number - self._first_conversation]
        row["kind"] = kind or row["kind"]
        for one in people:
            self.take_part(number, self.account(one, device))

    def take_part(self, conversation: int | None, account: int | None) -> None:
        """This account was in this conversation."""
        if conversation is not None and account is not None:
            self.participants[conversation, account] = None

    def take(self, entries: Iterable[Entry]) -> None:
        """Change as another register did."""
        for entry in entries:
            match entry:
                case _Met():
                    self.account(entry.ref, entry.device)
                case _Held():
                    self.conversation(entry.ref, entry.device)
                case _Described():
                    self.describe_account(entry.ref, entry.device, entry.names, entry.owner)
                case _Gathered():
                    self.describe_conversation(entry.ref, entry.device, entry.kind, entry.participants)

    def batches(self) -> dict[str, pa.RecordBatch]:
        """The tables of the register by name. Participants are in the order of their numbers."""
        names = [
            {"account": a, "text": text, "kind": kind, "device": device, "owner": owner, "reading": self._reading}
            for a, text, kind, device, owner in map(mend, self._names)
        ]
        people = [{"conversation": c, "account": a, "reading": self._reading} for c, a in sorted(self.participants)]
        rows: dict[str, list[dict[str, Any]]] = {
            "accounts": [mend(row) for row in self._account_rows],
            "names": names,
            "conversations": [mend(row) for row in self._conversation_rows],
            "participants": people,
        }
        return {kind: pa.RecordBatch.from_pylist(found, columns.TABLES[kind]) for kind, found in rows.items()}
