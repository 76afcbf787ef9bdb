"""Arrow columns as numpy: the few compute functions the store needs, typed in one place."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = [
    "added",
    "bounds",
    "buffer",
    "bytes_of_text",
    "compact",
    "contents",
    "divided",
    "either",
    "given",
    "joined",
    "list_lengths",
    "list_values",
    "narrowed",
    "numbers",
    "parted",
    "replaced",
    "scalar",
    "true",
    "unit",
]

_SAMPLE = 256
"""Values that are looked at before all of them are."""


def numbers(column: Any, missing: int) -> npt.NDArray[Any]:
    """A column of integers, ``missing`` where it is null."""
    filled: npt.NDArray[Any] = (pc.fill_null(column, missing) if column.null_count else column).to_numpy()
    return filled


def given(column: Any) -> npt.NDArray[np.bool_]:
    """Where a column is not null."""
    valid: npt.NDArray[np.bool_] = np.asarray(pc.is_valid(column))
    return valid


def true(column: Any) -> npt.NDArray[np.bool_]:
    """Where a column of booleans is true; where it is null it is not."""
    filled: npt.NDArray[np.bool_] = np.asarray(pc.fill_null(column, False))
    return filled


def list_lengths(column: Any) -> npt.NDArray[np.int64]:
    """How many values each list holds; 0 where there is none."""
    return numbers(pc.list_value_length(column), 0).astype(np.int64)


def buffer(values: Any) -> pa.Buffer:
    """The memory of a numpy array, for columns made without copying it."""
    return pa.py_buffer(values)


def contents(column: Any) -> list[memoryview]:
    """Every buffer of one array of plain values or texts, cut to what the array shows."""
    whole = pa.concat_arrays([column]) if column.offset else column
    return [memoryview(buffer) for buffer in whole.buffers() if buffer is not None]


def either(where: Any, left: Any, right: Any) -> Any:
    """Values of ``left`` where a boolean column is true, else of ``right``."""
    return pc.if_else(where, left, right)


@lru_cache(maxsize=1024)
def scalar(value: str) -> Any:
    """A text for a compute function. To make one costs more than the function does for a page of rows."""
    return pa.scalar(value)


def list_values(column: Any) -> Any:
    """The values of all lists, one after the other."""
    return pc.list_flatten(column.combine_chunks())


def bytes_of_text(column: Any) -> npt.NDArray[np.int64]:
    """UTF-8 bytes of each text; 0 where there is none."""
    lengths: Any = pc.fill_null(pc.binary_length(column), 0)
    return np.asarray(lengths).astype(np.int64)


def added(column: Any, more: npt.NDArray[np.int64]) -> Any:
    """An int64 column plus a number a row, wrapping around; null stays null."""
    return pa.array(numbers(column, 0) + more, mask=~given(column))


def divided(column: Any, unit: int) -> Any:
    """An integer column by a number that divides every value of it."""
    return pc.divide(column, unit)


def unit(column: Any, units: Sequence[int]) -> int:
    """The first of some numbers that divides every value of an int64 column, or 1."""
    values = numbers(column, 0)
    return next((unit for unit in units if not (values[:_SAMPLE] % unit).any() and not (values % unit).any()), 1)


def bounds(column: Any) -> tuple[int, int]:
    """The smallest and the largest value of an integer column that has any."""
    found: Any = pc.min_max(column).as_py()
    return found["min"], found["max"]


def replaced(column: Any, where: npt.NDArray[np.bool_], values: Any) -> Any:
    """A column with these values, in order, in the rows where a boolean is true."""
    return pc.replace_with_mask(column, pa.array(where), values)


def narrowed(column: Any) -> Any:
    """An integer column in the narrowest signed type that holds it; any other, and one of nothing, as it is."""
    if not pa.types.is_integer(column.type) or column.null_count == len(column):
        return column
    low, high = bounds(column)
    for kind in (pa.int8(), pa.int16(), pa.int32()):
        limit = 1 << (kind.bit_width - 1)
        if -limit <= low and high < limit:
            return column.cast(kind)
    return column


def compact(table: pa.Table) -> pa.Table:
    """The same values in narrower types: integers as ``narrowed``, texts that are repeated as a dictionary."""
    return pa.table({name: _compact(table[name].combine_chunks()) for name in table.column_names})


def _compact(column: Any) -> Any:
    if pa.types.is_string(column.type):
        coded = column.dictionary_encode()
        if len(coded.dictionary) * 2 > len(coded):
            return column
        return pa.DictionaryArray.from_arrays(narrowed(coded.indices), coded.dictionary)
    return narrowed(column)


def joined(column: Any, between: str) -> Any:
    """Lists of texts as a dictionary of joined texts, an empty list as null; as they are where that would not be exact."""
    flat, lengths = column.flatten(), list_lengths(column)
    exact = len(flat) and not column.null_count and not flat.null_count
    coded = flat.dictionary_encode()
    words = coded.dictionary
    if not exact or not bytes_of_text(words).all() or np.asarray(pc.match_substring(words, between)).any():
        return column
    codes = coded.indices.to_numpy()
    width = int(lengths[0])
    if (lengths == width).all() and (codes.reshape(-1, width) == codes[:width]).all():
        text = between.join(words.take(codes[:width]).to_pylist())
        return pa.DictionaryArray.from_arrays(np.zeros(len(column), np.int32), pa.array([text]))
    texts: Any = pc.if_else(pa.array(lengths == 0), None, pc.binary_join(column, between))
    return texts.dictionary_encode()


def parted(column: Any, between: str) -> Any:
    """The lists of ``joined``."""
    lists: Any = pc.split_pattern(column.dictionary, between)
    empty: Any = pa.array([[]], lists.type)
    return pa.concat_arrays([lists, empty]).take(pc.fill_null(column.indices, len(lists)))
