"""From the numbers of each reading to the numbers of the case.

Accounts and conversations keep the number under which the case first met them. Readings are gone through in their
order, so the numbers do not depend on which was parsed first.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from filon.case.flows.blocks import joined, pieces_of
from filon.case.flows.pack import open_stream
from filon.case.numbers import Numbers, Ordinals
from filon.model import columns
from filon.store import Addition, Piece

__all__ = ["remap", "take", "unify"]


def unify(intake: int, folders: Iterable[Path], numbers: Numbers, more: dict[str, pa.Table]) -> Addition:
    """Everything the packed readings in ``folders`` hold, in the case's numbers. ``more``: tables made elsewhere."""
    messages: list[Piece] = []
    parts: dict[str, list[pa.Table]] = {kind: [] for kind in columns.TABLES}
    rows = 0
    for folder in folders:
        a, c, new_accounts, new_conversations = take(numbers, folder)
        pieces = pieces_of(folder)
        for piece in pieces:
            change = joined(piece)
            of_piece = (_through(change.accounts, a), _through(change.conversations, c))
            messages.append(partial(_messages, piece, *of_piece, change.before))
            rows += change.messages
        messages.append(partial(_messages, folder, a, c))
        parts["accounts"].append(new_accounts)
        parts["conversations"].append(new_conversations)
        for kind in ("events", "defects", "names", "participants"):
            batches = [remap(batch, a, c) for batch in open_stream(folder, kind)]
            parts[kind].append(pa.Table.from_batches(batches, columns.TABLES[kind]))
        rows += sum(batch.num_rows for batch in open_stream(folder, "messages"))
    tables = {kind: pa.concat_tables([columns.TABLES[kind].empty_table(), *found]) for kind, found in parts.items()}
    tables = {kind: table.unify_dictionaries() for kind, table in (tables | more).items()}
    return Addition(intake=intake, messages=tuple(messages), rows=rows, tables=tables)


def take(numbers: Numbers, folder: Path) -> tuple[Ordinals, Ordinals, pa.Table, pa.Table]:
    """The case numbers of a packed reading's accounts and conversations, and the rows of those that are new."""
    return numbers.assign(open_stream(folder, "accounts").read_all(), open_stream(folder, "conversations").read_all())


def remap(batch: pa.RecordBatch, accounts: Ordinals, conversations: Ordinals, before: int = 0) -> pa.RecordBatch:
    """The same rows with every account and conversation number of the reading replaced by the case's.

    ``before`` is added to the numbers of the rows: of a piece, how many records the pieces before it gave.
    """
    arrays = []
    for field, array in zip(batch.schema, batch.columns, strict=True):
        if field.name in ("sender", "actor", "account"):
            arrays.append(_replace(array, accounts))
        elif isinstance(array, pa.ListArray) and field.name in ("recipients", "accounts"):
            flat = _replace(array.values, accounts)
            arrays.append(
                pa.ListArray.from_arrays(array.offsets, flat, mask=array.is_null() if array.null_count else None)
            )
        elif field.name == "conversation":
            arrays.append(_replace(array, conversations))
        elif field.name == "id" and before:
            arrays.append(pc.add(array, pa.scalar(before, pa.int64())))
        else:
            arrays.append(array)
    return pa.record_batch(arrays, schema=batch.schema)


def _messages(folder: Path, accounts: Ordinals, conversations: Ordinals, before: int = 0) -> Iterator[pa.RecordBatch]:
    for batch in open_stream(folder, "messages"):
        yield remap(batch, accounts, conversations, before)


def _through(numbers: tuple[int, ...], ordinals: Ordinals) -> Ordinals:
    """The case numbers of a piece's accounts or conversations, by way of the numbers of its reading."""
    return ordinals[np.array(numbers, np.intp)]


def _replace(array: "pa.Array[Any]", ordinals: Ordinals) -> "pa.Array[Any]":
    if len(ordinals) == 0:
        return pa.nulls(len(array), pa.int32())
    return pa.array(ordinals, pa.int32()).take(array)
