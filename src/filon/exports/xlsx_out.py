"""Spreadsheets for people who read them in one. Texts are written as texts, never as formulas or links.

A sheet ends at 1,048,576 rows: more rows go on in the next sheet. A cell ends at 32,767 characters: a longer text is cut
there and ends with a mark, and the message's number leads to the whole.
"""

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import xlsxwriter

__all__ = ["write"]

_SHEET_ROWS = 1_048_576
_CELL = 32_767
_CUT = " […cut]"
_WIDTHS = {"text": 80, "sender": 24, "conversation": 28, "sent_at": 22, "id": 12, "item_sha256": 20}


def write(path: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> int:
    """Write a header and every row, with a frozen first line and a filter on each sheet."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "in_memory": False,
        "tmpdir": str(path.parent),
    }
    with path.open("xb") as file:
        book = xlsxwriter.Workbook(file, options)
        try:
            return _fill(book, schema, batches)
        finally:
            book.close()  # also where it was stopped: the book's temporary files go with it


def _fill(book: xlsxwriter.Workbook, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> int:
    rows = 0
    bold = book.add_format({"bold": True})
    # Before the first row is asked for: where that fails, a book without a sheet leaves a temporary file behind.
    sheet, line = _new_sheet(book, schema, bold), 1
    for batch in batches:
        columns = [column.to_pylist() for column in batch.columns]
        for row in zip(*columns, strict=True):
            if line >= _SHEET_ROWS:
                sheet, line = _new_sheet(book, schema, bold), 1
            for place, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(line, place, cell if len(cell) <= _CELL else cell[: _CELL - len(_CUT)] + _CUT)
                elif cell is not None:
                    sheet.write_number(line, place, cell)
            line += 1
            rows += 1
    return rows


def _new_sheet(book: xlsxwriter.Workbook, schema: pa.Schema, bold: object) -> "xlsxwriter.worksheet.Worksheet":
    sheet = book.add_worksheet(f"messages {len(book.worksheets()) + 1}")
    sheet.freeze_panes(1, 1)
    for place, name in enumerate(schema.names):
        sheet.set_column(place, place, _WIDTHS.get(name, 14))
        sheet.write_string(0, place, name, bold)
    return sheet
