"""What an archive holds, within limits.

Read here: zip, tar, gzip, bzip2, xz, zstd, alone (``chat.json.gz``), together (``phone.tar.zst``) and inside each
other. A zip that is one document (xlsx, docx, ods, jar, apk) is offered whole. Nothing is ever written under a name
from the archive: what must be unpacked to be listed goes into a nameless file in the case's ``tmp``.
"""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath

from filon.errors import EvidenceError
from filon.evidence import codecs
from filon.evidence.copies import require_room
from filon.evidence.files import FileSource
from filon.evidence.members import Archive, Member
from filon.evidence.points import Points
from filon.evidence.source import Refused
from filon.evidence.stretch import Handle, Stretch
from filon.evidence.tars import looks_like_tar, read_tar
from filon.evidence.zips import Broken, Entry, is_document, read_zip
from filon.settings import Limits

__all__ = ["Lister", "Stop"]

_ROOM_EVERY = 64 << 20
_CODECS = (codecs.GZIP, codecs.BZIP2, codecs.XZ, codecs.ZSTD)
_UNREAD = {b"7z\xbc\xaf\x27\x1c": "7z", b"Rar!\x1a\x07": "rar"}
_PIECE = 1 << 20


class Stop(Exception):
    """An archive is not taken (further)."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


class _Budget:
    """What one item may still unpack to, all archives in it together."""

    def __init__(self, limits: Limits, packed: int) -> None:
        self.members = limits.archive_members
        self._limits = limits
        self._most = max(limits.archive_ratio_from, limits.archive_ratio * packed)
        self._unpacked = 0

    def spend(self, size: int) -> None:
        """Count ``size`` unpacked bytes; ``Stop`` (and nothing counted) where that is too much."""
        if self._unpacked + size > self._most:
            raise Stop("archive-ratio", f"the item would unpack to more than {self._most} bytes")
        self._unpacked += size

    def give_back(self, size: int) -> None:
        """What was counted for something that was not taken in the end."""
        self._unpacked -= size


class Lister:
    """Lists the archives of one item, ``packed`` bytes long, and keeps count of what they unpack to.

    With ``points`` nothing is unpacked that has access points: only for an item that was taken in before.
    """

    def __init__(self, limits: Limits, tmp: Path, packed: int, points: Points | None = None) -> None:
        self._limits = limits
        self._tmp = tmp
        self._budget = _Budget(limits, packed)
        self._points = points

    def refuse(self, member: Member) -> Refused | None:
        """Why a member is not to be read: too large, or more than the item may unpack to. Else it is counted."""
        if member.size > self._limits.member_bytes:
            return Refused(
                member.member, "member-size", f"{member.size} bytes; the limit is {self._limits.member_bytes}"
            )
        if member.data is None:
            try:
                self._budget.spend(member.size)
            except Stop as stop:
                return Refused(member.member, stop.code, stop.detail)
        return None

    def list(self, source: FileSource | Member, depth: int) -> Archive | None:
        """The archive that ``source`` is, None where it is none; ``Stop`` where it is one that is not taken."""
        head = source.head()
        for magic, kind in _UNREAD.items():
            if head.startswith(magic):
                raise Stop("archive-kind", f"a {kind} archive is not read here: unpack it and add the folder")
        codec = next((codec for codec in _CODECS if codec.magic.match(head)), None)
        is_zip = head.startswith((b"PK\x03\x04", b"PK\x05\x06"))
        if not (codec or is_zip or looks_like_tar(head)):
            return None
        if depth >= self._limits.archive_depth:
            raise Stop("archive-depth", f"archives inside each other: more than {depth} are not opened")
        data = source.data or self._anywhere(source) or self._nameless(_pieces(source), source.name)
        if codec:
            return Archive(source.member, self._frames(data, source, codec))
        try:
            archive = Archive(source.member, self._counted(read_zip if is_zip else read_tar, data))
        except Broken as broken:
            raise Stop("archive-damaged", str(broken)) from broken
        return None if is_zip and is_document(archive.entries()) else archive

    def _counted(
        self, read: Callable[[Stretch, int], Iterator[Entry | Refused]], data: Stretch
    ) -> Iterator[Entry | Refused]:
        for one in read(data, self._budget.members):
            self._budget.members -= isinstance(one, Entry)
            yield one

    def _anywhere(self, member: FileSource | Member) -> Stretch | None:
        """A packed member by its access points, where they are wanted and it has some."""
        if self._points is None or not isinstance(member, Member):
            return None
        return self._points.of_member(member)

    def _frames(self, data: Stretch, source: FileSource | Member, codec: codecs.Codec) -> Iterator[Entry | Refused]:
        """What a packed file holds: the members of a tar, or one file called as it is without its last extension."""
        damage: list[str] = []
        name = source.name
        inner = self._points.unpacked(data, codec, f"{source.member or ''}!") if self._points else None
        if inner is None:
            inner = self._nameless(self._spent(codecs.frames(data, codec, damage.append)), name)
        if looks_like_tar(inner.read_at(0, 512)):
            yield from self._counted(read_tar, inner)
        else:
            stem = PurePosixPath(name).name
            yield Entry(stem[: stem.rfind(".")] if stem.rfind(".") > 0 else stem, inner, inner.length)
        for detail in damage:
            yield Refused(None, "member-damaged", detail)

    def _spent(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """The pieces, counted; all given back where the limit is passed."""
        done = 0
        try:
            for piece in pieces:
                self._budget.spend(len(piece))
                done += len(piece)
                if done > self._limits.member_bytes:
                    raise Stop("member-size", f"more than {self._limits.member_bytes} bytes")
                yield piece
        except Stop:
            self._budget.give_back(done)
            raise

    def _nameless(self, pieces: Iterable[bytes], name: str) -> Stretch:
        """The pieces in a file without a name, which is gone when nobody holds it."""
        try:
            with tempfile.TemporaryFile(dir=self._tmp) as out:
                done, checked = 0, -_ROOM_EVERY
                for piece in pieces:
                    if done - checked >= _ROOM_EVERY:
                        require_room(self._tmp, _ROOM_EVERY)
                        checked = done
                    out.write(piece)
                    done += len(piece)
                out.flush()
                handle = Handle(os.dup(out.fileno()), Path(name))
        except (EvidenceError, OSError) as error:
            raise Stop("disk-space", str(error)) from error
        return Stretch(handle, 0, handle.size)


def _pieces(source: FileSource | Member) -> Iterator[bytes]:
    with source.open() as stream:
        while piece := stream.read(_PIECE):
            yield piece
