"""JSON lines decoded into Arrow columns by a reader in C, where the result is proved to be what single lines come to.

That reader takes an object for each line, refuses an unknown key, a key twice, a nested value and a value of another kind than
its column, and reads strings and numbers by the same grammar as ``filon.evidence.json_values``. What it leaves open is looked at
here: that every line is one object, that the bytes are UTF-8, and that no number changes its kind.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.json as pj

from filon.evidence.rows.texts import is_utf8, without_blanks

__all__ = ["MOST_CELLS", "Kinds", "decode_columns"]

_OF: dict[type, pa.DataType] = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
MOST_CELLS = 16 << 20
"""Cells that are decoded at once: many rows fit into a few bytes, and each has all columns."""


class Kinds:
    """Which kind of value each key holds, as far as rows were looked at."""

    def __init__(self) -> None:
        self._of: dict[str, pa.DataType | None] = {}
        self.mixed = False
        """Whether one key holds values of several kinds, so that no column can."""
        self.schema = pa.schema([])

    def learn(self, name: str, types: Iterable[type]) -> None:
        """A key was seen with values of these types."""
        found = {_OF[one] for one in types if one in _OF}
        known = self._of.get(name)
        if known is not None:
            found.add(known)
        self.mixed = self.mixed or len(found) > 1
        kind = found.pop() if found else None
        if name not in self._of or kind != known:
            self._of[name] = kind
            self.schema = pa.schema([pa.field(one, of or pa.string()) for one, of in self._of.items()])


def decode_columns(data: bytes, count: int, kinds: Kinds) -> "list[pa.Array[Any]] | None":
    """The columns of ``count`` lines in the order of ``kinds.schema``; None where they must be read one by one.

    Each line begins with ``{``, ends with ``}`` and LF. An empty text is null, a truth is a text.
    """
    schema = kinds.schema
    if kinds.mixed or not schema.names or count * len(schema.names) > MOST_CELLS or not is_utf8(data):
        return None
    reading = pj.ReadOptions(use_threads=False, block_size=len(data) + 1)
    parsing = pj.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error")
    try:
        table = pj.read_json(pa.BufferReader(data), reading, parsing)  # type: ignore[arg-type]  # a file of Arrow's own
    except pa.ArrowException:
        return None
    # a line that ends with a brace ends outside of any object, for none is nested: so there is one at least on every line
    if table.num_rows != count or table.schema != schema:
        return None
    chunks: list[Any] = [chunk for column in table.columns for chunk in column.chunks]
    arrays = [_cells(chunk) for chunk in chunks] if len(chunks) == len(schema.names) else []
    decoded = [array for array in arrays if array is not None]
    return decoded if len(decoded) == len(schema.names) else None


def _cells(array: "pa.Array[Any]") -> "pa.Array[Any] | None":
    """A column as a stripe holds it; None where a number may have been written as another one."""
    if array.type == pa.string():
        return without_blanks(array)
    if array.type == pa.bool_():
        return array.cast(pa.string())
    if array.type == pa.float64():
        numbers = array.drop_null().to_numpy()
        # a whole number may have been written without a point; NaN and infinities are no JSON
        if not np.isfinite(numbers).all() or (numbers == np.floor(numbers)).any():
            return None
    return array
