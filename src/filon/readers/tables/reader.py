"""The reader of tables: every row of every sheet is a message, a defect, or skipped for a stated reason."""

from collections.abc import Generator, Iterator
from itertools import count

import msgspec

from filon.evidence.reading import Format, Given, Question
from filon.evidence.rows import Broken, Cut, Sheet, Table, are_in_stripes, open_table, stripes_of
from filon.evidence.source import Source
from filon.model.bulk import Bulk, Columns, Party, Reserved
from filon.model.records import Defect, Locator, Record, Skipped, Total, Unread
from filon.readers.tables.columnar import Columnar
from filon.readers.tables.composing import FORMAT_NAME, Composer
from filon.readers.tables.fitting import Head
from filon.readers.tables.mapping import Mapping
from filon.readers.tables.proposal import around, fitted, proposed, questions, written_as
from filon.readers.tables.recognising import likeness
from filon.readers.tables.sorting import Sorter, defect_of, header_cells

__all__ = ["TableReader"]


class TableReader:
    """Reads CSV, TSV, workbooks, JSON and Parquet under a mapping."""

    format = Format(
        name=FORMAT_NAME,
        title="Table of messages (CSV, Excel, JSON lines, Parquet)",
        version=2,
        unit="rows",
        surest=0.9,
        made=("operator table", "Cellebrite chat sheet", "Magnet AXIOM message sheet", "filon synthetic network"),
        extensions=("csv", "tsv", "txt", "xlsx", "xlsm", "xls", "jsonl", "ndjson", "json", "parquet"),
    )

    def sniff(self, source: Source) -> float:
        """How much the head looks like a table with columns of messages."""
        return likeness(source.head(), source.name)

    def ask(self, source: Source, given: Given) -> tuple[Question, ...]:
        """Mapping, zone, order of dates or owner where neither the table nor ``given`` states them."""
        return questions(source, given)[0]

    def look(self, source: Source, given: Given) -> tuple[tuple[Question, ...], str | None]:
        """The same, and the proposed mapping as JSON."""
        asked, mapping = questions(source, given)
        return asked, None if mapping is None else msgspec.json.encode(mapping).decode()

    def read(self, source: Source, given: Given) -> Iterator[Record]:
        """Records row by row. Without a given mapping the proposed one is used, named among the assumptions."""
        for record in _read(source, given, None, in_columns=False):
            assert not isinstance(record, Party | Reserved | Columns)
            yield record

    def read_columns(self, source: Source, given: Given, found: str | None = None) -> Iterator[Bulk]:
        """The same with many messages at once, where rows can be cut and read so. ``found``: the mapping, from ``look``."""
        return _read(source, given, found, in_columns=True)


def _read(source: Source, given: Given, known: str | None, *, in_columns: bool) -> Iterator[Bulk]:
    mapping = Mapping.from_dict(given.mapping) if given.mapping is not None else None
    table = open_table(source, written_as(mapping) if mapping else None)
    if table is None:
        yield from _not_a_table(source)
        return
    if table.problem:
        yield defect_of(table.problem)
        yield Total(1)
        return
    found = None
    if mapping is None and known is not None:
        mapping = msgspec.json.decode(known, type=Mapping)
    elif mapping is None and (found := proposed(table)) is not None:
        mapping = found.mapping
    total = 0
    parties = count() if in_columns else None
    for sheet in table.sheets:
        seen = found.head if found is not None and found.sheet is sheet else None
        total += yield from _read_sheet(source, table, sheet, mapping, given, parties, seen)
    yield Total(total)


def _not_a_table(source: Source) -> Iterator[Record]:
    if source.size:
        detail = "this is not text in columns, a workbook, JSON lines or Parquet"
        yield Defect(locator=Locator("row 1", 0, source.size), code="not-a-table", detail=detail)
    yield Total(1 if source.size else 0)


def _read_sheet(
    source: Source,
    table: Table,
    sheet: Sheet,
    mapping: Mapping | None,
    given: Given,
    parties: Iterator[int] | None,
    seen: Head | None,
) -> Generator[Bulk, None, int]:
    """What the rows of a sheet come to, in columns where there are numbers for parties; returns how many rows there are."""
    wanted = mapping is None or not mapping.rows.sheets or sheet.name in mapping.rows.sheets
    found = fitted(sheet, mapping, seen, old_days=table.days_from_1904) if mapping and wanted else None
    if found is None:
        yield from _skip_sheet(sheet)
        return sheet.count()
    head, mapping, _ = found
    composer = Composer(mapping, given, None if sheet.keyed else head.names, around(source, table, sheet))
    above = None if sheet.keyed else header_cells(sheet, head.header)
    sorter = Sorter(mapping, len(head.names), head.header, above, keyed=sheet.keyed)

    def single(cut: Cut) -> list[Record]:
        return sorter.records(cut, composer)

    rows = None
    if parties is not None and Columnar.fits(composer) and are_in_stripes(source, table, len(head.names)):
        columnar = Columnar(composer, single, head.header, above, parties)
        rows = 0
        for stripe in stripes_of(source, table, sheet, len(head.names)):
            yield from columnar.compose(stripe)
            rows = stripe.last
    else:
        for cut in sheet.rows():
            yield from single(cut)
    yield from composer.closing()
    return sheet.count() if rows is None else rows


def _skip_sheet(sheet: Sheet) -> Iterator[Record]:
    """A sheet without the columns of the mapping: its rows are told as skipped, the sheet as unread."""
    rows = 0
    for cut in sheet.rows():
        if isinstance(cut, Broken):
            yield defect_of(cut)
        else:
            rows += 1
    if rows:
        yield Skipped("sheet without the columns of the mapping", rows)
        yield Unread(f"sheet {sheet.name}" if sheet.name else "table", rows)
