"""JSON lines: one object a row, UTF-8, exact. Keys without a value are null, never left out."""

from collections.abc import Iterable
from pathlib import Path

import msgspec
import pyarrow as pa

__all__ = ["write"]


def write(path: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> int:
    """Write one line a row."""
    encode = msgspec.json.Encoder().encode_lines
    rows = 0
    with path.open("xb") as file:
        for batch in batches:
            file.write(encode(batch.to_pylist()))
            rows += batch.num_rows
    return rows
