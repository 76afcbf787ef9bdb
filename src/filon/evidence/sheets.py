"""One row of a workbook (XLSX) as it stands in the XML of its sheet, found without loading the workbook.

After ECMA-376 part 1: sheets (18.2.19), rows (18.3.1.73), cells (18.3.1.4), shared strings (18.4.9). The sheet and the
shared strings are unpacked as a stream and looked through for the row's number; nothing is kept of the rest.
"""

import html
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

from filon.evidence.members import Archive
from filon.evidence.stretch import Stretch
from filon.evidence.zips import Broken, read_zip

__all__ = ["row_of"]

_BLOCK = 4 << 20
_OVERLAP = 4096
"""A tag that begins in one block ends within so many bytes."""
_LARGEST = 16 << 20
_MEMBERS = 100_000
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s[^<>]*>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s[^<>]*>")
_ATTRIBUTE = re.compile(rb"""([\w:]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')""")
_ROW_TAG = re.compile(rb"<(\w+:)?row\s[^<>]*>")
_STRING = re.compile(rb"<(?:\w+:)?si(?=[\s/>])")
_TEXT = re.compile(rb"<(?:\w+:)?t(?:\s[^<>]*)?>([^<]*)<")


def row_of(book: Stretch, path: str, tmp: Path) -> bytes | None:
    """The row ``Sheet!7`` as XML, and below it the shared strings its cells stand for; None where it is not found."""
    name, _, number = path.rpartition("!")
    if not number.isdecimal():
        return None
    try:
        archive = Archive(None, read_zip(book, _MEMBERS))
    except Broken:
        return None
    part = _part_of(archive, name, tmp)
    sheet = archive.named(part, tmp) if part else None
    if sheet is None:
        return None
    with sheet.open() as stream:
        row = _row(stream, number.encode())
    if row is None:
        return None
    wanted = {index: cell for cell, index in _shared(row)}
    strings = archive.named("xl/sharedStrings.xml", tmp)
    if not wanted or strings is None:
        return row
    with strings.open() as stream:
        told = dict(_strings(stream, set(wanted)))
    lines = [f"{cell}: {told[index]}" for cell, index in _shared(row) if index in told]
    return "\n".join([row.decode("utf-8", "backslashreplace"), *lines]).encode()


def _part_of(archive: Archive, name: str, tmp: Path) -> str | None:
    """The file that holds the sheet of this name."""
    book, relations = (archive.named(f"xl/{part}", tmp) for part in ("workbook.xml", "_rels/workbook.xml.rels"))
    if book is None or relations is None:
        return None
    with book.open() as stream:
        sheets = [_attributes(tag) for tag in _SHEET.findall(stream.read(_LARGEST))]
    with relations.open() as stream:
        targets = [_attributes(tag) for tag in _RELATION.findall(stream.read(_LARGEST))]
    by_id = {one.get("Id"): one.get("Target", "") for one in targets}
    for sheet in sheets:
        if sheet.get("name") == name:
            id_ = next((value for key, value in sheet.items() if key.endswith(":id")), None)
            target = by_id.get(id_)
            return None if not target else target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return None


def _attributes(tag: bytes) -> dict[str, str]:
    return {
        key.decode(): html.unescape((one or other).decode("utf-8", "replace"))
        for key, one, other in _ATTRIBUTE.findall(tag)
    }


def _row(stream: BinaryIO, number: bytes) -> bytes | None:
    """From the row's tag to its end."""
    needles = (b' r="' + number + b'"', b" r='" + number + b"'")
    carried = b""
    while block := stream.read(_BLOCK):
        block = carried + block
        for needle in needles:
            at = block.find(needle)
            while at >= 0:
                begin = block.rfind(b"<", 0, at)
                if begin >= 0 and (tag := _ROW_TAG.match(block, begin)):
                    return _to_end(stream, block, tag)
                following = block.find(b"<", at)
                at = block.find(needle, following) if following >= 0 else -1
        carried = block[-_OVERLAP:]
    return None


def _to_end(stream: BinaryIO, block: bytes, tag: "re.Match[bytes]") -> bytes:
    if tag[0].endswith(b"/>"):
        return tag[0]
    end = b"</" + (tag[1] or b"") + b"row>"
    row = block[tag.start() :]
    at = row.find(end)
    while at < 0 and len(row) < _LARGEST and (more := stream.read(_BLOCK)):
        seen = max(0, len(row) - len(end))
        row += more
        at = row.find(end, seen)
    return row[: at + len(end)] if at >= 0 else row[:_LARGEST]


def _shared(row: bytes) -> list[tuple[str, int]]:
    """Cells that point to a shared string: reference and number of the string."""
    found = []
    for cell in re.split(rb"<(?:\w+:)?c\s", row)[1:]:
        head, _, body = cell.partition(b">")
        said = _attributes(head)
        value = re.search(rb"<(?:\w+:)?v>\s*(\d{1,9})\s*<", body)
        if said.get("t") == "s" and value:
            found.append((said.get("r", "?"), int(value[1])))
    return found


def _strings(stream: BinaryIO, wanted: set[int]) -> Iterator[tuple[int, str]]:
    """The shared strings with these numbers."""
    count, rest = 0, b""
    while count <= max(wanted) and len(rest) < _LARGEST:
        block = stream.read(_BLOCK)
        rest += block
        starts = [found.start() for found in _STRING.finditer(rest)]
        if not block:
            starts.append(len(rest))
        for begin, end in pairwise(starts):
            if count in wanted:
                yield count, html.unescape(b"".join(_TEXT.findall(rest[begin:end])).decode("utf-8", "replace"))
            count += 1
        if not block:
            return
        rest = rest[starts[-1] :] if starts else rest[-_OVERLAP:]
