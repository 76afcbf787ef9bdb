"""The embedded backend: one folder, one writer, any number of readers. The case holds the lock for writing."""

from collections.abc import Iterable

import msgspec
import numpy as np

from filon.errors import StoreError
from filon.model.layout import Layout
from filon.model.progress import Report, silent
from filon.store.embedded import arrow, facets, filters, manifest
from filon.store.embedded.index import EmbeddedIndex
from filon.store.embedded.partition import Bounds
from filon.store.embedded.snapshot import Snapshot
from filon.store.embedded.sql import Sql
from filon.store.embedded.tables import EmbeddedTables
from filon.store.embedded.verify import table_digests, verify
from filon.store.embedded.write import write
from filon.store.ports import Addition, Capabilities, Fault

__all__ = ["EmbeddedBackend"]


class EmbeddedBackend:
    """``filon.store.ports.Backend`` over the case folder of ``layout``. Several threads may share it."""

    capabilities = Capabilities(name="embedded", fields=filters.FIELDS, facets=frozenset(facets.FIELDS))

    def __init__(self, layout: Layout, *, writes: bool = False, bounds: Bounds | None = None) -> None:
        self._layout = layout
        self._writes = writes
        self._bounds = bounds or Bounds()
        self._sql = Sql(layout.temporary)
        self._show(Snapshot(layout, manifest.load(layout)))

    @property
    def index(self) -> EmbeddedIndex:
        return self._index

    @property
    def tables(self) -> EmbeddedTables:
        return self._tables

    @property
    def generation(self) -> int:
        return self._snapshot.manifest.generation

    @property
    def withdrawn(self) -> tuple[int, ...]:
        return self._snapshot.manifest.withdrawn

    def intakes(self) -> int:
        return max(self._snapshot.manifest.intakes, default=0)

    def withdrawn_items(self) -> tuple[int, ...]:
        readings = self._tables.table("readings", withdrawn=True)
        of = arrow.numbers(readings["item"], 0)
        gone = np.isin(arrow.numbers(readings["reading"], 0), self.withdrawn)
        return tuple(np.setdiff1d(of[gone], of[~gone]).tolist())

    def verify(self, report: Report = silent) -> list[Fault]:
        return verify(self._layout, report)

    def digests(self) -> dict[str, str]:
        return table_digests(self._layout, self._snapshot.manifest)

    def _write(self, addition: Addition, report: Report = silent) -> None:
        after = write(self._layout, self._current(), addition, self._bounds, report)
        self._show(Snapshot(self._layout, after, self._snapshot))

    def set_withdrawn(self, readings: Iterable[int]) -> None:
        before = self._current()
        withdrawn = tuple(sorted(set(readings)))
        if withdrawn != before.withdrawn:
            after = msgspec.structs.replace(before, generation=before.generation + 1, withdrawn=withdrawn)
            manifest.save(self._layout, after)
            self._show(Snapshot(self._layout, after, self._snapshot))

    def reload(self) -> bool:
        now = manifest.load(self._layout)
        if now == self._snapshot.manifest:
            return False
        self._show(Snapshot(self._layout, now, self._snapshot))
        return True

    def close(self) -> None:
        self._sql.close()

    def _current(self) -> manifest.Manifest:
        if not self._writes:
            raise StoreError("the store was opened for reading", hint="open it with write=True")
        return manifest.load(self._layout)

    def _show(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._index = EmbeddedIndex(snapshot)
        self._tables = EmbeddedTables(snapshot, self._index, self._sql, self._write)
