"""What the named queries see of messages: integer columns as they are mapped, words of few values through the groups."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from filon.model.columns import ATTACHMENT
from filon.model.ids import RECORD_BITS
from filon.store.embedded.columns import ATTACHMENTS, Ints
from filon.store.embedded.slices import Slice
from filon.store.embedded.summary import SUMMARY

__all__ = ["attachment_view", "message_view", "summary_view"]

Rows = Callable[[Slice], Ints | None]
"""The rows of a slice that may be seen; None: all."""

_TYPES: "dict[str, pa.DataType]" = {
    "id": pa.int64(),
    "time": pa.int64(),
    "wall": pa.bool_(),
    "conversation": pa.int32(),
    "sender": pa.int32(),
    "reading": pa.int32(),
}


def message_view(parts: Sequence[Slice], names: Sequence[str], rows: Rows) -> pa.Table:
    """Columns of ``filon.store.queries.MESSAGE_COLUMNS`` for the rows that may be seen."""
    schema = pa.schema([pa.field(name, _TYPES.get(name, pa.string())) for name in names])
    tables = [schema.empty_table()]
    for part in parts:
        seen = rows(part)
        tables.append(pa.table({name: _column(part, name, seen) for name in names}, schema=schema))
    return pa.concat_tables(tables)


def summary_view(parts: Sequence[Slice], rows: Rows) -> pa.Table:
    """What the rows that may be seen add up to, see ``summary.SUMMARY``: several rows for the same reading, conversation and
    sender, one from each slice."""
    return pa.concat_tables([SUMMARY.empty_table(), *(part.summary_of(rows(part)) for part in parts)])


def attachment_view(parts: Sequence[Slice], rows: Rows) -> pa.Table:
    """One row an attachment: ``message``, ``conversation``, ``time``, ``place`` in the message, and what it is."""
    head = {"message": pa.int64(), "conversation": pa.int32(), "time": pa.int64(), "place": pa.int32()}
    schema = pa.schema([*(pa.field(name, kind) for name, kind in head.items()), *ATTACHMENT])
    tables = [schema.empty_table()]
    for part in parts:
        held, seen = part.attachments.cast(ATTACHMENTS), rows(part)
        if seen is not None:
            held = held.filter(pa.array(np.isin(held["row"].to_numpy(), seen)))
        carriers = held["row"].to_numpy()
        columns = {
            name: _column(part, "id" if name == "message" else name, carriers) for name in head if name != "place"
        }
        columns |= {name: held[name] for name in ("place", *ATTACHMENT.names)}
        tables.append(pa.table(columns, schema=schema))
    return pa.concat_tables(tables)


def _column(part: Slice, name: str, rows: Ints | None) -> Any:
    chosen: Any = slice(None) if rows is None else rows
    match name:
        case "id":
            return pa.array(part.ids[chosen])
        case "time" if not part.entry.dated:
            return pa.nulls(part.rows if rows is None else len(rows), pa.int64())
        case "time":
            return pa.array(part.times[chosen])
        case "wall":
            return pa.array(part.walls[chosen])
        case "conversation" | "sender":
            values = (part.conversations if name == "conversation" else part.senders)[chosen]
            return pa.array(values, mask=values < 0)
        case "reading":
            return pa.array((part.ids[chosen] >> RECORD_BITS).astype(np.int32))
        case _:
            return pa.DictionaryArray.from_arrays(part.group[chosen], part.groups[name].combine_chunks())
