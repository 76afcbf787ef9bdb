"""Rows of ``messages``, as WhatsApp wrote them until about 2021."""

from collections import Counter
from collections.abc import Iterator

from filon.errors import EvidenceError
from filon.evidence.sqlite import Database, Row
from filon.model.records import Defect, Event, Locator, Message, Skipped
from filon.readers.whatsapp_android.media import Files, attachment, contact, place
from filon.readers.whatsapp_android.parties import PLATFORM, Parties
from filon.readers.whatsapp_android.values import (
    ACTIONS,
    CALLS,
    DELETED,
    KINDS,
    STATES,
    UNDECRYPTABLE,
    damaged,
    integer,
    is_set,
    led,
    locate,
    moment,
    text,
)

__all__ = ["Older"]

_SYSTEM_STATUS = 6
"""Such a row is WhatsApp's own; what it tells stands in ``media_size``."""
_NOBODY = "-1"
"""The address in a row that WhatsApp keeps as a placeholder."""


class Older:
    """Reads ``messages`` with ``chat_list``, ``messages_quotes`` and ``messages_edits``' successors left to the newer tables.

    ``known`` holds the messages that were read from the newer tables: those are not given twice.
    """

    def __init__(
        self, database: Database, parties: Parties, files: Files, known: set[tuple[str | None, bool, str]]
    ) -> None:
        self._database = database
        self._parties = parties
        self._files = files
        self._known = known
        self._quotes: dict[int, str] = {}
        self.chats: list[str] = []
        self.types: Counter[int] = Counter()

    def prepare(self) -> Iterator[Defect]:
        """Take the small tables in."""
        try:
            for row in self._database.rows("chat_list"):
                jid = text(row, "key_remote_jid")
                if jid:
                    self.chats.append(jid)
                    self._parties.name_conversation(jid, text(row, "subject"))
            for row in self._database.rows("messages_quotes"):
                number, key = integer(row, "_id"), text(row, "key_id")
                if number is not None and key:
                    self._quotes[number] = key
        except EvidenceError as error:
            yield Defect(locator=Locator("database", units=0), code="table-damaged", detail=str(error))

    def messages(self) -> Iterator[Message | Event | Skipped]:
        """Every row of ``messages``."""
        for row in self._database.rows("messages", rising="_id"):
            jid, key = text(row, "key_remote_jid"), text(row, "key_id")
            mine = is_set(row, "key_from_me")
            if jid == _NOBODY:
                yield Skipped("row without a message, kept by WhatsApp")
            elif key is not None and (jid, mine, key) in self._known:
                yield Skipped("also in the table message")
            elif integer(row, "status") == _SYSTEM_STATUS:
                yield self._system(row, jid)
            elif _type(row) in CALLS:
                yield self._call(row, jid)
            else:
                yield self._said(row, jid, mine)

    def _said(self, row: Row, jid: str | None, mine: bool) -> Message:
        type_ = _type(row)
        kind = KINDS.get(type_, "other")
        if kind == "other":
            self.types[type_] += 1
        kind, attachments = attachment(kind, row, self._files)
        sent_by = text(row, "remote_resource")
        sides = self._parties.sides(jid, mine, self._parties.account(sent_by) if sent_by else None)
        body = text(row, "data")
        card = contact(row, "data") if kind == "contact" else None
        state = STATES.get(integer(row, "status") or 0) if mine else None
        state = "deleted" if type_ in DELETED else "undecryptable" if type_ == UNDECRYPTABLE else state
        forwarded = integer(row, "forwarded")
        return Message(
            locator=locate("messages", row),
            platform=PLATFORM,
            conversation=self._parties.conversation(jid) if jid else None,
            device=self._parties.device,
            account_from=sides.account_from,
            accounts_to=sides.accounts_to,
            direction=sides.direction,
            native_id=text(row, "key_id"),
            sequence=integer(row, "_id"),
            sent=moment(row, "timestamp"),
            received=None if mine else moment(row, "received_timestamp"),
            read=moment(row, "read_device_timestamp") if mine else None,
            text=(None if card else body) or text(row, "media_caption"),
            kind=kind,
            state=state,
            reply_to=led(row, "quoted_row_id", self._quotes),
            forwarded_from=f"forwarded={forwarded}" if forwarded else None,
            attachments=(*attachments, card) if card else attachments,
            place=place(row) if kind == "location" else None,
            assumptions=(*self._parties.noted, "charset:damaged") if damaged(row) else self._parties.noted,
        )

    def _system(self, row: Row, jid: str | None) -> Event:
        action = integer(row, "media_size")
        kind = ACTIONS.get(action, "other") if action is not None else "other"
        body, who = text(row, "data"), text(row, "remote_resource")
        return Event(
            locator=locate("messages", row),
            platform=PLATFORM,
            kind=kind,
            conversation=self._parties.conversation(jid) if jid else None,
            device=self._parties.device,
            actor=self._parties.account(who) if who else None,
            at=moment(row, "timestamp"),
            value=body if kind == "rename" else f"media_size={action}" if kind == "other" else None,
            text=body,
            assumptions=self._parties.noted,
        )

    def _call(self, row: Row, jid: str | None) -> Event:
        duration = integer(row, "media_duration")
        return Event(
            locator=locate("messages", row),
            platform=PLATFORM,
            kind="call",
            conversation=self._parties.conversation(jid) if jid else None,
            device=self._parties.device,
            actor=self._parties.sides(jid, is_set(row, "key_from_me"), None).account_from,
            at=moment(row, "timestamp"),
            value=None if duration is None else str(duration),
            text=text(row, "data") or text(row, "media_caption"),
            assumptions=self._parties.noted,
        )


def _type(row: Row) -> int:
    """``media_wa_type`` is a number in some versions and its text in others."""
    value = row.get("media_wa_type")
    if isinstance(value, str) and value.isdecimal() and len(value) < 5:
        return int(value)
    return integer(row, "media_wa_type") or 0
