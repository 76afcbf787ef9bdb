"""Many messages at once, as columns: what readers of bulk formats may give instead of one record a message.

In a stream of records a ``Party`` describes whom the following messages are between; parties are counted from 0 in the
order they come. ``Reserved`` stands where messages are that come later as ``Columns``: they take the numbers between
those of the records before and after it. ``Columns`` fills what was reserved since the last one, in the same order.
"""

from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from filon.model import columns
from filon.model.records import AccountRef, ConversationRef, Record

__all__ = ["Bulk", "Columns", "Parties", "Party", "Reserved", "column_batch"]

_WORD = pa.dictionary(pa.int32(), pa.string())
_GIVEN = ("text", "kind", "state", "native_id", "sequence", "reply_to", "attachments", "place", "locator")


class Party(msgspec.Struct, frozen=True, gc=False):
    """What messages share that are between the same accounts on the same device; fields as in ``Message``."""

    platform: str
    device: str | None
    conversation: ConversationRef | None
    account_from: AccountRef | None
    accounts_to: tuple[AccountRef, ...]
    direction: str | None


class Reserved(msgspec.Struct, frozen=True, gc=False):
    """So many messages stand here, one unit each."""

    messages: int


class Columns(msgspec.Struct, frozen=True, kw_only=True):
    """Messages as columns of the types of ``filon.model.columns.MESSAGES``; None for a column that is empty throughout."""

    parties: npt.NDArray[np.int32]
    """Whom each message is between: a number of a ``Party``."""
    locator: "pa.Array[Any]"
    reached: int
    """Byte of the source behind the last message."""
    text: "pa.Array[Any] | None" = None
    kind: "pa.Array[Any] | None" = None
    state: "pa.Array[Any] | None" = None
    native_id: "pa.Array[Any] | None" = None
    sequence: "pa.Array[Any] | None" = None
    reply_to: "pa.Array[Any] | None" = None
    attachments: "pa.ListArray[Any] | None" = None
    place: "pa.Array[Any] | None" = None
    stamps: "dict[str, pa.StructArray]"
    """By name of the column."""
    assumptions: tuple[str, ...] = ()
    """Those of every message."""


Bulk = Record | Party | Reserved | Columns


class Parties:
    """The parties of a reading with the numbers of their conversations and accounts, as columns to take rows from."""

    def __init__(self) -> None:
        self._rows: list[tuple[Any, ...]] = []
        self._taken: dict[str, pa.Array[Any]] = {}

    def add(self, party: Party, conversation: int | None, sender: int | None, recipients: tuple[int, ...]) -> None:
        """The next party."""
        self._rows.append((conversation, sender, recipients, party.platform, party.device, party.direction))
        self._taken = {}

    def take(self, parties: npt.NDArray[np.int32]) -> "dict[str, pa.Array[Any]]":
        """The columns that messages of these parties have in common with them."""
        if not self._taken:
            names = ("conversation", "sender", "recipients", "platform", "device", "direction")
            for name, values in zip(names, zip(*self._rows, strict=True) if self._rows else ((),) * 6, strict=True):
                kind = columns.MESSAGES.field(name).type
                array = pa.array(values, pa.string() if kind == _WORD else kind)
                self._taken[name] = array.dictionary_encode().cast(_WORD) if kind == _WORD else array
        places = pa.array(parties, pa.int32())
        return {name: array.take(places) for name, array in self._taken.items()}


def column_batch(numbers: npt.NDArray[np.int64], parties: Parties, rows: Columns) -> pa.RecordBatch:
    """Messages under these numbers, in the schema of ``columns.MESSAGES``. ``time`` is made as for single messages."""
    count = len(numbers)
    arrays = parties.take(rows.parties) | {"id": pa.array(numbers, pa.int64()), "time": _time(rows.stamps, count)}
    arrays |= {name: array for name in _GIVEN if (array := getattr(rows, name)) is not None} | rows.stamps
    if rows.attachments is None:
        arrays["attachments"] = _repeated([], columns.ATTACHMENT, count)
    arrays["assumptions"] = _repeated(list(rows.assumptions), pa.string(), count)
    filled = [arrays.get(f.name, None) for f in columns.MESSAGES]
    return pa.record_batch(
        [pa.nulls(count, f.type) if a is None else a for f, a in zip(columns.MESSAGES, filled, strict=True)],
        schema=columns.MESSAGES,
    )


def _time(stamps: "dict[str, pa.StructArray]", count: int) -> "pa.Array[Any]":
    """When a message was sent; where the source does not say, when it was received."""
    time: pa.Array[Any] = pa.nulls(count, pa.int64())
    for name in ("sent", "received"):
        if name in stamps:
            for part in ("at", "local"):
                time = pc.coalesce(time, pc.struct_field(stamps[name], part))
    return time


def _repeated(values: list[str], kind: Any, count: int) -> "pa.Array[Any]":
    """The same list for every row."""
    offsets = pa.array(np.arange(count + 1, dtype=np.int32) * len(values), pa.int32())
    repeated = pa.array(values, kind).take(np.tile(np.arange(len(values)), count))
    lists: pa.Array[Any] = pa.ListArray.from_arrays(offsets, repeated)
    return lists
