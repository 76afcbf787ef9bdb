"""The members of a tar file (V7, ustar, pax, GNU), as far as its headers can be read.

``tarfile`` ends quietly where a header in the middle is broken; here the bytes that follow are then stated. It also
reads long-name and pax headers whole, so it is given a stream that refuses large reads.
"""

import io
import tarfile
from collections.abc import Iterator
from typing import cast

from filon.evidence.names import text_of, why_unsafe
from filon.evidence.source import Refused
from filon.evidence.stretch import Stretch
from filon.evidence.zips import Broken, Entry

__all__ = ["looks_like_tar", "read_tar"]

_BLOCK = 512
_CHECKSUM = slice(148, 156)
_LARGEST_HEADER = 1 << 20
_FAILURES = (tarfile.TarError, OSError, ValueError, LookupError, TypeError, ArithmeticError, RecursionError)
"""What ``tarfile`` raises for headers made to break it."""


def looks_like_tar(head: bytes) -> bool:
    """Whether the first block is a tar header: the sum of its bytes is the one it states."""
    if len(head) < _BLOCK or head[0] == 0:
        return False
    stated = head[_CHECKSUM].strip(b" \0")
    if not stated or stated.strip(b"01234567"):
        return False
    return int(stated, 8) == sum(head[:_BLOCK]) - sum(head[_CHECKSUM]) + 8 * ord(" ")


class _Headers:
    """The stream ``tarfile`` sees: as small reads as headers need."""

    def __init__(self, data: Stretch) -> None:
        self._stream = data.open()

    def read(self, length: int = -1) -> bytes:
        if not 0 <= length <= _LARGEST_HEADER:
            raise tarfile.ReadError(f"a header of {length} bytes")
        return self._stream.read(length)

    def seek(self, offset: int) -> int:
        return self._stream.seek(offset)

    def tell(self) -> int:
        return self._stream.tell()


def read_tar(data: Stretch, most: int) -> Iterator[Entry | Refused]:
    """Entries in the order of the archive, at most ``most``; what cannot be read from some byte on is stated."""
    stream = cast("io.BytesIO", _Headers(data))
    at, count = 0, 0
    try:
        archive = tarfile.TarFile(fileobj=stream, encoding="utf-8", errors="surrogateescape")
        while (found := archive.next()) is not None:
            if count == most:
                yield Refused(None, "archive-members", f"more than {most} members")
                return
            count += 1
            at = archive.offset
            archive.members.clear()  # type: ignore[attr-defined]  # a million of them would fill the memory
            yield _entry(data, found)
        at = archive.offset
    except _FAILURES as error:
        if not count:
            raise Broken(str(error)) from error
        yield Refused(None, "archive-damaged", f"cannot be read from byte {at} on: {error}")
        return
    yield from _rest(data, at)


def _rest(data: Stretch, at: int) -> Iterator[Refused]:
    """What follows the last member must be at least one block of zeros and nothing else."""
    if at >= data.length:
        yield Refused(None, "archive-damaged", "ends without its end mark: members may be missing")
    stream = data.part(min(at, data.length), max(0, data.length - at)).open()
    while block := stream.read(1 << 20):
        if rest := block.lstrip(b"\0"):
            begin = at + len(block) - len(rest)
            yield Refused(None, "archive-damaged", f"bytes {begin}-{data.length} are not readable as members")
            return
        at += len(block)


def _entry(data: Stretch, found: tarfile.TarInfo) -> Entry | Refused:
    name = text_of(found.name.encode("utf-8", "surrogateescape"))
    if unsafe := why_unsafe(name):
        return Refused(name, "member-name", unsafe)
    if found.issym() or found.islnk():
        target = text_of(found.linkname.encode("utf-8", "surrogateescape"))
        return Refused(name, "member-link", f"a link to {target!r}")
    if found.isdir():
        return Entry(name + "/", data.part(0, 0), 0, folder=True)
    if found.issparse() or not found.isreg():
        return Refused(
            name, "member-special", "a sparse file" if found.issparse() else "a device, FIFO or unknown type"
        )
    if found.size < 0 or found.offset_data + found.size > data.length:
        return Refused(name, "archive-damaged", f"ends at byte {data.length}, in the middle of this member")
    return Entry(name, data.part(found.offset_data, found.size), found.size)
