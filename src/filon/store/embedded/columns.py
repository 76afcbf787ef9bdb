"""Integer columns of a slice: what filters, facets and pages need without reading a row.

Everything of few values (platform, device, direction, kind, state, reading, kinds of attachments, marks) is one
number a row: its **group**, the ordinal of the combination among those of the slice. A filter on any of them is a
small table of booleans looked up by group; a count by any of them is one count by group.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from filon.model.columns import ATTACHMENT
from filon.model.ids import RECORD_BITS
from filon.store.embedded import arrow

__all__ = ["ATTACHMENTS", "GROUPS", "MARKS", "NONE", "UNDATED", "Ints", "group_rows", "list_sets", "narrow", "ordinals"]

Ints = npt.NDArray[Any]
"""Integers of whatever width a column has."""

NONE = -1
"""In columns of ordinals: the source does not say."""
UNDATED = np.iinfo(np.int64).max
"""In the column of times of an undated slice, so that it sorts last."""

MARKS = ("text", "wall", "edited", "deleted", "expires", "forwarded", "reply", "place")
"""Bits of ``marks``, lowest first: has a text, not an empty one; time without zone; these fields are given."""
_WORDS = ("platform", "device", "direction", "kind", "state")
_GROUP_TYPES: "dict[str, pa.DataType]" = {
    **{name: pa.string() for name in _WORDS},
    "reading": pa.int32(),
    "attachments": pa.list_(pa.string()),
    "marks": pa.int32(),
}
GROUPS = pa.schema(_GROUP_TYPES)
"""One row a group of a slice. ``attachments``: kinds, distinct and sorted."""
ATTACHMENTS = pa.schema([pa.field("row", pa.int32()), pa.field("place", pa.int32()), *ATTACHMENT])
"""One row an attachment: the row of its message, its place there, and what it is."""


def ordinals(column: "pa.ChunkedArray[Any]") -> npt.NDArray[np.int32]:
    """An int32 column as numpy, ``NONE`` where it is null."""
    return arrow.numbers(column, NONE).astype(np.int32)


def narrow(values: Ints) -> Ints:
    """The same non-negative values in the smallest unsigned type that holds them."""
    top = int(values.max()) if len(values) else 0
    return values.astype(np.min_scalar_type(top))


def group_rows(table: pa.Table) -> tuple[Ints, pa.Table]:
    """The group of every row of messages, and the table of groups, in the order of their values."""
    codes: list[Ints] = []
    values: list[pa.Array[Any]] = []
    for name in _WORDS:
        code, value = _coded(table[name])
        codes.append(code)
        values.append(value)
    ids = table["id"].to_numpy()
    readings, reading = np.unique(ids >> RECORD_BITS, return_inverse=True)
    sets, attachments = _attachment_kinds(table["attachments"])
    marks, mark = np.unique(_marks(table), return_inverse=True)
    codes += [reading, attachments, mark]
    values += [pa.array(readings, pa.int32()), pa.array(sets, pa.list_(pa.string())), pa.array(marks, pa.int32())]
    first, group = _combined(codes)
    arrays = [value.take(code[first]) for code, value in zip(codes, values, strict=True)]
    return narrow(group), pa.Table.from_arrays(arrays, schema=GROUPS)


def list_sets(column: "pa.ChunkedArray[Any]") -> tuple[Ints, Ints, Ints]:
    """Lists of ordinals as (list number a row, start of every distinct list, values of all of them)."""
    lengths = arrow.list_lengths(column)
    flat = arrow.list_values(column).to_numpy()
    starts = np.concatenate(([0], np.cumsum(lengths)))
    owner = np.repeat(np.arange(len(lengths)), lengths)
    place = np.arange(len(flat)) - starts[owner]
    # Two lists with the same sum of mixed values and the same length are taken for equal and then compared.
    mixed = _mix(flat.astype(np.uint64) + np.uint64(1), place.astype(np.uint64) + np.uint64(1))
    key = np.zeros(len(lengths), np.uint64)
    np.add.at(key, owner, mixed)
    _, first, number = np.unique(key, return_index=True, return_inverse=True)
    twin = first[number]
    same = lengths == lengths[twin]
    if not same.all() or not np.array_equal(flat, flat[starts[twin][owner] + place]):
        first = number = np.arange(len(lengths))
    pieces = [flat[starts[row] : starts[row + 1]] for row in first]
    bounds = np.concatenate(([0], np.cumsum([len(piece) for piece in pieces]))).astype(np.int32)
    return narrow(number), bounds, np.concatenate([*pieces, np.zeros(0, np.int32)]).astype(np.int32)


def _mix(value: npt.NDArray[np.uint64], place: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    mixed = value * np.uint64(0x9E3779B97F4A7C15) + place * np.uint64(0xC2B2AE3D27D4EB4F)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    final: npt.NDArray[np.uint64] = mixed ^ (mixed >> np.uint64(32))
    return final


def _coded(column: "pa.ChunkedArray[Any]") -> tuple[Ints, "pa.Array[Any]"]:
    """Codes and their values for a column of words; null is a value of its own, values are sorted."""
    plain = column.cast(pa.string()).combine_chunks().dictionary_encode(null_encoding="encode")
    order = pc.array_sort_indices(plain.dictionary).to_numpy()
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return rank[plain.indices.to_numpy()], plain.dictionary.take(order)


def _attachment_kinds(column: "pa.ChunkedArray[Any]") -> tuple[list[tuple[str, ...]], Ints]:
    """The distinct sets of attachment kinds, sorted, and the set of every row."""
    some = np.flatnonzero(arrow.list_lengths(column))
    kinds = [tuple(sorted({a["kind"] for a in row or ()})) for row in column.take(some).to_pylist()]
    sets = sorted({(), *kinds})
    number = {kind: at for at, kind in enumerate(sets)}
    codes = np.full(len(column), number[()], np.int64)
    codes[some] = [number[kind] for kind in kinds]
    return sets, codes


def _marks(table: pa.Table) -> Ints:
    sent, received = table["sent"], table["received"]
    sent_known = arrow.given(pc.struct_field(sent, "at")) | arrow.given(pc.struct_field(sent, "local"))
    zoned = np.where(sent_known, arrow.given(pc.struct_field(sent, "at")), arrow.given(pc.struct_field(received, "at")))
    given = {
        "text": arrow.bytes_of_text(table["text"]) > 0,
        "wall": ~zoned & arrow.given(table["time"]),
        "edited": arrow.given(table["edited"]),
        "deleted": arrow.given(table["deleted"]),
        "expires": arrow.given(table["expires"]),
        "forwarded": arrow.given(table["forwarded_from"]),
        "reply": arrow.given(table["reply_to"]),
        "place": arrow.given(table["place"]),
    }
    marks = np.zeros(table.num_rows, np.int32)
    for bit, name in enumerate(MARKS):
        marks |= given[name].astype(np.int32) << bit
    return marks


def _combined(codes: list[Ints]) -> tuple[Ints, Ints]:
    """First row and ordinal of every distinct combination, in the order of the codes."""
    key = np.zeros(len(codes[0]), np.int64)
    for code in codes:
        size = int(code.max()) + 1 if len(code) else 1
        if int(key.max(initial=0)) >= (1 << 62) // size:
            key = np.unique(key, return_inverse=True)[1]
        key = key * size + code
    _, first, number = np.unique(key, return_index=True, return_inverse=True)
    return first, number
