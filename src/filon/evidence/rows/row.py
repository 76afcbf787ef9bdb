"""What a table gives when it is cut: rows of cells, and rows that could not be cut."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Protocol

import msgspec
import pyarrow.parquet as pq

__all__ = ["KINDS", "RAW", "Broken", "Cell", "Cut", "Row", "Sheet", "Table", "Written", "excerpt"]

KINDS = ("delimited", "workbook", "json-lines", "json", "parquet")
"""Shapes of tables; see the module of each."""
RAW = 1000
"""Characters of a row that a broken one shows."""

Cell = str | int | float | datetime | date | time | timedelta | list[str] | None
"""A value as the file types it. An empty cell is None; a truth is the text ``true`` or ``false``, so that it never equals
a number. A list stands only in JSON and Parquet."""


class Row(msgspec.Struct, frozen=True, gc=False):
    """One row. ``number`` counts from 1 in its sheet, titles and blank rows included.

    ``cells`` by position (delimited text, workbooks) or by column name (JSON, Parquet: dotted where nested).
    ``offset`` and ``length`` are bytes of the file where it is text, else None. ``charset`` is set where the row was
    read in another one than the rest of the file.
    """

    number: int
    cells: "list[Cell] | dict[str, Cell]"
    offset: int | None = None
    length: int | None = None
    charset: str | None = None
    mended: tuple[str, ...] = ()
    """Rules by which broken JSON was mended, see ``filon.evidence.json_values``."""
    path: str | None = None
    """The format's own pointer where ``row NUMBER`` would not lead there."""


class Broken(msgspec.Struct, frozen=True, gc=False):
    """Rows that could not be cut into cells: ``units`` of them, from ``number`` on."""

    number: int
    code: str
    detail: str
    raw: str | None = None
    offset: int | None = None
    length: int | None = None
    path: str | None = None
    units: int = 1


Cut = Row | Broken


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """How text is written. None: found out from the file."""

    charset: str | None = None
    delimiter: str | None = None
    width: int | None = None
    """Cells of a whole row, where it is known: a row of several lines with another number is taken apart again."""
    path: str | None = None
    """Where the rows of a JSON document stand, as a pointer with ``*``."""


class Sheet(Protocol):
    """One table of rows under one name."""

    @property
    def name(self) -> str | None:
        """The sheet's name in a workbook, else None."""

    @property
    def keyed(self) -> bool:
        """True where cells come by column name and no row is a header."""

    def rows(self) -> Iterator[Cut]:
        """Every row from the first; may be called again."""

    def count(self) -> int:
        """How many rows there are, counted without cutting cells where the format allows it."""


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """An opened table. ``written`` says how delimited text was found to be written."""

    kind: str
    sheets: tuple[Sheet, ...]
    written: Written = Written()
    days_from_1904: bool = False
    """True where a workbook counts days from 1904-01-01 instead of 1899-12-30."""
    metadata: "pq.FileMetaData | None" = None
    """Of a Parquet file."""
    problem: Broken | None = None
    """Why the file could not be opened as its kind, or None."""


def excerpt(text: str) -> str:
    """The first characters of a row, for a broken one."""
    return text if len(text) <= RAW else text[:RAW] + "…"
