"""The custody log: what was done in a case, by whom, when, in lines that hold each other.

Each line of ``custody.jsonl`` is one JSON object in canonical form (``canonical``) with the keys

    n       1 for the first line, then one more each
    at      UTC, 2026-01-31T08:15:00.000000Z
    who     name of the person or process, as given
    what    case-made, item-added, item-withdrawn, reading-made, exported, compacted, stamped, log-repaired ...
    values  object; texts, whole numbers, booleans, null, lists and objects of these
    prev    ``hash`` of the line before, 64 zeros in the first
    hash    SHA-256, hexadecimal, of the canonical form of the entry without ``hash`` and ``sig``
    sig     Ed25519 (RFC 8032), hexadecimal, over the ASCII text "filon custody 1\\n" + ``hash``

What this can show and what it cannot: docs/why/custody.md. The form in full: docs/reference/custody.md.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from filon.errors import CustodyError
from filon.evidence.keys import load_key, make_key, public_of
from filon.model.layout import Layout

__all__ = ["FIRST", "Custody", "Entry", "canonical", "hash_of", "lines_of", "signed_text"]

FIRST = "0" * 64
"""``prev`` of the first line."""
_LARGEST = 2**53 - 1
_TAIL = 1 << 16


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of the log."""

    n: int
    at: str
    who: str
    what: str
    values: dict[str, Any]
    prev: str
    hash: str
    sig: str

    @property
    def head(self) -> str:
        """``17:HASH``: names this line and, through the chain, every line before it."""
        return f"{self.n}:{self.hash}"


def canonical(value: Mapping[str, object]) -> bytes:
    """The one way to write a value: keys sorted by code point, no spaces, UTF-8, only necessary escapes.

    CustodyError for what has no single form in all languages: fractions, whole numbers beyond 2^53 - 1, broken Unicode.
    """
    _require_plain(value)
    try:
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise CustodyError("the custody log takes no broken Unicode: {value!r}", value=error.object) from error


def _require_plain(value: object) -> None:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise CustodyError("the custody log takes only texts as keys, not {value!r}", value=key)
            _require_plain(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _require_plain(inner)
    elif not (value is None or isinstance(value, str | bool) or (isinstance(value, int) and abs(value) <= _LARGEST)):
        raise CustodyError(
            "the custody log takes no {kind} ({value!r})",
            hint="write it as text",
            kind=type(value).__name__,
            value=value,
        )


def hash_of(entry: Entry) -> str:
    """What ``hash`` must be."""
    body = msgspec.to_builtins(entry)
    del body["hash"], body["sig"]
    return hashlib.sha256(canonical(body)).hexdigest()


def signed_text(digest: str) -> bytes:
    """The bytes that are signed."""
    return b"filon custody 1\n" + digest.encode("ascii", "replace")


def lines_of(path: Path) -> Iterator[bytes]:
    """The lines of a log with their ends; a last line without one was torn."""
    try:
        with path.open("rb") as log:
            yield from log
    except OSError as error:
        raise CustodyError(
            "the custody log cannot be read from {path}: {reason}",
            hint="restore it from a backup of the case",
            path=str(path),
            reason=error.strerror,
        ) from error


class Custody:
    """The log of one case, open for reading and writing. Entries are on the disk when ``append`` returns."""

    def __init__(self, layout: Layout) -> None:
        self._path = layout.custody
        self._torn = layout.custody.with_suffix(".torn")
        self._key: Ed25519PrivateKey = load_key(layout.key)

    @classmethod
    def create(cls, layout: Layout, who: str, values: Mapping[str, object] | None = None) -> "Custody":
        """Make key and log of a new case; the first entry, ``case-made``, holds the public key beside ``values``."""
        key = make_key(layout.key)
        try:
            os.close(os.open(layout.custody, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
        except FileExistsError as error:
            raise CustodyError("the case already has a log at {path}", path=str(layout.custody)) from error
        custody = cls(layout)
        custody.append("case-made", who, {**(values or {}), "public_key": public_of(key)})
        _sync_folder(layout.custody.parent)
        return custody

    @property
    def public_key(self) -> str:
        """In hexadecimal, for ``case.json``."""
        return public_of(self._key)

    @property
    def head(self) -> str:
        """``n:hash`` of the last line, to be kept elsewhere: on paper, with the other side, at a time stamping authority."""
        with self._locked(fcntl.LOCK_SH) as fd:
            last = self._last(fd)[0]
        return last.head if last else f"0:{FIRST}"

    def entries(self) -> Iterator[Entry]:
        """All entries, oldest first, as they stand there: unverified. A torn last line is left out."""
        for number, line in enumerate(lines_of(self._path), 1):
            if line.endswith(b"\n"):
                yield _decode(line, number)

    def since(self, place: int) -> tuple[list[Entry], int]:
        """Whole entries from byte ``place`` of the log on, unverified, and the place behind the last of them."""
        if self._path.is_file() and self._path.stat().st_size == place:
            return [], place
        with self._locked(fcntl.LOCK_SH) as fd:
            new = os.pread(fd, max(0, os.fstat(fd).st_size - place), place)
        whole = new[: new.rfind(b"\n") + 1]
        return [_decode(line, None) for line in whole.split(b"\n")[:-1]], place + len(whole)

    def append(self, what: str, who: str, values: Mapping[str, object]) -> str:
        """Add an entry and return the new head. A line torn by a crash is set aside first, and that is noted.

        Processes take turns: the file is locked from reading the last line to the end of writing the next.
        """
        return self.append_all(who, [(what, values)])

    def append_all(self, who: str, entries: Iterable[tuple[str, Mapping[str, object]]]) -> str:
        """Add several entries, all or (where a value cannot be logged) none, and return the new head."""
        with self._locked(fcntl.LOCK_EX) as fd:
            last, torn = self._last(fd)
            if torn:
                last = self._repair(fd, last, torn, who)
            lines = []
            for what, values in entries:
                line = self._line(last, what, who, values)
                last = msgspec.json.decode(line, type=Entry)
                lines.append(line)
            _write_all(fd, b"".join(lines))
            return last.head if last else f"0:{FIRST}"

    def _line(self, last: Entry | None, what: str, who: str, values: Mapping[str, object]) -> bytes:
        at = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        number, prev = (last.n + 1, last.hash) if last else (1, FIRST)
        body = {"n": number, "at": at, "who": who, "what": what, "values": dict(values), "prev": prev}
        digest = hashlib.sha256(canonical(body)).hexdigest()
        signature = self._key.sign(signed_text(digest)).hex()
        return canonical({**body, "hash": digest, "sig": signature}) + b"\n"

    def _repair(self, fd: int, last: Entry | None, torn: bytes, who: str) -> Entry:
        """Set an incomplete last line aside in ``custody.torn``, cut it off and note it."""
        aside = os.open(self._torn, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        try:
            _write_all(aside, torn + b"\n")
        finally:
            os.close(aside)
        os.ftruncate(fd, os.fstat(fd).st_size - len(torn))
        values = {"set_aside": self._torn.name, "bytes": len(torn), "sha256": hashlib.sha256(torn).hexdigest()}
        line = self._line(last, "log-repaired", who, values)
        _write_all(fd, line)
        return msgspec.json.decode(line, type=Entry)

    def _last(self, fd: int) -> tuple[Entry | None, bytes]:
        """The last complete entry, and the bytes of a torn line behind it."""
        size = os.fstat(fd).st_size
        length = _TAIL
        while True:
            tail = os.pread(fd, length, max(0, size - length))
            complete, end, torn = tail.rpartition(b"\n")
            begin = complete.rfind(b"\n")
            if not end and length >= size:
                return None, tail
            if end and (begin >= 0 or length >= size):
                return _decode(complete[begin + 1 :], None), torn
            length *= 2

    @contextmanager
    def _locked(self, kind: int) -> Iterator[int]:
        try:
            fd = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as error:
            raise CustodyError(
                "the custody log {path} cannot be opened: {reason}",
                hint="restore it from a backup of the case",
                path=str(self._path),
                reason=error.strerror,
            ) from error
        try:
            fcntl.flock(fd, kind)
            yield fd
        finally:
            os.close(fd)


def _decode(line: bytes, number: int | None) -> Entry:
    try:
        return msgspec.json.decode(line, type=Entry)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CustodyError(
            "line {number} of the custody log cannot be read: {reason}",
            hint="run filon verify to see what else differs",
            number=number or "(last)",
            reason=str(error),
        ) from error


def _write_all(fd: int, data: bytes) -> None:
    """Write, and return when it is on the disk."""
    left = memoryview(data)
    while left:
        left = left[os.write(fd, left) :]
    os.fsync(fd)


def _sync_folder(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
