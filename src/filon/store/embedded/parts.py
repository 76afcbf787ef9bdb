"""The tables beside the messages: one Parquet part an intake, read whole, without withdrawn readings."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from filon.errors import StoreError
from filon.model.columns import TABLES
from filon.model.ids import RECORD_BITS
from filon.model.layout import Layout
from filon.store.embedded import arrow
from filon.store.embedded.manifest import Manifest
from filon.store.embedded.slices import Bits

__all__ = ["from_readings", "read_parts"]


def read_parts(layout: Layout, manifest: Manifest, kind: str, *, withdrawn: bool = False) -> pa.Table:
    """All rows of a table in the order of their intakes; with ``withdrawn`` also those nobody may see."""
    if kind not in TABLES:
        raise StoreError("there is no table called {name}", name=kind)
    parts = [part for part in manifest.parts if part.kind == kind]
    tables = [_read(layout, kind, part.intake) for part in parts]
    whole = pa.concat_tables([TABLES[kind].empty_table(), *tables]).unify_dictionaries()
    if withdrawn or not manifest.withdrawn:
        return whole
    return whole.filter(pa.array(~from_readings(whole, manifest.withdrawn)))


def from_readings(table: pa.Table, readings: Sequence[int]) -> Bits:
    """Which rows of a table one of these readings gave; items are given by none."""
    if "reading" in table.column_names:
        return np.isin(arrow.numbers(table["reading"], 0), readings)
    if "id" in table.column_names:
        return np.isin(table["id"].to_numpy() >> RECORD_BITS, readings)
    return np.zeros(table.num_rows, np.bool_)


def _read(layout: Layout, kind: str, intake: int) -> pa.Table:
    path = layout.table(kind, intake)
    try:
        return pq.ParquetFile(path).read().cast(TABLES[kind])
    except (OSError, pa.ArrowException) as error:
        raise StoreError("{path} is missing or damaged", hint="run `filon verify`", path=str(path)) from error
