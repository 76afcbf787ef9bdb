"""What the visible slices of a snapshot add up to. Large slices are added up once and kept from state to state."""

from collections.abc import Iterable, Sequence
from threading import Lock
from typing import Any

import numpy as np
import pyarrow as pa

from filon.store.embedded import arrow
from filon.store.embedded.columns import NONE, Ints
from filon.store.embedded.slices import Slice
from filon.store.embedded.summary import SUMMARY

__all__ = ["Totals"]

_LARGE = 1 << 15
"""Rows of a slice that is seldom merged into a larger one."""
_KEYS = ("reading", "conversation", "sender")
_SUMS = ("messages", "undated", "walls", "attachments")
_RANGE = np.iinfo(np.int64)


class Totals:
    """Rows of ``summary.SUMMARY`` for these slices, withdrawn readings left out. ``before``: those of an earlier state."""

    def __init__(self, slices: Sequence[Slice], before: "Totals | None" = None) -> None:
        self._large = [part for part in slices if part.rows >= _LARGE]
        self._small = [part for part in slices if part.rows < _LARGE]
        self._key = frozenset(part.key for part in self._large)
        self._added: pa.Table | None = before._added if before is not None and before._key == self._key else None
        self._lock = Lock()

    def table(self) -> pa.Table:
        """Several rows may have the same reading, conversation and sender."""
        with self._lock:
            if self._added is None:
                self._added = _added_up(map(_visible, self._large))
        return pa.concat_tables([self._added, *map(_visible, self._small)])


def _visible(part: Slice) -> pa.Table:
    if not part.withdrawn:
        return part.summary
    return part.summary.filter(pa.array(~np.isin(part.summary["reading"].to_numpy(), part.withdrawn)))


def _added_up(tables: Iterable[pa.Table]) -> pa.Table:
    """The same with one row for each reading, conversation and sender: sorted and added, a third of the time of a hash join."""
    found = pa.concat_tables([SUMMARY.empty_table(), *tables])
    if not found.num_rows:
        return found
    keys = [arrow.numbers(found[name], NONE) for name in _KEYS]
    order = np.lexsort(keys[::-1])
    keys = [key[order] for key in keys]
    changes = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    starts = np.concatenate([np.zeros(1, np.int64), np.flatnonzero(changes) + 1])
    added = {name: _nullable(key[starts], NONE) for name, key in zip(_KEYS, keys, strict=True)}
    added |= {name: np.add.reduceat(found[name].to_numpy()[order], starts) for name in _SUMS}
    first, last = arrow.numbers(found["first"], _RANGE.max)[order], arrow.numbers(found["last"], _RANGE.min)[order]
    added["first"] = _nullable(np.minimum.reduceat(first, starts), _RANGE.max)
    added["last"] = _nullable(np.maximum.reduceat(last, starts), _RANGE.min)
    return pa.table(added).cast(SUMMARY)


def _nullable(values: Ints, missing: int) -> Any:
    return pa.array(values, mask=values == missing)
