"""Access points into what is packed by deflate (gzip files, members of zips): any place of it without unpacking it all.

Every few mebibytes the state of the decoder is kept, as Mark Adler's ``zran.c`` does it; the library indexed_gzip
brings that. The points of one packed stream are one file, which can be made again at any time: it is used only where
its own SHA-256 is right, and what comes out are bytes of the item all the same, unpacked from there.
"""

import contextlib
import hashlib
import io
import struct
import zlib
from pathlib import Path
from typing import TypeVar

import indexed_gzip
import msgspec

from filon.errors import EvidenceError
from filon.evidence import codecs
from filon.evidence.blocks import BLOCK, ByBlock
from filon.evidence.codecs import Codec
from filon.evidence.members import Member
from filon.evidence.stretch import Stretch
from filon.model.durable import replace_file

__all__ = ["Points", "is_sealed", "read_sealed", "write_sealed"]

T = TypeVar("T", bound=msgspec.Struct)
_SPACING = 4 << 20
_WINDOW = 32768
_LITTLE = 8 << 20
"""What is packed in fewer bytes is unpacked from its beginning at once."""
_SEAL = hashlib.sha256().digest_size
_HEADER = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
_TRAILER = struct.Struct("<II")
_FAILURES = (indexed_gzip.ZranError, OSError, EOFError, ValueError, MemoryError)
"""What the library raises for damaged streams: ZranError, CrcError and NotCoveredError among them."""


class _Kept(msgspec.Struct, frozen=True):
    """What the file of one stream holds: how long it is unpacked, and its points as indexed_gzip exports them."""

    length: int
    exported: bytes


class Points(msgspec.Struct, frozen=True):
    """The access points of one item, kept in ``folder``."""

    folder: Path

    def of_member(self, member: Member) -> Stretch | None:
        """The bytes of a packed member of a zip, to be read anywhere, or None as ``unpacked`` says."""
        entry = member.entry
        if entry.codec is None:
            return None
        return self.unpacked(entry.data, entry.codec, member.member, entry.size, entry.crc)

    def suit(self, member: Member) -> bool:
        """Whether a packed member is of the kind that ``of_member`` gives, as long as it is whole."""
        entry = member.entry
        return entry.codec in (codecs.GZIP, codecs.DEFLATE) and entry.data.length >= _LITTLE

    def unpacked(
        self, packed: Stretch, codec: Codec, name: str, size: int | None = None, crc: int | None = None
    ) -> Stretch | None:
        """The unpacked bytes of the stream called ``name``, to be read anywhere.

        None where it is little, packed otherwise or damaged: then it must be unpacked from its beginning. ``size`` and
        ``crc`` are what a zip states of a member.
        """
        if packed.length < _LITTLE or codec not in (codecs.GZIP, codecs.DEFLATE):
            return None
        whole = packed if codec is codecs.GZIP else _as_gzip(packed, size or 0, crc or 0)
        path = self.folder / f"{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:32]}.points"
        kept = read_sealed(path, _Kept)
        try:
            if kept is None:
                kept = _made(whole)
                write_sealed(path, kept)
            anywhere = _Anywhere(whole, kept, name)
        except _FAILURES:
            return None
        return Stretch(anywhere, 0, kept.length)


def _as_gzip(packed: Stretch, size: int, crc: int) -> Stretch:
    """A member of a zip with the header and the end that would make it a gzip file."""
    total = len(_HEADER) + packed.length + _TRAILER.size
    return Stretch(_Joined(packed, _TRAILER.pack(crc, size & 0xFFFFFFFF)), 0, total)


class _Joined:
    """Header, packed bytes and trailer one after another."""

    def __init__(self, packed: Stretch, trailer: bytes) -> None:
        self._packed = packed
        self._trailer = trailer

    def read_at(self, offset: int, length: int) -> bytes:
        stop = offset + length
        begin, end = len(_HEADER), len(_HEADER) + self._packed.length
        middle = b""
        if offset < end and stop > begin:
            middle = self._packed.read_at(max(offset - begin, 0), min(stop, end) - max(offset, begin))
        return _HEADER[offset:stop] + middle + self._trailer[max(offset - end, 0) : max(stop - end, 0)]


def _made(packed: Stretch) -> _Kept:
    """Unpack once, noting points."""
    with _opened(packed) as stream:
        stream.build_full_index()
        length = stream.seek(0, io.SEEK_END)
        out = io.BytesIO()
        stream.export_index(fileobj=out)
    return _Kept(length, out.getvalue())


def _opened(packed: Stretch) -> "indexed_gzip.IndexedGzipFile":
    return indexed_gzip.IndexedGzipFile(
        fileobj=packed.open(), auto_build=False, spacing=_SPACING, window_size=_WINDOW, readbuf_size=1 << 18
    )


class _Anywhere(ByBlock):
    """Unpacked bytes by position."""

    def __init__(self, packed: Stretch, kept: _Kept, name: str) -> None:
        super().__init__()
        self._name = name
        self._stream = _opened(packed)
        self._stream.import_index(fileobj=io.BytesIO(kept.exported))

    def _load(self, number: int) -> bytes:
        try:
            self._stream.seek(number * BLOCK)
            block: bytes = self._stream.read(BLOCK)
        except _FAILURES as error:
            raise self._missing() from error
        return block

    def _missing(self) -> EvidenceError:
        return EvidenceError(
            "{name} cannot be unpacked at this place", hint="run filon verify to see what differs", name=self._name
        )


def write_sealed(path: Path, value: msgspec.Struct) -> None:
    """Keep something that can be made again, behind the SHA-256 of its bytes; a full disk is no reason to fail."""
    data = zlib.compress(msgspec.msgpack.encode(value), 1)
    with contextlib.suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(path, hashlib.sha256(data).digest() + data)


def read_sealed(path: Path, kind: type[T]) -> T | None:
    """What was kept at ``path``; None where there is nothing or it is damaged."""
    try:
        data = _sealed(path)
        return None if data is None else msgspec.msgpack.decode(zlib.decompress(data), type=kind)
    except (zlib.error, msgspec.DecodeError):
        return None


def is_sealed(path: Path) -> bool:
    """Whether a file holds what its own SHA-256 says."""
    return _sealed(path) is not None


def _sealed(path: Path) -> bytes | None:
    try:
        data = path.read_bytes()
    except OSError:
        return None
    return data[_SEAL:] if hashlib.sha256(data[_SEAL:]).digest() == data[:_SEAL] else None
