"""Workbooks (XLSX, XLSM, XLS) cut into rows with python-calamine.

Calamine gives each cell as Excel stores it: text as text (also text that looks like a formula), formulas by their last
computed value, numbers as 64-bit floats, dates where the cell's format is one, in the 1900 or 1904 system of the workbook.
A cell that shows an error (#DIV/0!) comes empty. Only the first cell of a merged range has a value.

Calamine lays a sheet out densely, so two cells at opposite corners of a sheet would cost tens of gigabytes: an XLSX is
measured first, and one that is too large is refused.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import IO

import python_calamine as calamine

from filon.evidence.rows.row import Broken, Cell, Cut, Row
from filon.evidence.source import Source
from filon.settings import Limits

__all__ = ["MOST_CELLS", "WorkbookSheet", "cell_of", "counts_from_1904", "looks_like_workbook", "open_workbook"]

MOST_CELLS = 80_000_000
"""Cells of a sheet once laid out: about 32 bytes each."""
_LIMITS = Limits()
_BLOCK = 1 << 20
_CELL = re.compile(rb'<(?:\w+:)?c [^<>]{0,200}?\br="([A-Z]{1,3})([0-9]{1,7})"')
_FROM_1904 = re.compile(rb"""\bdate1904\s*=\s*["'](?:1|true)["']""")
_OVERLAP = 300
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FAILURES = (calamine.CalamineError, OSError, ValueError, TypeError, OverflowError)


class _Book:
    """A workbook of which one sheet at a time is laid out: the one that was asked for last."""

    def __init__(self, book: calamine.CalamineWorkbook) -> None:
        self._book = book
        self._name: str | None = None
        self._sheet: calamine.CalamineSheet | None = None

    def sheet(self, name: str) -> "calamine.CalamineSheet | Broken":
        if self._sheet is None or self._name != name:
            self._sheet = None  # before another one takes its room
            try:
                self._sheet = self._book.get_sheet_by_name(name)
            except _FAILURES as error:
                return Broken(1, "unreadable-sheet", str(error), path=f"{name}!1")
            self._name = name
        return self._sheet


class WorkbookSheet:
    """One sheet, numbered as Excel numbers its rows."""

    keyed = False

    def __init__(self, book: _Book, name: str) -> None:
        self._book = book
        self._count: int | None = None
        self.name = name

    def values(self) -> "Iterator[Sequence[object]] | Broken":
        """What calamine gives of every row from the first to the last that holds a value."""
        sheet = self._book.sheet(self.name)
        if isinstance(sheet, Broken):
            return sheet
        return iter(()) if sheet.end is None else sheet.iter_rows()

    def rows(self) -> Iterator[Cut]:
        """Every row from the first to the last that holds a value."""
        found = self.values()
        if isinstance(found, Broken):
            yield found
            return
        for number, values in enumerate(found, 1):
            yield self.row(number, values)

    def row(self, number: int, values: Sequence[object]) -> Row:
        """A row of what calamine gives."""
        return Row(number, [cell_of(value) for value in values], path=f"{self.name}!{number}")

    def count(self) -> int:
        """Rows up to the last that holds a value; 1 for a sheet that cannot be read."""
        if self._count is None:
            sheet = self._book.sheet(self.name)
            self._count = 1 if isinstance(sheet, Broken) else 0 if sheet.end is None else sheet.end[0] + 1
        return self._count


def looks_like_workbook(head: bytes, name: str) -> bool:
    """Whether the bytes begin like an Office workbook; the name decides where the head cannot."""
    ending = name.lower().rpartition(".")[2]
    if head.startswith(_OLE):
        return ending == "xls"
    return head.startswith(_ZIP) and (b"xl/" in head or ending in {"xlsx", "xlsm"})


def open_workbook(source: Source) -> "tuple[WorkbookSheet, ...] | Broken":
    """Every sheet of cells, or why there are none."""
    try:
        if source.head(4) == _ZIP and (reason := _too_large(source)):
            return Broken(1, "workbook-too-large", reason)
        book = calamine.load_workbook(source.open())
        kept = [sheet.name for sheet in book.sheets_metadata if sheet.typ in (calamine.SheetTypeEnum.WorkSheet,)]
    except (*_FAILURES, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        return Broken(1, "unreadable-workbook", str(error))
    shared = _Book(book)
    return tuple(WorkbookSheet(shared, name) for name in kept)


def counts_from_1904(source: Source) -> bool:
    """Whether an XLSX says that its days count from 1904-01-01. XLS is not looked at: calamine reads its dates itself."""
    try:
        with source.open() as stream, zipfile.ZipFile(stream) as archive, archive.open("xl/workbook.xml") as part:
            return _FROM_1904.search(part.read(_BLOCK)) is not None
    except (*_FAILURES, zipfile.BadZipFile, zlib.error, KeyError, NotImplementedError, RuntimeError, EOFError):
        return False


def cell_of(value: object) -> Cell:
    """A value of calamine as a cell."""
    if value == "" or value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    if isinstance(value, str | int | float | datetime | date | time | timedelta):
        return value
    return str(value)


def _too_large(source: Source) -> str | None:
    with source.open() as stream, zipfile.ZipFile(stream) as archive:
        for member in archive.infolist():
            if not member.filename.startswith("xl/") or not member.filename.endswith(".xml"):
                continue
            with archive.open(member) as part:
                reason = _measure(part, member, source.size)
            if reason:
                return f"{member.filename}: {reason}"
    return None


def _measure(part: IO[bytes], member: zipfile.ZipInfo, size: int) -> str | None:
    """Why a part of a workbook is not taken, by what it unpacks to and by the corner of its furthest cell."""
    unpacked, last_row, widest, tail = 0, 0, b"A", b""
    cells = member.filename.startswith("xl/worksheets/")
    while block := part.read(_BLOCK):
        unpacked += len(block)
        if unpacked > _LIMITS.archive_ratio_from and unpacked > _LIMITS.archive_ratio * size:
            return f"unpacks to more than {_LIMITS.archive_ratio} times the file"
        if not cells:
            continue
        found = _CELL.findall(tail + block)
        tail = block[-_OVERLAP:]
        if found:
            letters, rows = zip(*found, strict=True)
            widest = max(widest, *set(letters), key=lambda column: (len(column), column))
            last_row = max(last_row, *map(int, set(rows)))
            if last_row * _column(widest) > MOST_CELLS:
                return f"the cell {widest.decode()}{last_row} makes it larger than {MOST_CELLS} cells"
    return None


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
