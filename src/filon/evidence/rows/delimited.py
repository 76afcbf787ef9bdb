"""Delimited text (CSV, TSV) cut into rows with their bytes, by the rules of RFC 4180 as spreadsheets bend them.

A quote that is never closed would swallow every row after it. So a row of several lines that ends with the file, grows
past the limit of a cell, or has not the width of the table is taken apart again: its first line becomes a broken row
and cutting goes on at its second line.
"""

import csv
import io
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator
from functools import lru_cache
from typing import BinaryIO

from filon.evidence.lines import lines
from filon.evidence.rows.charset import decode_line, mark_of
from filon.evidence.rows.row import Broken, Cell, Cut, Row, Written, excerpt
from filon.settings import Limits

__all__ = [
    "DELIMITERS",
    "DETAILS",
    "END",
    "LIMIT",
    "DelimitedSheet",
    "Feed",
    "Line",
    "cut_rows",
    "delimiter_of",
    "quoted",
    "start_of",
    "stated_delimiter",
]

DELIMITERS = (";", ",", "\t", "|")
LIMIT = Limits().line_bytes
_HELD_CR = "\ufdd0"
"""Stands for a lone CR while the csv module cuts, which would take it for the end of a row. Not a character of any text."""

csv.field_size_limit(LIMIT)  # the module's own limit is one for the whole process; a cell of evidence may be long

Line = tuple[str, int, int, str | None]
"""(text, bytes of it, bytes of the whole line, charset where it differs from the file's)."""
END: Line = ("", 0, 0, None)
DETAILS = {
    "unclosed-quote": "a quote opens in this row and is not closed where the row ends",
    "line-too-long": f"the line is longer than {LIMIT} bytes",
}


class DelimitedSheet:
    """The one table of a text file. ``open`` gives its bytes from the start."""

    name = None
    keyed = False

    def __init__(self, open: Callable[[], BinaryIO], written: Written) -> None:
        self._open = open
        self._written = written
        self._counted: int | None = None

    def rows(self) -> Iterator[Cut]:
        """Every row; blank lines are rows without cells."""
        with self._open() as stream:
            self._counted = yield from cut_rows(stream, self._written)

    def count(self) -> int:
        """Rows, as the last whole pass numbered them: where a row ends depends on the quotes before it."""
        if self._counted is None:
            for _ in self.rows():
                pass
        assert self._counted is not None
        return self._counted


def stated_delimiter(text: str) -> str | None:
    """The delimiter that Excel's own first line ``sep=;`` states."""
    first = text.lstrip("\ufeff").splitlines()[0].strip().strip('"') if text.strip() else ""
    return first[4] if first[:4].casefold() == "sep=" and len(first) == 5 else None


@lru_cache(maxsize=2)
def delimiter_of(text: str) -> tuple[str, int, float] | None:
    """(delimiter, cells of a row, share of rows that have them) of the head of a text; None where nothing repeats."""
    stated = stated_delimiter(text)
    best: tuple[float, int, str] | None = None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for delimiter in (stated,) if stated else DELIMITERS:
        if delimiter not in text:
            continue
        try:
            widths = [len(cells) for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if cells]
        except csv.Error:
            continue
        widths = widths[:-1] if len(widths) > 2 else widths  # the head may end inside its last row
        counted = Counter(width for width in widths if width > 1)
        if not counted:
            continue
        width, rows = max(counted.items(), key=lambda pair: (pair[1], pair[0]))
        found = (rows / len(widths), width, delimiter)
        if best is None or (found[0] * min(width, 8), width) > (best[0] * min(best[1], 8), best[1]):
            best = found
    return (best[2], best[1], best[0]) if best else None


def start_of(stream: BinaryIO) -> int:
    """Where the text begins behind a byte order mark."""
    stream.seek(0)
    mark = mark_of(stream.read(4))
    return len(mark[0]) if mark else 0


def cut_rows(
    stream: BinaryIO, written: Written, start: int | None = None, number: int = 0
) -> Generator[Cut, None, int]:
    """Every row from ``start`` on, where row ``number`` + 1 begins and lines end with LF, or all; returns the last number."""
    charset = written.charset or "utf-8"
    delimiter = written.delimiter or ";"
    offset = start_of(stream) if start is None else start
    stream.seek(offset)
    end = None if start is None else b"\n"
    feed = Feed(_wide_lines(stream, charset) if charset.startswith("utf-16") else _byte_lines(stream, charset, end))
    for text, kept, length, other in feed:
        number += 1
        if kept == length and '"' not in text:
            bare = text.rstrip("\r\n")
            cells: list[Cell] = [cell or None for cell in bare.split(delimiter)] if bare else []
            yield Row(number, cells, offset, length, other)
            offset += length
            continue
        row = quoted(feed, (text, kept, length, other), delimiter, written.width)
        if isinstance(row, str):
            yield Broken(number, row, DETAILS[row], excerpt(text.rstrip("\r\n")), offset, length)
            offset += length
        else:
            cells, taken, other = row
            yield Row(number, cells, offset, taken, other)
            offset += taken
    return number


def quoted(feed: "Feed", first: Line, delimiter: str, width: int | None) -> tuple[list[Cell], int, str | None] | str:
    """The row that begins with a line that holds quotes: (cells, bytes, charset), or the code of what is wrong with it.

    Of a row with a fault only the first line is taken; the others go back.
    """
    taken = [first]

    def more() -> Iterator[str]:
        yield _held(first[0])
        for line in feed:
            taken.append(line)
            yield _held(line[0])
        taken.append(END)

    cells: list[str] | None
    try:
        # strict: text after a closing quote means that the quote was none, or closed another cell's
        cells = next(csv.reader(more(), delimiter=delimiter, strict=True), [])
    except csv.Error:
        cells = None if len(taken) > 1 else _leniently(first[0], delimiter)
    ended = taken[-1] is END
    lines = taken[:-1] if ended else taken
    problem = None
    if any(kept < length for _, kept, length, _ in lines):
        problem = "line-too-long"
    elif cells is None or ended or (len(lines) > 1 and width is not None and len(cells) != width):
        problem = "unclosed-quote"
    if problem or cells is None:
        feed.give_back(lines[1:])
        return problem or "unclosed-quote"
    charset = next((other for _, _, _, other in lines if other), None)
    return [cell.replace(_HELD_CR, "\r") or None for cell in cells], sum(length for _, _, length, _ in lines), charset


def _leniently(text: str, delimiter: str) -> list[str] | None:
    """The cells of one line whose quotes break the rules, as spreadsheets read it."""
    try:
        return next(csv.reader([_held(text)], delimiter=delimiter), None)
    except csv.Error:
        return None


def _held(text: str) -> str:
    """The line with a lone CR held back from the csv module."""
    bare = text.rstrip("\r\n")
    return bare.replace("\r", _HELD_CR) + text[len(bare) :] if "\r" in bare else text


class Feed:
    """Lines one after another, some of which may be given back."""

    def __init__(self, lines: Iterator[Line]) -> None:
        self._lines = lines
        self._back: deque[Line] = deque()
        self.ended = False
        """Whether somebody asked for more lines than there are."""

    def __iter__(self) -> Iterator[Line]:
        back = self._back
        while True:
            if back:
                yield back.popleft()
                continue
            line = next(self._lines, None)
            if line is None:
                self.ended = True
                return
            yield line

    def give_back(self, lines: list[Line]) -> None:
        """Lines that come again before all others."""
        self._back.extendleft(reversed(lines))


def _byte_lines(stream: BinaryIO, charset: str, end: bytes | None) -> Iterator[Line]:
    for _, data, length in lines(stream, LIMIT, end):
        text, other = decode_line(data, charset)
        yield text, len(data), length, other


def _wide_lines(stream: BinaryIO, charset: str) -> Iterator[Line]:
    """Lines of UTF-16 text. A unit that is no character becomes U+FFFD, which is as long."""
    text = io.TextIOWrapper(stream, encoding=charset, errors="replace", newline="\n")
    try:
        while line := text.readline(LIMIT):
            kept = length = 2 * len(line) if line.isascii() else len(line.encode("utf-16-le", "replace"))
            while not line.endswith("\n") and (rest := text.readline(LIMIT)):
                length += len(rest.encode("utf-16-le"))
                if rest.endswith("\n"):
                    break
            yield line, kept, length, None
    finally:
        text.detach()
