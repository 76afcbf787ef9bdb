"""Parquet files of any columns cut into rows, a row group at a time."""

from collections.abc import Callable, Iterator
from typing import BinaryIO, TypeVar

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from filon.evidence.rows.jsonlines import flatten
from filon.evidence.rows.row import Broken, Cut, Row
from filon.evidence.source import Source

__all__ = ["FAILURES", "MAGIC", "ParquetSheet", "Place", "cut_groups", "open_parquet", "rows_of"]

MAGIC = b"PAR1"
FAILURES = (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError)
"""What reading a damaged file, or one that asks for too much memory, raises."""
_BATCH = 8192
_T = TypeVar("_T")


class Place(msgspec.Struct, frozen=True):
    """Where a batch of rows stands."""

    number: int
    """Rows of the file before it."""
    group: int
    given: int
    """Rows of its row group before it."""


class ParquetSheet:
    """The rows of one Parquet file. Nested columns come dotted; times stay typed."""

    name = None
    keyed = True

    def __init__(self, source: Source, metadata: pq.FileMetaData) -> None:
        self.metadata = metadata
        self._source = source
        self._count = sum(_stated(metadata, group) for group in range(metadata.num_row_groups))

    def rows(self) -> Iterator[Cut]:
        """Every row. What a row group cannot give becomes one broken stretch of rows."""
        number = 0
        with self._source.open() as stream:
            for part in cut_groups(stream, self.metadata, range(self.metadata.num_row_groups), 0, rows_of):
                if isinstance(part, Broken):
                    number = part.number + part.units - 1
                    yield part
                else:
                    number = part[-1].number
                    yield from part
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


def cut_groups(
    stream: BinaryIO,
    metadata: pq.FileMetaData,
    groups: range,
    number: int,
    made: Callable[[pa.RecordBatch, Place], _T],
) -> Iterator[_T | Broken]:
    """What is ``made`` of every batch of these row groups, which ``number`` rows stand before. No batch is empty.

    What a row group cannot give, or what nothing can be made of, becomes one broken stretch to the end of the group.
    """
    for group in groups:
        given, expected = 0, _stated(metadata, group)
        try:
            file = pq.ParquetFile(stream, metadata=metadata)
            for batch in file.iter_batches(_BATCH, row_groups=[group], use_threads=False):
                if batch.num_rows:
                    part = made(_in_microseconds(batch), Place(number + given, group, given))
                    given += batch.num_rows
                    yield part
        except FAILURES as error:
            detail = f"the rest of the row group cannot be read: {error}"
        else:
            detail = "the row group holds fewer rows than the file states"
        if given < expected:
            path = f"row group {group}/row {given + 1}"
            yield Broken(number + given + 1, "unreadable-row-group", detail, path=path, units=expected - given)
        number += max(given, expected)


def rows_of(batch: pa.RecordBatch, place: Place) -> list[Row]:
    """The rows of a batch one by one."""
    return [
        Row(place.number + row, flatten(values), path=f"row group {place.group}/row {place.given + row}")
        for row, values in enumerate(batch.to_pylist(), 1)
    ]


def _stated(metadata: pq.FileMetaData, group: int) -> int:
    return max(0, metadata.row_group(group).num_rows)


def _in_microseconds(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with nanosecond times as microseconds, which Python's datetime can hold."""
    fields = [
        field.with_type(pa.timestamp("us", field.type.tz))
        if pa.types.is_timestamp(field.type) and field.type.unit == "ns"
        else field
        for field in batch.schema
    ]
    schema = pa.schema(fields)
    return batch if schema.equals(batch.schema) else batch.cast(schema, safe=False)
