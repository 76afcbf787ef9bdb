"""Parquet files of any columns cut into rows, a row group at a time."""

from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from filon.evidence.rows.jsonlines import flatten
from filon.evidence.rows.row import Broken, Cut, Row
from filon.evidence.source import Source

__all__ = [
    "FAILURES",
    "MAGIC",
    "Batch",
    "ParquetSheet",
    "cut_groups",
    "in_microseconds",
    "open_parquet",
    "rows_of",
    "rows_stated",
]

MAGIC = b"PAR1"
FAILURES = (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError)
"""What reading a damaged file, or one that asks for too much memory, raises."""
_BATCH = 32_768
_FEW = 1024
_LARGEST = 512 << 20
"""Bytes of text that the rows of a batch may refer to: a file may hold one long text once and name it in every row."""


class Batch(msgspec.Struct, frozen=True):
    """Rows of a row group as Arrow gives them, and where they stand."""

    data: pa.RecordBatch
    number: int
    """Rows of the file before them."""
    group: int
    given: int
    """Rows of their row group before them."""

    def part(self, begin: int, count: int) -> "Batch":
        """Some of the rows."""
        return Batch(self.data.slice(begin, count), self.number + begin, self.group, self.given + begin)

    def path(self) -> str:
        """The pointer to the first of the rows."""
        return f"row group {self.group}/row {self.given + 1}"


class ParquetSheet:
    """The rows of one Parquet file. Nested columns come dotted; times stay typed."""

    name = None
    keyed = True

    def __init__(self, source: Source, metadata: pq.FileMetaData) -> None:
        self.metadata = metadata
        self._source = source
        self._count = sum(rows_stated(metadata, group) for group in range(metadata.num_row_groups))

    def rows(self) -> Iterator[Cut]:
        """Every row. What a row group cannot give becomes one broken stretch of rows."""
        number = 0
        with self._source.open() as stream:
            for part in cut_groups(stream, self.metadata, range(self.metadata.num_row_groups), 0):
                if isinstance(part, Broken):
                    number = part.number + part.units - 1
                    yield part
                else:
                    number = part.number + part.data.num_rows
                    yield from rows_of(part)
        self._count = number

    def count(self) -> int:
        """Rows as the file's own row groups state them, or as they gave where that is more."""
        return self._count


def open_parquet(source: Source) -> "ParquetSheet | Broken":
    """The table of a Parquet file, or why there is none."""
    try:
        with source.open() as stream:
            return ParquetSheet(source, pq.read_metadata(stream))
    except FAILURES as error:
        return Broken(1, "unreadable-parquet", str(error))


def cut_groups(stream: BinaryIO, metadata: pq.FileMetaData, groups: range, number: int) -> Iterator[Batch | Broken]:
    """These row groups in batches, none of them empty; ``number`` rows of the file stand before them.

    What a row group cannot give becomes one broken stretch to its end.
    """
    for group in groups:
        given, expected = 0, rows_stated(metadata, group)
        try:
            file = pq.ParquetFile(stream, metadata=metadata)
            for batch in file.iter_batches(_BATCH, row_groups=[group], use_threads=False):
                if batch.num_rows:
                    _must_fit(batch)
                    yield Batch(batch, number + given, group, given)
                    given += batch.num_rows
        except FAILURES as error:
            detail = f"the rest of the row group cannot be read: {error}"
        else:
            detail = "the row group holds fewer rows than the file states"
        if given < expected:
            path = f"row group {group}/row {given + 1}"
            yield Broken(number + given + 1, "unreadable-row-group", detail, path=path, units=expected - given)
        number += max(given, expected)


def rows_of(batch: Batch) -> Iterator[Cut]:
    """The rows of a batch one by one. Values that Python cannot hold break some rows together."""
    for begin in range(0, batch.data.num_rows, _FEW):
        few = batch.part(begin, _FEW)
        try:
            values = in_microseconds(few.data).to_pylist()
        except FAILURES as error:
            detail = f"these rows cannot be read: {error}"
            yield Broken(few.number + 1, "unreadable-row-group", detail, path=few.path(), units=few.data.num_rows)
            continue
        for row, cells in enumerate(values, 1):
            yield Row(few.number + row, flatten(cells), path=f"row group {few.group}/row {few.given + row}")


def rows_stated(metadata: pq.FileMetaData, group: int) -> int:
    """How many rows a row group states."""
    return max(0, metadata.row_group(group).num_rows)


def _must_fit(batch: pa.RecordBatch) -> None:
    """ValueError where the rows refer to more text than is taken at once."""
    size = sum(map(_referred, batch.columns))
    if size > _LARGEST:
        raise ValueError(f"{batch.num_rows} rows refer to {size} bytes of text")


def _referred(array: "pa.Array[Any]") -> int:
    """Bytes of text that an array does not hold itself, but refers to."""
    kind = array.type
    if isinstance(array, pa.DictionaryArray):
        texts: Any = array.dictionary
        if not (pa.types.is_string(kind.value_type) or pa.types.is_large_string(kind.value_type)):
            return 0
        return pc.sum(pc.binary_length(texts).cast(pa.int64()).take(array.indices)).as_py() or 0
    if isinstance(array, pa.StructArray):
        return sum(map(_referred, array.flatten()))
    if isinstance(array, pa.ListArray | pa.LargeListArray):
        return _referred(array.flatten())
    return 0


def in_microseconds(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with nanosecond times as microseconds, which Python's datetime can hold."""
    fields = [
        field.with_type(pa.timestamp("us", field.type.tz))
        if pa.types.is_timestamp(field.type) and field.type.unit == "ns"
        else field
        for field in batch.schema
    ]
    schema = pa.schema(fields)
    return batch if schema.equals(batch.schema) else batch.cast(schema, safe=False)
