"""The reader of tables: every row of every sheet is a message, a defect, or skipped for a stated reason."""

from collections.abc import Generator, Iterator
from itertools import islice

from filon.evidence.reading import Format, Given, Question
from filon.evidence.rows import Broken, Cell, Cut, Row, Sheet, Table, are_lines_in_stripes, open_table, stripes_of
from filon.evidence.source import Source
from filon.model.bulk import Bulk, Columns, Party, Reserved
from filon.model.records import Defect, Locator, Record, Skipped, Total, Unread
from filon.readers.tables.columnar import Columnar
from filon.readers.tables.composing import FORMAT_NAME, Composer, raw_of
from filon.readers.tables.fitting import Head, settled
from filon.readers.tables.mapping import Mapping
from filon.readers.tables.proposal import around, head_of, propose_for, questions, written_as
from filon.readers.tables.recognising import likeness
from filon.readers.tables.words import fold

__all__ = ["TableReader"]

_FEW = 2


class TableReader:
    """Reads CSV, TSV, workbooks, JSON and Parquet under a mapping."""

    format = Format(
        name=FORMAT_NAME,
        title="Table of messages (CSV, Excel, JSON lines, Parquet)",
        version=1,
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
        return questions(source, given)

    def read(self, source: Source, given: Given) -> Iterator[Record]:
        """Records row by row. Without a given mapping the proposed one is used, named among the assumptions."""
        for record in _read(source, given, in_columns=False):
            assert not isinstance(record, Party | Reserved | Columns)
            yield record

    def read_columns(self, source: Source, given: Given) -> Iterator[Bulk]:
        """The same with many messages at once, where rows can be cut and read so."""
        return _read(source, given, in_columns=True)


def _read(source: Source, given: Given, *, in_columns: bool) -> Iterator[Bulk]:
    mapping = Mapping.from_dict(given.mapping) if given.mapping is not None else None
    table = open_table(source, written_as(mapping) if mapping else None)
    if table is None:
        yield from _not_a_table(source)
        return
    if table.problem:
        yield _defect(table.problem)
        yield Total(1)
        return
    if mapping is None:
        proposal = propose_for(source, table, given)
        mapping = proposal.mapping if proposal else None
    total = 0
    for sheet in table.sheets:
        total += yield from _read_sheet(source, table, sheet, mapping, given, in_columns)
    yield Total(total)


def _not_a_table(source: Source) -> Iterator[Record]:
    if source.size:
        detail = "this is not text in columns, a workbook, JSON lines or Parquet"
        yield Defect(locator=Locator("row 1", 0, source.size), code="not-a-table", detail=detail)
    yield Total(1 if source.size else 0)


def _read_sheet(
    source: Source, table: Table, sheet: Sheet, mapping: Mapping | None, given: Given, in_columns: bool
) -> Generator[Bulk, None, int]:
    """What the rows of a sheet come to; returns how many rows there are."""
    wanted = mapping is None or not mapping.rows.sheets or sheet.name in mapping.rows.sheets
    head = head_of(sheet, mapping.used(), mapping.rows.header) if mapping and wanted else None
    if mapping is None or head is None:
        yield from _skip_sheet(sheet)
        return sheet.count()
    mapping, _ = settled(mapping, head, old_days=table.days_from_1904)
    composer = Composer(mapping, given, None if sheet.keyed else head.names, around(source, table, sheet))
    sorter = _Sorter(mapping, head, keyed=sheet.keyed)

    def single(cut: Cut) -> list[Record]:
        if isinstance(cut, Broken):
            return [_defect(cut)]
        verdict = sorter.judge(cut)
        if verdict is not None:
            return [verdict]
        return composer.compose(cut if sorter.fits(cut) else sorter.fitted(cut))

    count = None
    if in_columns and Columnar.fits(composer) and are_lines_in_stripes(source, table, len(head.names)):
        columnar = Columnar(composer, single, head.header, None if sheet.keyed else _header(sheet, head.header))
        count = 0
        for stripe in stripes_of(source, table, len(head.names)):
            yield from columnar.compose(stripe)
            count = stripe.last
    else:
        for cut in sheet.rows():
            yield from single(cut)
    yield from composer.closing()
    return sheet.count() if count is None else count


def _header(sheet: Sheet, number: int) -> list[Cell] | None:
    """The cells of the header row."""
    for cut in islice(sheet.rows(), number):
        if isinstance(cut, Row) and cut.number == number and isinstance(cut.cells, list):
            return cut.cells
    return None


def _skip_sheet(sheet: Sheet) -> Iterator[Record]:
    """A sheet without the columns of the mapping: its rows are told as skipped, the sheet as unread."""
    rows = 0
    for cut in sheet.rows():
        if isinstance(cut, Broken):
            yield _defect(cut)
        else:
            rows += 1
    if rows:
        yield Skipped("sheet without the columns of the mapping", rows)
        yield Unread(f"sheet {sheet.name}" if sheet.name else "table", rows)


def _defect(broken: Broken) -> Defect:
    where = Locator(broken.path or f"row {broken.number}", broken.offset, broken.length, broken.units)
    return Defect(locator=where, code=broken.code, detail=broken.detail, raw=broken.raw)


class _Sorter:
    """Tells rows that are messages from titles, headers, totals, blank rows and ragged ones."""

    def __init__(self, mapping: Mapping, head: Head, *, keyed: bool) -> None:
        self._keyed = keyed
        self._header = 0 if keyed else head.header
        self._width = len(head.names)
        self._pad = mapping.rows.short == "pad"
        self._totals = {fold(word) for word in mapping.rows.totals}
        self._above: list[Cell] | None = None

    def judge(self, row: Row) -> Skipped | Defect | None:
        """None for a message; else why it is none."""
        cells = row.cells
        if isinstance(cells, dict):
            return None if any(cell is not None for cell in cells.values()) else Skipped("blank row")
        full = len(cells) - cells.count(None)
        if not full:
            return Skipped("blank row")
        if row.number <= self._header:
            if row.number < self._header:
                return Skipped("title row")
            self._above = cells
            return Skipped("header")
        if cells == self._above:
            return Skipped("repeated header")
        if full <= _FEW and self._is_total(cells[0]):
            return Skipped("total row")
        if len(cells) == self._width:
            return None
        return self._ragged(row, cells)

    def fits(self, row: Row) -> bool:
        """Whether the row has as many cells as there are columns."""
        return self._keyed or len(row.cells) == self._width

    def fitted(self, row: Row) -> Row:
        """The row with as many cells as there are columns."""
        cells = list(row.cells)
        fitted = [*cells, *[None] * (self._width - len(cells))][: self._width]
        return Row(row.number, fitted, row.offset, row.length, row.charset, row.mended, row.path)

    def _is_total(self, first: Cell) -> bool:
        return isinstance(first, str) and fold(first) in self._totals

    def _ragged(self, row: Row, cells: list[Cell]) -> Defect | None:
        if len(cells) > self._width and cells[self._width :].count(None) == len(cells) - self._width:
            return None
        if len(cells) < self._width and self._pad:
            return None
        where = Locator(row.path or f"row {row.number}", row.offset, row.length)
        detail = f"the row has {len(cells)} cells where the header has {self._width}"
        return Defect(locator=where, code="ragged-row", detail=detail, raw=raw_of(row))
