"""Delimited text cut into many rows at once; the same rows as ``filon.evidence.rows.delimited`` cuts one by one.

Plain lines are cut together by their bytes. Lines whose quotes are not plain go through the cutter of single rows, and so
does all that follows a line longer than the limit.
"""

from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from filon.evidence.rows.charset import decode_line, is_guess, may_hold_utf8
from filon.evidence.rows.delimited import DETAILS, LIMIT, Feed, Line, cut_rows, quoted
from filon.evidence.rows.delimited_columns import Cells, PlainLines
from filon.evidence.rows.row import Broken, Cell, Cut, Row, Written, excerpt
from filon.evidence.rows.stripe import BLOCK, Lines, Stripe, blocks_of_lines
from filon.evidence.rows.texts import is_utf8

__all__ = ["delimited_blocks", "delimited_stripes"]

_FEW = 4096
_Places = npt.NDArray[np.int64]


def delimited_stripes(
    stream: BinaryIO, written: Written, width: int, offset: int, number: int, size: int = BLOCK
) -> Iterator[Stripe]:
    """Stripes of ``width`` columns; ``stream`` stands at ``offset`` of the file, where row ``number`` + 1 begins.

    Not for UTF-16, nor for one column.
    """
    blocks = blocks_of_lines(stream, offset, size, LIMIT)
    block = next(blocks, None)
    while block is not None:
        cutter = _Cutter(block, written, width, number)
        taken = cutter.cut()
        yield cutter.stripe()
        number = cutter.number
        offset = block.offset + taken
        try:
            block = blocks.send(taken)
        except StopIteration:
            break
    stream.seek(offset)
    rest: list[Cut] = []
    for cut in cut_rows(stream, written, offset, number):
        rest.append(cut)
        if len(rest) == _FEW:
            yield _single(rest, width)
            rest = []
    if rest:
        yield _single(rest, width)


def delimited_blocks(
    stream: BinaryIO, written: Written, offset: int, size: int
) -> Iterator[tuple[bytes, int, int, int]]:
    """Whole rows in blocks of about ``size`` bytes: (bytes, offset, number of the row before, number of the last row).

    Ends before a line longer than the limit, which is only read one by one.
    """
    number = 0
    blocks = blocks_of_lines(stream, offset, size, LIMIT)
    block = next(blocks, None)
    while block is not None:
        cutter = _Cutter(block, written, 0, number)
        taken = cutter.count()
        if taken:
            yield block.data[:taken], block.offset, number, cutter.number
        number = cutter.number
        try:
            block = blocks.send(taken)
        except StopIteration:
            return


def _single(cuts: list[Cut], width: int) -> Stripe:
    none = np.empty(0, np.int64)
    others = [(0, cut) for cut in cuts]
    return Stripe(
        columns=((),) * width,
        names=None,
        numbers=none,
        offsets=none,
        lengths=none,
        last=cuts[-1].number,
        others=others,
        row=_no_row,
    )


def _no_row(place: int) -> Row:
    raise IndexError(place)


class _Cutter:
    """Cuts one block of lines."""

    def __init__(self, block: Lines, written: Written, width: int, number: int) -> None:
        self._block = block
        self._delimiter = written.delimiter or ";"
        self._table_width = written.width
        self._width = width
        self.number = number
        self._charset = written.charset or "utf-8"
        data, self._charsets = _as_utf8(block, self._charset)
        self._lines = PlainLines(data, ord(self._delimiter))
        self._cells: Cells | None = None
        self._runs: list[tuple[int, int, int]] = []
        """Plain lines: the first, the one behind the last, and the number of the row before the first."""
        self._quoted: list[tuple[list[Cell], int, int, int]] = []
        """Rows that were cut one by one and are like the others: cells, number, offset, length."""
        self._others: list[Cut] = []

    def cut(self) -> int:
        """Cut as many rows as the block holds whole; how many bytes they take."""
        self._cells = self._lines.of_width(self._width)
        return self._walk(self._lines.plain & (self._cells.alike | ~self._lines.quoted))

    def count(self) -> int:
        """Number as many rows as the block holds whole; how many bytes they take."""
        return self._walk(self._lines.plain)

    def _walk(self, plain: npt.NDArray[np.bool_]) -> int:
        if self._charsets:
            plain = plain.copy()
            plain[list(self._charsets)] = False
        at = 0
        for place in np.flatnonzero(~plain).tolist():
            if place < at:
                continue
            self._plain(at, place)
            after = self._hard(place)
            if after is None:
                return int(self._block.starts[place])
            at = after
        self._plain(at, len(plain))
        return len(self._block.data)

    def stripe(self) -> Stripe:
        """What was cut."""
        lines, numbers = self._alike()
        block, quoted = self._block, self._quoted
        offsets, lengths = block.offset + block.starts[lines], block.ends[lines] - block.starts[lines]
        assert self._cells is not None
        columns = self._cells.columns(lines)
        if quoted:
            cells, *places = zip(*quoted, strict=True)
            numbers, offsets, lengths = (
                np.concatenate([some, np.array(more, np.int64)])
                for some, more in zip((numbers, offsets, lengths), places, strict=True)
            )
            order = np.argsort(numbers)
            numbers, offsets, lengths = numbers[order], offsets[order], lengths[order]
            more = [pa.array(column, pa.string()) for column in zip(*cells, strict=True)]
            columns = [pa.concat_arrays(pair).take(order) for pair in zip(columns, more, strict=True)]

        def row(place: int) -> Row:
            cells = [column[place].as_py() for column in columns]
            return Row(int(numbers[place]), cells, int(offsets[place]), int(lengths[place]))

        return Stripe(
            columns=columns,
            names=None,
            numbers=numbers,
            offsets=offsets,
            lengths=lengths,
            last=self.number,
            others=self._placed(numbers),
            row=row,
        )

    def _alike(self) -> tuple[_Places, _Places]:
        """Plain lines with as many cells as there are columns, and the numbers of their rows; the others become rows."""
        assert self._cells is not None
        block, alike = self._block, self._cells.alike
        none = np.empty(0, np.int64)
        lines: list[_Places] = [none]
        numbers: list[_Places] = [none]
        for first, beyond, number in self._runs:
            found = first + np.flatnonzero(alike[first:beyond])
            lines.append(found)
            numbers.append(found - first + number + 1)
            for place in (first + np.flatnonzero(~alike[first:beyond])).tolist():
                start, end = int(block.starts[place]), int(block.ends[place])
                bare = self._lines.bare(place)
                cells: list[Cell] = [cell or None for cell in bare.split(self._delimiter)] if bare else []
                self._others.append(Row(number + 1 + place - first, cells, block.offset + start, end - start))
        return np.concatenate(lines), np.concatenate(numbers)

    def _placed(self, numbers: _Places) -> list[tuple[int, Cut]]:
        """The rows that are not alike, in their order, each with how many that are stand before it."""
        cuts = sorted(self._others, key=lambda cut: cut.number)
        before = np.searchsorted(numbers, [cut.number for cut in cuts])
        return list(zip(before.tolist(), cuts, strict=True))

    def _plain(self, first: int, beyond: int) -> None:
        if beyond > first:
            self._runs.append((first, beyond, self.number))
            self.number += beyond - first

    def _hard(self, place: int) -> int | None:
        """The row that begins with a line that is not plain: where the next one begins, None where it may go on."""
        block, pulled = self._block, place + 1

        def following() -> Iterator[Line]:
            nonlocal pulled
            while pulled < len(block.starts):
                pulled += 1
                yield self._line(pulled - 1)

        first = self._line(place)
        feed = Feed(following())
        if '"' in first[0]:
            found = quoted(feed, first, self._delimiter, self._table_width)
        else:
            bare = first[0].rstrip("\r\n")
            found = ([cell or None for cell in bare.split(self._delimiter)] if bare else [], first[2], first[3])
        if feed.ended and not block.last:
            return None
        self.number += 1
        offset = block.offset + int(block.starts[place])
        if isinstance(found, str):
            shown = excerpt(first[0].rstrip("\r\n"))
            self._others.append(Broken(self.number, found, DETAILS[found], shown, offset, first[2]))
            return place + 1
        cells, taken, other = found
        if other is None and len(cells) == self._width:
            self._quoted.append((cells, self.number, offset, taken))
        else:
            self._others.append(Row(self.number, cells, offset, taken, other))
        return pulled

    def _line(self, place: int) -> Line:
        data = self._block.data[self._block.starts[place] : self._block.ends[place]]
        other = self._charsets.get(place)
        return data.decode(other or self._charset), len(data), len(data), other


def _as_utf8(block: Lines, charset: str) -> tuple[bytes, dict[int, str]]:
    """The lines as UTF-8, and the charsets of those that are not in that of the file."""
    if charset == "utf-8":
        if is_utf8(block.data):
            return block.data, {}
    elif not (is_guess(charset) and may_hold_utf8(block.data)):
        try:
            return block.data.decode(charset).encode(), {}
        except UnicodeDecodeError:
            pass
    texts: list[str] = []
    charsets: dict[int, str] = {}
    for place, (start, end) in enumerate(zip(block.starts.tolist(), block.ends.tolist(), strict=True)):
        text, other = decode_line(block.data[start:end], charset)
        texts.append(text)
        if other is not None:
            charsets[place] = other
    return "".join(texts).encode(), charsets
