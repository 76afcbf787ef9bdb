"""Parquet cut into many rows at once; the same rows as ``filon.evidence.rows.parquet`` cuts one by one.

The columns of a batch stay as Arrow read them. A batch with a nested value, or with anything else that is no plain cell,
goes the way of single rows.
"""

from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from filon.evidence.rows.jsonlines import flatten
from filon.evidence.rows.parquet import FAILURES, Batch, cut_groups, in_microseconds, rows_of
from filon.evidence.rows.row import Broken, Cell, Row
from filon.evidence.rows.stripe import Stripe, single_rows

__all__ = ["has_plain_names", "parquet_stripes"]

_UTC = frozenset({None, "UTC", "Etc/UTC", "+00:00"})
_UNITS = {"s": 1, "ms": 1_000, "us": 1_000_000}
_EARLIEST, _LATEST = -62_135_596_800, 253_402_300_799
"""Seconds from 1970 of the years 1 and 9999, which Python's datetime spans."""


def has_plain_names(metadata: pq.FileMetaData) -> bool:
    """Whether every column can be told by its name, so that rows can be cut many at once."""
    try:
        names = metadata.schema.to_arrow_schema().names
    except FAILURES:  # a type that nobody knows
        return False
    return 0 < len(names) == len(set(names))


def parquet_stripes(stream: BinaryIO, metadata: pq.FileMetaData, groups: range, number: int) -> Iterator[Stripe]:
    """Stripes of these row groups, which ``number`` rows stand before."""
    ends = [_end(metadata, group) for group in groups]
    for part in cut_groups(stream, metadata, groups, number):
        yield single_rows([part]) if isinstance(part, Broken) else _stripe(part, ends[part.group - groups.start])


def _end(metadata: pq.FileMetaData, group: int) -> int:
    """About where a row group ends in the file; nothing but progress rests on it."""
    row_group = metadata.row_group(group)
    return max((row_group.column(one).data_page_offset for one in range(row_group.num_columns)), default=0)


def _stripe(batch: Batch, end: int) -> Stripe:
    columns = _plain_columns(batch.data)
    if columns is None:
        return single_rows(list(rows_of(batch)))
    count = batch.data.num_rows

    def row(at: int) -> Row:
        (found,) = rows_of(batch.part(at, 1))
        assert isinstance(found, Row)
        return found

    given = pa.array(np.arange(batch.given + 1, batch.given + count + 1)).cast(pa.string())
    return Stripe(
        columns=columns,
        names=tuple(batch.data.schema.names),
        numbers=np.arange(batch.number + 1, batch.number + count + 1, dtype=np.int64),
        offsets=np.full(count, end, np.int64),
        lengths=np.zeros(count, np.int64),
        paths=pc.replace_substring_regex(given, "^", f"row group {batch.group}/row "),
        last=batch.number + count,
        others=[],
        row=row,
    )


def _plain_columns(data: pa.RecordBatch) -> "list[Sequence[Cell] | pa.Array[Any]] | None":
    """All columns where every cell is a plain one."""
    try:
        columns = [_cells(array) for array in in_microseconds(data).columns]
    except FAILURES:  # which of its rows cannot be read, they tell themselves
        return None
    plain = [column for column in columns if column is not None]
    return plain if len(plain) == len(columns) else None


def _cells(array: "pa.Array[Any]") -> "Sequence[Cell] | pa.Array[Any] | None":
    """The cells of a column; None where one of them is no plain one."""
    kind = array.type
    if array.null_count == len(array):
        return pa.nulls(len(array), pa.string())
    if pa.types.is_dictionary(kind):
        array, kind = array.cast(kind.value_type), kind.value_type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return _without_blanks(array.cast(pa.string()))
    if pa.types.is_boolean(kind):
        words: pa.Array[Any] = pc.if_else(array, "true", "false")
        return words
    if pa.types.is_integer(kind) and not pa.types.is_uint64(kind):
        return array.cast(pa.int64())
    if pa.types.is_float32(kind) or pa.types.is_float64(kind):
        return array.cast(pa.float64())
    if _is_plain_time(array):
        return array
    if pa.types.is_uint64(kind) or pa.types.is_decimal(kind) or pa.types.is_temporal(kind) or pa.types.is_binary(kind):
        return list(flatten({str(place): value for place, value in enumerate(array.to_pylist())}).values())
    return None


def _without_blanks(texts: "pa.Array[Any]") -> "pa.Array[Any]":
    """Text that is UTF-8 as it must be, with null for empty cells."""
    texts.validate(full=True)
    filled: pa.Array[Any] = pc.if_else(pc.equal(texts, pa.scalar("")), None, texts)
    return filled


def _is_plain_time(array: "pa.Array[Any]") -> bool:
    """Whether a column holds times without zone or in UTC that lie in the years 1 to 9999."""
    kind = array.type
    if not pa.types.is_timestamp(kind) or kind.tz not in _UTC:
        return False
    numbers, unit = array.cast(pa.int64()).drop_null().to_numpy(), _UNITS[kind.unit]
    return bool(numbers.min() >= _EARLIEST * unit and numbers.max() < (_LATEST + 1) * unit)
