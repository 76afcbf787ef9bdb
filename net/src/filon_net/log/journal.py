"""Entries that were accepted and wait to become part of the tree, in one file that survives a stop at any point.

The file begins with 16 random bytes, the mark, and goes on with frames, one per ``append``, flushed before it returns:

    16 bytes  the mark again
    8 bytes   index of the first entry in the tree, big-endian
    4 bytes   length of the payload
    payload   an entry bundle (``tiles.pack_entries``)
    32 bytes  SHA-256 of everything before, from the mark on

A frame is written only after the one before it was flushed. So a broken frame is the torn end of an append that nobody was
told had succeeded, and is dropped, unless a whole frame follows it: then something that was acknowledged is damaged. The
mark is private and new each time the file is emptied, so that no entry can look like a frame.
"""

import hashlib
import os
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path

from filon_net.errors import LogBusy, LogDamaged, Malformed
from filon_net.log import durable
from filon_net.log.tiles import pack_entries, unpack_entries

__all__ = ["Journal"]

_MARK = 16
_HEAD = _MARK + 12
_HASH = 32
_LARGEST = 32 * 1024 * 1024
"""Bytes that may wait. A log that is not integrated for so long refuses, rather than fill memory."""


class Journal:
    """The waiting entries. ``entries`` holds them in order; the first has index ``base`` in the tree."""

    def __init__(self, path: Path, size: int) -> None:
        """Open the journal of a tree of ``size`` integrated leaves; LogDamaged where acknowledged entries are missing."""
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            durable.sync(path.parent)
            self.base = size
            self.entries: list[bytes] = []
            self._broken = False
            data = os.pread(self._descriptor, _LARGEST + 1, 0)
            self._mark = data[:_MARK]
            self._end = self._load(data)
            self._cut(self._end if self.entries else 0)
        except BaseException:
            os.close(self._descriptor)
            raise

    def _load(self, data: bytes) -> int:
        """Take the entries behind ``base`` from the frames; where the last whole frame ends."""
        if len(data) > _LARGEST:
            raise LogDamaged("the journal has more than {most} bytes", most=_LARGEST)
        at = _MARK
        expected: int | None = None
        while at < len(data):
            frame = _frame(data, at, self._mark)
            if frame is None:
                if _goes_on(data, at):
                    raise LogDamaged(
                        "the journal is damaged at byte {at}, before entries that were accepted later",
                        hint="restore the log from a copy; entries after the last checkpoint must be sent again",
                        at=at,
                    )
                break
            first, entries, at = frame
            if expected not in (None, first) or (expected is None and first > self.base):
                raise LogDamaged("the journal goes on at entry {first}", first=first)
            expected = first + len(entries)
            self.entries += entries[max(0, self.base - first) :]  # the rest is in the tree already
        return at

    def append(self, entries: Sequence[bytes]) -> int:
        """Write entries; on the disk when this returns the index of the first. LogBusy where too much is waiting."""
        if self._broken:
            raise LogDamaged("the journal could not be written", hint="look at the disk, then open the log again")
        payload = pack_entries(entries)
        index = self.base + len(self.entries)
        opening = b""
        if self._end == 0:
            self._mark = opening = secrets.token_bytes(_MARK)
        frame = self._mark + index.to_bytes(8, "big") + len(payload).to_bytes(4, "big") + payload
        frame = opening + frame + hashlib.sha256(frame).digest()
        if self._end + len(frame) > _LARGEST:
            raise LogBusy("too many entries wait to be integrated", hint="integrate them first")
        self._broken = True  # after a failed flush nobody knows what is on the disk
        durable.write_at(self._descriptor, frame, self._end)
        self._broken = False
        self._end += len(frame)
        self.entries += entries
        return index

    def integrated(self, size: int) -> None:
        """Forget what a checkpoint of ``size`` leaves now holds; the file is emptied once nothing waits."""
        del self.entries[: size - self.base]
        self.base = size
        if not self.entries:
            self._cut(0)

    def _cut(self, end: int) -> None:
        durable.cut(self._descriptor, end)
        self._end = end

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)


def _goes_on(data: bytes, at: int) -> bool:
    """Whether a whole frame lies anywhere behind a broken one at ``at``."""
    # the mark of the file and that of the first frame are one; either may be what was damaged
    marks = {data[:_MARK], data[_MARK : 2 * _MARK]} - {bytes(_MARK)}  # zeros: space that was reserved and never written
    return any(_frame(data, later, mark) for mark in marks for later in _places(data, mark, at))


def _places(data: bytes, mark: bytes, at: int) -> Iterator[int]:
    while len(mark) == _MARK and (at := data.find(mark, at)) >= 0:
        yield at
        at += 1


def _frame(data: bytes, at: int, mark: bytes) -> tuple[int, list[bytes], int] | None:
    """Index, entries and end of the frame at a place; None where it is not whole."""
    end = at + _HEAD + int.from_bytes(data[at + _HEAD - 4 : at + _HEAD], "big")
    if data[at : at + _MARK] != mark or end + _HASH > len(data):
        return None
    if hashlib.sha256(memoryview(data)[at:end]).digest() != data[end : end + _HASH]:
        return None
    payload = data[at + _HEAD : end]
    try:
        entries = unpack_entries(payload, _count(payload))
    except Malformed:
        return None
    return int.from_bytes(data[at + _MARK : at + _MARK + 8], "big"), entries, end + _HASH


def _count(payload: bytes) -> int:
    count = at = 0
    while at < len(payload):
        at += 2 + int.from_bytes(payload[at : at + 2], "big")
        count += 1
    return count
