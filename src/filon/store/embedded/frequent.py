"""The rows of the words that stand in many rows of a slice, written with it: an index hands out rows one by one.

A word is kept as the gaps between its rows, one byte each (255 stands for 255 rows without it), or as one bit for each row of
the slice where that is shorter. Reading the rows of a word is a pass over these bytes.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import tantivy

from filon.model.columns import strings
from filon.store.embedded import text

__all__ = ["LEAST", "Frequent", "frequent_rows"]

LEAST = 4096
"""Rows in which a word must stand to be kept: the index hands out fewer in a millisecond."""
_FAR = 255
"""The longest gap, which is no row."""
_SCHEMA = text.schema()
_TYPES: "dict[str, pa.DataType]" = {"word": pa.string(), "gaps": pa.bool_(), "bytes": pa.large_binary()}
_KEPT = pa.schema(_TYPES)

Rows = npt.NDArray[np.int32]


class Frequent:
    """The words of a table made by ``frequent_rows``, for a slice of so many rows."""

    def __init__(self, table: pa.Table | None, rows: int) -> None:
        self._rows = rows
        self._table = table = _KEPT.empty_table() if table is None else table
        self._place: dict[str, int] = {word: at for at, word in enumerate(strings(table["word"]))}

    def __contains__(self, word: object) -> bool:
        return word in self._place

    def rows(self, word: str) -> Rows:
        """The rows in which a kept word stands, ascending; withdrawn ones included."""
        at = self._place[word]
        packed: Any = np.frombuffer(self._table["bytes"][at].as_buffer(), np.uint8)
        return _from_gaps(packed) if self._table["gaps"][at].as_py() else _from_bits(packed, self._rows)


def frequent_rows(searcher: Any, vocabulary: pa.Table, rows: int) -> pa.Table:
    """One row for each word of a vocabulary (``word``, ``rows``) that stands in at least ``LEAST`` rows of its index."""
    many = vocabulary.filter(pc.greater_equal(vocabulary["rows"], pa.scalar(LEAST)))
    words = strings(many["word"])
    packed = [_packed(_asked(searcher, word, rows), rows) for word in words]
    return pa.table([words, [gaps for gaps, _ in packed], [run for _, run in packed]], schema=_KEPT)


def _asked(searcher: Any, word: str, rows: int) -> Rows:
    same = tantivy.Query.const_score_query(tantivy.Query.term_query(_SCHEMA, "text", word), 1.0)
    hits = searcher.search(same, limit=rows, count=False).hits
    found = np.fromiter((address.doc for _, address in hits), np.int32, len(hits))
    found.sort()
    return found


def _packed(rows: Rows, size: int) -> tuple[bool, bytes]:
    """Whether rows are kept as gaps, and their bytes."""
    gaps = np.diff(rows, prepend=np.int32(-1))
    far = gaps // _FAR
    if len(rows) + int(far.sum()) > -(-size // 8):
        bits = np.zeros(size, np.bool_)
        bits[rows] = True
        return False, np.packbits(bits).tobytes()
    run = np.full(len(rows) + int(far.sum()), _FAR, np.uint8)
    run[np.cumsum(far + 1) - 1] = gaps % _FAR
    return True, run.tobytes()


def _from_gaps(run: npt.NDArray[np.uint8]) -> Rows:
    ends = np.cumsum(run, dtype=np.int32)
    found: Rows = ends[run != _FAR]
    found -= 1
    return found


def _from_bits(run: npt.NDArray[np.uint8], size: int) -> Rows:
    return np.flatnonzero(np.unpackbits(run, count=size).view(np.bool_)).astype(np.int32)
