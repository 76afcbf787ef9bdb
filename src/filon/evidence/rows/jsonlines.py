"""JSON lines cut into rows: one object per line, nested values under dotted names.

A line that is not a JSON object is a broken row. Where a line holds what strict JSON forbids (NaN, half a surrogate pair,
a control character), Python's tolerant decoder gets a second try.
"""

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import BinaryIO

import msgspec

from filon.evidence.lines import count_lines, lines
from filon.evidence.rows.row import Broken, Cell, Cut, Row, excerpt
from filon.settings import Limits

__all__ = ["JsonLinesSheet", "decode_object", "flatten"]

_LIMIT = Limits().line_bytes
_DEPTH = 8
"""Objects nested deeper than this stay JSON text in one cell."""
_decode = msgspec.json.Decoder().decode
_SCALARS = (str, int, float, bool, type(None))
_KEPT = (bool, int, float, datetime, date, time, timedelta)


class JsonLinesSheet:
    """The one table of a JSON lines file. ``open`` gives its bytes from the start."""

    name = None
    keyed = True

    def __init__(self, open: Callable[[], BinaryIO]) -> None:
        self._open = open

    def rows(self) -> Iterator[Cut]:
        """Every line as a row; a blank line is a row without cells."""
        with self._open() as stream:
            for number, (offset, data, length) in enumerate(lines(stream, _LIMIT), 1):
                if len(data) < length:
                    detail = f"the line is longer than {_LIMIT} bytes"
                    yield Broken(number, "line-too-long", detail, _shown(data), offset, length)
                    continue
                bare = data.strip() if number > 1 else data.removeprefix(b"\xef\xbb\xbf").strip()
                cells = decode_object(bare) if bare else {}
                if isinstance(cells, str):
                    yield Broken(number, "not-an-object", cells, _shown(bare), offset, length)
                else:
                    yield Row(number, cells, offset, length)

    def count(self) -> int:
        """Lines, counted by their ends."""
        with self._open() as stream:
            return count_lines(stream)


def decode_object(data: bytes) -> "dict[str, Cell] | str":
    """The cells of one JSON object, or why it is none."""
    try:
        value = _decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        try:
            value = json.loads(data.decode("utf-8", "replace"), strict=False)
        except (ValueError, RecursionError) as error:
            return f"not JSON: {error}"
    if type(value) is not dict:
        return f"a JSON {type(value).__name__} where an object was expected"
    for cell in value.values():
        if type(cell) is not str:
            return flatten(value)
    return {key: (cell if cell.isascii() else _whole(cell)) or None for key, cell in value.items()}


def flatten(value: dict[str, object]) -> dict[str, Cell]:
    """Cells by dotted name. Lists of plain values stay lists of text; other lists become JSON text."""
    cells: dict[str, Cell] = {}
    _flatten_into(cells, value, "", 0)
    return cells


def _flatten_into(cells: dict[str, Cell], value: dict[str, object], prefix: str, depth: int) -> None:
    for key, inner in value.items():
        name = _whole(f"{prefix}{key}")
        if isinstance(inner, str):
            cells[name] = _whole(inner) or None
        elif inner is None or isinstance(inner, _KEPT):
            cells[name] = inner
        elif isinstance(inner, bytes):
            cells[name] = inner.decode("utf-8", "backslashreplace") or None
        elif isinstance(inner, dict) and depth < _DEPTH and inner:
            _flatten_into(cells, inner, f"{name}.", depth + 1)
        elif isinstance(inner, list) and all(isinstance(item, _SCALARS) for item in inner):
            cells[name] = [_whole(str(item)) for item in inner if item is not None] or None
        else:
            cells[name] = _whole(json.dumps(inner, ensure_ascii=False, default=str)) if inner not in ([], {}) else None


def _whole(text: str) -> str:
    """Text without halves of surrogate pairs, which no store can hold: each becomes U+FFFD."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _shown(data: bytes) -> str:
    return excerpt(data[:4000].decode("utf-8", "replace"))
