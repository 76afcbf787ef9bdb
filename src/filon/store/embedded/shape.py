"""How message rows lie in a slice: the leaves of ``MESSAGES`` that say something, each as a column of its own.

Left out are columns that the slice holds as integers (``HELD``), every leaf without a single value, and every leaf with
the same value in all rows: most sources state two of the six times, all of them alike. Stamps are packed by ``stamps``,
texts around a number by ``spellings``, integers as narrow as the slice allows; what that takes to be read again stands
in the metadata of the file (``Notes``). Structs are put together again when rows are read.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from filon.model.columns import LOCATOR, MESSAGES, STAMP
from filon.model.ids import RECORD_BITS
from filon.store.embedded import arrow, spellings, stamps
from filon.store.embedded.columns import UNDATED, Ints
from filon.store.embedded.spellings import Spelling
from filon.store.embedded.stamps import Forms

__all__ = ["HELD", "Notes", "Packed", "Rows", "joined", "leaves", "notes", "pack", "unpack", "way"]

HELD = frozenset(
    ("id", "time", "conversation", "sender", "recipients", "platform", "device", "direction", "kind", "state")
)
"""Columns of ``MESSAGES`` that are made from the integer columns and the groups of a slice."""

_ALWAYS = {STAMP: "precision", LOCATOR: "path"}
"""A struct is null where this field of it is; a stamp only in slices of format 2."""
_TIMES = frozenset(("at", "local"))
"""Kept as their difference from the row's time, in slices of format 2."""
_SPELLED = {"native_id": True, "reply_to": True, "locator.path": False}
"""Texts that are mostly made around a number, and whether it may be hexadecimal."""
_SPELLED_LEAVES = ("form", "number", "more")
_REPEATED, _BETWEEN = "assumptions", "\x1f"
"""A column of lists that are the same in many rows: each list is one text of a dictionary."""
_UNITS = (1_000_000, 1_000)
_NOTES = b"filon"


Leaves = dict[str, Any]
"""Arrays by the name of the leaf."""


class Notes(msgspec.Struct):
    """What the metadata of ``messages.arrow`` says; nothing in slices of format 2.

    ``alike``: leaves with one value in all rows. ``units``: leaves that are kept divided by this. ``apart``: attachments
    stand in a file of their own.
    """

    alike: dict[str, int | str] = {}
    units: dict[str, int] = {}
    stamps: dict[str, Forms] = {}
    spellings: dict[str, list[Spelling]] = {}
    apart: bool = False


class Rows(msgspec.Struct, frozen=True):
    """Of the rows to unpack: their numbers and times, and columns of ``MESSAGES`` that are made elsewhere."""

    ids: Ints
    times: Ints
    held: Mapping[str, Any]


class Packed(msgspec.Struct, frozen=True):
    """Rows as they were read, before their structs are put together: the leaves, and what is known of the rows otherwise."""

    leaves: pa.Table
    rows: Rows


@cache
def leaves(name: str) -> tuple[str, ...]:
    """The leaves that a column of ``MESSAGES`` may be kept in."""
    kind = MESSAGES.field(name).type
    fields = [f"{name}.{field.name}" for field in kind] if kind in _ALWAYS else [name]
    if kind == STAMP:
        fields += [f"{name}.{leaf}" for leaf in stamps.LEAVES if leaf not in STAMP.names]
    return (*fields, *(f"{text}.{leaf}" for text in fields if text in _SPELLED for leaf in _SPELLED_LEAVES))


def notes(schema: pa.Schema) -> Notes:
    """What the file of this schema says of its leaves."""
    return msgspec.json.decode((schema.metadata or {}).get(_NOTES, b"{}"), type=Notes)


def way(schema: pa.Schema) -> tuple[Hashable, ...]:
    """How the rows of a file lie in it, the width of integers apart: where it is equal, ``joined`` puts them together."""
    kinds = (("integer" if pa.types.is_integer(leaf.type) else str(leaf.type)) for leaf in schema)
    return (schema.metadata or {}).get(_NOTES), *zip(schema.names, kinds, strict=True)


def pack(rows: pa.Table) -> pa.Table:
    """The leaves of message rows that say something. ``ValueError`` where a locator is given without its path."""
    found = Notes()
    base, records = _base(arrow.numbers(rows["time"], UNDATED)), _records(rows["id"].to_numpy())
    packed: dict[str, Any] = {}
    for name in (name for name in MESSAGES.names if name not in HELD):
        column: Any = rows[name] if name == "text" else rows[name].combine_chunks()
        kind = MESSAGES.field(name).type
        if column.null_count == len(column):
            continue
        if kind == STAMP:
            made, found.stamps[name] = stamps.pack(column, base)
            packed |= {f"{name}.{leaf}": values for leaf, values in made.items()}
        elif kind == LOCATOR:
            for field, leaf in zip(kind, column.flatten(), strict=True):
                if field.name == _ALWAYS[kind] and leaf.null_count != column.null_count:
                    raise ValueError(f"{name} is given without {field.name}")
                packed[f"{name}.{field.name}"] = leaf
        elif name == "attachments" and not column.null_count:
            found.apart = True
        else:
            packed[name] = arrow.joined(column, _BETWEEN) if name == _REPEATED else column
    for name, hexadecimal in _SPELLED.items():
        if name in packed:
            near = np.zeros_like(records) if hexadecimal else records
            packed |= _spelled(name, packed[name], near, found, hexadecimal=hexadecimal)
    given = {name: leaf for name, leaf in packed.items() if leaf.null_count < len(leaf)}
    kept = {name: small for name, leaf in given.items() if (small := _smallest(name, leaf, found)) is not None}
    return pa.table(kept).unify_dictionaries().replace_schema_metadata({_NOTES: msgspec.json.encode(found)})


def unpack(packed: pa.Table, known: Notes, rows: Rows, names: Iterable[str]) -> pa.Table:
    """Columns of ``MESSAGES`` from leaves, what is noted of them, and what is known of the rows otherwise."""
    schema = pa.schema([MESSAGES.field(name) for name in names])
    there = {name: column.combine_chunks() for name, column in zip(packed.column_names, packed.columns, strict=True)}
    columns = [rows.held[name] if name in rows.held else _column(there, name, rows, known) for name in schema.names]
    return pa.Table.from_arrays(columns, schema=schema)


def joined(parts: Sequence[Packed]) -> Packed:
    """Rows of files of which ``way`` is the same, one part after the other; integers as wide as in the widest."""
    if len(parts) == 1:
        return parts[0]
    rows = [part.rows for part in parts]
    held = pa.concat_tables(pa.table(dict(one.held)) for one in rows).unify_dictionaries().combine_chunks()
    return Packed(
        pa.concat_tables((part.leaves for part in parts), promote_options="permissive").unify_dictionaries(),
        Rows(
            np.concatenate([one.ids for one in rows]),
            np.concatenate([one.times for one in rows]),
            {name: column.chunk(0) for name, column in zip(held.column_names, held.columns, strict=True)},
        ),
    )


def _smallest(name: str, leaf: Any, found: Notes) -> Any:
    """A leaf in the narrowest type; None where it is noted as the same in all rows."""
    if pa.types.is_dictionary(leaf.type) and len(leaf.dictionary) == 1 and not leaf.null_count:
        found.alike[name] = leaf.dictionary[0].as_py()
        return None
    if not pa.types.is_integer(leaf.type):
        return leaf
    low, high = arrow.bounds(leaf)
    if low == high and not leaf.null_count:
        found.alike[name] = low
        return None
    unit = arrow.unit(leaf, _UNITS) if name.rpartition(".")[2] == "at" else 1
    if unit > 1:
        found.units[name] = unit
        leaf = arrow.divided(leaf, unit)
    return arrow.narrowed(leaf)


def _spelled(name: str, texts: Any, near: Ints, found: Notes, *, hexadecimal: bool) -> dict[str, Any]:
    """Leaves of a column of texts: ``number`` and ``more`` of those that follow a spelling, the text of all others."""
    spelled = spellings.find(texts, hexadecimal=hexadecimal)
    if not spelled.spellings:
        return {}
    found.spellings[name] = spelled.spellings
    text = spelled.codes < 0
    number, more = spelled.numbers
    made = {
        name: arrow.either(pa.array(text), texts, None),
        f"{name}.number": pa.array(number - near, mask=text),
    }
    if more.any():
        made[f"{name}.more"] = pa.array(more, mask=text)
    if len(spelled.spellings) > 1:
        made[f"{name}.form"] = pa.array(spelled.codes, mask=text)
    return made


def _column(packed: Leaves, name: str, rows: Rows, known: Notes) -> Any:
    kind = MESSAGES.field(name).type
    if name in known.stamps:
        given = {leaf: _leaf(packed, f"{name}.{leaf}", None, rows, known) for leaf in stamps.LEAVES}
        there = {leaf: values for leaf, values in given.items() if values is not None}
        return stamps.unpack(there, known.stamps[name], _base(rows.times))
    if name == _REPEATED:
        return _lists(packed, name, rows, known)
    if kind not in _ALWAYS:
        return _leaf(packed, name, kind, rows, known)
    parts = [_leaf(packed, f"{name}.{field.name}", field.type, rows, known) for field in kind]
    always = parts[kind.get_field_index(_ALWAYS[kind])]
    return pa.StructArray.from_arrays(parts, fields=list(kind), mask=pa.array(~arrow.given(always)))


def _lists(packed: Leaves, name: str, rows: Rows, known: Notes) -> Any:
    if name in known.alike:
        texts: Any = pa.array([known.alike[name]] * len(rows.ids), pa.string()).dictionary_encode()
        return arrow.parted(texts, _BETWEEN)
    if name in packed and pa.types.is_dictionary(packed[name].type):
        return arrow.parted(packed[name], _BETWEEN)
    return _leaf(packed, name, MESSAGES.field(name).type, rows, known)


def _leaf(packed: Leaves, name: str, kind: Any, rows: Rows, known: Notes) -> Any:
    """One leaf as it was packed; without a ``kind``, None where there is none."""
    count = len(rows.ids)
    if name in known.alike:
        leaf: Any = pa.array(np.full(count, known.alike[name]))
    elif name in packed:
        leaf = packed[name]
    elif kind is None:
        return None
    else:
        leaf = pa.nulls(count, kind)
    if name in known.units:
        leaf = pa.array(arrow.numbers(leaf, 0).astype(np.int64) * known.units[name], mask=~arrow.given(leaf))
    if name in known.spellings:
        leaf = _texts(leaf, packed, name, rows, known)
    leaf = leaf if kind is None or leaf.type == kind else leaf.cast(kind)
    if name.rpartition(".")[2] in _TIMES and kind is not None:
        return arrow.added(leaf, _base(rows.times))
    return leaf


def _texts(texts: Any, packed: Leaves, name: str, rows: Rows, known: Notes) -> Any:
    """A column of texts of which most are spelled."""
    number = _leaf(packed, f"{name}.number", pa.int64(), rows, known)
    more = _leaf(packed, f"{name}.more", pa.int64(), rows, known)
    form = _leaf(packed, f"{name}.form", pa.int64(), rows, known)
    near = 0 if _SPELLED[name] else _records(rows.ids)
    numbers = arrow.numbers(number, 0) + near, arrow.numbers(more, 0)
    given, codes = arrow.given(number), arrow.numbers(form, 0)
    for code, spelling in enumerate(known.spellings[name]):
        chosen = given & (codes == code)
        if chosen.all():
            return spellings.spell(spelling, numbers)
        if chosen.any():
            made = spellings.spell(spelling, (numbers[0][chosen], numbers[1][chosen]))
            texts = arrow.replaced(texts, chosen, made)
    return texts


def _base(times: Ints) -> Ints:
    """What times are counted from: the row's own time, or 1970 where it has none."""
    return np.where(times == UNDATED, 0, times)


def _records(ids: Ints) -> Ints:
    """The records' own numbers inside their readings: those of rows in a file run beside them."""
    return ids & ((1 << RECORD_BITS) - 1)
