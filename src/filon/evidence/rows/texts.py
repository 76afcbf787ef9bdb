"""Texts cut out of bytes into Arrow columns, without a Python string for each."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["is_utf8", "texts_between", "without_blanks"]

_Places = npt.NDArray[np.int64]


def is_utf8(data: bytes) -> bool:
    """Whether bytes are UTF-8 throughout."""
    if data.isascii():
        return True
    ends = pa.py_buffer(np.array([0, len(data)], np.int64).tobytes())
    try:
        pa.LargeStringArray.from_buffers(1, ends, pa.py_buffer(data)).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def texts_between(data: bytes, starts: _Places, ends: _Places) -> "pa.Array[Any]":
    """The texts of ``data`` (UTF-8) between places, of which each pair lies behind the one before it. An empty text is null."""
    count = len(starts)
    bounds = np.empty(2 * count + 1, np.int32)
    bounds[0:-1:2], bounds[1::2], bounds[-1] = starts, ends, ends[-1] if count else 0
    both: pa.Array[Any] = pa.StringArray.from_buffers(2 * count, pa.py_buffer(bounds.tobytes()), pa.py_buffer(data))
    return without_blanks(both.take(np.arange(0, 2 * count, 2)))


def without_blanks(texts: "pa.Array[Any]") -> "pa.Array[Any]":
    """A column of texts with null for empty ones."""
    count = len(texts)
    _, places, signs = texts.buffers()
    offsets = np.frombuffer(memoryview(places or b""), np.int32)[texts.offset : texts.offset + count + 1]
    full = np.diff(offsets) > 0
    if int(full.sum()) == count - texts.null_count:
        return texts
    bits = pa.py_buffer(np.packbits(full, bitorder="little").tobytes())
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets.tobytes()), signs or pa.py_buffer(b""), bits)
