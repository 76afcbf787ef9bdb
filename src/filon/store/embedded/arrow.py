"""Arrow columns as numpy: the few compute functions the store needs, typed in one place."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

__all__ = ["bytes_of_text", "given", "list_lengths", "list_values", "numbers"]


def numbers(column: Any, missing: int) -> npt.NDArray[Any]:
    """A column of integers, ``missing`` where it is null."""
    filled: npt.NDArray[Any] = pc.fill_null(column, missing).to_numpy()
    return filled


def given(column: Any) -> npt.NDArray[np.bool_]:
    """Where a column is not null."""
    valid: npt.NDArray[np.bool_] = np.asarray(pc.is_valid(column))
    return valid


def list_lengths(column: Any) -> npt.NDArray[np.int64]:
    """How many values each list holds; 0 where there is none."""
    return numbers(pc.list_value_length(column), 0).astype(np.int64)


def list_values(column: Any) -> Any:
    """The values of all lists, one after the other."""
    return pc.list_flatten(column.combine_chunks())


def bytes_of_text(column: Any) -> npt.NDArray[np.int64]:
    """UTF-8 bytes of each text; 0 where there is none."""
    lengths: Any = pc.fill_null(pc.binary_length(column), 0)
    return np.asarray(lengths).astype(np.int64)
