"""Delimited text (CSV, TSV) cut into rows with their bytes, by the rules of RFC 4180 as spreadsheets bend them.

A quote that is never closed would swallow every row after it. So a row of several lines that ends with the file, grows
past the limit of a cell, or has not the width of the table is taken apart again: its first line becomes a broken row
and cutting goes on at its second line.
"""

import csv
import io
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from typing import BinaryIO

from filon.evidence.lines import decode, lines
from filon.evidence.rows.charset import mark_of
from filon.evidence.rows.row import Broken, Cut, Row, Written, excerpt
from filon.settings import Limits

__all__ = ["DELIMITERS", "DelimitedSheet", "delimiter_of", "stated_delimiter"]

DELIMITERS = (";", ",", "\t", "|")
_LIMIT = Limits().line_bytes
_HELD_CR = "\ufdd0"
"""Stands for a lone CR while the csv module cuts, which would take it for the end of a row. Not a character of any text."""

csv.field_size_limit(_LIMIT)  # the module's own limit is one for the whole process; a cell of evidence may be long

_Line = tuple[str, int, int, str | None]
"""(text, bytes of it, bytes of the whole line, charset where it differs from the file's)."""


class DelimitedSheet:
    """The one table of a text file. ``open`` gives its bytes from the start."""

    name = None
    keyed = False

    def __init__(self, open: Callable[[], BinaryIO], written: Written) -> None:
        self._open = open
        self._written = written

    def rows(self) -> Iterator[Cut]:
        """Every row; blank lines are rows without cells."""
        with self._open() as stream:
            yield from _cut(stream, self._written)

    def count(self) -> int:
        """Rows, counted by cutting once more: where a row ends depends on the quotes before it."""
        return sum(1 for _ in self.rows())


def stated_delimiter(text: str) -> str | None:
    """The delimiter that Excel's own first line ``sep=;`` states."""
    first = text.lstrip("\ufeff").splitlines()[0].strip().strip('"') if text.strip() else ""
    return first[4] if first[:4].casefold() == "sep=" and len(first) == 5 else None


def delimiter_of(text: str) -> tuple[str, int, float] | None:
    """(delimiter, cells of a row, share of rows that have them) of the head of a text; None where nothing repeats."""
    stated = stated_delimiter(text)
    best: tuple[float, int, str] | None = None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for delimiter in (stated,) if stated else DELIMITERS:
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


def _cut(stream: BinaryIO, written: Written) -> Iterator[Cut]:
    charset = written.charset or "utf-8"
    delimiter = written.delimiter or ";"
    mark = mark_of(stream.read(4))
    start = len(mark[0]) if mark else 0
    number = 0
    while True:
        stream.seek(start)
        resume = yield from _cut_from(_Feed(stream, start, charset), delimiter, number, written.width)
        if resume is None:
            return
        start, number = resume


def _cut_from(
    feed: "_Feed", delimiter: str, number: int, width: int | None
) -> Generator[Cut, None, tuple[int, int] | None]:
    """Rows until the end, or until a row must be taken apart: then returns (offset, number) to go on from."""
    reader = csv.reader(feed, delimiter=delimiter)
    while True:
        first = feed.begin()
        problem = None
        cells: list[str] = []
        try:
            cells = next(reader)
        except StopIteration:
            return None
        except csv.Error:
            problem = "unclosed-quote"
        number += 1
        several = feed.taken > 1
        if feed.too_long:
            problem = "line-too-long"
        elif several and (feed.ended or (width is not None and len(cells) != width)):
            problem = "unclosed-quote"
        if problem:
            yield _broken(number, problem, feed, first)
            if several or problem == "unclosed-quote":
                return feed.after_first, number
            continue
        if feed.held_cr:
            cells = [cell.replace(_HELD_CR, "\r") for cell in cells]
        yield Row(number, [cell or None for cell in cells], first, feed.offset - first, feed.charset)


class _Feed:
    """Lines for the csv module, remembering which bytes the row at hand has taken."""

    def __init__(self, stream: BinaryIO, offset: int, charset: str) -> None:
        self._lines = _wide_lines(stream, charset) if charset.startswith("utf-16") else _byte_lines(stream, charset)
        self.offset = offset
        self.begin()

    def begin(self) -> int:
        """Start a row; returns where it starts."""
        self.taken = 0
        self.first = ""
        self.after_first = self.offset
        self.held_cr = self.too_long = self.ended = False
        self.charset: str | None = None
        return self.offset

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        line = next(self._lines, None)
        if line is None:
            self.ended = True
            raise StopIteration
        text, kept, length, charset = line
        self.offset += length
        self.taken += 1
        if self.taken == 1:
            self.first = text
            self.after_first = self.offset
        if charset is not None:
            self.charset = charset
        if kept < length:
            self.too_long = True
        if "\r" in text and "\r" in text.rstrip("\r\n"):
            self.held_cr = True
            bare = text.rstrip("\r\n")
            text = bare.replace("\r", _HELD_CR) + text[len(bare) :]
        return text


def _broken(number: int, code: str, feed: _Feed, start: int) -> Broken:
    detail = {
        "unclosed-quote": "a quote opens in this row and is not closed where the row ends",
        "line-too-long": f"the line is longer than {_LIMIT} bytes",
    }[code]
    return Broken(number, code, detail, excerpt(feed.first.rstrip("\r\n")), start, feed.after_first - start)


def _byte_lines(stream: BinaryIO, charset: str) -> Iterator[_Line]:
    for _, data, length in lines(stream, _LIMIT):
        try:
            yield data.decode(charset), len(data), length, None
        except UnicodeDecodeError:
            text, other = decode(data) if charset == "utf-8" else (data.decode("iso-8859-1"), "iso-8859-1")
            yield text, len(data), length, other


def _wide_lines(stream: BinaryIO, charset: str) -> Iterator[_Line]:
    """Lines of UTF-16 text. A unit that is no character becomes U+FFFD, which is as long."""
    text = io.TextIOWrapper(stream, encoding=charset, errors="replace", newline="\n")
    try:
        while line := text.readline(_LIMIT):
            kept = length = 2 * len(line) if line.isascii() else len(line.encode("utf-16-le", "replace"))
            while not line.endswith("\n") and (rest := text.readline(_LIMIT)):
                length += len(rest.encode("utf-16-le"))
                if rest.endswith("\n"):
                    break
            yield line, kept, length, None
    finally:
        text.detach()
