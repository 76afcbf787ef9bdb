"""Tables out: one format, one file. Every writer takes rows of texts and numbers under fixed names, batch by batch."""

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from filon.errors import Unsupported

__all__ = ["FORMATS", "Writer", "writer"]

FORMATS = ("csv", "xlsx", "jsonl", "parquet")


class Writer(Protocol):
    """Writes batches of one schema to a new file and says how many rows it wrote."""

    def __call__(self, path: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> int: ...


def writer(name: str) -> Writer:
    """The writer of a format; Unsupported where there is none."""
    if name not in FORMATS:
        raise Unsupported("there is no export called {name}", hint="choose csv, xlsx, jsonl or parquet", name=name)
    write: Writer = import_module(f"filon.exports.{name}_out").write
    return write
