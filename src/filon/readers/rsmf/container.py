"""Find the manifest of an RSMF source: inside an e-mail, inside a zip, or as it is."""

import io
import re
import zipfile
import zlib
from collections.abc import Callable
from email import policy
from email.message import Message as Mail
from email.parser import BytesParser
from typing import IO, Any, BinaryIO

import msgspec

from filon.evidence.source import Source
from filon.model.records import Defect, Locator
from filon.settings import Limits

__all__ = ["MANIFEST", "Package", "open_package"]

MANIFEST = "rsmf_manifest.json"
_VERSION = re.compile(rb"^X-RSMF-Version[ \t]*:", re.IGNORECASE | re.MULTILINE)
_MAIL_BYTES = 256 << 20
"""An e-mail is held whole while it is taken apart, about three times over."""
_MEMBERS = 100_000
_ZIP_FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)


class Package(msgspec.Struct, kw_only=True):
    """A manifest that can be opened again and again, and what came with it.

    ``prefix``: stands before pointers where the manifest is not the source itself (then offsets are not the item's).
    ``files``: names of the files packed with it, None where they cannot be known. ``events``: as the header counts them.
    """

    open: Callable[[], BinaryIO] | None = None
    prefix: str = ""
    files: frozenset[str] | None = None
    events: str | None = None
    defects: list[Defect] = msgspec.field(default_factory=list)

    def fault(self, code: str, detail: str | None = None) -> None:
        """A rule of the format that the package breaks."""
        self.defects.append(Defect(locator=Locator(self.prefix or "document", units=0), code=code, detail=detail))


def open_package(source: Source) -> Package:
    """What the source is, by its first bytes."""
    head = source.head()
    if head.startswith(b"PK"):
        package = Package(prefix=MANIFEST)
        with source.open() as stream:
            data = stream.read(_MAIL_BYTES + 1)
        return _zipped(data, package)
    if is_mail(head):
        return _mailed(source)
    return Package(open=source.open, files=frozenset(source.beside()))


def is_mail(head: bytes) -> bool:
    """True where the header of an RSMF e-mail stands before the first empty line."""
    lines = re.split(rb"\r?\n[ \t]*\r?\n", head, maxsplit=1)[0]
    return _VERSION.search(lines) is not None


def _mailed(source: Source) -> Package:
    package = Package(prefix="message")
    if source.size > _MAIL_BYTES:
        package.fault("rsmf-too-large", f"{source.size} bytes, at most {_MAIL_BYTES} are read")
        return package
    try:
        with source.open() as stream:
            # compat32: the newer policies parse every header by a grammar, and hostile headers make that raise.
            mail = BytesParser(policy=policy.compat32).parse(stream)
        package.events = _header(mail, "X-RSMF-EventCount")
        if _header(mail, "X-RSMF-Version") is None:
            package.fault("rsmf-no-version")
        found = _attached(mail, package)
    except (RecursionError, LookupError, ValueError, TypeError, AttributeError) as error:
        package.fault("rsmf-unreadable", f"{type(error).__name__}: {error}"[:200])
        return package
    if found is None:
        package.fault("rsmf-no-manifest", "no attachment is called rsmf.zip")
        return package
    package.prefix = f"rsmf.zip!{MANIFEST}"
    return _zipped(found, package)


def _header(mail: "Mail[str, str]", name: str) -> str | None:
    value = mail.get(name)
    return None if value is None else str(value).strip()[:200] or None


def _attached(mail: "Mail[str, str]", package: Package) -> bytes | None:
    """The bytes of ``rsmf.zip``; every other attachment breaks the rule that there is one."""
    found: bytes | None = None
    for part in mail.walk():
        name = part.get_filename()
        if name is None or part.is_multipart():
            continue
        if found is None and name.casefold() == "rsmf.zip":
            payload = part.get_payload(decode=True)
            found = payload if isinstance(payload, bytes) else b""
        else:
            package.fault("rsmf-extra-attachment", str(name)[:200])
    return found


def _zipped(data: bytes, package: Package) -> Package:
    if len(data) > _MAIL_BYTES:
        package.fault("rsmf-too-large", f"more than {_MAIL_BYTES} bytes")
        return package
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = archive.infolist()
        info = next((one for one in members if one.filename == MANIFEST), None)
    except _ZIP_FAULTS as error:
        package.fault("rsmf-unreadable", f"rsmf.zip: {error}"[:200])
        return package
    package.files = frozenset(one.filename for one in members[:_MEMBERS])
    if info is None:
        package.fault("rsmf-no-manifest", f"rsmf.zip has no {MANIFEST} at its root")
    elif _is_bomb(info):
        package.fault("rsmf-too-large", f"{MANIFEST}: {info.compress_size} bytes unpack to {info.file_size}")
    else:
        package.open = lambda: io.BufferedReader(_Member(archive, info, package))
    return package


def _is_bomb(info: zipfile.ZipInfo) -> bool:
    limits = Limits()
    dense = info.file_size > limits.archive_ratio * max(1, info.compress_size)
    return info.file_size > limits.archive_ratio_from and dense


class _Member(io.RawIOBase):
    """The manifest in the zip as a stream that ends where it cannot be unpacked, and says so once."""

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, package: Package) -> None:
        self._package = package
        self._left = info.file_size
        self._stream: IO[bytes] | None = None
        try:
            self._stream = archive.open(info)
        except _ZIP_FAULTS as error:
            self._fault(error)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._stream is None or self._left <= 0:
            return 0
        try:
            chunk = self._stream.read(min(self._left, len(buffer)))
        except _ZIP_FAULTS as error:
            self._fault(error)
            return 0
        self._left -= len(chunk)
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def _fault(self, error: Exception) -> None:
        self._stream = None
        if not any(defect.code == "rsmf-unreadable" for defect in self._package.defects):
            self._package.fault("rsmf-unreadable", f"{MANIFEST}: {error}"[:200])
