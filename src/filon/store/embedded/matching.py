"""Find the few patterns that texts of a column are made after, each tried on a sample and then proven on every row."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from filon.store.embedded import arrow
from filon.store.embedded.columns import Ints

__all__ = ["find", "same", "taken"]

Pattern = TypeVar("Pattern")

_MOST = 64
"""Patterns of one column: more would say that its texts follow none."""
_SAMPLE = 256
_STEP = 1 << 14
"""Rows that are looked at together: what is made of them stays in the processor's cache."""
_ASKED = 4
"""Rows of a sample whose texts are read for a pattern."""
_ENOUGH, _LITTLE = 0.9, 1 / 32
"""Share of a sample that ends the search for a better pattern; and that a pattern must reach to be worth keeping."""


def find(
    count: int, rows: Ints, guess: Callable[[int], Iterable[Pattern]], holds: Callable[[Pattern, Ints], Ints]
) -> tuple[Ints, list[Pattern]]:
    """The patterns of a column of ``count`` rows, and the ordinal of each row's own, -1 where it has none.

    ``rows``: those to look at; ``guess``: patterns that may hold for one row; ``holds``: for which of some rows one does.
    """
    codes = np.full(count, -1, np.int8)
    found: list[Pattern] = []
    while len(rows) and len(found) < _MOST:
        sample = rows[np.linspace(0, len(rows) - 1, min(len(rows), _SAMPLE)).astype(np.int64)]
        best = _best(sample, guess, holds)
        if best is None:
            break
        fits = np.concatenate([holds(best, rows[at : at + _STEP]) for at in range(0, len(rows), _STEP)])
        codes[rows[fits]] = len(found)
        found.append(best)
        rows = rows[~fits]
    return codes, found


def _best(
    sample: Ints, guess: Callable[[int], Iterable[Pattern]], holds: Callable[[Pattern, Ints], Ints]
) -> Pattern | None:
    best, reached = None, _LITTLE
    for row in sample[np.linspace(0, len(sample) - 1, min(len(sample), _ASKED)).astype(np.int64)].tolist():
        for pattern in guess(row):
            share = float(holds(pattern, sample).mean())
            if share >= _ENOUGH:
                return pattern
            if share > reached:
                best, reached = pattern, share
    return best


def taken(column: "pa.Array[Any]", rows: Ints) -> "pa.Array[Any]":
    """Rows of a column in ascending order; not copied where they lie side by side."""
    if len(rows) and int(rows[-1]) - int(rows[0]) + 1 == len(rows):
        return column.slice(int(rows[0]), len(rows))
    return column.take(rows)


def same(made: "pa.Array[Any]", column: "pa.Array[Any]") -> Ints:
    """Where two columns hold the same value; never where one of them has none."""
    return arrow.true(pc.equal(made, column))
