"""SHA-256 of evidence, and the proof that the bytes hashed are the bytes that were parsed.

A hash taken before reading says nothing about what a reader saw later: a file can be replaced or grow in between.
``Proven`` stands between source and reader and hashes what it hands out, in blocks: a block is hashed the first time
anybody passes it (a reader that jumps ahead makes it hash what it jumped over), and a block read again must lead from
the same state of the hash to the same next one. ``finish`` hashes what nobody read and compares with the recorded hash.
"""

import hashlib
import io
import os
from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO

import msgspec

from filon.evidence.copies import private_copy
from filon.evidence.source import Refused, Source
from filon.evidence.stretch import Stretch, changed, open_regular
from filon.model.progress import Progress, Report, silent

__all__ = ["Proof", "Proven", "hash_file", "hash_stretch"]

_BLOCK = 1 << 20
_PIECE = 8 << 20


def hash_file(path: Path, report: Report = silent) -> tuple[str, int]:
    """SHA-256 in hexadecimal and size in bytes of a regular file; EvidenceError where it changes meanwhile."""
    handle = open_regular(path)
    try:
        sha256 = hash_stretch(Stretch(handle, 0, handle.size), report, path.name)
        if not handle.untouched():
            raise changed(path)
        return sha256, handle.size
    finally:
        handle.close()


def hash_stretch(data: Stretch, report: Report = silent, item: str | None = None) -> str:
    """SHA-256 in hexadecimal of a piece of an open file."""
    state = hashlib.sha256()
    for at in range(0, data.length, _PIECE):
        state.update(data.read_at(at, _PIECE))
        report(Progress("hash", min(at + _PIECE, data.length), data.length, item=item))
    return state.hexdigest()


class Proof(msgspec.Struct, frozen=True):
    """What one source turned out to be: SHA-256 and size of the bytes handed out, and what was wrong with them.

    ``beside`` holds the same of every sibling that the reader opened, under the name it asked for.
    """

    sha256: str
    size: int
    trouble: tuple[Refused, ...] = ()
    beside: tuple[tuple[str, "Proof"], ...] = ()


class Proven:
    """A source whose bytes are hashed as they are handed out. ``sha256`` is what they must come to, where known."""

    def __init__(self, source: Source, tmp: Path, sha256: str | None = None) -> None:
        self._source = source
        self._tmp = tmp
        self._expected = sha256
        self._states = [hashlib.sha256()]
        self._ended = False
        self._size = 0
        self._stream: BinaryIO | None = None
        self._copy: Path | None = None
        self._beside: dict[str, Proven] = {}

    @property
    def name(self) -> str:
        return self._source.name

    @property
    def size(self) -> int:
        return self._source.size

    def open(self) -> BinaryIO:
        return io.BufferedReader(_ProvenStream(self), _BLOCK)

    def head(self, length: int = 65536) -> bytes:
        return self.block(0)[:length] if length <= _BLOCK else self.open().read(length)

    def file(self) -> Path:
        if self._copy is None:
            self._copy = private_copy(self, self.open(), self._tmp, self.name, self.size)
        return self._copy

    def beside(self) -> Collection[str]:
        return self._source.beside()

    def sibling(self, name: str) -> "Proven | None":
        if name not in self._beside:
            found = self._source.sibling(name)
            if found is None:
                return None
            self._beside[name] = Proven(found, self._tmp)
        return self._beside[name]

    def block(self, number: int) -> bytes:
        """Block ``number`` of the source, hashed or compared with what it was before; b"" behind the end."""
        while len(self._states) < number + 2 and not self._ended:
            data = self._advance()
            if len(self._states) == number + 2:
                return data
        if len(self._states) < number + 2:
            return b""
        data = self._read(number)
        again = self._states[number].copy()
        again.update(data)
        if again.digest() != self._states[number + 1].digest():
            raise changed(self.name)
        return data

    def _read(self, number: int) -> bytes:
        if self._stream is None:
            self._stream = self._source.open()
        if self._stream.tell() != number * _BLOCK:
            self._stream.seek(number * _BLOCK)
        return self._stream.read(_BLOCK)

    def _advance(self) -> bytes:
        """Read and hash the first block that nobody has passed yet."""
        data = self._read(len(self._states) - 1)
        if data:
            following = self._states[-1].copy()
            following.update(data)
            self._states.append(following)
            self._size += len(data)
        self._ended = len(data) < _BLOCK
        return data

    def finish(self) -> Proof:
        """Hash what was not read and compare; EvidenceError "changed while it was read" where it differs."""
        while not self._ended:
            self._advance()
        sha256 = self._states[-1].hexdigest()
        if self._expected not in (None, sha256):
            raise changed(self.name)
        beside = tuple((name, one.finish()) for name, one in sorted(self._beside.items()))
        trouble: tuple[Refused, ...] = getattr(self._source, "trouble", ())
        return Proof(sha256, self._size, trouble, beside)


class _ProvenStream(io.RawIOBase):
    """A position on a proven source."""

    def __init__(self, proven: Proven) -> None:
        self._proven = proven
        self._at = 0
        self._number = -1
        self._block = b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._proven.size}[whence]
        if base + offset < 0:
            raise ValueError(f"negative position {base + offset}")
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]  # narrower than WriteableBuffer
        number, inside = divmod(self._at, _BLOCK)
        if number != self._number:
            self._block, self._number = self._proven.block(number), number
        piece = memoryview(self._block)[inside : inside + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)
