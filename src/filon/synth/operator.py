"""The operator's export: one table of all phones, as CSV, JSON lines or a workbook."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO, Any

import msgspec
import xlsxwriter

from filon.synth.pieces import Counts, in_order, make
from filon.synth.table import HEADER, NUMBERS, Row, Table
from filon.synth.world import Block, World

__all__ = ["Part", "csv_lines", "json_lines", "write_text", "write_workbook"]

SHEET_ROWS = 1_000_000
_ENCODER = msgspec.json.Encoder()
_CREATED = datetime(2020, 7, 1, 12, tzinfo=UTC)
"""Date of every workbook, so that equal rows are equal bytes."""
_SPECIAL = re.compile('[;"\r\n]')


class Part(msgspec.Struct, frozen=True):
    """What comes back from a process for one block."""

    export: bytes
    truth: bytes
    counts: Counts


def csv_lines(table: Table) -> bytes:
    """The rows, parted by semicolons; an absent value is an empty field."""
    columns = [_numbers(values) if name in NUMBERS else _texts(values) for name, values in table.columns.items()]
    rows = map(";".join, zip(*columns, strict=True))
    return b"".join([f"{row}\n".encode() for row in rows])


def _numbers(values: list[Any]) -> list[str]:
    return ["" if value is None else str(value) for value in values]


def _texts(values: "list[str | None]") -> list[str]:
    """A column as it is written. Only a column in which something needs quotes pays for looking at every value."""
    fields: list[str] = [value or "" for value in values]
    return [_quoted(field) for field in fields] if _SPECIAL.search("".join(fields)) else fields


def _quoted(field: str) -> str:
    return '"' + field.replace('"', '""') + '"' if _SPECIAL.search(field) else field


def json_lines(table: Table) -> bytes:
    """The rows as JSON lines; an absent value has no key."""
    # a list on purpose: given a lazy iterable, encode_lines of msgspec 0.22 keeps memory for good
    return _ENCODER.encode_lines(list(map(Row, *table.columns.values())))


_LINES = {"csv": csv_lines, "jsonl": json_lines}


def _text_part(world: World, form: str, block: Block) -> Part:
    piece = make(world, block)
    return Part(_LINES[form](piece.table), piece.truth, piece.counts)


def write_text(
    export: IO[bytes], world: World, blocks: Iterable[Block], form: str, processes: int | None
) -> Iterator[tuple[bytes, Counts]]:
    """Write csv or jsonl block by block; gives the truth and the counts of each block as it is written."""
    if form == "csv":
        export.write((";".join(HEADER) + "\n").encode())
    for part in in_order(partial(_text_part, world, form), blocks, processes):
        export.write(part.export)
        yield part.truth, part.counts


def write_workbook(
    out: Path, world: World, blocks: Iterable[Block], processes: int | None, sheet_rows: int = SHEET_ROWS
) -> Iterator[tuple[bytes, Counts]]:
    """Write a workbook, a new sheet after every ``sheet_rows`` rows; gives truth and counts of each block."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(str(out), options) as book:
        book.set_properties({"created": _CREATED})
        sheet: Any = None
        at = sheet_rows
        for made, truth, counts in in_order(partial(_table_part, world), blocks, processes):
            for row in made.rows():
                if at >= sheet_rows:
                    sheet = book.add_worksheet(f"messages {len(book.worksheets()) + 1}")
                    sheet.write_row(0, 0, HEADER)
                    at = 0
                at += 1
                _write_row(sheet, at, row)
            yield truth, counts


def _table_part(world: World, block: Block) -> tuple[Table, bytes, Counts]:
    piece = make(world, block)
    return piece.table, piece.truth, piece.counts


def _write_row(sheet: Any, at: int, row: tuple[Any, ...]) -> None:
    for column, value in enumerate(row):
        if isinstance(value, str):
            sheet.write_string(at, column, value)
        elif value is not None:
            sheet.write_number(at, column, value)
