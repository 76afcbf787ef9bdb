"""Opening a table: which shape a file has, and its sheets."""

from filon.evidence.json_values import Undecodable, decode
from filon.evidence.rows.charset import charset_of
from filon.evidence.rows.delimited import DelimitedSheet, delimiter_of
from filon.evidence.rows.document import DocumentSheet, path_of
from filon.evidence.rows.jsonlines import JsonLinesSheet
from filon.evidence.rows.parquet import MAGIC, open_parquet
from filon.evidence.rows.row import Broken, Table, Written
from filon.evidence.rows.workbook import counts_from_1904, looks_like_workbook, open_workbook
from filon.evidence.source import Source

__all__ = ["kind_of", "open_table", "written_of"]

_HEAD = 65536
_RARE = 50
"""Of so many bytes one may be NUL before they are taken for something else than text: a cell may hold one."""
_OTHERS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"SQLite format 3\0", b"%PDF-", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff")
"""Beginnings of what is not text, though some of it may decode as such."""


def kind_of(head: bytes, name: str) -> str | None:
    """One of ``KINDS`` for a file that begins with ``head``, or None where it is no table."""
    if head.startswith(MAGIC):
        return "parquet"
    if looks_like_workbook(head, name):
        return "workbook"
    if head.startswith(_OTHERS):
        return None
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"{"):
        line, _, more = text.partition(b"\n")
        return (
            "json-lines" if (more or name.lower().endswith(("l", ".ndjson"))) and _is_object(line.strip()) else "json"
        )
    if text.startswith(b"[") and text[1:].lstrip()[:1] in (b"{", b"]", b""):
        return "json"
    if not text or (text.count(0) * _RARE > len(text) and not _is_wide(head)):
        return None
    return "delimited"


def open_table(source: Source, written: Written | None = None) -> Table | None:
    """The table in ``source``, or None where it is none. What cannot be opened is a table with a problem."""
    head = source.head(_HEAD)
    kind = kind_of(head, source.name)
    if kind is None:
        return None
    if kind == "delimited":
        found = written_of(head, written)
        return Table(kind=kind, sheets=(DelimitedSheet(source.open, found),), written=found)
    if kind == "json-lines":
        return Table(kind=kind, sheets=(JsonLinesSheet(source.open),))
    if kind == "json":
        path = written.path if written and written.path is not None else path_of(head)
        return Table(kind=kind, sheets=(DocumentSheet(source.open, path),), written=Written(path=path))
    if kind == "parquet":
        sheet = open_parquet(source)
        if isinstance(sheet, Broken):
            return Table(kind=kind, sheets=(), problem=sheet)
        return Table(kind=kind, sheets=(sheet,), metadata=sheet.metadata)
    sheets = open_workbook(source)
    if isinstance(sheets, Broken):
        return Table(kind=kind, sheets=(), problem=sheets)
    return Table(kind=kind, sheets=sheets, days_from_1904=counts_from_1904(source))


def written_of(head: bytes, stated: Written | None = None) -> Written:
    """How delimited text is written, from its head and from what is stated already."""
    stated = stated or Written()
    charset = stated.charset or charset_of(head)
    found = delimiter_of(head.decode(charset, "replace").lstrip("\ufeff"))
    delimiter, width, share = found or (";", 1, 0.0)
    if stated.delimiter and stated.delimiter != delimiter:
        delimiter, width, share = stated.delimiter, 0, 0.0
    return Written(
        charset=charset, delimiter=delimiter, width=stated.width or (width if width > 1 and share >= 0.5 else None)
    )


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(decode(line)[0], dict)
    except Undecodable:
        return False


def _is_wide(head: bytes) -> bool:
    return charset_of(head).startswith("utf-16")
