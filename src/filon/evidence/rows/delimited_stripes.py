"""Delimited text cut into many rows at once; the same rows as ``filon.evidence.rows.delimited`` cuts one by one.

Lines without a quote are split together. What holds quotes goes through the cutter of single rows, and so does all that
follows a line longer than the limit.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import BinaryIO

import numpy as np

from filon.evidence.lines import decode
from filon.evidence.rows.delimited import DETAILS, LIMIT, Feed, Line, cut_rows, quoted
from filon.evidence.rows.row import Broken, Cell, Cut, Row, Written, excerpt
from filon.evidence.rows.stripe import BLOCK, Lines, Stripe, blocks_of_lines

__all__ = ["delimited_blocks", "delimited_stripes"]

_FEW = 4096


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
        self._texts: list[str] = []
        self._charsets: dict[int, str] = {}
        self._counting = False
        self._cells: list[Sequence[Cell]] = []
        self._places: list[np.ndarray[tuple[int], np.dtype[np.int64]]] = []
        self._others: list[tuple[int, Cut]] = []

    def cut(self) -> int:
        """Cut as many rows as the block holds whole; how many bytes they take."""
        self._texts, self._charsets = _texts(self._block, self._charset)
        texts, count = self._texts, len(self._texts)
        hard = {place for place, text in enumerate(texts) if '"' in text} if b'"' in self._block.data else set()
        hard |= self._charsets.keys()
        at = 0
        for place in sorted(hard):
            if place < at:
                continue
            self._plain(at, place)
            after = self._hard(place)
            if after is None:
                return int(self._block.starts[place])
            at = after
        self._plain(at, count)
        return len(self._block.data)

    def count(self) -> int:
        """Number as many rows as the block holds whole; how many bytes they take."""
        if b'"' not in self._block.data:
            self.number += len(self._block.starts)
            return len(self._block.data)
        self._counting = True
        return self.cut()

    def stripe(self) -> Stripe:
        """What was cut."""
        none: np.ndarray[tuple[int, int], np.dtype[np.int64]] = np.empty((3, 0), np.int64)
        numbers, offsets, lengths = np.concatenate([none, *self._places], axis=1)
        cells = self._cells

        def row(place: int) -> Row:
            return Row(
                int(numbers[place]), [cell or None for cell in cells[place]], int(offsets[place]), int(lengths[place])
            )

        columns = list(zip(*cells, strict=True)) if cells else [()] * self._width
        return Stripe(
            columns=columns,
            names=None,
            numbers=numbers,
            offsets=offsets,
            lengths=lengths,
            last=self.number,
            others=self._others,
            row=row,
        )

    def _plain(self, first: int, beyond: int) -> None:
        """Lines without quotes, in the charset of the file."""
        if first == beyond:
            return
        if self._counting:
            self.number += beyond - first
            return
        block, width = self._block, self._width
        cells: list[list[str]] = [text.split(self._delimiter) for text in self._texts[first:beyond]]
        numbers = np.arange(self.number + 1, self.number + 1 + beyond - first, dtype=np.int64)
        starts = block.starts[first:beyond]
        places = np.stack([numbers, block.offset + starts, block.ends[first:beyond] - starts])
        self.number += beyond - first
        odd = [place for place, row in enumerate(cells) if len(row) != width]
        for before, place in pairwise([-1, *odd, len(cells)]):
            self._cells.extend(cells[before + 1 : place])
            self._places.append(places[:, before + 1 : place])
            if place < len(cells):
                kept: list[Cell] = [cell or None for cell in cells[place]] if self._texts[first + place] else []
                self._other(Row(int(places[0, place]), kept, int(places[1, place]), int(places[2, place])))

    def _hard(self, place: int) -> int | None:
        """The row that begins with a line that is not plain: where the next one begins, None where it may go on."""
        block, pulled = self._block, place + 1

        def following() -> Iterator[Line]:
            nonlocal pulled
            while pulled < len(self._texts):
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
            self._others.append((len(self._cells), Broken(self.number, found, DETAILS[found], shown, offset, first[2])))
            return place + 1
        cells, taken, other = found
        if other is None and len(cells) == self._width:
            self._cells.append(cells)
            self._places.append(np.array([[self.number], [offset], [taken]], np.int64))
        else:
            self._other(Row(self.number, cells, offset, taken, other))
        return pulled

    def _other(self, cut: Cut) -> None:
        self._others.append((len(self._cells), cut))

    def _line(self, place: int) -> Line:
        data = self._block.data[self._block.starts[place] : self._block.ends[place]]
        other = self._charsets.get(place)
        return data.decode(other or self._charset), len(data), len(data), other


def _texts(block: Lines, charset: str) -> tuple[list[str], dict[int, str]]:
    """The lines without their ends, and the charsets of those that are not in that of the file."""
    try:
        text = block.data.decode(charset)
    except UnicodeDecodeError:
        return _texts_one_by_one(block, charset)
    texts = text.split("\n")
    if block.data.endswith(b"\n"):
        texts.pop()
    return [line.rstrip("\r") for line in texts] if "\r" in text else texts, {}


def _texts_one_by_one(block: Lines, charset: str) -> tuple[list[str], dict[int, str]]:
    texts: list[str] = []
    charsets: dict[int, str] = {}
    for place, (start, end) in enumerate(zip(block.starts.tolist(), block.ends.tolist(), strict=True)):
        data = block.data[start:end]
        try:
            text, other = data.decode(charset), None
        except UnicodeDecodeError:
            text, other = decode(data) if charset == "utf-8" else (data.decode("iso-8859-1"), "iso-8859-1")
        texts.append(text.rstrip("\r\n"))
        if other is not None:
            charsets[place] = other
    return texts, charsets
