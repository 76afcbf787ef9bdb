"""A case for notebooks and scripts: one view, bound once, and answers as Arrow tables.

import filon
found = filon.open("ops-lille").search('livraison from:dylan')
found.total, found.to_arrow()
"""

from collections.abc import Iterator

import pyarrow as pa

from filon.case.answers import Counts, Hit
from filon.case.case import Case
from filon.case.flows.exporting import COLUMNS
from filon.model.view import View
from filon.store import Order

__all__ = ["Notebook", "Result"]


class Result:
    """The hits of one search. Iterating gives hits with their passages; ``to_arrow`` gives rows with their sources."""

    def __init__(self, case: Case, view: View, text: str, order: Order) -> None:
        self._case = case
        self._view = view
        self._order = order
        self.text = text

    @property
    def total(self) -> int:
        """The exact number of hits."""
        return self._case.count(self._view, self.text)

    def __len__(self) -> int:
        return self.total

    def __iter__(self) -> Iterator[Hit]:
        offset = 0
        while hits := self._case.search(self._view, self.text, order=self._order, offset=offset, limit=1_000).hits:
            yield from hits
            offset += len(hits)

    def to_arrow(self) -> pa.Table:
        """All hits, oldest first, in the columns of an export: times, people, text, item hash, locator."""
        return pa.Table.from_batches(self._case.rows(self._view, self.text), COLUMNS)


class Notebook:
    """A case seen through one view. ``case`` is the whole door."""

    def __init__(self, case: Case, view: View | None = None) -> None:
        self.case = case
        self.view = view or case.view()

    def search(self, text: str = "", order: Order = "newest") -> Result:
        """Search messages."""
        return Result(self.case, self.view, text, order)

    def counts(self) -> Counts:
        """Totals of everything in view."""
        return self.case.counts(self.view)

    def close(self) -> None:
        """Let go of the case."""
        self.case.close()
