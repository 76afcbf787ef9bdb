"""Text evidence as byte lines: where each one starts, how long it is, and which charset it was read in.

A line ends with LF or CRLF. A lone CR is text, because a sender can put one into a message to make a line of their
own; only a file without any LF in its first block is taken for one whose lines end with CR.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

__all__ = ["BLOCK", "BOM", "EXCERPT", "count_lines", "decode", "excerpt", "head_lines", "lines"]

BLOCK = 1 << 20
BOM = b"\xef\xbb\xbf"
EXCERPT = 500
"""Characters of a line that a defect shows."""

_UNDEFINED = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")


def lines(stream: BinaryIO, limit: int, end: bytes | None = None) -> Iterator[tuple[int, bytes, int]]:
    """Every line of ``stream``: ``(offset, bytes, length)``. ``end``: how lines end, where that is known already.

    ``bytes`` keep their line end and are cut after ``limit`` bytes; ``length`` is that of the whole line, so a line
    was cut where ``len(bytes) < length``. The offsets and lengths of all lines cover the stream without a gap.
    """
    block = stream.read(BLOCK)
    end = end or _line_end(block)
    offset = 0
    kept, dropped = b"", 0
    while block:
        parts = block.split(end)
        last = parts.pop()
        for part in parts:
            line = kept + part + end if kept else part + end
            length = len(line) + dropped
            yield offset, line if length <= limit else line[:limit], length
            offset += length
            kept, dropped = b"", 0
        kept += last
        if len(kept) > limit:
            dropped += len(kept) - limit
            kept = kept[:limit]
        block = stream.read(BLOCK)
    if kept:
        yield offset, kept, len(kept) + dropped


def count_lines(stream: BinaryIO) -> int:
    """How many lines ``stream`` holds, counted by their ends alone: the check on whoever reads them."""
    block = stream.read(BLOCK)
    end = _line_end(block)
    count, unfinished = 0, False
    while block:
        count += block.count(end)
        unfinished = not block.endswith(end)
        block = stream.read(BLOCK)
    return count + unfinished


def head_lines(head: bytes, most: int) -> list[str]:
    """The first lines of a head as text without line ends, for recognising a format. The last may be cut."""
    parts = head.removeprefix(BOM).split(_line_end(head), most)[:most]
    return [decode(part)[0].rstrip("\r\n") for part in parts]


def decode(data: bytes) -> tuple[str, str | None]:
    """Text, and the charset where it is not UTF-8.

    Bytes that are not UTF-8 are read as windows-1252, or as ISO 8859-1 where windows-1252 leaves one of them
    undefined. Both are guesses: say so as the assumption ``charset:NAME``.
    """
    try:
        return data.decode(), None
    except UnicodeDecodeError:
        charset = "iso-8859-1" if _UNDEFINED.search(data) else "windows-1252"
        return data.decode(charset), charset


def excerpt(text: str) -> str:
    """The first characters of a text, for a defect."""
    return text if len(text) <= EXCERPT else text[:EXCERPT] + "…"


def _line_end(block: bytes) -> bytes:
    return b"\r" if b"\n" not in block and b"\r" in block else b"\n"
