"""Parquet files of any columns cut into rows, a row group at a time."""

from collections.abc import Iterator
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from filon.evidence.rows.jsonlines import flatten
from filon.evidence.rows.row import Broken, Cut, Row
from filon.evidence.source import Source

__all__ = ["MAGIC", "ParquetSheet", "open_parquet"]

MAGIC = b"PAR1"
_BATCH = 8192
_FAILURES = (pa.ArrowException, OSError, ValueError, OverflowError)


class ParquetSheet:
    """The rows of one Parquet file. Nested columns come dotted; times stay typed."""

    name = None
    keyed = True

    def __init__(self, source: Source, metadata: pq.FileMetaData) -> None:
        self._source = source
        self._expected = [max(0, metadata.row_group(group).num_rows) for group in range(metadata.num_row_groups)]

    def rows(self) -> Iterator[Cut]:
        """Every row. What a row group cannot give becomes one broken stretch of rows."""
        number = 0
        with self._source.open() as stream:
            for group, expected in enumerate(self._expected):
                given = 0
                try:
                    for values in _values(stream, group):
                        given += 1
                        path = f"row group {group}/row {given}"
                        yield Row(number + given, flatten(values), path=path)
                except _FAILURES as error:
                    detail = f"the rest of the row group cannot be read: {error}"
                else:
                    detail = "the row group holds fewer rows than the file states"
                self._expected[group] = max(given, expected)
                if given < expected:
                    path = f"row group {group}/row {given + 1}"
                    left = expected - given
                    yield Broken(number + given + 1, "unreadable-row-group", detail, path=path, units=left)
                number += self._expected[group]

    def count(self) -> int:
        """Rows as the file's own row groups state them, or as they gave where that is more."""
        return sum(self._expected)


def open_parquet(source: Source) -> "ParquetSheet | Broken":
    """The table of a Parquet file, or why there is none."""
    try:
        with source.open() as stream:
            return ParquetSheet(source, pq.read_metadata(stream))
    except _FAILURES as error:
        return Broken(1, "unreadable-parquet", str(error))


def _values(stream: BinaryIO, group: int) -> Iterator[dict[str, Any]]:
    for batch in pq.ParquetFile(stream).iter_batches(_BATCH, row_groups=[group]):
        yield from pa.Table.from_batches([batch]).cast(_in_microseconds(batch.schema), safe=False).to_pylist()


def _in_microseconds(schema: pa.Schema) -> pa.Schema:
    """The schema with nanosecond times as microseconds, which Python's datetime can hold."""
    fields = [
        field.with_type(pa.timestamp("us", field.type.tz))
        if pa.types.is_timestamp(field.type) and field.type.unit == "ns"
        else field
        for field in schema
    ]
    return pa.schema(fields)
