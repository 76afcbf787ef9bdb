"""JSON lines cut into many rows at once; the same rows as ``filon.evidence.rows.jsonlines`` cuts one by one.

Lines of which all have plain values of one kind a key are decoded together. Where that fails, halves of them are tried;
a few lines are decoded one by one into a struct with a field for every key met so far. A line with a nested value, a key
twice or broken JSON goes the way of single lines, and so does all that follows a line longer than the limit.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO

import msgspec
import numpy as np
import numpy.typing as npt

from filon.evidence.json_values import names_keys_once
from filon.evidence.lines import BOM
from filon.evidence.rows.json_columns import MOST_CELLS, Kinds, decode_columns
from filon.evidence.rows.jsonlines import LIMIT, cut_line, cut_lines
from filon.evidence.rows.row import Cell, Cut, Row
from filon.evidence.rows.stripe import BLOCK, Lines, Stripe, blocks_of_lines

__all__ = ["json_stripes"]

_FEW = 4096
_SAMPLED = 256
_MOST_OF = 0.9
_TOGETHER = 2048
"""Lines that are not halved again."""
_TRIES = 4
"""Stretches of lines that may fail one after the other before no more are tried."""
_MOST_KEYS = 500
_ENCODE = msgspec.json.Encoder().encode
_FAILURES = (msgspec.MsgspecError, UnicodeDecodeError, OverflowError, RecursionError)
_PLAIN = frozenset({str, int, float, bool, type(None), msgspec.UnsetType})
_UNKNOWN = re.compile("Object contains unknown field")


def json_stripes(stream: BinaryIO, offset: int, number: int, size: int = BLOCK) -> Iterator[Stripe]:
    """Stripes; ``stream`` stands at ``offset`` of the file, where line ``number`` + 1 begins."""
    cutter = _Cutter()
    for block in blocks_of_lines(stream, offset, size, LIMIT):
        yield from cutter.cut(block, number)
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


class _Cutter:
    """Cuts blocks of lines, and learns from each which keys there are."""

    def __init__(self) -> None:
        self._keys = _Keys()
        self._failed = 0

    def cut(self, block: Lines, number: int) -> Iterator[Stripe]:
        """The rows of a block, which ``number`` lines stand before."""
        keys, count = self._keys, len(block.starts)
        if not keys.names:
            self._sample(block)
        hopeless = keys.kinds.mixed or self._failed >= _TRIES
        together = None if hopeless else self._together(block, number)
        if together is not None:
            self._failed = 0
            yield together
        elif count <= _TOGETHER or (hopeless and count * len(keys.names) <= MOST_CELLS):
            known = len(keys.names)
            yield _stripe(block, number, keys)
            self._failed += len(keys.names) == known
        else:
            yield from self.cut(_part(block, 0, count // 2), number)
            yield from self.cut(_part(block, count // 2, count), number + count // 2)

    def _sample(self, block: Lines) -> None:
        """Learn the keys from lines all over the block."""
        places = range(0, len(block.starts), len(block.starts) // _SAMPLED + 1)
        lines = [block.data[block.starts[place] : block.ends[place]].strip() for place in places]
        rows = [values for line in lines if (values := _values(line, self._keys)) is not None]
        _columns(rows, self._keys)

    def _together(self, block: Lines, number: int) -> Stripe | None:
        """The rows of a block where all lines can be decoded together, but for those that hold no object at all."""
        alike = _look_like_objects(block)
        kept = np.flatnonzero(alike)
        if len(kept) < _MOST_OF * len(alike):
            return None
        columns = decode_columns(_joined(block, alike), len(kept), self._keys.kinds)
        if columns is None:
            return None
        others = [(int(alike[:place].sum()), _cut(block, number, place)) for place in np.flatnonzero(~alike).tolist()]
        return Stripe(
            columns=columns,
            names=tuple(self._keys.kinds.schema.names),
            numbers=number + 1 + kept,
            offsets=block.offset + block.starts[kept],
            lengths=block.ends[kept] - block.starts[kept],
            last=number + len(block.starts),
            others=others,
            row=lambda place: _row(_cut(block, number, int(kept[place]))),
        )


def _look_like_objects(block: Lines) -> npt.NDArray[np.bool_]:
    """Which lines begin with ``{`` and end with ``}`` and LF or CRLF."""
    data = np.frombuffer(block.data, np.uint8)
    last = block.ends - 1 - (data[block.ends - 1] == ord("\n"))
    last -= data[np.maximum(last, 0)] == ord("\r")
    alike: npt.NDArray[np.bool_] = (data[block.starts] == ord("{")) & (data[np.maximum(last, 0)] == ord("}"))
    alike &= last > block.starts
    return alike


def _joined(block: Lines, alike: npt.NDArray[np.bool_]) -> bytes:
    """The bytes of some lines."""
    if alike.all():
        return block.data
    edges = np.flatnonzero(np.diff(np.concatenate([[False], alike, [False]])))
    runs = edges.reshape(-1, 2).tolist()
    return b"".join(block.data[block.starts[first] : block.ends[beyond - 1]] for first, beyond in runs)


def _part(block: Lines, first: int, beyond: int) -> Lines:
    """Some lines of a block."""
    start, end = int(block.starts[first]), int(block.ends[beyond - 1])
    starts, ends = block.starts[first:beyond] - start, block.ends[first:beyond] - start
    return Lines(block.data[start:end], block.offset + start, starts, ends, block.last and beyond == len(block.starts))


def _cut(block: Lines, number: int, place: int) -> Cut:
    """One line of a block, which ``number`` lines stand before."""
    start, end = int(block.starts[place]), int(block.ends[place])
    return cut_line(number + 1 + place, block.offset + start, block.data[start:end])


class _Keys:
    """The keys met so far, and the decoder into a struct that has them."""

    def __init__(self) -> None:
        self.names: dict[str, None] = {}
        self.kinds = Kinds()
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
    """The rows of a block, each decoded on its own."""
    data = block.data
    rows: list[tuple[Any, ...]] = []
    places: list[int] = []
    others: list[tuple[int, Cut]] = []
    for place, (start, end) in enumerate(zip(block.starts.tolist(), block.ends.tolist(), strict=True)):
        line = data[start:end].strip() if place or number else data[start:end].removeprefix(BOM).strip()
        values = _values(line, keys)
        if values is None:
            others.append((len(rows), _cut(block, number, place)))
        else:
            rows.append(values)
            places.append(place)
    kept = np.array(places, np.int64)
    return Stripe(
        columns=_columns(rows, keys),
        names=tuple(keys.names),
        numbers=number + 1 + kept,
        offsets=block.offset + block.starts[kept],
        lengths=block.ends[kept] - block.starts[kept],
        last=number + len(block.starts),
        others=others,
        row=lambda place: _row(_cut(block, number, places[place])),
    )


def _columns(rows: list[tuple[Any, ...]], keys: _Keys) -> list[Sequence[Cell]]:
    """The values of all rows under each key, whose kinds are learned by the way."""
    if not rows:
        return [()] * len(keys.names)
    padded = _padded(rows, len(keys.names))
    return [
        _column(name, values, keys.kinds) for name, values in zip(keys.names, zip(*padded, strict=True), strict=True)
    ]


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


def _column(name: str, values: tuple[Any, ...], kinds: Kinds) -> Sequence[Cell]:
    types = set(map(type, values))
    kinds.learn(name, types)
    if msgspec.UnsetType in types:
        values = tuple([None if value is msgspec.UNSET else value for value in values])
    if bool in types:
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
