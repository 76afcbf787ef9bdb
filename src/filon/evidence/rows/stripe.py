"""Many rows at once: those that are alike as columns, the others as they are cut one by one."""

from collections.abc import Callable, Generator, Sequence
from typing import Any, BinaryIO

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from filon.evidence.rows.row import Broken, Cell, Cut, Row

__all__ = ["BLOCK", "Lines", "Stripe", "blocks_of_lines", "single_rows"]

BLOCK = 8 << 20
"""Bytes that are cut at once."""


class Stripe(msgspec.Struct, frozen=True, kw_only=True):
    """A run of rows. Alike are those of as many plain cells as there are columns; "" stands for an empty cell as None does.

    ``columns`` hold the cells of the rows that are alike, ``numbers``, ``offsets`` and ``lengths`` say where these stand.
    """

    columns: "Sequence[Sequence[Cell] | pa.Array[Any]]"
    """As an Arrow array where the cells of a column are all text, 64-bit numbers, or times without zone or in UTC that
    Python's ``datetime`` can hold; empty cells are null there."""
    names: tuple[str, ...] | None
    """Names of the columns where cells come by name, else None."""
    numbers: npt.NDArray[np.int64]
    offsets: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]
    last: int
    """Number of the last row of them all."""
    others: list[tuple[int, Cut]]
    """The rows that are not alike, each with how many that are stand before it."""
    row: Callable[[int], Row]
    """One of the rows that are alike, as it is cut on its own."""
    paths: "pa.Array[Any] | None" = None
    """The format's own pointers to the rows that are alike, where no bytes are theirs alone: ``offsets`` then says how far
    the file is read."""


class Lines(msgspec.Struct, frozen=True):
    """Whole lines: their bytes, where they begin in the file, and where each begins and ends inside them."""

    data: bytes
    offset: int
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    last: bool


def blocks_of_lines(stream: BinaryIO, offset: int, size: int, longest: int) -> Generator[Lines, int | None, None]:
    """The lines of ``stream``, which stands at ``offset`` of the file, in blocks of about ``size`` bytes.

    It ends before a line longer than ``longest``; the stream then stands wherever it does. What a caller sends back is
    how many bytes of the block it took: the others come again, with more behind them.
    """
    kept, want = b"", size
    while True:
        data = kept + stream.read(want)
        last = len(data) < len(kept) + want
        end = len(data) if last else data.rfind(b"\n") + 1
        if not end and not last and len(data) <= longest:
            kept = data
            continue
        ends = np.flatnonzero(np.frombuffer(data, np.uint8, end) == ord("\n")).astype(np.int64) + 1
        if last and end and (not len(ends) or ends[-1] != end):
            ends = np.append(ends, end)
        starts = np.concatenate([np.zeros(min(1, len(ends)), np.int64), ends[:-1]])
        if not end or (ends - starts).max() > longest:
            return
        taken = yield Lines(data[:end], offset, starts, ends, last)
        taken = end if taken is None else taken
        # a row that did not fit asks for more; what was asked for grows, so that it is not cut again and again
        want = size if taken else 2 * len(data)
        offset += taken
        kept = data[taken:]
        if last and not kept:
            return


def single_rows(cuts: Sequence[Cut]) -> Stripe:
    """Rows of which none is alike."""
    none = np.empty(0, np.int64)
    last = cuts[-1]
    return Stripe(
        columns=(),
        names=(),
        numbers=none,
        offsets=none,
        lengths=none,
        last=last.number + last.units - 1 if isinstance(last, Broken) else last.number,
        others=[(0, cut) for cut in cuts],
        row=_no_row,
    )


def _no_row(place: int) -> Row:
    raise IndexError(place)
