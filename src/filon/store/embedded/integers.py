"""How the integer columns of a slice lie on disk: as narrow as their values allow, and mapped when they are read.

Numbers and times count from the smallest of the slice, times in seconds or milliseconds where all of them are whole.
Conversations, which rows are sorted by, are kept as runs; so is the order of message numbers, where each run is of rows
side by side whose numbers follow each other.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from filon.store.embedded.columns import Ints

__all__ = ["Runs", "Scale", "Scaled", "by_number", "save"]

_SCALED = frozenset(("id", "time", "sender"))
_RUNS = "conversation"
_UNITS = (1_000_000, 1_000)
_FEW = 64
"""Rows looked up alone rather than the run of every row written out: up to one in so many."""


class Scale(msgspec.Struct, frozen=True):
    """A file holds ``(value - first) // unit``."""

    first: int
    unit: int


class Scaled:
    """A column of which the file holds less than the values: taken from like an array, but only what is asked for is made."""

    def __init__(self, stored: Ints, scale: Scale, kind: Any) -> None:
        self._stored = stored
        self._scale = scale
        self._kind = np.dtype(kind)

    def __len__(self) -> int:
        return len(self._stored)

    def __getitem__(self, rows: Any) -> Any:
        values = self._stored[rows].astype(self._kind)
        values *= self._kind.type(self._scale.unit)
        values += self._kind.type(self._scale.first)
        return values

    def max(self, initial: int) -> int:
        """The largest value, or ``initial`` where that is larger."""
        return max(initial, self._scale.first + self._scale.unit * int(self._stored.max())) if len(self) else initial


class Runs:
    """An ascending column as its distinct values and the row at which each begins."""

    def __init__(self, values: Ints, starts: Ints, rows: int) -> None:
        self._values = values
        self._starts = starts
        self._rows = rows
        self._whole: Ints | None = None

    def __len__(self) -> int:
        return self._rows

    def __getitem__(self, rows: Any) -> Any:
        return self._values[self._places(rows)]

    def counted(self, rows: Ints | None) -> tuple[Ints, Ints]:
        """Every value, and in how many of these rows it is; None: of all."""
        if rows is None:
            return self._values, np.diff(self._starts, append=self._rows)
        return self._values, np.bincount(self._places(rows), minlength=len(self._values))

    def _places(self, rows: Any) -> Ints:
        """The run of each of these rows."""
        if isinstance(rows, np.ndarray) and rows.dtype != np.bool_ and len(rows) * _FEW < self._rows:
            return np.searchsorted(self._starts, rows, "right") - 1
        if self._whole is None:
            narrow = np.arange(len(self._values), dtype=np.min_scalar_type(len(self._values)))
            self._whole = np.repeat(narrow, np.diff(self._starts, append=self._rows))
        places: Ints = self._whole[rows]
        return places

    def max(self, initial: int) -> int:
        """The largest value, or ``initial`` where that is larger."""
        return max(initial, int(self._values[-1])) if len(self) else initial

    def stretch(self, value: int) -> tuple[int, int]:
        """First row of a value, and the row after its last."""
        at = int(np.searchsorted(self._values, self._values.dtype.type(value)))
        if at == len(self._values) or self._values[at] != value:
            return 0, 0
        return int(self._starts[at]), int(self._starts[at + 1]) if at + 1 < len(self._starts) else self._rows


def by_number(ids: Ints) -> Ints:
    """The rows at which runs of numbers begin, in the order of their numbers."""
    starts = np.flatnonzero(np.diff(ids, prepend=ids[0] - 2) != 1)
    order = starts[np.argsort(ids[starts], kind="stable")]
    return order.astype(np.int32)


def save(folder: Path, columns: Mapping[str, Ints]) -> dict[str, Scale]:
    """Write columns by name, and tell the scale of each that has one."""
    scales: dict[str, Scale] = {}
    for name, values in columns.items():
        stored = values
        if name in _SCALED:
            stored, scales[name] = _scaled(values)
        elif name == _RUNS:
            starts = np.flatnonzero(np.diff(values, prepend=values[0] - 1))
            stored = values[starts]
            np.save(folder / f"{name}_starts.npy", starts.astype(np.int32))
        np.save(folder / f"{name}.npy", stored)
    return scales


def _scaled(values: Ints) -> tuple[Ints, Scale]:
    first = int(values.min())
    above = values.astype(np.int64) - np.int64(first)  # wraps around, and so does what reads it
    wide = above.view(np.uint64)
    unit = next((unit for unit in _UNITS if int(wide.max()) >= unit and not (wide % np.uint64(unit)).any()), 1)
    wide = wide // np.uint64(unit) if unit > 1 else wide
    return wide.astype(np.min_scalar_type(int(wide.max()))), Scale(first, unit)
