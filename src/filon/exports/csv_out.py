"""Comma-separated values in UTF-8, lines ended by CRLF (RFC 4180), with a byte order mark so that spreadsheets see UTF-8.

A spreadsheet would run a text that begins with ``=`` as a formula, and so would it ``@SUM`` or ``+1+cmd``. Such a cell gets
one apostrophe in front; a sign before nothing but digits, blanks, dots and brackets (``+33 6``, ``-5``) stays as it is.
JSON lines and Parquet are exact.
"""

import csv
import re
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

__all__ = ["write"]

_FORMULA = re.compile(r"[=@\t\r\n＝＋－＠]|[+-](?![0-9 ().]*\Z)")


def write(path: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> int:
    """Write a header and every row; None is an empty cell."""
    rows = 0
    with path.open("x", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow(schema.names)
        for batch in batches:
            columns = [column.to_pylist() for column in batch.columns]
            out.writerows([_guarded(cell) for cell in row] for row in zip(*columns, strict=True))
            rows += batch.num_rows
    return rows


def _guarded(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell
