"""Messages as JSON for machines: flat, with ISO times, one object a line."""

from typing import Any

import msgspec

from filon.case.answers import MessageDetail, MessageView
from filon.model.time import Stamp, to_datetime

__all__ = ["detail_row", "iso", "message_row"]


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
        "member": detail.reading.member,
        "reading": detail.reading.number,
        "reader": f"{detail.reading.format} {detail.reading.version}",
        "locator": {"path": detail.locator_path, "offset": detail.locator_offset, "length": detail.locator_length},
        "assumptions": list(detail.assumptions),
        "events": [msgspec.to_builtins(event) for event in detail.events],
        "notes": [msgspec.to_builtins(note) for note in detail.notes],
    }


def _stamp(stamp: Stamp) -> dict[str, Any]:
    value = {"at": iso(stamp.at, True), "local": iso(stamp.local, False)}
    return value | {"raw": stamp.raw, "basis": stamp.basis, "precision": stamp.precision}
