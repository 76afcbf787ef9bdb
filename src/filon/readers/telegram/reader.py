"""Walk a Telegram export: the owner, the contacts, one chat after the other."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from filon.evidence import fields
from filon.evidence.elements import Broken, Element, elements
from filon.evidence.reading import Format, Given, Question, question
from filon.evidence.source import Source
from filon.evidence.unread import UnreadKeys
from filon.model.records import (
    AccountRef,
    Conversation,
    ConversationRef,
    Defect,
    Locator,
    Record,
    Total,
)
from filon.model.time import SECOND
from filon.readers.telegram.message import PLATFORM, Chat, Setting, is_epoch, read_message
from filon.readers.telegram.people import contact, native, own_account
from filon.readers.telegram.service import read_reactions, read_service
from filon.readers.telegram.shapes import HEAD

__all__ = ["READER", "Telegram"]

_PLACES = ("", "/chats/list/*", "/left_chats/list/*", "/chats/*")
_HEADS = tuple(f"{place}/{key}" for place in _PLACES for key in ("name", "type", "id"))
_PATHS = (
    *_HEADS,
    *(f"{place}/messages/*" for place in _PLACES),
    "/personal_information",
    "/contacts/list/*",
)
_KINDS = {
    "saved_messages": "self",
    "replies": "self",
    "verification_codes": "self",
    "personal_chat": "direct",
    "bot_chat": "direct",
    "private_group": "group",
    "private_supergroup": "group",
    "public_supergroup": "group",
    "private_channel": "channel",
    "public_channel": "channel",
}
_PREFIXES = {"private_group": "chat", "personal_chat": "user", "bot_chat": "user", "saved_messages": "user"}
_TYPES = re.compile(rb'"type"\s*:\s*"(?:' + "|".join(_KINDS).encode() + rb')"')
_SENDER = re.compile(rb'"(?:from|actor)_id"\s*:\s*"(?:user|channel|chat)?[0-9]')
_INDEX = re.compile(r"/[0-9]+(?=/|$)")
_USER_SHIFT, _GROUP_SHIFT = 1 << 32, 2 << 32
_ASKED = 1000
"""Messages looked at to see whether the export states instants."""


class Telegram:
    """Reader of ``result.json``."""

    format = Format(
        name="telegram",
        title="Telegram Desktop export (JSON)",
        version=1,
        unit="elements of messages arrays and of the contact list",
        seen=("2020-01", "2021-07", "2023-01", "2024-01"),
        made=("2018", "reactions of 2024 and later", "left_chats"),
        extensions=(".json",),
    )

    def sniff(self, source: Source) -> float:
        """Sure where a chat type, or the account's own page, stands in the head."""
        head = source.head().replace(b"\0", b"")
        if head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")[:1] != b"{":
            return 0.0
        if b'"personal_information"' in head and b"Telegram" in head:
            return 0.95
        if b'"messages"' not in head:
            return 0.0
        if _TYPES.search(head):
            return 0.95
        if b'"date_unixtime"' in head:
            return 0.85
        return 0.7 if _SENDER.search(head) and b'"date"' in head else 0.0

    def ask(self, source: Source, given: Given) -> tuple[Question, ...]:
        """The zone, where messages carry only the wall time of the exporting computer."""
        if given.zone is not None:
            return ()
        looked, wall, epochs = 0, 0, Counter[str]()
        with source.open() as stream:
            for found in elements(stream, _PATHS):
                if not isinstance(found, Element) or type(found.value) is not dict or "/messages/" not in found.pointer:
                    continue
                looked += 1
                message = found.value
                stamp = None if "date_unixtime" in message else fields.iso(message.get("date"), None)
                wall += stamp is not None and stamp.local is not None
                if is_epoch(message.get("edited")):
                    epochs[message["edited"]] += 1
                if looked == _ASKED:
                    break
        return (_question(looked, wall, epochs),) if wall else ()

    def read(self, source: Source, given: Given) -> Iterator[Record]:
        """Conversations, messages, events, accounts and defects in the order of the document."""
        return _Reading(source, given).run()


def _question(looked: int, wall: int, epochs: Counter[str]) -> Question:
    if not epochs:
        return question(
            "{wall} of the first {looked} messages have only the wall time of the computer that made the export, "
            "and its zone is not written.",
            name="zone",
            wall=wall,
            looked=looked,
        )
    written, count = epochs.most_common(1)[0]
    return question(
        "{wall} of the first {looked} messages have only the wall time of the computer that made the export, "
        "and its zone is not written. {count} of them say edited {written}, which is instant 0 on that clock: it stood at "
        "{offset} for 1 January 1970. A zone's offset then need not be its offset at the time of the messages, so it is "
        "not applied.",
        name="zone",
        wall=wall,
        looked=looked,
        count=count,
        written=written,
        offset=_offset(written),
    )


def _offset(written: str) -> str:
    stamp = fields.iso(written, None)
    minutes = 0 if stamp is None or stamp.order is None else stamp.order // (60 * SECOND)
    sign = "-" if minutes < 0 else "+"
    return f"UTC{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


class _Reading:
    """One pass over one export."""

    def __init__(self, source: Source, given: Given) -> None:
        self.source = source
        self.given = given
        self.unread = UnreadKeys()
        self.setting = self._settled(None)
        self.units = 0
        self.head: dict[str, Any] = {}
        self.prefix: str | None = None
        self.chat: Chat | None = None
        self.messages = ""
        self.late: dict[str, dict[str, Any]] | None = None

    def run(self) -> Iterator[Record]:
        with self.source.open() as stream:
            for found in elements(stream, _PATHS):
                if isinstance(found, Element):
                    if found.rules:
                        yield from fields.losses(found)
                    chat = self._chat_of(found)
                    if chat is None:
                        yield from self._beside(found)
                    else:
                        self.units += 1
                        yield self._record(found, chat)
                        if type(found.value) is dict and "reactions" in found.value:
                            yield from read_reactions(found, chat, self.setting)
                elif isinstance(found, Broken):
                    self.units += 1
                    yield fields.broken(found)
                else:
                    self.unread.add([_INDEX.sub("/*", found.pointer)])
        yield from self._leave()
        yield from self.unread.records()
        yield Total(self.units)

    def _chat_of(self, found: Element) -> Chat | None:
        """The chat at hand where the element is one of its messages and no other chat has to be entered for it."""
        return self.chat if self.chat is not None and found.pointer.startswith(self.messages) else None

    def _record(self, found: Element, chat: Chat) -> Record:
        if type(found.value) is not dict:
            locator = Locator(found.pointer, found.offset, found.length)
            raw = found.raw[:200].decode("utf-8", errors="replace")
            return Defect(locator=locator, code="not-a-message", detail=type(found.value).__name__, raw=raw)
        if found.value.get("type") == "service" or "action" in found.value:
            return read_service(found, chat, self.setting)
        return read_message(found, chat, self.setting)

    def _beside(self, found: Element) -> Iterator[Record]:
        """Everything but the messages of a chat already entered."""
        place, _, key = found.pointer.rpartition("/")
        if key == "personal_information":
            self.setting = self._settled(native(found))
            yield from own_account(found, self.setting)
        elif place.endswith("/messages"):
            yield from self._first(found, place[: -len("/messages")])
        elif place.endswith("/contacts/list"):
            self.units += 1
            yield from contact(found, self.setting)
        else:
            yield from self._enter(place)
            self.head[key] = found.value
            self.unread.check({key: found.value}, HEAD)

    def _first(self, found: Element, prefix: str) -> Iterator[Record]:
        """The first message of a chat."""
        yield from self._enter(prefix)
        message = fields.mapped(found.value)
        self.chat = self._described(type(message.get("from_id", message.get("actor_id"))) is int)
        self.messages = prefix + "/messages/"
        self.units += 1
        yield self._record(found, self.chat)
        if message.get("reactions"):
            yield from read_reactions(found, self.chat, self.setting)

    def _enter(self, prefix: str) -> Iterator[Record]:
        if prefix != self.prefix:
            yield from self._leave()
            self.prefix, self.head, self.chat = prefix, {}, None

    def _leave(self) -> Iterator[Record]:
        """Say what is known of the chat that ends here; its head may have come after its messages."""
        if self.prefix is None or (not self.head and self.chat is None):
            return
        chat = self.chat or self._described()
        ends = [chat.peer, AccountRef(PLATFORM, self.setting.owner) if self.setting.owner and chat.peer else None]
        yield Conversation(
            chat.ref,
            Locator(self.prefix, units=0),
            chat.kind,
            tuple(end for end in ends if end is not None),
            self.setting.device,
        )

    def _described(self, bare: bool = False) -> Chat:
        """The chat at hand, by its own head; where that stands after the messages, by a look ahead.

        ``bare``: senders are bare numbers. Such old exports add 2**32 to the id of a direct chat's other user and
        2**33 to that of a group; users today have such numbers of their own, so it is only undone there.
        """
        head = self.head
        complete = {"name", "type", "id"} <= head.keys()
        if self.late is None and (not complete or (self.prefix and self.setting.owner is None)):
            self.late = self._look_ahead()
        if self.late and not complete:
            head = {**self.late.get(self.prefix or "", {}), **head}
        written = fields.text(head.get("type"))
        kind = _KINDS.get(written) if written else None
        number, title = fields.integer(head.get("id")), fields.text(head.get("name"))
        native = fields.word(head.get("id"))
        shifted = False
        if number is not None and kind is not None and written is not None:
            shift = _USER_SHIFT if _PREFIXES.get(written) == "user" else _GROUP_SHIFT
            shifted = bare and shift <= number < shift + _USER_SHIFT
            number -= shift if shifted else 0
            native = f"{_PREFIXES.get(written, 'channel')}{number}"
        ref = ConversationRef(PLATFORM, native, title, kind in ("group", "channel"))
        peer = AccountRef(PLATFORM, native, title) if kind == "direct" and native else None
        return Chat(ref, kind, number, peer, shifted or not bare)

    def _look_ahead(self) -> dict[str, dict[str, Any]]:
        """Heads of all chats, for documents whose keys were put into another order."""
        heads: dict[str, dict[str, Any]] = {}
        with self.source.open() as stream:
            for found in elements(stream, (*_HEADS, "/personal_information")):
                if isinstance(found, Element):
                    place, _, key = found.pointer.rpartition("/")
                    if key == "personal_information":
                        self.setting = self._settled(native(found))
                    else:
                        heads.setdefault(place, {})[key] = found.value
        return heads

    def _settled(self, owner: str | None) -> Setting:
        beside = getattr(self, "setting", None)
        return Setting(
            zone=self.given.zone,
            device=self.given.owner or owner,
            owner=owner,
            beside=beside.beside if beside else frozenset(self.source.beside()),
            unread=self.unread,
        )


READER = Telegram()
