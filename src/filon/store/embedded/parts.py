"""The tables beside the messages: Parquet parts, each with the rows of one intake or of several one after the other.

Rows are only ever appended, so what was read of a table stays good and a later state is read from there. Compaction may
have replaced a part before a reader of an earlier state came to open it: the same rows then are the first rows of the
present state.
"""

from collections.abc import Sequence
from threading import Lock

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from filon.errors import StoreError
from filon.model.columns import TABLES
from filon.model.ids import RECORD_BITS
from filon.model.layout import Layout
from filon.store.embedded import arrow
from filon.store.embedded.manifest import Manifest, Part, load
from filon.store.embedded.slices import Bits

__all__ = ["Tables", "from_readings", "read_part", "read_parts"]

_CHUNKS = 64
"""Pieces of a table in memory beyond which they are put together: many small ones make every query slow."""


class Tables:
    """The tables of a case, read when they are asked for and kept. Safe to share between threads and snapshots."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._read: dict[str, pa.Table] = {}
        self._lock = Lock()

    def rows(self, manifest: Manifest, kind: str) -> pa.Table:
        """All rows that a manifest names of a table, in the order of their intakes; withdrawn ones too."""
        wanted = _count(manifest, kind)
        with self._lock:
            held = self._read.get(kind)
            if held is None or held.num_rows < wanted:
                held = _extended(self._layout, manifest, kind, held)
                self._read[kind] = held
        return held.slice(0, wanted)


def read_parts(layout: Layout, manifest: Manifest, kind: str, *, withdrawn: bool = False) -> pa.Table:
    """All rows of a table in the order of their intakes; with ``withdrawn`` also those nobody may see."""
    whole = _extended(layout, manifest, kind, None)
    if withdrawn or not manifest.withdrawn:
        return whole
    return whole.filter(pa.array(~from_readings(whole, manifest.withdrawn)))


def read_part(layout: Layout, part: Part) -> pa.Table:
    """The rows of one part. ``StoreError`` where it is missing or damaged."""
    path = layout.root / part.file.path
    try:
        table = pq.ParquetFile(path).read().cast(TABLES[part.kind])
    except (OSError, ValueError, pa.ArrowException) as error:
        raise StoreError("{path} is missing or damaged", hint="run `filon verify`", path=str(path)) from error
    if table.num_rows != part.rows:
        raise StoreError("{path} is missing or damaged", hint="run `filon verify`", path=str(path))
    return table


def from_readings(table: pa.Table, readings: Sequence[int]) -> Bits:
    """Which rows of a table one of these readings gave; items are given by none."""
    if "reading" in table.column_names:
        return np.isin(arrow.numbers(table["reading"], 0), readings)
    if "id" in table.column_names:
        return np.isin(table["id"].to_numpy() >> RECORD_BITS, readings)
    return np.zeros(table.num_rows, np.bool_)


def _count(manifest: Manifest, kind: str) -> int:
    if kind not in TABLES:
        raise StoreError("there is no table called {name}", name=kind)
    return sum(part.rows for part in manifest.parts if part.kind == kind)


def _extended(layout: Layout, manifest: Manifest, kind: str, held: pa.Table | None) -> pa.Table:
    """The rows of a table, of which the first are held already."""
    wanted = _count(manifest, kind)
    held = held if held is not None else TABLES[kind].empty_table()
    while True:
        try:
            new = _after(layout, manifest, kind, held.num_rows)
        except StoreError:
            now = load(layout)
            if now.generation == manifest.generation:
                raise
            manifest = now
        else:
            whole = pa.concat_tables([held, *new]).slice(0, wanted).unify_dictionaries()
            return whole.combine_chunks() if whole.column(0).num_chunks > _CHUNKS else whole


def _after(layout: Layout, manifest: Manifest, kind: str, start: int) -> list[pa.Table]:
    """The rows of a table from row ``start`` on; parts that lie before it are not opened."""
    tables, first = [], 0
    for part in manifest.parts:
        if part.kind != kind:
            continue
        if first + part.rows > start:
            tables.append(read_part(layout, part).slice(max(0, start - first)))
        first += part.rows
    return tables
