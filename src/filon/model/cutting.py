"""Cutting a whole column of texts into words, without an object for a text that is plain."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from filon.model.words import ASCII_SPACED, LONGEST, cut_each

__all__ = ["cut_column"]


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
    words = pa.array(cut_each(given.take(pa.array(others)).to_pylist()), pa.string())
    whole: pa.Array[Any] = pc.replace_with_mask(spaced, pc.invert(plain), words)
    return whole


def _ascii_spaced(texts: "pa.Array[Any]") -> "pa.Array[Any]":
    """The texts with every ASCII byte folded: the words of those that are ASCII."""
    whole = pa.concat_arrays([texts]) if texts.offset else texts
    valid, offsets, run = whole.buffers()
    folded = pa.py_buffer((run.to_pybytes() if run else b"").translate(ASCII_SPACED))
    return pa.Array.from_buffers(pa.string(), len(whole), [valid, offsets, folded])
