"""The members of a zip file, as its central directory lists them, checked against their own headers.

After PKWARE's APPNOTE.TXT 6.3.10: end of central directory (4.3.16), its zip64 form (4.3.14), file headers (4.3.12),
local headers (4.3.7), zip64 extra field (4.5.3), Info-ZIP Unicode path (4.6.9). Read here and not by ``zipfile``
because a directory is hostile: it is read as a stream with a limit on members, names are kept as bytes, members that
overlap or that two headers describe differently are refused, and bytes that no listed member owns are stated.
"""

import stat
import struct
import zlib
from collections.abc import Iterator

import msgspec

from filon.evidence import codecs
from filon.evidence.names import text_of, why_unsafe
from filon.evidence.source import Refused
from filon.evidence.stretch import Stretch

__all__ = ["Broken", "Entry", "is_document", "read_zip"]

_END = struct.Struct("<4sHHHHIIH")
_END64 = struct.Struct("<4sQHHIIQQQQ")
_LOCATOR = struct.Struct("<4sIQI")
_CENTRAL = struct.Struct("<4sBBHHHHHIIIHHHHHII")
_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_DESCRIPTOR = 24
"""A data descriptor of at most this many bytes may follow a member."""
_MASK16, _MASK32 = 0xFFFF, 0xFFFFFFFF
_ENCRYPTED, _DESCRIBED_LATER, _UTF8 = 1 << 0, 1 << 3, 1 << 11
_CODECS: dict[int, codecs.Codec | None] = {0: None, 8: codecs.DEFLATE, 12: codecs.BZIP2, 93: codecs.ZSTD, 95: codecs.XZ}
_METHODS = {1: "shrink", 6: "implode", 9: "Deflate64", 14: "LZMA", 97: "WavPack", 98: "PPMd", 99: "AES"}
_UNIX, _DARWIN = 3, 19


class Broken(Exception):
    """The archive cannot be read (further)."""


class Entry(msgspec.Struct, frozen=True):
    """One member as it lies in its archive: ``data`` packed by ``codec`` (None: as it is) to ``size`` bytes."""

    name: str
    data: Stretch
    size: int
    codec: codecs.Codec | None = None
    crc: int | None = None
    folder: bool = False


class _Listed(msgspec.Struct, frozen=True):
    """One header of the central directory."""

    name: str
    raw: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    at: int
    mode: int


class _End(msgspec.Struct, frozen=True):
    """Where the central directory lies, in bytes of the archive; ``shift`` bytes stand before the archive."""

    start: int
    size: int
    count: int
    shift: int
    stop: int


def read_zip(data: Stretch, most: int) -> Iterator[Entry | Refused]:
    """Entries in the order of the central directory, at most ``most``; ``Broken`` where there is no directory."""
    end = _find_end(data)
    listed: list[_Listed] = []
    trouble: list[Refused] = []
    try:
        for one in _directory(data, end):
            if len(listed) == most:
                trouble.append(Refused(None, "archive-members", f"more than {most} members"))
                break
            listed.append(one)
        if not trouble and (end.count - len(listed)) & _MASK16:  # old tools write the count modulo 65,536
            trouble.append(Refused(None, "archive-damaged", f"lists {len(listed)} members and states {end.count}"))
    except Broken as broken:
        trouble.append(Refused(None, "archive-damaged", str(broken)))
    spans = [_span(data, one) for one in listed]
    overlapping = _overlaps(spans)
    for number, (one, span) in enumerate(zip(listed, spans, strict=True)):
        if isinstance(span, Refused):
            yield span
        elif number in overlapping:
            yield Refused(one.name, "member-overlap", f"packed bytes {span[0]}-{span[1]} belong to another member too")
        else:
            yield _entry(data, one, span)
    if not trouble:
        trouble.extend(_unlisted(data, end, spans))
    yield from trouble


def _find_end(data: Stretch) -> _End:
    tail_at = max(0, data.length - _MASK16 - _END.size)
    tail = data.read_at(tail_at, data.length - tail_at)
    found = tail.rfind(b"PK\x05\x06")
    while found >= 0 and found + _END.size > len(tail):
        found = tail.rfind(b"PK\x05\x06", 0, found)
    if found < 0:
        raise Broken("it has no central directory: it was cut off, or is one part of a split archive")
    _, disk, first, here, count, size, start, comment = _END.unpack_from(tail, found)
    at = tail_at + found
    stop = min(at + _END.size + comment, data.length)
    if _MASK16 in (disk, first, here, count) or _MASK32 in (size, start):
        disk, first, here, count, size, start, at = _find_end64(data, at, (disk, first, here, count, size, start))
    if disk or first or here != count:
        raise Broken("it is one part of a split archive")
    shift = at - size - start
    if shift < 0 or start + size > data.length:
        raise Broken("its central directory does not lie where it states")
    return _End(start + shift, size, count, shift, stop)


def _find_end64(data: Stretch, at: int, short: tuple[int, ...]) -> tuple[int, ...]:
    place = data.read_at(at - _LOCATOR.size, _LOCATOR.size) if at >= _LOCATOR.size else b""
    if not place.startswith(b"PK\x06\x07"):
        return *short, at  # a small archive whose true numbers happen to be the mask
    _, _, _, disks = _LOCATOR.unpack(place)
    if disks > 1:
        raise Broken("it is one part of a split archive")
    at -= _LOCATOR.size + _END64.size  # the record is fixed in size unless it has private data, which nobody writes
    record = data.read_at(at, _END64.size) if at >= 0 else b""
    if not record.startswith(b"PK\x06\x06"):
        raise Broken("its zip64 directory does not lie where it states")
    _, _, _, _, disk, first, here, count, size, start = _END64.unpack(record)
    return disk, first, here, count, size, start, at


def _directory(data: Stretch, end: _End) -> Iterator[_Listed]:
    stream = data.part(end.start, end.size).open()
    while header := stream.read(_CENTRAL.size):
        if len(header) < _CENTRAL.size or not header.startswith(b"PK\x01\x02"):
            raise Broken("its central directory ends in bytes that are no header")
        fields = _CENTRAL.unpack(header)
        system, flags, method, crc = fields[2], fields[4], fields[5], fields[8]
        raw, extra, _ = (stream.read(length) for length in fields[11:14])
        packed, size, at = _wide(_extra_fields(extra), fields[9], fields[10], fields[17])
        mode = fields[16] >> 16 if system in (_UNIX, _DARWIN) else 0
        name = _name(raw, flags, _extra_fields(extra))
        yield _Listed(name, raw, flags, method, crc, packed, size, at + end.shift, mode)


def _extra_fields(extra: bytes) -> dict[int, bytes]:
    fields: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        fields.setdefault(kind, extra[at + 4 : at + 4 + length])
        at += 4 + length
    return fields


def _wide(extra: dict[int, bytes], packed: int, size: int, at: int) -> tuple[int, int, int]:
    """The 64-bit values of those three that the header masks; in the extra field they stand size first."""
    wide = extra.get(1, b"")
    values = list(struct.unpack_from(f"<{len(wide) // 8}Q", wide))
    if size == _MASK32 and values:
        size = values.pop(0)
    if packed == _MASK32 and values:
        packed = values.pop(0)
    if at == _MASK32 and values:
        at = values.pop(0)
    return packed, size, at


def _name(raw: bytes, flags: int, extra: dict[int, bytes]) -> str:
    """UTF-8 where flagged or where it is UTF-8; else the Unicode path field; else code page 437, as the format says."""
    if flags & _UTF8:
        return text_of(raw)
    unicode = extra.get(0x7075, b"")
    if len(unicode) > 5 and unicode[0] == 1 and struct.unpack_from("<I", unicode, 1)[0] == zlib.crc32(raw):
        return text_of(unicode[5:])
    return text_of(raw, legacy="cp437")


def _span(data: Stretch, one: _Listed) -> tuple[int, int, int] | Refused:
    """Where header, packed bytes and end of a member lie, once its own header agrees with the directory."""
    header = data.read_at(one.at, _LOCAL.size) if one.at < data.length else b""
    if len(header) < _LOCAL.size or not header.startswith(b"PK\x03\x04"):
        return Refused(one.name, "archive-damaged", f"no member begins at byte {one.at}, where one is listed")
    _, _, flags, method, _, _, crc, packed, size, name_length, extra_length = _LOCAL.unpack(header)
    after = data.read_at(one.at + _LOCAL.size, name_length + extra_length)
    raw, extra = after[:name_length], after[name_length:]
    if raw != one.raw:
        detail = f"listed under this name, but its own header says {text_of(raw)!r}"
        return Refused(one.name, "member-headers-differ", detail)
    packed, size, _ = _wide(_extra_fields(extra), packed, size, 0)
    own: tuple[int, ...] = (method, flags & _ENCRYPTED)
    listed: tuple[int, ...] = (one.method, one.flags & _ENCRYPTED)
    if not flags & _DESCRIBED_LATER:
        own, listed = (*own, crc, packed, size), (*listed, one.crc, one.packed, one.size)
    if own != listed:
        return Refused(one.name, "member-headers-differ", f"its header says {own}, the directory {listed}")
    start = one.at + _LOCAL.size + name_length + extra_length
    if start + one.packed > data.length:
        return Refused(one.name, "archive-damaged", f"ends at byte {data.length}, in the middle of this member")
    return one.at, start, start + one.packed


def _overlaps(spans: list[tuple[int, int, int] | Refused]) -> set[int]:
    """Numbers of members that share bytes with another."""
    placed = sorted((span[0], span[2], number) for number, span in enumerate(spans) if not isinstance(span, Refused))
    found: set[int] = set()
    reach, owner = -1, -1
    for start, stop, number in placed:
        if start < reach:
            found |= {owner, number}
        if stop > reach:
            reach, owner = stop, number
    return found


def _unlisted(data: Stretch, end: _End, spans: list[tuple[int, int, int] | Refused]) -> Iterator[Refused]:
    """Bytes that no listed member owns: removed members, something put before or after the archive."""
    if any(isinstance(span, Refused) for span in spans):
        return  # whose bytes they are cannot be told
    reach = 0
    for start, _, stop in [*sorted(span for span in spans if not isinstance(span, Refused)), (end.start, 0, end.stop)]:
        if start - reach > (_DESCRIPTOR if reach else 0):
            yield Refused(None, "archive-unlisted", f"bytes {reach}-{start} belong to no listed member")
        reach = max(reach, stop)
    if data.length > reach:
        yield Refused(None, "archive-unlisted", f"bytes {reach}-{data.length} follow after the end of the archive")


def _entry(data: Stretch, one: _Listed, span: tuple[int, int, int]) -> Entry | Refused:
    if unsafe := why_unsafe(one.name):
        return Refused(one.name, "member-name", unsafe)
    kind = stat.S_IFMT(one.mode)
    if kind == stat.S_IFLNK:
        return Refused(one.name, "member-link", "a symbolic link")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return Refused(one.name, "member-special", "a device, FIFO or socket")
    if one.flags & _ENCRYPTED:
        return Refused(one.name, "member-password", "encrypted: needs a password")
    if one.method not in _CODECS:
        method = _METHODS.get(one.method, "unknown")
        return Refused(one.name, "member-method", f"packed by method {one.method} ({method})")
    codec = _CODECS[one.method]
    if codec is None and one.packed != one.size:
        return Refused(one.name, "member-headers-differ", f"stored as {one.packed} bytes and stated as {one.size}")
    folder = one.name.endswith("/") and one.size == 0
    return Entry(one.name, data.part(span[1], one.packed), one.size, codec, one.crc, folder)


def is_document(entries: list[Entry]) -> bool:
    """Whether a zip is one document (OOXML, ODF, EPUB, JAR, APK) that is read whole, not an archive of files."""
    names = {entry.name for entry in entries}
    if {"[Content_Types].xml", "_rels/.rels"} <= names or "AndroidManifest.xml" in names:
        return True
    return bool(entries) and (entries[0].name == "mimetype" or "META-INF/MANIFEST.MF" in names)
