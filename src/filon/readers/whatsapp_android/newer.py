"""Rows of ``message`` and the tables around it, as WhatsApp writes them since about 2021."""

from collections import Counter
from collections.abc import Iterator

from filon.errors import EvidenceError
from filon.evidence.sqlite import Database, Row
from filon.model.records import AccountRef, ConversationRef, Defect, Event, Locator, Message, Skipped
from filon.model.time import Stamp
from filon.readers.whatsapp_android.joining import Beside
from filon.readers.whatsapp_android.media import Files, attachment, contact, place
from filon.readers.whatsapp_android.parties import PLATFORM, Parties, numbers_of_jids
from filon.readers.whatsapp_android.values import (
    ACTIONS,
    CALLS,
    DELETED,
    KINDS,
    STATES,
    SYSTEM,
    UNDECRYPTABLE,
    damaged,
    integer,
    is_set,
    led,
    locate,
    moment,
    text,
)

__all__ = ["SIDE_TABLES", "Newer"]

SIDE_TABLES = (
    "message_media",
    "message_location",
    "message_quoted",
    "message_forwarded",
    "message_revoked",
    "message_edit_info",
    "message_vcard",
    "message_system",
    "message_system_group",
    "message_system_chat_participant",
    "message_system_number_change",
)
"""Read together with ``message``, by ``message_row_id``."""

_Found = Message | Event | Defect | Skipped


class Newer:
    """Reads ``message``, ``message_add_on`` and ``call_log``."""

    def __init__(self, database: Database, parties: Parties, files: Files) -> None:
        self._database = database
        self._parties = parties
        self._files = files
        self._chats: dict[int, str] = {}
        self._reactions: dict[int, str] = {}
        self.types: Counter[int] = Counter()
        """Types of message whose meaning is not known."""
        self.orphans: Counter[str] = Counter()
        self.keys: set[tuple[str | None, bool, str]] | None = None
        """Conversation, direction and native id of every message, if they are asked for."""

    def prepare(self) -> Iterator[Defect]:
        """Take the small tables in."""
        try:
            self._parties.jids = numbers_of_jids(self._database)
            for row in self._database.rows("chat"):
                number, jid = integer(row, "_id"), led(row, "jid_row_id", self._parties.jids)
                if number is not None and jid:
                    self._chats[number] = jid
                    self._parties.name_conversation(jid, text(row, "subject"))
            for row in self._database.rows("message_add_on_reaction"):
                number, reaction = integer(row, "message_add_on_row_id"), text(row, "reaction")
                if number is not None and reaction:
                    self._reactions[number] = reaction
            self._find_owner()
        except EvidenceError as error:
            yield Defect(locator=Locator("database", units=0), code="table-damaged", detail=str(error))

    @property
    def chats(self) -> dict[int, str]:
        """``chat._id`` to address."""
        return self._chats

    def messages(self) -> Iterator[_Found]:
        """Every row of ``message``, each followed by the reactions to it."""
        sides = {table: Beside(self._database, table) for table in SIDE_TABLES}
        add_ons = Beside(self._database, "message_add_on", "parent_message_row_id").keep()
        for row in self._database.rows("message", rising="_id"):
            number = integer(row, "_id")
            here = {table: side.take(number) if number is not None else [] for table, side in sides.items()}
            reactions = add_ons.take(number) if number is not None else []
            yield from self._lost_add_ons(add_ons)
            yield from self._message(row, here)
            for reaction in reactions:
                yield self._add_on(reaction, text(row, "key_id"))
        for side in (*sides.values(), add_ons):
            side.rest()
            self.orphans[side.table] += side.orphans
            if side.error is not None:
                place_ = Locator(side.table, units=0)
                yield Defect(locator=place_, code="table-damaged", detail=str(side.error))
        yield from self._lost_add_ons(add_ons)

    def calls(self) -> Iterator[Event]:
        """Every row of ``call_log``."""
        for row in self._database.rows("call_log", rising="_id"):
            other = self._parties.numbered(row, "jid_row_id")
            group = led(row, "group_jid_row_id", self._parties.jids)
            jid = group or (other.id if other else None)
            mine = is_set(row, "from_me")
            states = [
                f"{name}={said!r}" for name in ("call_result", "video_call") if (said := integer(row, name)) is not None
            ]
            duration = integer(row, "duration")
            yield Event(
                locator=locate("call_log", row),
                platform=PLATFORM,
                kind="call",
                conversation=self._parties.conversation(jid) if jid else None,
                device=self._parties.device,
                actor=self._parties.owner if mine else other,
                accounts=(other,) if mine and other else (),
                at=moment(row, "timestamp"),
                value=None if duration is None else str(duration),
                text=" ".join(states) or None,
                assumptions=self._parties.noted,
            )

    def _find_owner(self) -> None:
        """The only participant of the system messages that say ``is_me_joined``."""
        if self._parties.owner is not None:
            return
        joined = {
            row.get("message_row_id")
            for row in self._database.rows("message_system_group")
            if is_set(row, "is_me_joined")
        }
        added: dict[object, set[int]] = {}
        for row in self._database.rows("message_system_chat_participant"):
            number = integer(row, "user_jid_row_id")
            if row.get("message_row_id") in joined and number is not None:
                added.setdefault(row.get("message_row_id"), set()).add(number)
        alone = {next(iter(numbers)) for numbers in added.values() if len(numbers) == 1}
        if len(alone) == 1 and (jid := self._parties.jids.get(alone.pop())):
            self._parties.found_owner(jid)

    def _message(self, row: Row, beside: dict[str, list[Row]]) -> Iterator[_Found]:
        locator = locate("message", row)
        jid = led(row, "chat_row_id", self._chats)
        key = text(row, "key_id")
        if integer(row, "status") == -1 or (jid is None and row.get("chat_row_id") == -1):
            yield Skipped("row without a message, kept by WhatsApp")
            return
        mine = is_set(row, "from_me")
        if self.keys is not None and key:
            self.keys.add((jid, mine, key))
        sender = self._parties.numbered(row, "sender_jid_row_id")
        conversation = self._parties.conversation(jid) if jid else None
        kind = integer(row, "message_type")
        if kind == SYSTEM or beside["message_system"]:
            yield self._system(locator, row, beside, conversation, sender)
            return
        if kind in CALLS:
            yield self._missed_call(locator, row, conversation, self._parties.sides(jid, mine, sender).account_from)
            return
        yield self._said(locator, row, beside, jid, sender)
        yield from self._changes(row, beside, conversation)

    def _said(
        self, locator: Locator, row: Row, beside: dict[str, list[Row]], jid: str | None, sender: AccountRef | None
    ) -> Message:
        mine = is_set(row, "from_me")
        type_ = integer(row, "message_type")
        media = _first(beside["message_media"])
        sides = self._parties.sides(jid, mine, sender)
        state = STATES.get(integer(row, "status") or 0) if mine else None
        kind = KINDS.get(type_, "other") if type_ is not None else "other"
        if kind == "other":
            self.types[-1 if type_ is None else type_] += 1
        kind, attachments = attachment(kind, media, self._files)
        cards = [card for one in beside["message_vcard"] if (card := contact(one, "vcard")) is not None]
        revoked, edited = _first(beside["message_revoked"]), _first(beside["message_edit_info"])
        if type_ in DELETED or revoked:
            state = "deleted"
        elif type_ == UNDECRYPTABLE:
            state = "undecryptable"
        forwarded = integer(_first(beside["message_forwarded"]), "forward_score")
        texts = damaged(row) or damaged(media)
        return Message(
            locator=locator,
            platform=PLATFORM,
            conversation=self._parties.conversation(jid) if jid else None,
            device=self._parties.device,
            account_from=sides.account_from,
            accounts_to=sides.accounts_to,
            direction=sides.direction,
            native_id=text(row, "key_id"),
            sequence=integer(row, "sort_id"),
            sent=moment(row, "timestamp"),
            received=None if mine else moment(row, "received_timestamp"),
            edited=moment(edited, "edited_timestamp") or (Stamp() if edited else None),
            deleted=moment(revoked, "revoke_timestamp"),
            text=text(row, "text_data") or text(media, "media_caption"),
            kind=kind,
            state=state,
            reply_to=text(_first(beside["message_quoted"]), "key_id"),
            forwarded_from=None if forwarded is None else f"forward_score={forwarded}",
            attachments=(*attachments, *cards),
            place=place(_first(beside["message_location"])),
            assumptions=(*self._parties.noted, "charset:damaged") if texts else self._parties.noted,
        )

    def _changes(self, row: Row, beside: dict[str, list[Row]], conversation: ConversationRef | None) -> Iterator[Event]:
        """Deletion and edit as events of their own, with the message's id before the change as text. No unit of theirs."""
        changes = (
            ("deletion", "message_revoked", "revoked_key_id", "revoke_timestamp"),
            ("edit", "message_edit_info", "original_key_id", "edited_timestamp"),
        )
        for kind, table, key, time in changes:
            for change in beside[table]:
                yield Event(
                    locator=locate(table, change, "message_row_id", 0),
                    platform=PLATFORM,
                    kind=kind,
                    conversation=conversation,
                    device=self._parties.device,
                    actor=self._parties.numbered(change, "admin_jid_row_id"),
                    target=text(row, "key_id"),
                    at=moment(change, time),
                    text=f"{key}={before}" if (before := text(change, key)) else None,
                    assumptions=self._parties.noted,
                )

    def _system(
        self,
        locator: Locator,
        row: Row,
        beside: dict[str, list[Row]],
        conversation: ConversationRef | None,
        sender: AccountRef | None,
    ) -> Event:
        action = integer(_first(beside["message_system"]), "action_type")
        kind = ACTIONS.get(action, "other") if action is not None else "other"
        concerned = [(one, "user_jid_row_id") for one in beside["message_system_chat_participant"]]
        change = _first(beside["message_system_number_change"])
        concerned += [(change, name) for name in ("old_jid_row_id", "new_jid_row_id") if change]
        value = text(row, "text_data")
        return Event(
            locator=locator,
            platform=PLATFORM,
            kind=kind,
            conversation=conversation,
            device=self._parties.device,
            actor=sender,
            accounts=tuple(ref for one in concerned if (ref := self._parties.numbered(*one)) is not None),
            at=moment(row, "timestamp"),
            value=value if kind == "rename" else f"action_type={action}" if kind == "other" else None,
            text=value,
            assumptions=self._parties.noted,
        )

    def _missed_call(
        self, locator: Locator, row: Row, conversation: ConversationRef | None, caller: AccountRef | None
    ) -> Event:
        return Event(
            locator=locator,
            platform=PLATFORM,
            kind="call",
            conversation=conversation,
            device=self._parties.device,
            actor=caller,
            at=moment(row, "timestamp"),
            text=text(row, "text_data"),
            assumptions=self._parties.noted,
        )

    def _add_on(self, row: Row, target: str | None) -> Event:
        """A reaction, or another thing people add to a message (a vote, a pin)."""
        number = integer(row, "_id")
        reaction = self._reactions.get(number) if number is not None else None
        type_ = integer(row, "message_add_on_type")
        jid = led(row, "chat_row_id", self._chats)
        mine = is_set(row, "from_me")
        sender = self._parties.numbered(row, "sender_jid_row_id")
        return Event(
            locator=locate("message_add_on", row),
            platform=PLATFORM,
            kind="reaction" if reaction is not None else "other",
            conversation=self._parties.conversation(jid) if jid else None,
            device=self._parties.device,
            actor=self._parties.sides(jid, mine, sender).account_from,
            target=target,
            at=moment(row, "timestamp"),
            value=reaction or f"message_add_on_type={type_}",
            assumptions=self._parties.noted,
        )

    def _lost_add_ons(self, add_ons: Beside) -> Iterator[Event]:
        for row in add_ons.without:
            led(row, "parent_message_row_id", {})
            yield self._add_on(row, None)
        add_ons.without.clear()


def _first(rows: list[Row]) -> Row:
    return rows[0] if rows else Row()
