"""What commands give machines: flat objects with ISO times, one a line."""

from typing import Any

import msgspec

from filon.case.answers import AccountRow, Added, ConversationRow, ItemRow, MessageDetail, MessageView, Raw
from filon.model.items import Tally
from filon.model.time import Stamp, to_datetime

__all__ = [
    "account_row",
    "added_row",
    "conversation_row",
    "detail_row",
    "iso",
    "item_row",
    "message_row",
    "raw_row",
    "tally_row",
]


def iso(microseconds: int | None, known: bool) -> str | None:
    """ISO 8601: with ``Z`` where the instant is known, without a zone where it is not."""
    if microseconds is None:
        return None
    text = to_datetime(microseconds).replace(tzinfo=None).isoformat()
    return f"{text}Z" if known else text


def message_row(message: MessageView, snippet: str | None = None) -> dict[str, Any]:
    """A message as one flat object. ``sent_at`` is UTC or None; ``sent_local`` a wall time whose zone is unknown."""
    return {
        "id": message.id,
        "sent_at": iso(message.time, True) if message.zone_known else None,
        "sent_local": iso(message.time, False) if not message.zone_known else None,
        "conversation": message.conversation_title,
        "conversation_id": message.conversation,
        "sender": message.sender.label if message.sender else None,
        "recipients": [account.label for account in message.recipients],
        "text": message.text,
        "snippet": snippet,
        "kind": message.kind,
        "state": message.state,
        "edited": message.edited,
        "deleted": message.deleted,
        "direction": message.direction,
        "platform": message.platform,
        "device": message.device,
        "native_id": message.native_id,
        "reply_to": message.reply_id or message.reply_to,
        "attachments": [msgspec.to_builtins(a) for a in message.attachments],
        "tags": list(message.tags),
    }


def detail_row(detail: MessageDetail) -> dict[str, Any]:
    """Everything known about a message."""
    return message_row(detail.message) | {
        "times": {name: _stamp(stamp) for name, stamp in detail.times.items()},
        "sequence": detail.sequence,
        "item": detail.item.path,
        "item_sha256": detail.item.sha256,
        "at_hand": detail.at_hand,
        "member": detail.reading.member,
        "reading": detail.reading.number,
        "reader": f"{detail.reading.format} {detail.reading.version}",
        "locator": {"path": detail.locator_path, "offset": detail.locator_offset, "length": detail.locator_length},
        "assumptions": list(detail.assumptions),
        "events": [msgspec.to_builtins(event) for event in detail.events],
        "notes": [msgspec.to_builtins(note) for note in detail.notes],
    }


def raw_row(message: str, record: Raw) -> dict[str, Any]:
    """A record as it stands; ``raw`` is text, with ``\\x..`` for bytes that are none in UTF-8."""
    return {
        "id": message,
        "item": record.item.path,
        "sha256": record.item.sha256,
        "member": record.member,
        "path": record.path,
        "offset": record.offset,
        "exact": record.exact,
        "problem": record.problem,
        "raw": record.data.decode("utf-8", "backslashreplace"),
    }


def conversation_row(row: ConversationRow) -> dict[str, Any]:
    """A conversation with its participants by label."""
    return {
        "conversation": row.conversation,
        "title": row.title,
        "platform": row.platform,
        "kind": row.kind,
        "messages": row.messages,
        "participants": [account.label for account in row.participants],
        "participant_count": row.participant_count,
        "first": iso(row.first, False),
        "last": iso(row.last, False),
    }


def account_row(row: AccountRow) -> dict[str, Any]:
    """An account with every name it was met under."""
    return {
        "account": row.account.account,
        "label": row.account.label,
        "platform": row.account.platform,
        "native_id": row.account.native_id,
        "device": row.account.device,
        "names": [msgspec.to_builtins(name) for name in row.names],
        "owner_of": list(row.owner_of),
        "sent": row.sent,
        "conversations": row.conversations,
        "first": iso(row.first, False),
        "last": iso(row.last, False),
    }


def item_row(row: ItemRow) -> dict[str, Any]:
    """An item with its readings and the account of each."""
    readings = [msgspec.to_builtins(r) | {"tally": tally_row(r.tally) if r.tally else None} for r in row.readings]
    more = {"at_hand": row.at_hand, "custody_line": row.custody_line, "readings": readings}
    return {**msgspec.to_builtins(row.item), **more}


def tally_row(tally: Tally) -> dict[str, Any]:
    """The account of a reading, with its sum and whether it sums up."""
    return {**msgspec.to_builtins(tally), "records": tally.records, "balanced": tally.balanced}


def added_row(added: Added, resumed: bool) -> dict[str, Any]:
    """The closing account of an add. ``resumed``: of one that had been interrupted."""
    return {
        "resumed": resumed,
        "items": [item_row(row) for row in added.items],
        "already": list(added.already),
        "refused": [{"path": path, "reason": reason} for path, reason in added.refused],
        "tally": tally_row(added.tally),
        "seconds": round(added.seconds, 3),
        "head": added.head,
    }


def _stamp(stamp: Stamp) -> dict[str, Any]:
    value = {"at": iso(stamp.at, True), "local": iso(stamp.local, False)}
    return value | {"raw": stamp.raw, "basis": stamp.basis, "precision": stamp.precision}
