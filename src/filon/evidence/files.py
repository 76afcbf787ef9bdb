"""Files as evidence, and the files of a folder in a stable order."""

import os
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO

from filon.errors import EvidenceError
from filon.evidence.copies import private_copy
from filon.evidence.names import text_of
from filon.evidence.source import Refused
from filon.evidence.stretch import Handle, Stretch, open_beneath, open_regular

__all__ = ["FileSource", "files_under"]

_HEAD = 65536
_TICK = 2_000_000_000
"""Nanoseconds within which some file systems give two changes the same time."""


class FileSource:
    """A regular file. ``root`` is the folder that was added, if one was: only what lies in it is beside the file.

    ``tmp`` takes the copy that ``file`` makes. Links, FIFOs, sockets and devices raise EvidenceError.
    """

    member: str | None = None
    trouble: tuple[Refused, ...] = ()

    def __init__(self, path: Path, root: Path | None = None, tmp: Path | None = None) -> None:
        relative = path.relative_to(root).as_posix() if root else None
        self.handle: Handle = open_beneath(root, relative) if root and relative else open_regular(path)
        self.data = Stretch(self.handle, 0, self.handle.size)
        self._name = text_of(os.fsencode(relative or path.name))
        self._path = path
        self._root = root
        self._tmp = tmp
        self._head: bytes | None = None
        self._copy: Path | None = None

    @property
    def name(self) -> str:
        return self._name

    @property
    def size(self) -> int:
        return self.data.length

    def open(self) -> BinaryIO:
        return self.data.open()

    def head(self, length: int = _HEAD) -> bytes:
        if length > _HEAD:
            return self.data.read_at(0, length)
        if self._head is None:
            self._head = self.data.read_at(0, _HEAD)
        return self._head[:length]

    def file(self) -> Path:
        if self._tmp is None:
            raise ValueError("this source was made without a folder for copies")
        if self._copy is None:
            self._copy = private_copy(self, self.open(), self._tmp, self.name, self.size)
        return self._copy

    def close(self) -> None:
        """Close the file and remove the copy, whoever still holds them."""
        self.handle.close()
        if self._copy is not None:
            self._copy.unlink(missing_ok=True)

    def beside(self) -> Collection[str]:
        return () if self._root is None else _LISTED.names(self._path.parent)

    def sibling(self, name: str) -> "FileSource | None":
        if self._root is None:
            return None
        try:
            return FileSource(self._path.parent / name, self._root, self._tmp) if _inside(name) else None
        except EvidenceError:  # not there, or a link: there is no such evidence beside this file
            return None


class _Listed:
    """The names in the folder that was asked for last, as long as nothing was put into it or taken out since."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._at = 0
        self._seen: dict[Path, int] = {}
        self._names: Collection[str] = ()

    def names(self, folder: Path) -> Collection[str]:
        if folder != self._folder or not self._as_it_was():
            self._at = time.time_ns()
            files = [path for path in files_under(folder) if path.is_file() and not path.is_symlink()]
            self._names = dict.fromkeys(text_of(os.fsencode(p.relative_to(folder).as_posix())) for p in files).keys()
            self._seen = {inner: inner.stat().st_mtime_ns for inner in {folder, *(path.parent for path in files)}}
            self._folder = folder
        return self._names

    def _as_it_was(self) -> bool:
        """Whether no folder that holds a file has changed; one that changed just before it was listed may have since."""
        try:
            return all(
                inner.stat().st_mtime_ns == seen and self._at - seen > _TICK for inner, seen in self._seen.items()
            )
        except OSError:
            return False


_LISTED = _Listed()


def _inside(name: str) -> bool:
    return "\0" not in name and not any(step in ("", ".", "..") for step in name.split("/"))


def files_under(path: Path) -> Iterator[Path]:
    """Everything in a folder that is not a folder, sorted by the bytes of its path below ``path``.

    Links, FIFOs and folders that cannot be listed are yielded as well: opening them raises the EvidenceError that
    says why they were not taken, so that nothing is passed over silently. Links are never followed.
    """
    try:
        with os.scandir(path) as scan:
            found = [(os.fsencode(one.name), one.is_dir(follow_symlinks=False)) for one in scan]
    except OSError:
        yield path
        return
    for name, folder in sorted(found, key=lambda one: one[0] + b"/" if one[1] else one[0]):
        inner = path / os.fsdecode(name)
        if folder:
            yield from files_under(inner)
        else:
            yield inner
