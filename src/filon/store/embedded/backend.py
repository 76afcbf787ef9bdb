"""The embedded backend: one folder, one writer, any number of readers. The case holds the lock for writing."""

from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Lock

import msgspec
import numpy as np

from filon.errors import StoreError
from filon.model.layout import Layout
from filon.model.progress import Report, silent
from filon.store.embedded import arrow, facets, filters, manifest
from filon.store.embedded.compact import Merged, due, merge, swap, sweep
from filon.store.embedded.index import EmbeddedIndex
from filon.store.embedded.partition import Bounds
from filon.store.embedded.search import Searches
from filon.store.embedded.snapshot import Snapshot
from filon.store.embedded.sql import Sql
from filon.store.embedded.tables import EmbeddedTables
from filon.store.embedded.verify import table_digests, verify
from filon.store.embedded.write import write
from filon.store.ports import Addition, Capabilities, Compacted, Fault

__all__ = ["EmbeddedBackend"]

_TRIES = 20
"""A state may be replaced while it is being opened; one that is damaged stays damaged."""


class EmbeddedBackend:
    """``filon.store.ports.Backend`` over the case folder of ``layout``. Several threads may share it."""

    capabilities = Capabilities(name="embedded", fields=filters.FIELDS, facets=frozenset(facets.FIELDS))

    def __init__(self, layout: Layout, *, writes: bool = False, bounds: Bounds | None = None) -> None:
        self._layout = layout
        self._writes = writes
        self._bounds = bounds or Bounds()
        self._reloading = Lock()
        self._sql = Sql(layout.temporary)
        self._stamp = manifest.Stamp(layout)
        self._showing = Lock()
        self._kept = Searches()
        self._shown = self._answering(self._present(None), None)

    @property
    def index(self) -> EmbeddedIndex:
        return self._shown[1]

    @property
    def tables(self) -> EmbeddedTables:
        return self._shown[2]

    @property
    def generation(self) -> int:
        return self._snapshot.manifest.generation

    @property
    def withdrawn(self) -> tuple[int, ...]:
        return self._snapshot.manifest.withdrawn

    def intakes(self) -> int:
        return max(self._snapshot.manifest.intakes, default=0)

    def withdrawn_items(self) -> tuple[int, ...]:
        readings = self.tables.table("readings", withdrawn=True)
        of = arrow.numbers(readings["item"], 0)
        gone = np.isin(arrow.numbers(readings["reading"], 0), self.withdrawn)
        return tuple(np.setdiff1d(of[gone], of[~gone]).tolist())

    @property
    def compacted(self) -> Compacted | None:
        return self._snapshot.manifest.compacted

    def compaction_due(self) -> bool:
        return due(self._snapshot.slices, self._snapshot.manifest.parts, self._bounds)

    def compact(self, folder: Path, report: Report = silent) -> Callable[[], Compacted | None] | None:
        self._current()
        parts = self._snapshot.manifest.parts
        merged = merge(self._layout, self._snapshot.slices, parts, self._bounds, folder, report)
        return None if merged is None else lambda: self._swap(merged)

    def sweep(self, aside: Path) -> None:
        sweep(self._layout, self._current(), aside)

    def verify(self, report: Report = silent) -> list[Fault]:
        """What compaction takes away meanwhile, and what a writer makes visible meanwhile, is no fault."""
        faults = verify(self._layout, report)
        try:
            now = manifest.load(self._layout)
        except StoreError:
            return faults
        return [fault for fault in faults if manifest.concerns(self._layout, now, fault.where)]

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
        with self._reloading:
            if not self._stamp.changed():
                return False
            try:
                after = self._present(self._snapshot)
            except BaseException:
                self._stamp.forget()
                raise
            if after is self._snapshot:
                return False
            return self._show(after)

    def close(self) -> None:
        self._stamp.forget()
        self._sql.close()

    def _swap(self, merged: Merged) -> Compacted | None:
        after = swap(self._layout, merged)
        if after is None:
            return None
        self._show(Snapshot(self._layout, after, self._snapshot))
        return after.compacted

    def _present(self, before: Snapshot | None) -> Snapshot:
        """The state that counts now. One that is replaced while it is being opened is left for the next."""
        for _ in range(_TRIES):
            now = manifest.load(self._layout)
            if before is not None and now == before.manifest:
                return before
            try:
                return Snapshot(self._layout, now, before)
            except StoreError:
                if manifest.load(self._layout) == now:
                    raise
        raise StoreError("the store changes faster than it can be opened", hint="try again")

    def _current(self) -> manifest.Manifest:
        if not self._writes:
            raise StoreError("the store was opened for reading", hint="open it with write=True")
        return manifest.load(self._layout)

    def _show(self, snapshot: Snapshot) -> bool:
        """Show a state, unless another thread shows a later one already."""
        shown = self._answering(snapshot, self.tables)
        with self._showing:
            if self.generation > snapshot.manifest.generation:
                return False
            self._shown = shown
        return True

    def _answering(
        self, snapshot: Snapshot, before: EmbeddedTables | None
    ) -> tuple[Snapshot, EmbeddedIndex, EmbeddedTables]:
        index = EmbeddedIndex(snapshot, self._kept)
        return snapshot, index, EmbeddedTables(snapshot, index, self._sql, self._write, before)

    @property
    def _snapshot(self) -> Snapshot:
        return self._shown[0]
