"""The rows of the words that stand in many rows of a slice, written with it: an index hands out rows one by one.

A word is kept as the gaps between its rows, one or two bytes each (the largest number stands for as many rows without it),
or as one bit for each row of the slice, whichever is shortest. Reading the rows of a word is a pass over these bytes.
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

LEAST = 1024
"""Rows in which a word must stand to be kept: the index hands out fewer in half a millisecond."""
_GAPS: dict[int, Any] = {1: np.uint8, 2: np.dtype("<u2")}
"""By the bytes a gap takes."""
_SCHEMA = text.schema()
_TYPES: "dict[str, pa.DataType]" = {"word": pa.string(), "gaps": pa.uint8(), "bytes": pa.large_binary()}
"""``gaps``: the bytes each takes, 0 where there are bits instead; slices built before there were two hold a boolean."""
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
        packed = self._table["bytes"][at].as_buffer()
        width = int(self._table["gaps"][at].as_py())
        return _from_gaps(packed, _GAPS[width]) if width else _from_bits(packed, self._rows)


def frequent_rows(searcher: Any, vocabulary: pa.Table, rows: int) -> pa.Table:
    """One row for each word of a vocabulary (``word``, ``rows``) that stands in at least ``LEAST`` rows of its index."""
    many = vocabulary.filter(pc.greater_equal(vocabulary["rows"], pa.scalar(LEAST)))
    words, counts = strings(many["word"]), many["rows"].to_numpy().tolist()
    packed = [_packed(_asked(searcher, *one), rows) for one in zip(words, counts, strict=True)]
    return pa.table([words, [width for width, _ in packed], [run for _, run in packed]], schema=_KEPT)


def _asked(searcher: Any, word: str, rows: int) -> Rows:
    """The rows of a word that stands in so many."""
    same = tantivy.Query.const_score_query(tantivy.Query.term_query(_SCHEMA, "text", word), 1.0)
    hits = searcher.search(same, limit=rows, count=False).hits
    found = np.fromiter((address.doc for _, address in hits), np.int32, len(hits))
    found.sort()
    return found


def _packed(rows: Rows, size: int) -> tuple[int, bytes]:
    """How rows are kept, see ``_TYPES``, and their bytes."""
    gaps = np.diff(rows, prepend=np.int32(-1))
    long = {width: width * (len(rows) + int((gaps // np.iinfo(kind).max).sum())) for width, kind in _GAPS.items()}
    width = min(long, key=lambda width: long[width])
    if long[width] > -(-size // 8):
        bits = np.zeros(size, np.bool_)
        bits[rows] = True
        return 0, np.packbits(bits).tobytes()
    most = np.iinfo(_GAPS[width]).max
    far = gaps // most
    run = np.full(len(rows) + int(far.sum()), most, _GAPS[width])
    run[np.cumsum(far + 1) - 1] = gaps % most
    return width, run.tobytes()


def _from_gaps(packed: Any, kind: Any) -> Rows:
    run: npt.NDArray[Any] = np.frombuffer(packed, kind)
    ends = np.cumsum(run, dtype=np.int32)
    found: Rows = ends[run != np.iinfo(kind).max]
    found -= 1
    return found


def _from_bits(packed: Any, size: int) -> Rows:
    run = np.frombuffer(packed, np.uint8)
    return np.flatnonzero(np.unpackbits(run, count=size).view(np.bool_)).astype(np.int32)
