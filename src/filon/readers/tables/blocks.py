"""A large table read in blocks: what holds for all of it is settled once, then each block is read on its own."""

from collections.abc import Iterator

import msgspec

from filon.evidence.reading import Given
from filon.evidence.rows import Cell, Table, Written, are_in_stripes, open_table
from filon.evidence.rows.dividing import Block, Division, divide, stripes_of_block
from filon.evidence.source import Source
from filon.model.bulk import Bulk
from filon.model.progress import Report
from filon.readers.tables.columnar import Columnar
from filon.readers.tables.composing import Composer, Fault, Surroundings
from filon.readers.tables.mapping import Mapping
from filon.readers.tables.proposal import around, fitted, propose_for, written_as
from filon.readers.tables.sorting import Sorter, header_cells

__all__ = ["BlockReader", "Layout", "lay_out"]

_KEYED = ("json-lines", "parquet")


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """What a block must be told of the table it was cut from."""

    kind: str
    written: Written
    mapping: Mapping
    names: tuple[str, ...]
    header: int
    above: tuple[str | None, ...] | None
    """The cells of the header row."""
    around: Surroundings


def lay_out(source: Source, given: Given, size: int, report: Report) -> tuple[Layout, Division] | None:
    """The layout of a table and its blocks; None where it can only be read as a whole."""
    mapping = Mapping.from_dict(given.mapping) if given.mapping is not None else None
    table = open_table(source, written_as(mapping) if mapping else None)
    if table is None or table.problem or len(table.sheets) != 1:
        return None
    if mapping is None:
        proposal = propose_for(source, table, given)
        mapping = proposal.mapping if proposal else None
    (sheet,) = table.sheets
    if mapping is None or (mapping.rows.sheets and sheet.name not in mapping.rows.sheets):
        return None
    found = fitted(sheet, mapping)
    if found is None or not are_in_stripes(source, table, len(found[0].names)):
        return None
    head, mapping, _ = found
    above = None if sheet.keyed else header_cells(sheet, head.header)
    layout = Layout(
        kind=table.kind,
        written=table.written,
        mapping=mapping,
        names=head.names,
        header=head.header,
        above=tuple(None if cell is None else str(cell) for cell in above) if above is not None else None,
        around=around(source, table, sheet),
    )
    division = divide(source, table, size, report) if Columnar.fits(BlockReader(layout, given).composer) else None
    return (layout, division) if division is not None else None


class BlockReader:
    """Reads one block of a table."""

    def __init__(self, layout: Layout, given: Given) -> None:
        self._layout = layout
        self._keyed = layout.kind in _KEYED
        self.beyond = 0
        """Rows that a block gave beyond those that were counted when it was divided: only Parquet can state too few."""
        self.composer = Composer(layout.mapping, given, None if self._keyed else layout.names, layout.around)

    def read(self, data: bytes, block: Block, footer: bytes = b"") -> Iterator[Bulk]:
        """Everything its rows come to, but for what is told once for the whole table. ``footer``: see ``Block``."""
        layout, width = self._layout, len(self._layout.names)
        above: list[Cell] | None = list(layout.above) if layout.above is not None else None
        sorter = Sorter(layout.mapping, width, layout.header, above, keyed=self._keyed)
        columnar = Columnar(self.composer, lambda cut: sorter.records(cut, self.composer), layout.header, above)
        table = Table(kind=layout.kind, sheets=(), written=layout.written)
        for stripe in stripes_of_block(data, block, table, width, footer):
            self.beyond = max(0, stripe.last - block.last)
            yield from columnar.compose(stripe)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """To be told once for the whole table, with those of the other blocks."""
        return self.composer.faults

    @property
    def unread(self) -> dict[str, int]:
        """What was seen but not read, with how often."""
        return dict(self.composer.placing.unread)
