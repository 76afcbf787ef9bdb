"""Cutting a whole column of texts into words, without an object for a text that is plain."""

import sys
from threading import Lock
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from filon.model.words import ASCII_SPACED, LONGEST, cut_each, spaced

__all__ = ["cut_column"]

_UTF32 = "utf-32-le"


class _Points:
    """What every code point becomes, learnt when it is first met: a table for whole texts at once.

    ``str.translate`` with a dictionary takes some ten times as long for each character.
    """

    def __init__(self) -> None:
        self._known = np.zeros(sys.maxunicode + 1, np.bool_)
        self._length = np.zeros(sys.maxunicode + 1, np.uint8)
        self._first = np.zeros(sys.maxunicode + 1, np.int32)
        self._run = np.zeros(0, np.uint32)
        self._lock = Lock()

    def translate(self, text: str) -> str:
        """The text with ``spaced`` in the place of every character."""
        points = np.frombuffer(text.encode(_UTF32, "surrogatepass"), np.uint32)
        unknown = points[~self._known[points]]
        if len(unknown):
            self._learn(np.unique(unknown).tolist())
        length, first = self._length[points], self._first[points]
        if (length == 1).all():
            made = self._run[first]
        else:
            ends = np.cumsum(length, dtype=np.int64)
            made = self._run[np.repeat(first - (ends - length), length) + np.arange(ends[-1])]
        return made.tobytes().decode(_UTF32, "surrogatepass")

    def _learn(self, points: list[int]) -> None:
        """Several threads may read meanwhile: what is known of a point stays, and is complete before it is known."""
        with self._lock:
            made = [np.frombuffer(spaced(point).encode(_UTF32), np.uint32) for point in points]
            length = np.array([len(one) for one in made])
            first = len(self._run) + np.cumsum(length) - length
            self._run = np.concatenate((self._run, *made))
            self._length[points], self._first[points] = length, first
            self._known[points] = True


_POINTS = _Points()


def cut_column(texts: "pa.Array[Any]") -> "pa.Array[Any]":
    """For each text its words with spaces between and around them, one or several; nothing where there is no text.

    The words are those of ``filon.model.words.cut``.
    """
    given: Any = texts.fill_null("")
    spaced = _ascii_spaced(given)
    lengths: Any = pc.binary_length(given)
    plain: Any = pc.and_(pc.string_is_ascii(given), pc.less_equal(lengths, pa.scalar(LONGEST)))
    others = np.flatnonzero(~np.asarray(plain))
    if not len(others):
        return spaced
    words = pa.array(cut_each(given.take(pa.array(others)).to_pylist(), _POINTS.translate), pa.string())
    whole: pa.Array[Any] = pc.replace_with_mask(spaced, pc.invert(plain), words)
    return whole


def _ascii_spaced(texts: "pa.Array[Any]") -> "pa.Array[Any]":
    """The texts with every ASCII byte folded: the words of those that are ASCII."""
    whole = pa.concat_arrays([texts]) if texts.offset else texts
    valid, offsets, run = whole.buffers()
    folded = pa.py_buffer((run.to_pybytes() if run else b"").translate(ASCII_SPACED))
    return pa.Array.from_buffers(pa.string(), len(whole), [valid, offsets, folded])
