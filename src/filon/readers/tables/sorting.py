"""Which rows of a table are messages: titles, headers, totals, blank rows and ragged ones are none."""

from itertools import islice

from filon.evidence.rows import Broken, Cell, Cut, Row, Sheet
from filon.model.records import Defect, Locator, Record, Skipped
from filon.readers.tables.composing import Composer, raw_of
from filon.readers.tables.mapping import Mapping
from filon.readers.tables.words import fold

__all__ = ["Sorter", "defect_of", "header_cells"]

_FEW = 2


def header_cells(sheet: Sheet, number: int) -> list[Cell] | None:
    """The cells of the header row."""
    for cut in islice(sheet.rows(), number):
        if isinstance(cut, Row) and cut.number == number and isinstance(cut.cells, list):
            return cut.cells
    return None


def defect_of(broken: Broken) -> Defect:
    where = Locator(broken.path or f"row {broken.number}", broken.offset, broken.length, broken.units)
    return Defect(locator=where, code=broken.code, detail=broken.detail, raw=broken.raw)


class Sorter:
    """Tells rows that are messages from titles, headers, totals, blank rows and ragged ones."""

    def __init__(self, mapping: Mapping, width: int, header: int, above: list[Cell] | None, *, keyed: bool) -> None:
        self._keyed = keyed
        self._header = 0 if keyed else header
        self._width = width
        self._pad = mapping.rows.short == "pad"
        self._totals = {fold(word) for word in mapping.rows.totals}
        self._above = above

    def records(self, cut: Cut, composer: Composer) -> list[Record]:
        """What one row comes to."""
        if isinstance(cut, Broken):
            return [defect_of(cut)]
        verdict = self.judge(cut)
        if verdict is not None:
            return [verdict]
        return composer.compose(cut if self.fits(cut) else self.fitted(cut))

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
