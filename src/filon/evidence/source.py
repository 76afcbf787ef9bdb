"""A read-only view of one piece of evidence: a file, or a member of an archive or folder.

Readers see evidence only through this. They can look at its head, stream it, ask for what lies beside it, and
get a real file where a library needs one; they can neither write nor reach outside the item.
"""

import io
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import BinaryIO, Protocol

import msgspec

__all__ = ["BytesSource", "Refused", "Source"]


class Refused(msgspec.Struct, frozen=True):
    """A member, or part of one, that was not taken; the intake turns it into a defect.

    ``member`` is its path inside the item, None for the item itself. ``code`` is stable:

    ``member-name``             leaves the archive, is absolute, empty or holds NUL
    ``member-link``             symbolic or hard link
    ``member-special``          device, FIFO, socket or sparse file
    ``member-password``         encrypted: needs a password
    ``member-method``           packed by a method that is not read here
    ``member-headers-differ``   the archive says two things about the same member
    ``member-overlap``          shares packed bytes with another member
    ``member-size``             larger than the limit
    ``member-damaged``          checksum or length do not agree; what could be unpacked was given to the reader
    ``archive-damaged``         the archive ends early or cannot be read from some byte on
    ``archive-unlisted``        holds bytes that belong to no listed member
    ``archive-depth``           archives inside archives beyond the limit
    ``archive-members``         more members than the limit
    ``archive-ratio``           unpacks to so much more than it takes that it is taken for a bomb
    ``archive-kind``            an archive format that is not read here (7z, rar)
    ``disk-space``              unpacking would leave too little room on the disk of the case
    """

    member: str | None
    code: str
    detail: str | None = None


class Source(Protocol):
    """One stream of evidence and its surroundings."""

    @property
    def name(self) -> str:
        """Path inside its item with ``/``, or the file's own name. Shown, never opened."""

    @property
    def size(self) -> int:
        """Length in bytes."""

    def open(self) -> BinaryIO:
        """The bytes, from the start, seekable. The caller closes it."""

    def head(self, length: int = 65536) -> bytes:
        """The first bytes, for recognising a format; cheap to ask again."""

    def file(self) -> Path:
        """A private read-only file with these bytes, for libraries that need a path. Lives as long as the source."""

    def beside(self) -> Collection[str]:
        """Names of everything in the same archive or folder, sorted, relative to this source's own folder.

        Cheap to ask whether a name is in it, and shared by all that lie in the folder: 20,000 chats may lie in one.
        """

    def sibling(self, name: str) -> "Source | None":
        """What lies beside under ``name`` (relative to this source's folder, may hold ``/``), or None."""


class BytesSource:
    """A source made of bytes in memory, for tests and for parts cut out of larger ones."""

    def __init__(
        self, name: str, data: bytes, beside: Mapping[str, bytes] | None = None, folder: Path | None = None
    ) -> None:
        self._name = name
        self._data = data
        self._beside = dict(beside or {})
        self._folder = folder

    @property
    def name(self) -> str:
        return self._name

    @property
    def size(self) -> int:
        return len(self._data)

    def open(self) -> BinaryIO:
        return io.BytesIO(self._data)

    def head(self, length: int = 65536) -> bytes:
        return self._data[:length]

    def file(self) -> Path:
        if self._folder is None:
            raise ValueError("this source was made without a folder for files")
        path = self._folder / Path(self._name).name
        path.write_bytes(self._data)
        return path

    def beside(self) -> Collection[str]:
        return self._beside.keys()

    def sibling(self, name: str) -> "Source | None":
        data = self._beside.get(name)
        return None if data is None else BytesSource(name, data, self._beside, self._folder)
