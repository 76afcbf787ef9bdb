"""How message rows lie in a slice: the leaves of ``MESSAGES`` that hold something, each as a column of its own.

Columns that the slice holds as integers (``HELD``) are left out, and so is every leaf without a single value: most
sources state two of the six times. Times are kept as their difference from the row's ``time``, integers as narrow as the
slice allows. Structs are put together again when rows are read; a struct is null where the leaf that is always given
with it (``_ALWAYS``) is null.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from filon.model.columns import LOCATOR, MESSAGES, STAMP
from filon.store.embedded import arrow
from filon.store.embedded.columns import UNDATED, Ints

__all__ = ["HELD", "leaves", "pack", "unpack"]

HELD = frozenset(
    ("id", "time", "conversation", "sender", "recipients", "platform", "device", "direction", "kind", "state")
)
"""Columns of ``MESSAGES`` that are made from the integer columns and the groups of a slice."""

_ALWAYS = {STAMP: "precision", LOCATOR: "path"}
_FEW = frozenset(("basis", "precision"))
"""Leaves of few values, kept as dictionaries."""
_TIMES = frozenset(("at", "local"))
_REPEATED, _BETWEEN = "assumptions", "\x1f"
"""A column of lists that are the same in many rows: each list is one text of a dictionary."""
_WORD = pa.dictionary(pa.int32(), pa.string())


def leaves(name: str) -> list[str]:
    """The leaves that a column of ``MESSAGES`` is kept in."""
    kind = MESSAGES.field(name).type
    return [f"{name}.{field.name}" for field in kind] if kind in _ALWAYS else [name]


def pack(rows: pa.Table) -> pa.Table:
    """The leaves of message rows that hold something. ``ValueError`` where a struct is given without what it always has."""
    base = _base(arrow.numbers(rows["time"], UNDATED))
    packed: dict[str, Any] = {}
    for name in (name for name in MESSAGES.names if name not in HELD):
        column = rows[name]
        kind = MESSAGES.field(name).type
        if kind not in _ALWAYS:
            packed[name] = arrow.joined(column, _BETWEEN) if name == _REPEATED else column
            continue
        for field, leaf in zip(kind, column.flatten(), strict=True):
            if field.name == _ALWAYS[kind] and leaf.null_count != column.null_count:
                raise ValueError(f"{name} is given without {field.name}")
            packed[f"{name}.{field.name}"] = _packed(field.name, leaf, base)
    given = {name: arrow.narrowed(leaf) for name, leaf in packed.items() if leaf.null_count < len(leaf)}
    return pa.table(given).unify_dictionaries()


def unpack(packed: pa.Table, times: Ints, held: Mapping[str, Any], names: Iterable[str]) -> pa.Table:
    """Columns of ``MESSAGES`` from leaves, the ``time`` of each row, and the columns that a slice holds otherwise."""
    base = _base(times)
    schema = pa.schema([MESSAGES.field(name) for name in names])
    columns = [held[name] if name in HELD else _column(packed, name, base) for name in schema.names]
    return pa.Table.from_arrays(columns, schema=schema)


def _packed(field: str, leaf: Any, base: Ints) -> Any:
    if field in _FEW:
        return leaf.cast(_WORD)
    return arrow.added(leaf, -base) if field in _TIMES else leaf


def _column(packed: pa.Table, name: str, base: Ints) -> Any:
    kind = MESSAGES.field(name).type
    if name == _REPEATED and name in packed.column_names and pa.types.is_dictionary(packed[name].type):
        return arrow.parted(packed[name].combine_chunks(), _BETWEEN)
    if kind not in _ALWAYS:
        return _leaf(packed, name, kind, base)
    always = f"{name}.{_ALWAYS[kind]}"
    if always not in packed.column_names:
        return pa.nulls(len(base), kind)
    parts = [_leaf(packed, f"{name}.{field.name}", field.type, base) for field in kind]
    return pa.StructArray.from_arrays(parts, fields=list(kind), mask=pa.array(~arrow.given(packed[always])))


def _leaf(packed: pa.Table, name: str, kind: Any, base: Ints) -> Any:
    if name not in packed.column_names:
        return pa.nulls(len(base), kind)
    leaf = packed[name].combine_chunks().cast(kind)
    return arrow.added(leaf, base) if name.rpartition(".")[2] in _TIMES else leaf


def _base(times: Ints) -> Ints:
    """What times are counted from: the row's own time, or 1970 where it has none."""
    return np.where(times == UNDATED, 0, times)
