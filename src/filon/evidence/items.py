"""An item opened for reading: itself, or what lies in it where it is an archive."""

from collections.abc import Iterator
from pathlib import Path

from filon.errors import EvidenceError
from filon.evidence.archives import Lister, Stop
from filon.evidence.blocks import Blocks, Vouched
from filon.evidence.files import FileSource
from filon.evidence.hashing import hash_stretch
from filon.evidence.members import Archive, Member
from filon.evidence.names import steps_of
from filon.evidence.points import Points
from filon.evidence.source import Refused
from filon.evidence.stretch import Stretch, changed
from filon.model.progress import Report, silent
from filon.settings import Limits

__all__ = ["Held", "Opened", "open_item"]


def open_item(path: Path, limits: Limits, tmp: Path, root: Path | None = None) -> "Opened":
    """Open an item, as a context manager. ``tmp`` takes what must be unpacked; ``root`` is the folder that was added.

    EvidenceError where ``path`` is not a regular file that can be read.
    """
    return Opened(path, limits, tmp, root)


class Opened:
    """An open item. ``folders`` counts the folder entries of its archives, which hold nothing to read."""

    def __init__(
        self, path: Path, limits: Limits, tmp: Path, root: Path | None = None, points: Points | None = None
    ) -> None:
        self._whole = FileSource(path, root, tmp)
        self.points = points
        self.vouched = False
        self._path = path
        self._limits = limits
        self._tmp = tmp
        self._sha256: str | None = None
        self._chain: list[tuple[str, Archive | None]] = []
        self.folders = 0

    def __enter__(self) -> "Opened":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def size(self) -> int:
        return self._whole.size

    def close(self) -> None:
        """Close the item; its sources cannot be read any more."""
        self._whole.close()

    def stands(self) -> bool:
        """Whether nothing happened to the open file, and its path still leads to it."""
        try:
            now = self._path.stat(follow_symlinks=False)
        except OSError:
            return False
        then = self._whole.handle.status
        return (now.st_dev, now.st_ino) == (then.st_dev, then.st_ino) and self._whole.handle.untouched()

    def vouch(self, blocks: Blocks) -> None:
        """From now on give out no byte that is not what ``blocks`` says."""
        self._whole.data = Stretch(Vouched(self._whole.data, blocks, str(self._path)), 0, self.size)
        self.vouched = True

    def whole(self) -> FileSource:
        """The item itself, archive or not."""
        return self._whole

    def hash(self, report: Report = silent) -> tuple[str, int]:
        """SHA-256 in hexadecimal and size in bytes of the open item."""
        self._sha256 = hash_stretch(self._whole.data, report, self._whole.name)
        return self._sha256, self.size

    def prove(self, sha256: str, report: Report = silent) -> None:
        """EvidenceError unless the open item still is what has this hash.

        Where ``hash`` of this very open file gave it and the file system says that nothing changed since, that is
        enough; otherwise the file is hashed again.
        """
        handle = self._whole.handle
        if self._sha256 == sha256 and handle.untouched():
            return
        if not handle.still_as_long() or hash_stretch(self._whole.data, report) != sha256:
            raise changed(self._path)
        self._sha256 = sha256

    def members(self) -> Iterator[FileSource | Member | Refused]:
        """What there is to read, in archive order; the item itself where it is no archive."""
        self.folders = 0
        return self._expand(self._whole, self._lister(), 0)

    def _lister(self) -> Lister:
        return Lister(self._limits, self._tmp, self.size, self.points)

    def find(self, member: str | None) -> FileSource | Member:
        """One member by its path; EvidenceError where there is none. The archives on the way stay listed."""
        source: FileSource | Member = self._whole
        lister = self._lister()
        for depth, step in enumerate(steps_of(member) if member else ()):
            try:
                archive = self._listed(lister, source, depth)
            except Stop as stop:
                raise _not_there(self._path, member, stop.detail) from stop
            found = archive.member(step, self._tmp) if archive else None
            if found is None:
                raise _not_there(self._path, member, "the archive holds no such entry")
            source = found
        return source

    def _listed(self, lister: Lister, source: FileSource | Member, depth: int) -> Archive | None:
        """What ``source`` lists, from the last time where it is on the way that was gone last."""
        way = source.member or ""
        if depth < len(self._chain) and self._chain[depth][0] == way:
            return self._chain[depth][1]
        del self._chain[depth:]
        archive = lister.list(source, depth)
        self._chain.append((way, archive))
        return archive

    def _expand(
        self, source: FileSource | Member, lister: Lister, depth: int
    ) -> Iterator[FileSource | Member | Refused]:
        try:
            archive = lister.list(source, depth)
        except Stop as stop:
            yield Refused(source.member, stop.code, stop.detail)
            return
        if archive is None:
            yield source
            return
        self.folders += archive.folders
        for one in archive.offered(self._tmp):
            if isinstance(one, Refused):
                yield one
            elif refused := lister.refuse(one):
                yield refused
            else:
                yield from self._expand(one, lister, depth + 1)
        yield from source.trouble


class Held:
    """The item that was asked for last, kept open: a delivery may hold 20,000 chats in one archive.

    Listing the archive, unpacking what it is packed in and proving its hash are then done once and not once a member.
    """

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._opened: Opened | None = None

    def open(
        self, path: Path, limits: Limits, tmp: Path, root: Path | None = None, points: Points | None = None
    ) -> "Opened":
        """As ``open_item``; the same one again while the path still leads to the same untouched file.

        With ``points`` what is packed is read by its access points where it has some.
        """
        key = (path, limits, tmp, root, points)
        if self._opened is None or key != self._key or not self._opened.stands():
            self.close()
            self._opened, self._key = Opened(path, limits, tmp, root, points), key
        return self._opened

    def __enter__(self) -> "Held":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of it."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None


def _not_there(path: Path, member: str | None, reason: str) -> EvidenceError:
    return EvidenceError(
        "{member!r} is not in {path}: {reason}",
        hint="check that the item is the file that was added",
        member=member,
        path=str(path),
        reason=reason,
    )
