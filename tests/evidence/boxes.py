"""Archives made for tests: honest ones by the standard library, dishonest ones by hand."""

import io
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

from filon.evidence.files import FileSource
from filon.evidence.items import open_item
from filon.evidence.members import Member
from filon.evidence.source import Refused
from filon.settings import Limits

Files = list[tuple[str, bytes]]


def zip_of(files: Files, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as box:
        for name, data in files:
            box.writestr(name, data)
    return out.getvalue()


def tar_of(files: Files, form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as box:
        for name, data in files:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            box.addfile(member, io.BytesIO(data))
    return out.getvalue()


def tar_with(kind: bytes, name: str, link: str = "") -> bytes:
    """A tar of one special member and one plain one."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as box:
        special = tarfile.TarInfo(name)
        special.type, special.linkname = kind, link
        box.addfile(special)
        plain = tarfile.TarInfo("plain.txt")
        plain.size = 5
        box.addfile(plain, io.BytesIO(b"plain"))
    return out.getvalue()


class RawZip:
    """A zip written field by field, so that each can lie."""

    def __init__(self) -> None:
        self.body = b""
        self.directory = b""
        self.count = 0

    def add(
        self,
        name: bytes,
        data: bytes = b"data",
        *,
        own_name: bytes | None = None,
        flags: int = 0,
        method: int = 8,
        size: int | None = None,
        own_size: int | None = None,
        crc: int | None = None,
        mode: int = 0,
        extra: bytes = b"",
        at: int | None = None,
        packed: bytes | None = None,
        packed_size: int | None = None,
    ) -> "RawZip":
        deflate = zlib.compressobj(wbits=-15)
        packed = packed if packed is not None else deflate.compress(data) + deflate.flush() if method == 8 else data
        size = len(data) if size is None else size
        crc = zlib.crc32(data) if crc is None else crc
        own = name if own_name is None else own_name
        length = len(packed) if packed_size is None else packed_size
        begin = len(self.body) if at is None else at
        if at is None:
            own_fields = (flags, method, 0, 0, crc, length, size if own_size is None else own_size, len(own), 0)
            self.body += struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 20, *own_fields) + own + packed
        fields = (flags, method, 0, 0, crc, length, size, len(name), len(extra), 0, 0, 0, mode << 16, begin)
        self.directory += struct.pack("<4sBBHHHHHIIIHHHHHII", b"PK\x01\x02", 20, 3, 20, *fields) + name + extra
        self.count += 1
        return self

    def bytes(self, *, count: int | None = None, disk: int = 0, before: bytes = b"", after: bytes = b"") -> bytes:
        count = self.count if count is None else count
        end = (disk, disk, count, count, len(self.directory), len(self.body), 0)
        return before + self.body + self.directory + struct.pack("<4sHHHHIIH", b"PK\x05\x06", *end) + after


class Box:
    """What one item gave."""

    def __init__(self, read: dict[str, bytes], refused: list[Refused], trouble: list[Refused]) -> None:
        self.read = read
        self.refused = refused
        self.trouble = trouble

    @property
    def codes(self) -> list[tuple[str | None, str]]:
        return [(one.member, one.code) for one in self.refused + self.trouble]


def unpack(data: bytes, folder: Path, name: str = "item.zip", **limits: int) -> Box:
    """Add ``data`` as an item and read every member of it to its end."""
    path = folder / name
    path.write_bytes(data)
    tmp = folder / "tmp"
    tmp.mkdir(exist_ok=True)
    read: dict[str, bytes] = {}
    refused, trouble = [], []
    with open_item(path, Limits(**limits), tmp) as opened:
        for one in opened.members():
            if isinstance(one, Refused):
                refused.append(one)
            else:
                assert isinstance(one, FileSource | Member)
                with one.open() as stream:
                    read[one.member or ""] = stream.read()
                trouble.extend(one.trouble)
    assert list(tmp.iterdir()) == []
    return Box(read, refused, trouble)
