"""JSON lines cut into rows: one object per line, nested values under dotted names.

A line that is not a JSON object is a broken row. How a line had to be mended to be read is told with the row.
"""

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import BinaryIO

from filon.evidence.json_values import Undecodable, decode
from filon.evidence.lines import BOM, count_lines, lines
from filon.evidence.rows.row import Broken, Cell, Cut, Row, excerpt
from filon.settings import Limits

__all__ = ["LIMIT", "JsonLinesSheet", "cut_line", "cut_lines", "flatten"]

LIMIT = Limits().line_bytes
_DEPTH = 8
"""Objects nested deeper than this stay JSON text in one cell."""
_SCALARS = (str, int, float, bool, type(None))
_KEPT = (int, float, datetime, date, time, timedelta)


class JsonLinesSheet:
    """The one table of a JSON lines file. ``open`` gives its bytes from the start."""

    name = None
    keyed = True

    def __init__(self, open: Callable[[], BinaryIO]) -> None:
        self._open = open

    def rows(self) -> Iterator[Cut]:
        """Every line as a row; a blank line is a row without cells."""
        with self._open() as stream:
            yield from cut_lines(stream)

    def count(self) -> int:
        """Lines, counted by their ends."""
        with self._open() as stream:
            return count_lines(stream)


def cut_lines(stream: BinaryIO, start: int = 0, number: int = 0) -> Iterator[Cut]:
    """Every line from where the stream stands; behind ``start`` bytes lines end with LF."""
    found = lines(stream, LIMIT, b"\n" if start else None)
    for line, (offset, data, length) in enumerate(found, number + 1):
        if len(data) < length:
            detail = f"the line is longer than {LIMIT} bytes"
            yield Broken(line, "line-too-long", detail, _shown(data), start + offset, length)
        else:
            yield cut_line(line, start + offset, data)


def cut_line(number: int, offset: int, data: bytes) -> Cut:
    """One whole line as a row."""
    length = len(data)
    bare = data.strip() if number > 1 else data.removeprefix(BOM).strip()
    if not bare:
        return Row(number, {}, offset, length)
    try:
        value, rules = decode(bare)
    except Undecodable as error:
        return Broken(number, "json-broken", f"not JSON: {error}", _shown(bare), offset, length)
    if type(value) is dict:
        return Row(number, flatten(value), offset, length, mended=rules)
    return Broken(number, "not-an-object", "a JSON value that is not an object", _shown(bare), offset, length)


def flatten(value: dict[str, object]) -> dict[str, Cell]:
    """Cells by dotted name. Lists of plain values become lists of text; other lists become JSON text."""
    cells: dict[str, Cell] = {}
    _flatten_into(cells, value, "", 0)
    return cells


def _flatten_into(cells: dict[str, Cell], value: dict[str, object], prefix: str, depth: int) -> None:
    for key, inner in value.items():
        name = prefix + key
        if type(inner) is str:
            cells[name] = inner or None
        elif isinstance(inner, bool):
            cells[name] = "true" if inner else "false"
        elif inner is None or isinstance(inner, _KEPT):
            cells[name] = inner
        elif isinstance(inner, bytes):
            cells[name] = inner.decode("utf-8", "backslashreplace") or None
        elif isinstance(inner, dict) and depth < _DEPTH and inner:
            _flatten_into(cells, inner, f"{name}.", depth + 1)
        elif isinstance(inner, list) and all(isinstance(item, _SCALARS) for item in inner):
            cells[name] = [str(item) for item in inner if item is not None] or None
        else:
            cells[name] = json.dumps(inner, ensure_ascii=False, default=str) if inner not in ([], {}) else None


def _shown(data: bytes) -> str:
    return excerpt(data[:4000].decode("utf-8", "replace"))
