"""Bytes of one open regular file, read by position.

Everything that is evidence ends here: a file, a member stored in an archive as it is, or a copy unpacked into the
case's own ``tmp``. Reads never move a shared position, so any number of streams may stand on one file, and a file
is closed (and an unpacked copy gone from the disk) when nobody holds a piece of it any more.
"""

import errno
import io
import os
import stat
import weakref
from pathlib import Path
from typing import BinaryIO, Protocol

import msgspec

from filon.errors import EvidenceError
from filon.words.sentence import sentence

__all__ = ["Handle", "Readable", "Stream", "Stretch", "changed", "open_beneath", "open_regular"]

_BUFFER = 256 * 1024
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_NO_ATIME: int = getattr(os, "O_NOATIME", 0)
_KINDS = {
    stat.S_IFDIR: sentence("a folder"),
    stat.S_IFLNK: sentence("a symbolic link"),
    stat.S_IFIFO: sentence("a FIFO"),
    stat.S_IFSOCK: sentence("a socket"),
    stat.S_IFCHR: sentence("a device"),
    stat.S_IFBLK: sentence("a device"),
}


class Readable(Protocol):
    """Whatever gives bytes by position."""

    def read_at(self, offset: int, length: int) -> bytes:
        """Exactly ``length`` bytes; EvidenceError where they are not there."""


class Handle:
    """One regular file, open for reading. ``size`` is its length in bytes when it was opened."""

    def __init__(self, fd: int, path: Path) -> None:
        self._fd = fd
        self._close = weakref.finalize(self, os.close, fd)
        self.path = path
        self.status = os.fstat(fd)
        self.size = self.status.st_size

    def close(self) -> None:
        """Close the file now, whoever still holds a piece of it."""
        self._close()

    def read_at(self, offset: int, length: int) -> bytes:
        """Exactly ``length`` bytes; EvidenceError where the file no longer has them or the disk cannot give them."""
        if not self._close.alive:
            raise ValueError("the item is closed")
        pieces, left = [], length
        while left:
            try:
                piece = os.pread(self._fd, min(left, 1 << 30), offset)
            except OSError as error:
                raise EvidenceError(
                    "{path} cannot be read at byte {offset}: {reason}",
                    hint="check the disk it lies on; work on an image of it",
                    path=str(self.path),
                    offset=offset,
                    reason=error.strerror,
                ) from error
            if not piece:
                raise changed(self.path)
            pieces.append(piece)
            offset += len(piece)
            left -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def untouched(self) -> bool:
        """Whether the file system says that nothing about the file changed since it was opened."""
        now = os.fstat(self._fd)
        names = ("st_dev", "st_ino", "st_size", "st_mtime_ns", "st_ctime_ns")
        return all(getattr(now, name) == getattr(self.status, name) for name in names)

    def still_as_long(self) -> bool:
        """Whether the file has the size it had when it was opened."""
        return os.fstat(self._fd).st_size == self.size


def changed(path: object) -> EvidenceError:
    """The error for evidence that is not the same at two moments when it must be."""
    return EvidenceError(
        "{path} changed while it was read",
        hint="nothing of it was stored; work on a copy that nothing else writes to, and add that",
        path=str(path),
    )


class Stretch(msgspec.Struct, frozen=True):
    """``length`` bytes of a file from ``start``."""

    handle: Readable
    start: int
    length: int

    def read_at(self, offset: int, length: int) -> bytes:
        """At most ``length`` bytes from ``offset`` of the stretch; fewer only at its end."""
        length = min(length, self.length - offset)
        return self.handle.read_at(self.start + offset, length) if length > 0 else b""

    def part(self, offset: int, length: int) -> "Stretch":
        """A piece of the stretch; it must lie inside."""
        if offset < 0 or length < 0 or offset + length > self.length:
            raise ValueError(f"{offset}+{length} lies outside {self.length} bytes")
        return Stretch(self.handle, self.start + offset, length)

    def open(self) -> BinaryIO:
        """The bytes as a seekable stream."""
        return io.BufferedReader(Stream(self), _BUFFER)


class Stream(io.RawIOBase):
    """A position on a stretch."""

    def __init__(self, stretch: Stretch) -> None:
        self._stretch = stretch
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._stretch.length}[whence]
        if base + offset < 0:
            raise ValueError(f"negative position {base + offset}")
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]  # narrower than WriteableBuffer
        data = self._stretch.read_at(self._at, len(buffer))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def open_regular(path: Path) -> Handle:
    """Open a regular file. Links, FIFOs, sockets and devices are refused without being touched; access time stays."""
    return Handle(_open(path, path, None), path)


def open_beneath(root: Path, relative: str) -> Handle:
    """Open a regular file below the folder ``root``; no step of ``relative`` may be ``..``, empty or a link."""
    steps = relative.split("/")
    if any(step in ("", ".", "..") or "\0" in step for step in steps):
        raise EvidenceError("{name!r} leaves the folder that was added", name=relative)
    shown = root / relative
    try:
        folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise _refusal(error, root) from error
    try:
        for step in steps[:-1]:
            try:
                inner = os.open(step, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
            except OSError as error:
                raise _refusal(error, shown) from error
            os.close(folder)
            folder = inner
        return Handle(_open(Path(steps[-1]), shown, folder), shown)
    finally:
        os.close(folder)


def _open(path: Path, shown: Path, folder: int | None) -> int:
    try:
        before = os.stat(path, dir_fd=folder, follow_symlinks=False)
        _must_be_regular(before, shown)
        try:
            fd = os.open(path, _FLAGS | _NO_ATIME, dir_fd=folder)
        except PermissionError:  # only the owner may leave the access time alone
            fd = os.open(path, _FLAGS, dir_fd=folder)
    except OSError as error:
        raise _refusal(error, shown) from error
    try:
        _must_be_regular(os.fstat(fd), shown)
    except EvidenceError:
        os.close(fd)
        raise
    return fd


def _must_be_regular(status: os.stat_result, path: Path) -> None:
    if stat.S_ISREG(status.st_mode):
        return
    raise EvidenceError(
        "{path} is {kind}, not a regular file",
        hint="add the file it stands for, or a copy of it",
        path=str(path),
        kind=_KINDS.get(stat.S_IFMT(status.st_mode), "something else"),
    )


def _refusal(error: OSError, path: Path) -> EvidenceError:
    if error.errno == errno.ENOENT:
        return EvidenceError("there is no file {path}", hint="check the path", path=str(path))
    if error.errno in (errno.ELOOP, errno.ENOTDIR):
        return EvidenceError(
            "{path} leads over a symbolic link, or over something that is no folder",
            hint="add the file it stands for",
            path=str(path),
        )
    return EvidenceError("{path} cannot be opened: {reason}", path=str(path), reason=error.strerror)
