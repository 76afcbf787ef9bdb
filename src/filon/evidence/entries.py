"""Transcripts of which one entry may take several lines: its head, and all lines up to the next head."""

from collections.abc import Callable, Iterator
from typing import BinaryIO, Generic, TypeVar

import msgspec

from filon.evidence.lines import BOM, decode, lines

__all__ = ["Entry", "entries"]

H = TypeVar("H")


class Entry(msgspec.Struct, Generic[H], gc=False):
    """One head and what follows it. ``head`` is None for the lines before the first head.

    ``number`` is that of the first line, from 1; ``offset`` and ``length`` are bytes; ``lines`` how many lines there
    are. ``text`` has no line end at its end and ``\\n`` between its lines. ``cut`` where not all of it is kept;
    ``charset`` where a line is not UTF-8.
    """

    head: H | None
    number: int
    offset: int
    length: int
    lines: int
    text: str
    charset: str | None = None
    cut: bool = False


def entries(stream: BinaryIO, limit: int, head_of: Callable[[str], H | None]) -> Iterator[Entry[H]]:
    """Every entry of ``stream``. ``head_of`` takes a line without its end and gives its head, or None.

    A line is cut after ``limit`` bytes, and so is the text of an entry.
    """
    entry: Entry[H] | None = None
    more: list[str] = []
    kept = 0
    for number, (offset, data, length) in enumerate(lines(stream, limit), 1):
        text, charset = decode(data.removeprefix(BOM) if offset == 0 else data)
        text = text.rstrip("\r\n")
        head = head_of(text)
        if head is not None or entry is None:
            if entry is not None:
                yield _whole(entry, more)
            entry = Entry(head, number, offset, length, 1, text, charset, len(data) < length)
            kept = len(text)
            continue
        entry.length += length
        entry.lines += 1
        entry.charset = entry.charset or charset
        kept += len(text) + 1
        if kept <= limit and not entry.cut:
            more.append(text)
        else:
            entry.cut = True
        entry.cut = entry.cut or len(data) < length
    if entry is not None:
        yield _whole(entry, more)


def _whole(entry: Entry[H], more: list[str]) -> Entry[H]:
    if more:
        entry.text = "\n".join((entry.text, *more))
        more.clear()
    return entry
