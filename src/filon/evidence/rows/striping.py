"""Which tables can be cut into many rows at once."""

from collections.abc import Iterator

from filon.evidence.rows.delimited import start_of
from filon.evidence.rows.delimited_stripes import delimited_stripes
from filon.evidence.rows.json_stripes import json_stripes
from filon.evidence.rows.parquet_stripes import has_plain_names, parquet_stripes
from filon.evidence.rows.row import Sheet, Table, Written
from filon.evidence.rows.stripe import BLOCK, Stripe
from filon.evidence.rows.workbook import WorkbookSheet
from filon.evidence.rows.workbook_stripes import workbook_stripes
from filon.evidence.source import Source

__all__ = ["are_in_stripes", "stripes_of"]

_HEAD = 1 << 20
_ASCII = bytes(range(128))


def are_in_stripes(source: Source, table: Table, width: int) -> bool:
    """Whether the rows of a table with ``width`` columns can be cut many at once.

    Not those of a JSON document, nor lines that end with CR.
    """
    if table.kind == "workbook":
        return True
    if table.kind == "parquet":
        return table.metadata is not None and has_plain_names(table.metadata)
    if table.kind == "delimited":
        if width < 2 or not _is_cut_by_bytes(table.written):
            return False
    elif table.kind != "json-lines":
        return False
    head = source.head(_HEAD)
    return b"\n" in head or b"\r" not in head


def _is_cut_by_bytes(written: Written) -> bool:
    """Whether a byte below 128 is always the character of ASCII, and the delimiter is one of them."""
    delimiter = written.delimiter or ";"
    try:
        told = _ASCII.decode(written.charset or "utf-8")
    except (LookupError, UnicodeError):
        return False
    return told == _ASCII.decode("ascii") and len(delimiter) == 1 and delimiter.isascii() and delimiter not in '"\r\n'


def stripes_of(source: Source, table: Table, sheet: Sheet, width: int, size: int = BLOCK) -> Iterator[Stripe]:
    """All rows of a sheet of such a table in stripes."""
    if isinstance(sheet, WorkbookSheet):
        yield from workbook_stripes(sheet, width)
        return
    with source.open() as stream:
        if table.metadata is not None:
            yield from parquet_stripes(stream, table.metadata, range(table.metadata.num_row_groups), 0)
        elif table.kind == "json-lines":
            yield from json_stripes(stream, 0, 0, size)
        else:
            start = start_of(stream)
            stream.seek(start)
            yield from delimited_stripes(stream, table.written, width, start, 0, size)
