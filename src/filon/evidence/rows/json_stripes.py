"""JSON lines cut into many rows at once; the same rows as ``filon.evidence.rows.jsonlines`` cuts one by one.

Objects of plain values are decoded into a struct with a field for every key met so far. A line with anything else, a
nested value, a key twice or broken JSON goes the way of single lines, and so does all that follows a line longer than the
limit.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO

import msgspec
import numpy as np

from filon.evidence.json_values import names_keys_once
from filon.evidence.lines import BOM
from filon.evidence.rows.jsonlines import LIMIT, cut_line, cut_lines
from filon.evidence.rows.row import Cell, Cut, Row
from filon.evidence.rows.stripe import BLOCK, Lines, Stripe, blocks_of_lines

__all__ = ["json_stripes"]

_FEW = 4096
_MOST_KEYS = 500
_ENCODE = msgspec.json.Encoder().encode
_FAILURES = (msgspec.MsgspecError, UnicodeDecodeError, OverflowError, RecursionError)
_PLAIN = frozenset({str, int, float, bool, type(None), msgspec.UnsetType})
_UNKNOWN = re.compile("Object contains unknown field")


def json_stripes(stream: BinaryIO, offset: int, number: int, size: int = BLOCK) -> Iterator[Stripe]:
    """Stripes; ``stream`` stands at ``offset`` of the file, where line ``number`` + 1 begins."""
    keys = _Keys()
    for block in blocks_of_lines(stream, offset, size, LIMIT):
        yield _stripe(block, number, keys)
        number += len(block.starts)
        offset = block.offset + len(block.data)
    stream.seek(offset)
    rest: list[Cut] = []
    for cut in cut_lines(stream, offset, number):
        rest.append(cut)
        if len(rest) == _FEW:
            yield _single(rest)
            rest = []
    if rest:
        yield _single(rest)


class _Keys:
    """The keys met so far, and the decoder into a struct that has them."""

    def __init__(self) -> None:
        self.names: dict[str, None] = {}
        self.decode: Callable[[bytes], Any] = msgspec.json.Decoder(dict[str, Any]).decode

    def learn(self, value: object) -> bool:
        """Take the keys of one more object in; False where there is nothing to learn or too much."""
        if not isinstance(value, dict) or not value or len(self.names) + len(value) > _MOST_KEYS:
            return False
        known = len(self.names)
        self.names.update(dict.fromkeys(value))
        if len(self.names) == known:
            return False
        fields = [
            (f"field{place}", Any, msgspec.field(name=name, default=msgspec.UNSET))
            for place, name in enumerate(self.names)
        ]
        struct = msgspec.defstruct("Values", fields, gc=False, forbid_unknown_fields=True)
        self.decode = msgspec.json.Decoder(struct).decode
        return True


def _stripe(block: Lines, number: int, keys: _Keys) -> Stripe:
    data = block.data
    rows: list[tuple[Any, ...]] = []
    places: list[int] = []
    others: list[tuple[int, Cut]] = []
    bounds = list(zip(block.starts.tolist(), block.ends.tolist(), strict=True))

    def cut(place: int) -> Cut:
        start, end = bounds[place]
        return cut_line(number + 1 + place, block.offset + start, data[start:end])

    for place, (start, end) in enumerate(bounds):
        line = data[start:end].strip() if place or number else data[start:end].removeprefix(BOM).strip()
        values = _values(line, keys)
        if values is None:
            others.append((len(rows), cut(place)))
        else:
            rows.append(values)
            places.append(place)
    width = len(keys.names)
    kept = np.array(places, np.int64)
    return Stripe(
        columns=[_column(values) for values in zip(*_padded(rows, width), strict=True)] if rows else [()] * width,
        names=tuple(keys.names),
        numbers=number + 1 + kept,
        offsets=block.offset + block.starts[kept],
        lengths=block.ends[kept] - block.starts[kept],
        last=number + len(bounds),
        others=others,
        row=lambda place: _row(cut(places[place])),
    )


def _values(line: bytes, keys: _Keys) -> tuple[Any, ...] | None:
    """The values of an object under the keys known, or None where it must be looked at on its own."""
    try:
        value = keys.decode(line)
        if not names_keys_once(line, _ENCODE(value)):
            return None
    except _FAILURES as error:
        if not _UNKNOWN.match(str(error)) or not keys.learn(_object(line)):
            return None
        return _values(line, keys)
    if isinstance(value, dict):
        return _values(line, keys) if keys.learn(value) else None
    values = msgspec.structs.astuple(value)
    return values if _PLAIN.issuperset(map(type, values)) else None


def _object(line: bytes) -> object:
    try:
        return msgspec.json.decode(line)
    except _FAILURES:
        return None


def _padded(rows: list[tuple[Any, ...]], width: int) -> Sequence[tuple[Any, ...]]:
    """The rows with as many values as there are keys now."""
    if len(rows[0]) == width:
        return rows
    return [row if len(row) == width else row + (None,) * (width - len(row)) for row in rows]


def _column(values: tuple[Any, ...]) -> Sequence[Cell]:
    kinds = set(map(type, values))
    if msgspec.UnsetType in kinds:
        values = tuple([None if value is msgspec.UNSET else value for value in values])
    if bool in kinds:
        return [("true" if value else "false") if type(value) is bool else value for value in values]
    return values


def _row(cut: Cut) -> Row:
    assert isinstance(cut, Row)
    return cut


def _single(cuts: list[Cut]) -> Stripe:
    none = np.empty(0, np.int64)
    others = [(0, cut) for cut in cuts]
    last = cuts[-1].number
    return Stripe(columns=(), names=(), numbers=none, offsets=none, lengths=none, last=last, others=others, row=_no_row)


def _no_row(place: int) -> Row:
    raise IndexError(place)
