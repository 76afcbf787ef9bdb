"""Columns of times read at once: the same stamps as ``filon.readers.tables.times`` reads cell by cell.

ISO 8601 to the second and numbers since 1970 are computed for the whole column; every other cell is read on its own.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from numpy.lib.stride_tricks import sliding_window_view

from filon.evidence.rows import Cell
from filon.model import columns
from filon.model.time import Stamp, zone_named
from filon.readers.tables.times import Reading

__all__ = ["Instants", "read_instants", "read_typed"]

_SECOND = 1_000_000
_QUARTER = 900 * _SECOND
_NAIVE_ZERO = datetime(1970, 1, 1)  # noqa: DTZ001  # a clock without zone
_BASES = ("unknown", "source", "user")
_PRECISIONS = ("s", "us", "ms", "min", "h", "d")
_DIGITS = (0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18)
_SIGNS = ((4, b"-"), (7, b"-"), (13, b":"), (16, b":"))
_SEPARATORS = (ord("T"), ord(" "))
_NINE = 9
_UNKNOWN_BASIS, _SOURCE_BASIS, _USER_BASIS = range(3)
_TO_SECONDS, _TO_MICROS, _TO_MILLIS = np.arange(3, dtype=np.int8)

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

    def stamps(self, kept: _Truths | None) -> pa.StructArray:
        """The column of stamps of the rows that are kept; None: of all."""
        if kept is not None:
            return self._of(kept).stamps(None)
        return pa.StructArray.from_arrays(
            [
                pa.array(self.value, pa.int64(), mask=~self.known | self.local),
                pa.array(self.value, pa.int64(), mask=~self.known | ~self.local),
                self.raw,
                _words(_BASES, self.basis),
                _words(_PRECISIONS, self.precision),
            ],
            fields=list(columns.STAMP),
            mask=pa.array(~self.filled),
        )

    def _of(self, kept: _Truths) -> "Instants":
        return Instants(
            value=self.value[kept],
            known=self.known[kept],
            local=self.local[kept],
            filled=self.filled[kept],
            basis=self.basis[kept],
            precision=self.precision[kept],
            raw=self.raw.filter(pa.array(kept)),
        )


def _words(words: Sequence[str], places: npt.NDArray[np.int8]) -> "pa.Array[Any]":
    if len(places) and (places == places[0]).all():
        same: pa.Array[Any] = pa.repeat(words[places[0]], len(places))
        return same
    return pa.DictionaryArray.from_arrays(pa.array(places, pa.int8()), pa.array(words, pa.string())).cast(pa.string())


def read_instants(
    count: int,
    pick: Callable[[_Longs], Sequence[Cell]],
    texts: "pa.Array[Any] | None",
    reading: Reading,
    read: Callable[[Cell], Stamp | None],
) -> Instants:
    """A column of ``count`` times; ``pick`` gives the cells of some rows.

    ``texts``: the cells as an Arrow column where all are text, empty ones null.
    """
    found = Instants(
        value=np.zeros(count, np.int64),
        known=np.zeros(count, np.bool_),
        local=np.zeros(count, np.bool_),
        filled=np.zeros(count, np.bool_),
        basis=np.zeros(count, np.int8),
        precision=np.zeros(count, np.int8),
        raw=texts if texts is not None else pa.nulls(count, pa.string()),
    )
    left = np.arange(count)
    if texts is not None:
        found.filled = np.array(texts.is_valid())
        if reading.form in {"auto", "iso", "ymd"}:
            _read_iso(found, texts, reading)
        left = np.flatnonzero(found.unreadable)
    return _one_by_one(found, left, pick(left), read) if len(left) else found


def read_typed(times: "pa.Array[Any]", reading: Reading, read: Callable[[Cell], Stamp | None]) -> Instants:
    """Times that the file types as such, as ``Stripe`` gives them: without zone or in UTC."""
    count, zoned = len(times), times.type.tz is not None
    value = np.asarray(times.cast(pa.timestamp("us", times.type.tz)).cast(pa.int64()).fill_null(0))
    filled = np.asarray(times.is_valid())
    fraction = value % _SECOND
    basis = _UNKNOWN_BASIS if reading.zone is None else _BASES.index(reading.basis)
    found = Instants(
        value=value,
        known=filled.copy(),
        local=np.full(count, reading.zone is None and not zoned),
        filled=filled.copy(),
        basis=np.full(count, _SOURCE_BASIS if zoned else basis, np.int8),
        precision=np.where(fraction == 0, _TO_SECONDS, np.where(fraction % 1000 == 0, _TO_MILLIS, _TO_MICROS)),
        raw=_shown(times, value, fraction, "+00:00" if zoned else ""),
    )
    if zoned or reading.zone is None:
        return found
    found.value, constant = _in_zone(value, filled, reading.zone)
    found.known &= constant
    left = np.flatnonzero(found.unreadable)
    return _one_by_one(found, left, times.take(left).to_pylist(), read) if len(left) else found


def _shown(times: "pa.Array[Any]", value: _Longs, fraction: _Longs, zone: str) -> "pa.Array[Any]":
    """As ``datetime.isoformat`` with a blank writes them."""
    seconds = pa.array(value // _SECOND, mask=~np.asarray(times.is_valid())).cast(pa.timestamp("s")).cast(pa.string())
    if not fraction.any():
        return pc.replace_substring_regex(seconds, "$", zone) if zone else seconds
    digits = pc.utf8_lpad(pa.array(fraction).cast(pa.string()), 6, "0")
    behind = pc.if_else(pa.array(fraction > 0), pc.replace_substring_regex(digits, "^", "."), "")
    ends = pa.repeat(zone, len(times))
    whole: pa.Array[Any] = pc.binary_join_element_wise(seconds, behind, ends, pa.scalar(""))
    return whole


def _one_by_one(
    found: Instants, places: _Longs, cells: Sequence[Cell], read: Callable[[Cell], Stamp | None]
) -> Instants:
    raws: dict[int, str | None] = {}
    written = found.raw.take(places).to_pylist()
    for place, cell, as_written in zip(places.tolist(), cells, written, strict=True):
        stamp = None if cell == "" else read(cell)
        if stamp is None:
            continue
        found.filled[place] = True
        found.basis[place] = _BASES.index(stamp.basis)
        found.precision[place] = _PRECISIONS.index(stamp.precision)
        if stamp.raw != as_written:
            raws[place] = stamp.raw
        if stamp.order is not None:
            found.value[place], found.known[place] = stamp.order, True
            found.local[place] = stamp.at is None
    if raws:
        found.raw = pa.array([raws.get(place, raw) for place, raw in enumerate(found.raw.to_pylist())], pa.string())
    return found


def _read_iso(found: Instants, texts: "pa.Array[Any]", reading: Reading) -> None:
    """``2020-04-01T04:35:55`` and ``2020-04-01 04:35:55``, with or without ``Z``."""
    offsets = np.frombuffer(memoryview(texts.buffers()[1] or b""), np.int32)[
        texts.offset : texts.offset + len(texts) + 1
    ]
    written_at = np.frombuffer(memoryview(texts.buffers()[2] or b""), np.uint8)
    lengths = np.where(found.filled, np.diff(offsets), 0) if texts.null_count else np.diff(offsets)
    for length, zulu in ((20, True), (19, False)):
        places = np.flatnonzero(lengths == length)
        if not len(places):
            continue
        begins = offsets[places]
        if begins[-1] - begins[0] == (len(places) - 1) * length:  # nothing else stands between them
            written = written_at[begins[0] : begins[0] + len(places) * length].reshape(-1, length).T
        else:
            written = sliding_window_view(written_at, length)[begins].T
        value, good = _wall(np.ascontiguousarray(written))
        if zulu:
            good &= written[19] == ord("Z")
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
    """Microseconds of wall times, and which of them are times. ``written``: one row for each place of their letters."""
    good = (written[10] == _SEPARATORS[0]) | (written[10] == _SEPARATORS[1])
    for place, sign in _SIGNS:
        good &= written[place] == sign[0]
    digits = written - np.uint8(ord("0"))  # what is no digit is above 9, for bytes go round
    for place in _DIGITS:
        good &= digits[place] <= _NINE
    tens = [np.where(good, digits[place] * 10 + digits[place + 1], 0) for place in _DIGITS[::2]]
    century, years, month, day, hour, minute, second = (part.astype(np.int32) for part in tens)
    year = century * 100 + years
    good &= (year >= 1) & (month >= 1) & (month <= 12) & (hour < 24) & (minute < 60) & (second < 60)
    months = np.where(good, year * 12 + month - 1, 0)
    begins = _months()
    begin = begins[months]
    good &= (day >= 1) & (day <= begins[months + 1] - begin)
    seconds = (begin + day - 1).astype(np.int64) * 86_400 + (hour * 3600 + minute * 60 + second)
    return seconds * _SECOND, good


@cache
def _months() -> npt.NDArray[np.int32]:
    """Days from 1970 to the first of every month from the year 0 to 10,000."""
    months = np.arange(-1970 * 12, (10_001 - 1970) * 12).astype("datetime64[M]")
    return months.astype("datetime64[D]").astype(np.int32)


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
