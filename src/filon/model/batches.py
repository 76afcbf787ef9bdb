"""Arrow batches from frozen records: columns built side by side, never row by row.

A value that Arrow cannot hold (a lone surrogate, a number past 64 bits) raises ``ValueError`` or ``OverflowError``;
whoever packs decides what becomes of the row.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from filon.model import columns
from filon.model.records import Attachment, Defect, Event, Message
from filon.model.time import Stamp

__all__ = ["defect_batch", "event_batch", "message_batch"]

_NOTHING = Stamp()


def _stamps(values: Sequence[Stamp | None]) -> "pa.Array[Any]":
    if not any(values):
        return pa.nulls(len(values), columns.STAMP)
    some = [v or _NOTHING for v in values]
    return pa.StructArray.from_arrays(
        [
            pa.array([s.at for s in some], pa.int64()),
            pa.array([s.local for s in some], pa.int64()),
            pa.array([s.raw for s in some], pa.string()),
            pa.array([s.basis for s in some], pa.string()),
            pa.array([s.precision for s in some], pa.string()),
        ],
        fields=list(columns.STAMP),
        mask=pa.array(np.fromiter((v is None for v in values), bool, len(values))),
    )


def _words(values: Sequence[str | None]) -> "pa.Array[Any]":
    return pa.array(values, pa.string()).dictionary_encode().cast(pa.dictionary(pa.int32(), pa.string()))


def _structs(values: "Sequence[Any | None]", kind: pa.StructType) -> "pa.Array[Any]":
    """A struct column from frozen values whose fields are called like the struct's."""
    if not any(v is not None for v in values):
        return pa.nulls(len(values), kind)
    children = [pa.array([getattr(v, f.name, None) for v in values], f.type) for f in kind]
    mask = pa.array(np.fromiter((v is None for v in values), bool, len(values)))
    return pa.StructArray.from_arrays(children, fields=list(kind), mask=mask)


def _attachments(values: "Sequence[tuple[Attachment, ...]]") -> "pa.Array[Any]":
    offsets = np.zeros(len(values) + 1, np.int32)
    np.cumsum(np.fromiter((len(v) for v in values), np.int32, len(values)), out=offsets[1:])
    flat = [a for v in values for a in v]
    attachments: pa.Array[Any] = pa.ListArray.from_arrays(
        pa.array(offsets, pa.int32()), _structs(flat, columns.ATTACHMENT)
    )
    return attachments


def _order(stamps: "Sequence[Stamp | None]") -> "pa.Array[Any]":
    return pa.array([None if s is None else s.order for s in stamps], pa.int64())


def _first_known(*stamps: Stamp | None) -> Stamp | None:
    for stamp in stamps:
        if stamp is not None and stamp.order is not None:
            return stamp
    return None


def message_batch(
    numbers: list[int],
    rows: Sequence[Message],
    conversations: Sequence[int | None],
    senders: Sequence[int | None],
    recipients: Sequence[Sequence[int]],
) -> pa.RecordBatch:
    """Messages with their account and conversation numbers, in the schema of ``columns.MESSAGES``.

    ``time`` is when the message was sent; where the source does not say, when it was received.
    """
    times = [m.sent if m.sent is not None and m.sent.order is not None else _first_known(m.received) for m in rows]
    arrays = {
        "id": pa.array(numbers, pa.int64()),
        "conversation": pa.array(conversations, pa.int32()),
        "sender": pa.array(senders, pa.int32()),
        "recipients": pa.array(recipients, pa.list_(pa.int32())),
        "time": _order(times),
        "text": pa.array([m.text for m in rows], pa.string()),
        "platform": _words([m.platform for m in rows]),
        "device": _words([m.device for m in rows]),
        "direction": _words([m.direction for m in rows]),
        "kind": _words([m.kind for m in rows]),
        "state": _words([m.state for m in rows]),
        "native_id": pa.array([m.native_id for m in rows], pa.string()),
        "sequence": pa.array([m.sequence for m in rows], pa.int64()),
        "sent": _stamps([m.sent for m in rows]),
        "received": _stamps([m.received for m in rows]),
        "read": _stamps([m.read for m in rows]),
        "edited": _stamps([m.edited for m in rows]),
        "deleted": _stamps([m.deleted for m in rows]),
        "expires": _stamps([m.expires for m in rows]),
        "reply_to": pa.array([m.reply_to for m in rows], pa.string()),
        "forwarded_from": pa.array([m.forwarded_from for m in rows], pa.string()),
        "attachments": _attachments([m.attachments for m in rows]),
        "place": _structs([m.place for m in rows], columns.PLACE),
        "locator": _structs([m.locator for m in rows], columns.LOCATOR),
        "assumptions": pa.array([m.assumptions for m in rows], pa.list_(pa.string())),
    }
    return pa.record_batch([arrays[f.name] for f in columns.MESSAGES], schema=columns.MESSAGES)


def event_batch(
    numbers: list[int],
    rows: Sequence[Event],
    conversations: Sequence[int | None],
    actors: Sequence[int | None],
    accounts: Sequence[Sequence[int]],
) -> pa.RecordBatch:
    """Events with their account and conversation numbers."""
    arrays = {
        "id": pa.array(numbers, pa.int64()),
        "kind": _words([e.kind for e in rows]),
        "conversation": pa.array(conversations, pa.int32()),
        "actor": pa.array(actors, pa.int32()),
        "accounts": pa.array(accounts, pa.list_(pa.int32())),
        "time": _order([e.at for e in rows]),
        "at": _stamps([e.at for e in rows]),
        "platform": _words([e.platform for e in rows]),
        "device": _words([e.device for e in rows]),
        "target": pa.array([e.target for e in rows], pa.string()),
        "value": pa.array([e.value for e in rows], pa.string()),
        "text": pa.array([e.text for e in rows], pa.string()),
        "locator": _structs([e.locator for e in rows], columns.LOCATOR),
        "assumptions": pa.array([e.assumptions for e in rows], pa.list_(pa.string())),
    }
    return pa.record_batch([arrays[f.name] for f in columns.EVENTS], schema=columns.EVENTS)


def defect_batch(numbers: list[int], rows: list[Defect]) -> pa.RecordBatch:
    """Defects under their numbers."""
    arrays = {
        "id": pa.array(numbers, pa.int64()),
        "code": _words([d.code for d in rows]),
        "detail": pa.array([d.detail for d in rows], pa.string()),
        "raw": pa.array([d.raw for d in rows], pa.string()),
        "locator": _structs([d.locator for d in rows], columns.LOCATOR),
    }
    return pa.record_batch([arrays[f.name] for f in columns.DEFECTS], schema=columns.DEFECTS)
