"""A member of an archive as a source, and the archive it can look around in."""

import io
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator
from itertools import islice, takewhile
from pathlib import Path
from typing import BinaryIO

from filon.evidence import codecs
from filon.evidence.copies import private_copy
from filon.evidence.names import Namer
from filon.evidence.source import Refused
from filon.evidence.stretch import Stretch
from filon.evidence.zips import Entry

__all__ = ["Archive", "Member"]

_HEAD = 65536


class Archive:
    """The entries of one archive, by their written names."""

    def __init__(self, inside: str | None, found: Iterable[Entry | Refused]) -> None:
        self._prefix = "" if inside is None else f"{inside}!"
        namer = Namer()
        self.listing: list[tuple[str, Entry | Refused]] = []
        self.folders = 0
        for one in found:
            if isinstance(one, Entry) and one.folder:
                self.folders += 1
            elif isinstance(one, Entry):
                self.listing.append((namer.write(one.name), one))
            else:
                member = inside if one.member is None else self._prefix + Namer().write(one.member)
                self.listing.append(("", Refused(member, one.code, one.detail)))
        self._by_path = {path: one for path, one in self.listing if isinstance(one, Entry)}
        self._by_name: dict[str, str] = {}
        for path, entry in self._by_path.items():
            self._by_name.setdefault(entry.name, path)
        self._names = sorted(self._by_name)
        self._under: tuple[str, Collection[str]] = ("", dict.fromkeys(self._names).keys())

    def entries(self) -> list[Entry]:
        return list(self._by_path.values())

    def offered(self, tmp: Path) -> Iterator["Member | Refused"]:
        """Members and refusals in archive order."""
        for path, one in self.listing:
            yield one if isinstance(one, Refused) else Member(self, one, self._prefix + path, tmp)

    def member(self, path: str, tmp: Path) -> "Member | None":
        """The member written ``path`` in this archive."""
        entry = self._by_path.get(path)
        return None if entry is None else Member(self, entry, self._prefix + path, tmp)

    def named(self, name: str, tmp: Path) -> "Member | None":
        """The first member called ``name``."""
        path = self._by_name.get(name)
        return None if path is None else self.member(path, tmp)

    def under(self, folder: str) -> Collection[str]:
        """Names below ``folder`` (empty, or ending with ``/``), relative to it, sorted. The last answer is kept."""
        if self._under[0] != folder:
            first = bisect_left(self._names, folder)
            inside = takewhile(lambda name: name.startswith(folder), islice(self._names, first, None))
            self._under = folder, dict.fromkeys(name[len(folder) :] for name in inside).keys()
        return self._under[1]


class Member:
    """A member of an archive, as a source. ``member`` is its path inside the item (see ``filon.evidence.names``).

    ``trouble`` says, once the bytes were read, what was wrong with them: the reader gets what could be unpacked.
    """

    def __init__(self, archive: Archive, entry: Entry, member: str, tmp: Path) -> None:
        self.member = member
        self._archive = archive
        self._entry = entry
        self._tmp = tmp
        self._head: bytes | None = None
        self._copy: Path | None = None
        self._trouble: list[Refused] = []

    @property
    def name(self) -> str:
        return self._entry.name

    @property
    def size(self) -> int:
        return self._entry.size

    @property
    def trouble(self) -> tuple[Refused, ...]:
        return tuple(self._trouble)

    @property
    def entry(self) -> Entry:
        """How it lies in its archive."""
        return self._entry

    @property
    def data(self) -> Stretch | None:
        """The bytes where they lie in a file as they are, else None."""
        return self._entry.data if self._entry.codec is None else None

    def open(self) -> BinaryIO:
        entry = self._entry
        if entry.codec is not None:
            raw = codecs.Unpacked(entry.data, entry.codec, entry.size, entry.crc, self._damaged)
            return io.BufferedReader(raw, _HEAD)
        return entry.data.open() if entry.crc is None else codecs.checked(entry.data, entry.crc, self._damaged)

    def head(self, length: int = _HEAD) -> bytes:
        if length > _HEAD:
            return self.open().read(length)
        if self._head is None:
            self._head = self.open().read(_HEAD)
        return self._head[:length]

    def file(self) -> Path:
        if self._copy is None:
            self._copy = private_copy(self, self.open(), self._tmp, self.name, self.size)
        return self._copy

    def beside(self) -> Collection[str]:
        return self._archive.under(self._folder())

    def sibling(self, name: str) -> "Member | None":
        return self._archive.named(self._folder() + name, self._tmp)  # no listed name leaves the archive

    def _folder(self) -> str:
        return self.name[: self.name.rfind("/") + 1]

    def _damaged(self, detail: str) -> None:
        trouble = Refused(self.member, "member-damaged", detail)
        if trouble not in self._trouble:
            self._trouble.append(trouble)
