"""The cells of many lines of delimited text found by their bytes.

A line is plain where it has no quote, or where every cell with quotes begins and ends with one and has none between. Such
lines mean the same to ``filon.evidence.rows.delimited``; every other line is left to it.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from filon.evidence.rows.texts import texts_between

__all__ = ["PlainLines"]

_QUOTE, _LF, _CR = b'"\n\r'
_STRANGE = (b"\r\r\n", b"\0", "\ufdd0".encode())
"""What the csv module, which cuts lines with quotes, treats in a way of its own."""

_Places = npt.NDArray[np.int64]
_Truths = npt.NDArray[np.bool_]


class PlainLines:
    """Lines of UTF-8 text, whose ends are LF or CRLF. ``delimiter``: one byte."""

    def __init__(self, data: bytes, delimiter: int) -> None:
        self._data = data if data.endswith(b"\n") or not data else data + b"\n"
        self._bytes = np.frombuffer(self._data, np.uint8)
        self._delimiter = delimiter
        ends = np.flatnonzero(self._bytes == _LF)
        self._ends = ends
        self._starts = np.concatenate([[0], ends[:-1] + 1]) if len(ends) else ends
        self._quotes = np.flatnonzero(self._bytes == _QUOTE)
        self.quoted = np.zeros(len(ends), np.bool_)
        """Which lines hold quotes."""
        self.plain = self._find_plain()
        """Which lines are."""

    def _find_plain(self) -> _Truths:
        plain = np.ones(len(self._starts), np.bool_)
        quotes = self._quotes
        if not len(quotes):
            return plain
        before = np.searchsorted(quotes, self._starts)
        counts = np.diff(before, append=len(quotes))
        self.quoted = counts > 0
        line = np.repeat(np.arange(len(counts)), counts)
        if any(strange in self._data for strange in _STRANGE):
            plain[line] = False
            return plain
        opens = (np.arange(len(quotes)) - before[line]) % 2 == 0
        ahead = self._bytes[np.maximum(quotes - 1, 0)]
        behind = self._bytes[quotes + 1]
        after = self._bytes[np.minimum(quotes + 2, len(self._bytes) - 1)]
        begins = (ahead == self._delimiter) | (ahead == _LF) | (quotes == 0)
        ends = (behind == self._delimiter) | (behind == _LF) | ((behind == _CR) & (after == _LF))
        plain[line[~np.where(opens, begins, ends)]] = False
        plain[counts % 2 == 1] = False
        return plain

    def bare(self, line: int) -> str:
        """A line without its end."""
        return self._data[self._starts[line] : self._ends[line]].decode().rstrip("\r")

    def of_width(self, width: int) -> "Cells":
        """Where the cells of the plain lines with so many of them stand."""
        found = self._bytes == self._delimiter
        found[self._ends] = True
        places = np.flatnonzero(found)
        if len(self._quotes):
            places = self._outside(places)
        before = np.searchsorted(places, self._starts)
        counts = np.diff(before, append=len(places))
        alike = self.plain & (counts == width)
        return Cells(self._data, alike, self._starts, places, before, width, quoted=len(self._quotes) > 0)

    def _outside(self, places: _Places) -> _Places:
        """Those that stand in no quoted cell of a plain line. In other lines any may stand."""
        quotes = np.zeros(len(self._bytes), np.uint8)
        quotes[self._quotes] = 1
        # counted from the start of the line: one that is not plain may have left a quote open
        counted = np.cumsum(quotes, dtype=np.uint8)
        of_lines = np.concatenate([np.zeros(1, np.uint8), counted[self._ends[:-1]]])
        lengths = np.diff(np.searchsorted(places, self._starts), append=len(places))
        outside: _Places = places[(counted[places] - np.repeat(of_lines, lengths)) % 2 == 0]
        return outside


class Cells:
    """The cells of lines that have as many as there are columns."""

    def __init__(
        self,
        data: bytes,
        alike: _Truths,
        starts: _Places,
        places: _Places,
        before: _Places,
        width: int,
        *,
        quoted: bool,
    ) -> None:
        self.alike = alike
        self._data = data
        self._starts = starts
        self._places = places
        self._before = before
        self._width = width
        self._quoted = quoted

    def columns(self, lines: _Places) -> "list[pa.Array[Any]]":
        """Every column of some lines that are alike."""
        data = np.frombuffer(self._data, np.uint8)
        first = self._before[lines]
        begins = self._starts[lines]
        columns: list[pa.Array[Any]] = []
        for column in range(self._width):
            ends = self._places[first + column]
            beyond = ends + 1
            if column == self._width - 1:
                ends = _before_returns(data, begins, ends)
            if self._quoted:
                quotes = (data[begins] == _QUOTE) & (begins < ends)
                begins, ends = begins + quotes, ends - quotes
            columns.append(texts_between(self._data, begins, ends))
            begins = beyond
        return columns


def _before_returns(data: npt.NDArray[np.uint8], begins: _Places, ends: _Places) -> _Places:
    """The ends of texts without the carriage returns that stand there."""
    while (returns := (ends > begins) & (data[np.maximum(ends - 1, 0)] == _CR)).any():
        ends = ends - returns
    return ends
