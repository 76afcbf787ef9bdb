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

from filon.case.flows.pack import open_stream
from filon.model import columns
from filon.model.columns import integers, strings
from filon.store import Addition, Piece

__all__ = ["Numbers", "remap", "unify"]

_Ordinals = np.ndarray[tuple[int], np.dtype[np.int32]]


class Known:
    """Numbers by identity: those the case has given, and those that an add is about to give."""

    def __init__(self, number: str) -> None:
        self._number = number
        self._given: dict[str, int] = {}
        self._new: dict[str, int] = {}

    def catch_up(self, table: pa.Table) -> None:
        """Hold what the case has given by now, and nothing else; its rows are only ever appended."""
        self._new.clear()
        rows = table.slice(len(self._given))
        self._given.update(zip(strings(rows["key"]), integers(rows[self._number]), strict=True))

    def assign(self, table: pa.Table) -> tuple[_Ordinals, pa.Table]:
        """The number of every row, and the rows that are new, with their number."""
        keys = strings(table["key"])
        fresh = [key not in self._given and key not in self._new for key in keys]
        ordinals = np.fromiter((self._of(key) for key in keys), np.int32, len(keys))
        numbered = table.set_column(0, table.schema.field(self._number), pa.array(ordinals, pa.int32()))
        return ordinals, numbered.filter(pa.array(fresh, pa.bool_()))

    def _of(self, key: str) -> int:
        given = self._given.get(key)
        return given if given is not None else self._new.setdefault(key, len(self._given) + len(self._new))


class Numbers:
    """The case's numbers of accounts and conversations by identity, growing as readings bring new ones."""

    def __init__(self) -> None:
        self._accounts = Known("account")
        self._conversations = Known("conversation")

    def catch_up(self, accounts: pa.Table, conversations: pa.Table) -> None:
        """Hold exactly the numbers in these tables of the case, which have grown since the last time, or not."""
        self._accounts.catch_up(accounts)
        self._conversations.catch_up(conversations)

    def take(self, folder: Path) -> tuple[_Ordinals, _Ordinals, pa.Table, pa.Table]:
        """The case numbers of one reading's accounts and conversations, and the rows of those that are new."""
        accounts = open_stream(folder, "accounts").read_all()
        conversations = open_stream(folder, "conversations").read_all()
        a, new_accounts = self._accounts.assign(accounts)
        c, new_conversations = self._conversations.assign(conversations)
        return a, c, new_accounts, new_conversations


def unify(intake: int, folders: Iterable[Path], numbers: Numbers, more: dict[str, pa.Table]) -> Addition:
    """Everything the packed readings in ``folders`` hold, in the case's numbers. ``more``: tables made elsewhere."""
    messages: list[Piece] = []
    parts: dict[str, list[pa.Table]] = {kind: [] for kind in columns.TABLES}
    rows = 0
    for folder in folders:
        a, c, new_accounts, new_conversations = numbers.take(folder)
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


def remap(batch: pa.RecordBatch, accounts: _Ordinals, conversations: _Ordinals) -> pa.RecordBatch:
    """The same rows with every account and conversation number of the reading replaced by the case's."""
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
        else:
            arrays.append(array)
    return pa.record_batch(arrays, schema=batch.schema)


def _messages(folder: Path, accounts: _Ordinals, conversations: _Ordinals) -> Iterator[pa.RecordBatch]:
    for batch in open_stream(folder, "messages"):
        yield remap(batch, accounts, conversations)


def _replace(array: "pa.Array[Any]", ordinals: _Ordinals) -> "pa.Array[Any]":
    if len(ordinals) == 0:
        return pa.nulls(len(array), pa.int32())
    return pa.array(ordinals, pa.int32()).take(array)
