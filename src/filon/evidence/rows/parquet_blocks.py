"""Which bytes of a Parquet file its row groups take, so that they can be hashed and read one apart from the other.

After the Parquet format, 2.10: the footer and its length stand at the end, before the last four bytes; the column
chunks of a row group begin at the first of their pages. A block takes everything up to where the next one begins; what
stands before the first row group belongs to the first block, what stands before the footer to the last one.
"""

import io
import os
import struct
from collections.abc import Iterator
from typing import BinaryIO

import msgspec
import pyarrow.parquet as pq

from filon.evidence.rows.parquet import MAGIC, rows_stated

__all__ = ["Footer", "Groups", "Part", "footer_of", "groups_of", "metadata_of", "stream_of"]

_END = struct.Struct("<I4s")
_LARGEST = 512 << 20
"""Bytes of a block that are held at once."""


class Part(msgspec.Struct, frozen=True):
    """A piece of a file and its SHA-256."""

    offset: int
    length: int
    sha256: str


class Groups(msgspec.Struct, frozen=True):
    """Row groups that stand together: their bytes, and how many rows stand before them and at their end."""

    first: int
    beyond: int
    offset: int
    length: int
    before: int
    last: int


class Footer(msgspec.Struct, frozen=True):
    """Where the footer begins, up to the end of the file, and its bytes."""

    offset: int
    data: bytes


def footer_of(stream: BinaryIO) -> Footer | None:
    """The footer of a file, or None where it does not end like one."""
    size = stream.seek(0, os.SEEK_END)
    if size < _END.size:
        return None
    stream.seek(size - _END.size)
    length, magic = _END.unpack(stream.read(_END.size))
    offset = size - _END.size - length
    if magic != MAGIC or offset < len(MAGIC):
        return None
    stream.seek(offset)
    return Footer(offset, stream.read(size - offset))


def metadata_of(footer: bytes) -> pq.FileMetaData:
    """What a footer says."""
    return pq.read_metadata(io.BytesIO(MAGIC + footer))


def groups_of(metadata: pq.FileMetaData, end: int, size: int) -> list[Groups] | None:
    """The row groups in blocks of about ``size`` bytes, all before byte ``end``.

    None where they do not follow one another, lie in another file, or one of them is too large to be held.
    """
    spans = [_span(metadata, group) for group in range(metadata.num_row_groups)]
    reached = len(MAGIC)
    for span in spans:
        if span is None or span[0] < reached or span[1] > end:
            return None
        reached = span[1]
    starts = [span[0] for span in spans if span is not None]
    found = list(_joined(metadata, [0, *starts[1:], end], size))
    return found if found and all(one.length <= _LARGEST for one in found) else None


def _joined(metadata: pq.FileMetaData, bounds: list[int], size: int) -> Iterator[Groups]:
    first, before, rows = 0, 0, 0
    for group in range(metadata.num_row_groups):
        rows += rows_stated(metadata, group)
        if bounds[group + 1] - bounds[first] >= size or group + 1 == metadata.num_row_groups:
            yield Groups(first, group + 1, bounds[first], bounds[group + 1] - bounds[first], before, rows)
            first, before = group + 1, rows


def _span(metadata: pq.FileMetaData, group: int) -> tuple[int, int] | None:
    """Where the pages of a row group begin and end."""
    row_group = metadata.row_group(group)
    begins, ends = [], []
    for place in range(row_group.num_columns):
        column = row_group.column(place)
        if column.file_path:
            return None
        begin = column.dictionary_page_offset or column.data_page_offset
        begins.append(min(begin, column.data_page_offset))
        ends.append(begins[-1] + column.total_compressed_size)
    return (min(begins), max(ends)) if begins else None


def stream_of(data: bytes, offset: int, size: int) -> BinaryIO:
    """A file of ``size`` bytes of which only ``data`` from ``offset`` is there; the others are NUL."""
    return io.BufferedReader(_Piece(data, offset, size), 1 << 16)


class _Piece(io.RawIOBase):
    def __init__(self, data: bytes, offset: int, size: int) -> None:
        self._data = memoryview(data)
        self._offset = offset
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence] + offset
        if self._at < 0:
            raise ValueError(f"negative position {self._at}")
        return self._at

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]  # narrower than WriteableBuffer
        count = max(0, min(len(buffer), self._size - self._at))
        begin, end = self._at - self._offset, self._at - self._offset + count
        known = self._data[max(0, begin) : max(0, end)]
        before = min(count, max(0, -begin))
        buffer[:count] = bytes(count)
        buffer[before : before + len(known)] = known
        self._at += count
        return count
