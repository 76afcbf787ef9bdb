"""Cells read as handles, names, words, numbers and files."""

import math
import re

from filon.evidence.rows import Cell
from filon.model.records import AccountRef, Attachment

__all__ = [
    "account_of",
    "attachments_of",
    "degrees",
    "handle_of",
    "is_marked_owner",
    "is_rounded",
    "pieces_of",
    "text_of",
    "whole_number",
]

_ROUNDED = re.compile(r"[+-]?\d(?:[.,]\d+)?[Ee]\+\d{2,}")
"""A number as a spreadsheet shows it when its column is too narrow or its text was taken for a number."""
_EXACT_BELOW = 10**15
"""Excel keeps 15 digits of a number."""
_OWNER_MARK = re.compile(r"\s*\((?:owner|propriétaire|eigenaar|besitzer|propietario)\)\s*$", re.I)
_BETWEEN = re.compile(r"[\n\r;|]+")
_EXTENSIONS = {
    "image": "jpg jpeg png gif webp heic heif bmp tif tiff",
    "video": "mp4 mov 3gp avi mkv webm m4v mpg mpeg",
    "audio": "mp3 m4a wav flac wma aac",
    "voice": "opus ogg amr oga",
    "contact": "vcf",
}
_KIND_OF = {extension: kind for kind, extensions in _EXTENSIONS.items() for extension in extensions.split()}


def text_of(cell: Cell) -> str | None:
    """The cell as text, as it stands; None where it is empty."""
    if cell is None or isinstance(cell, str):
        return cell or None
    if isinstance(cell, list):
        return "\n".join(cell) or None
    return str(cell)


def is_rounded(cell: Cell) -> bool:
    """True where digits of an identifier were lost before the file was written (``4,9E+11``, 16 digits in a float)."""
    if isinstance(cell, str):
        return "+" in cell and _ROUNDED.fullmatch(cell.strip()) is not None
    return isinstance(cell, float) and abs(cell) >= _EXACT_BELOW


def handle_of(cell: Cell) -> str | None:
    """An identifier as text. The apostrophe by which spreadsheets keep digits as text is left out."""
    if isinstance(cell, str):
        handle = cell.strip()
        if handle[:1] == "'" and handle[1:2] in {*"0123456789+=-@"}:
            handle = handle[1:]
        return handle or None
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < _EXACT_BELOW else repr(cell)
    return text_of(cell)


def account_of(cell: Cell, platform: str, form: str) -> AccountRef | None:
    """The account a cell names. Where digits are lost the written number is only a name: it identifies nobody."""
    handle = handle_of(cell)
    if handle is None:
        return None
    if form == "name" or is_rounded(cell):
        return AccountRef(platform, None, handle)
    if form == "id":
        return AccountRef(platform, handle)
    bare = _OWNER_MARK.sub("", handle)
    first, _, rest = bare.partition(" ")
    if "@" in first or any(character.isdecimal() for character in first):
        return AccountRef(platform, first, rest.strip() or None)
    return AccountRef(platform, None, bare)


def is_marked_owner(cell: Cell) -> bool:
    """Whether a report marks this account as the device's own."""
    return isinstance(cell, str) and _OWNER_MARK.search(cell) is not None


def pieces_of(cell: Cell, separator: str | None) -> list[Cell]:
    """The parts of a cell that holds several values."""
    if cell is None:
        return []
    if isinstance(cell, list):
        return list(cell)
    if not isinstance(cell, str):
        return [cell]
    parts = cell.split(separator) if separator else _BETWEEN.split(cell)
    return [part.strip() for part in parts if part.strip()]


def whole_number(cell: Cell) -> int | None:
    """A counter, or None where the cell holds none that fits 64 bits."""
    try:
        number = int(cell) if isinstance(cell, str | int) else int(cell) if isinstance(cell, float) else None
    except (ValueError, OverflowError):
        return None
    return number if number is not None and abs(number) < 1 << 63 else None


def degrees(cell: Cell, most: float) -> float | None:
    """A latitude or longitude with a point or comma; None outside ``most`` degrees."""
    if cell is None:
        return None
    try:
        value = float(cell.strip().replace(",", ".") if isinstance(cell, str) else cell)  # type: ignore[arg-type]  # dates and lists raise
    except (ValueError, TypeError, OverflowError):
        return None
    return value if math.isfinite(value) and abs(value) <= most else None


def attachments_of(cell: Cell, separator: str | None, beside: "dict[str, str]") -> tuple[Attachment, ...]:
    """The files that a cell names. ``beside``: members of the same archive by name and by last part of the name."""
    found = []
    for part in pieces_of(cell, separator):
        name = text_of(part)
        if name is None:
            continue
        path = name.replace("\\", "/")
        last = path.rpartition("/")[2]
        kind = _KIND_OF.get(last.rpartition(".")[2].lower(), "file") if "." in last else "file"
        found.append(Attachment(kind, name, member=beside.get(path) or beside.get(last)))
    return tuple(found)
