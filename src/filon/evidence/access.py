"""One record of an item, shown again from the original and proven to be what was taken in.

Runs in the limited process where anything must be unpacked. What is kept beside the case to be quick (digests of blocks,
access points) is made at the first request and can be taken away at any time.
"""

from collections.abc import Collection
from pathlib import Path
from shutil import rmtree

import msgspec

from filon.evidence.blocks import Blocks, make_blocks, not_the_item
from filon.evidence.files import FileSource
from filon.evidence.hashing import hash_file
from filon.evidence.items import Held, Opened
from filon.evidence.members import Member
from filon.evidence.points import Points, is_sealed, read_sealed, write_sealed
from filon.evidence.sheets import row_of
from filon.evidence.stretch import Stretch, changed, open_regular
from filon.model.progress import Report, silent
from filon.settings import Limits

__all__ = ["MOST", "Piece", "Wanted", "forget_damaged", "hash_again", "is_packed", "piece"]

MOST = 16 << 20
"""Bytes of a record that are given at most."""
_BLOCKS = "blocks"
_KEPT_FROM = 4 << 20
"""Digests of a smaller item are made whenever they are needed."""
_ZIP = b"PK\x03\x04"
_PACKED = (_ZIP, b"PK\x05\x06", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
_HELD = Held()
"""The item that was asked for last by this process: bzip2, xz and zstd are unpacked once for it."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A record: the item with its SHA-256 and size, the member, and the locator. ``kept`` is the item's folder in the
    case for what makes this quick."""

    item: Path
    root: Path | None
    sha256: str
    size: int
    member: str | None
    path: str
    offset: int | None
    length: int | None
    kept: Path
    tmp: Path
    limits: Limits


class Piece(msgspec.Struct, frozen=True):
    """``exact``: the bytes at the locator; else a row of a workbook in its own XML. ``data`` is empty where formats have
    no bytes for a record."""

    data: bytes
    exact: bool


def is_packed(item: Path) -> bool:
    """Whether an item must be unpacked or taken apart to show a record of it; EvidenceError where it is not there."""
    source = FileSource(item)
    try:
        return source.head(8).startswith(_PACKED)
    finally:
        source.close()


def piece(wanted: Wanted, held: Held = _HELD) -> Piece:
    """The record; EvidenceError where the item is not there or not what it was. The item stays open in ``held``."""
    if wanted.offset is None and "!" not in wanted.path:
        return Piece(b"", False)
    opened = held.open(wanted.item, wanted.limits, wanted.tmp, wanted.root, Points(wanted.kept))
    if not opened.vouched:
        opened.vouch(_blocks(wanted, opened))
    source = opened.find(wanted.member)
    data = source.data or (opened.points.of_member(source) if isinstance(source, Member) and opened.points else None)
    if wanted.offset is None or wanted.length is None:
        return Piece(_row(source, data, wanted) or b"", False)
    if data is not None:
        return Piece(data.read_at(wanted.offset, min(wanted.length, MOST)), True)
    with source.open() as stream:
        stream.seek(wanted.offset)
        return Piece(stream.read(min(wanted.length, MOST)), True)


def hash_again(item: Path, kept: Path, report: Report = silent) -> tuple[str, int]:
    """As ``hash_file``; digests of blocks that are not those of the item are taken away, to be made anew."""
    path = kept / _BLOCKS
    if not path.exists():
        return hash_file(item, report)
    handle = open_regular(item)
    try:
        made = make_blocks(Stretch(handle, 0, handle.size), report, item.name)
        if not handle.untouched():
            raise changed(item)
    finally:
        handle.close()
    if made.sha256 == kept.name and made != read_sealed(path, Blocks):
        path.unlink()
    return made.sha256, made.size


def forget_damaged(folder: Path, items: Collection[str]) -> None:
    """Take away what belongs to none of these SHA-256 and what is damaged: it is made anew when it is needed."""
    for kept in folder.iterdir() if folder.is_dir() else ():
        if kept.name not in items or kept.is_symlink() or not kept.is_dir():
            rmtree(kept) if kept.is_dir() and not kept.is_symlink() else kept.unlink()
            continue
        for file in kept.iterdir():
            if not is_sealed(file):
                rmtree(file) if file.is_dir() and not file.is_symlink() else file.unlink()


def _blocks(wanted: Wanted, opened: Opened) -> Blocks:
    """The digests of the item's blocks: those kept, else made from the file while it is the item."""
    path = wanted.kept / _BLOCKS
    kept = read_sealed(path, Blocks)
    if kept is not None and kept.sha256 == wanted.sha256:
        return kept
    if opened.size != wanted.size:
        raise not_the_item(str(wanted.item))
    made = make_blocks(opened.whole().data)
    if made.sha256 != wanted.sha256:
        raise not_the_item(str(wanted.item))
    if made.size > _KEPT_FROM:
        write_sealed(path, made)
    return made


def _row(source: FileSource | Member, data: Stretch | None, wanted: Wanted) -> bytes | None:
    if not source.head(4).startswith(_ZIP):
        return None
    return row_of(data or FileSource(source.file()).data, wanted.path, wanted.tmp)
