"""Columns of times read at once: the same stamps as ``filon.readers.tables.times`` reads cell by cell.

ISO 8601 to the second and numbers since 1970 are computed for the whole column; every other cell is read on its own.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from filon.evidence.rows import Cell
from filon.model import columns
from filon.model.time import Stamp, zone_named
from filon.readers.tables.times import Reading

__all__ = ["Instants", "read_instants"]

_SECOND = 1_000_000
_DAY = 86_400 * _SECOND
_QUARTER = 900 * _SECOND
_NAIVE_ZERO = datetime(1970, 1, 1)  # noqa: DTZ001  # a clock without zone
_BASES = ("unknown", "source", "user")
_PRECISIONS = ("s", "us", "ms", "min", "h", "d")
_DIGITS = (0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18)
_SIGNS = ((4, b"-"), (7, b"-"), (13, b":"), (16, b":"))
_SEPARATORS = (ord("T"), ord(" "))
_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_UNKNOWN_BASIS, _SOURCE_BASIS, _USER_BASIS = range(3)

_Longs = npt.NDArray[np.int64]
_Truths = npt.NDArray[np.bool_]


class Instants(msgspec.Struct):
    """One column of times: a value and a truth a row."""

    value: _Longs
    """Microseconds, meaningful where ``known``."""
    known: _Truths
    local: _Truths
    """Of a clock whose zone is unknown."""
    filled: _Truths
    """Something is written there, be it readable or not."""
    basis: npt.NDArray[np.int8]
    precision: npt.NDArray[np.int8]
    raw: "pa.Array[Any]"

    @property
    def unreadable(self) -> _Truths:
        """Written and not read."""
        return self.filled & ~self.known

    def stamps(self, kept: _Truths) -> pa.StructArray:
        """The column of stamps of the rows that are kept."""
        known, local, filled = self.known[kept], self.local[kept], self.filled[kept]
        value = self.value[kept]
        basis = _words(_BASES, self.basis[kept])
        precision = _words(_PRECISIONS, self.precision[kept])
        return pa.StructArray.from_arrays(
            [
                pa.array(value, pa.int64(), mask=~(known & ~local)),
                pa.array(value, pa.int64(), mask=~(known & local)),
                self.raw.filter(pa.array(kept)),
                basis,
                precision,
            ],
            fields=list(columns.STAMP),
            mask=pa.array(~filled),
        )


def _words(words: Sequence[str], places: npt.NDArray[np.int8]) -> "pa.Array[Any]":
    return pa.DictionaryArray.from_arrays(pa.array(places, pa.int8()), pa.array(words, pa.string())).cast(pa.string())


def read_instants(
    cells: Sequence[Cell], texts: "pa.Array[Any] | None", reading: Reading, read: Callable[[Cell], Stamp | None]
) -> Instants:
    """A column of times. ``texts``: the cells as an Arrow column where all are text, empty ones null."""
    count = len(cells)
    found = Instants(
        value=np.zeros(count, np.int64),
        known=np.zeros(count, np.bool_),
        local=np.zeros(count, np.bool_),
        filled=np.zeros(count, np.bool_),
        basis=np.zeros(count, np.int8),
        precision=np.zeros(count, np.int8),
        raw=texts if texts is not None else pa.nulls(count, pa.string()),
    )
    if texts is None:
        return _one_by_one(found, cells, range(count), read)
    found.filled = np.asarray(texts.is_valid())
    if reading.form in {"auto", "iso", "ymd"}:
        _read_iso(found, texts, reading)
    left = np.flatnonzero(found.unreadable).tolist()
    return _one_by_one(found, cells, left, read) if left else found


def _one_by_one(
    found: Instants, cells: Sequence[Cell], places: Sequence[int], read: Callable[[Cell], Stamp | None]
) -> Instants:
    raws: dict[int, str | None] = {}
    written = found.raw.to_pylist()
    for place in places:
        cell = cells[place]
        stamp = None if cell == "" else read(cell)
        if stamp is None:
            continue
        found.filled[place] = True
        found.basis[place] = _BASES.index(stamp.basis)
        found.precision[place] = _PRECISIONS.index(stamp.precision)
        if stamp.raw != written[place]:
            raws[place] = stamp.raw
        if stamp.order is not None:
            found.value[place], found.known[place] = stamp.order, True
            found.local[place] = stamp.at is None
    if raws:
        found.raw = pa.array([raws.get(place, raw) for place, raw in enumerate(written)], pa.string())
    return found


def _read_iso(found: Instants, texts: "pa.Array[Any]", reading: Reading) -> None:
    """``2020-04-01T04:35:55`` and ``2020-04-01 04:35:55``, with or without ``Z``."""
    offsets = np.frombuffer(memoryview(texts.buffers()[1] or b""), np.int32)[
        texts.offset : texts.offset + len(texts) + 1
    ]
    written_at = np.frombuffer(memoryview(texts.buffers()[2] or b""), np.uint8)
    lengths = np.where(found.filled, np.diff(offsets), 0)
    for length, zulu in ((20, True), (19, False)):
        places = np.flatnonzero(lengths == length)
        if not len(places):
            continue
        written = written_at[offsets[places][:, None] + np.arange(length)]
        value, good = _wall(written)
        if zulu:
            good &= written[:, 19] == ord("Z")
        local, basis = False, _SOURCE_BASIS
        if not zulu and reading.zone is None:
            local, basis = True, _UNKNOWN_BASIS
        elif not zulu:
            basis = _BASES.index(reading.basis)
            value, constant = _in_zone(value, good, str(reading.zone))
            good &= constant
        taken = places[good]
        found.value[taken], found.known[taken] = value[good], True
        found.local[taken], found.basis[taken] = local, basis


def _wall(written: npt.NDArray[np.uint8]) -> tuple[_Longs, _Truths]:
    """Microseconds of the wall times in rows of bytes, and which of them are times."""
    good = np.isin(written[:, 10], _SEPARATORS)
    for place, sign in _SIGNS:
        good &= written[:, place] == sign[0]
    digits = written[:, _DIGITS].astype(np.int16) - ord("0")
    good &= ((digits >= 0) & (digits <= 9)).all(axis=1)
    tens = digits[:, 0::2] * 10 + digits[:, 1::2]
    century, years, month, day, hour, minute, second = tens.T.astype(np.int64)
    year = century * 100 + years
    leap = (month == 2) & (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    good &= (year >= 1) & (month >= 1) & (month <= 12) & (hour < 24) & (minute < 60) & (second < 60)
    longest = np.array(_LENGTHS)[np.clip(month, 1, 12) - 1] + leap
    good &= (day >= 1) & (day <= longest)
    months = (year - 1970) * 12 + month - 1
    days = np.where(good, months, 0).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) + day - 1
    return days * _DAY + (hour * 3600 + minute * 60 + second) * _SECOND, good


def _in_zone(wall: _Longs, good: _Truths, name: str) -> tuple[_Longs, _Truths]:
    """Instants of wall times in a zone, and where the offset does not change within the quarter of an hour."""
    zone = zone_named(name)
    if isinstance(zone, timezone):
        return wall - zone.utcoffset(None) // timedelta(microseconds=1), np.ones(len(wall), np.bool_)
    quarters, which = np.unique(np.where(good, wall // _QUARTER, 0), return_inverse=True)
    shifts = np.zeros(len(quarters), np.int64)
    constant = np.zeros(len(quarters), np.bool_)
    for place, quarter in enumerate(quarters.tolist()):
        begin = _NAIVE_ZERO + timedelta(microseconds=quarter * _QUARTER)
        last = begin + timedelta(microseconds=_QUARTER - 1)
        first, after = begin.replace(tzinfo=zone).utcoffset(), last.replace(tzinfo=zone).utcoffset()
        if first is not None and first == after:
            shifts[place], constant[place] = first // timedelta(microseconds=1), True
    return wall - shifts[which], constant[which]
