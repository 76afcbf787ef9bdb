"""What a witness saw last of each log: one small file per log, replaced whole and flushed before anything is signed.

    WITNESS/SHA256-OF-ORIGIN.seen      three lines: origin, size, base64 of the root

A log is made known once (``know``), which writes size 0. A file that is missing later is damage, not a new log: a witness
that forgot would sign a second history. For the same reason a copy from yesterday must never be put back.
"""

import fcntl
import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from filon_net.errors import LogBusy, LogDamaged, LogError
from filon_net.log import durable
from filon_net.log.checkpoints import Checkpoint, read_checkpoint
from filon_net.log.merkle import EMPTY_ROOT

__all__ = ["Seen", "WitnessMemory"]


class Seen(msgspec.Struct, frozen=True):
    """The largest tree signed."""

    size: int
    root: bytes


class WitnessMemory:
    """The files of one witness. One process at a time; threads take turns. LogBusy where another process has it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        durable.make_folder(folder)
        self._turn = threading.Lock()
        self._lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._lock)
            raise LogBusy("another process is this witness", hint="stop it first") from error

    def _path(self, origin: str) -> Path:
        return self._folder / f"{hashlib.sha256(origin.encode()).hexdigest()}.seen"

    def know(self, origin: str) -> None:
        """Make a new log known: an operator's act, once per log, never part of starting. LogDamaged where it is known."""
        if self._path(origin).exists():
            raise LogDamaged("this witness already knows {origin}", hint="leave it as it is", origin=origin)
        self.remember(origin, Seen(0, EMPTY_ROOT))

    def know_once(self, origin: str) -> None:
        """``know`` for an act that may have been stopped half-way: a log whose tree was never signed is known already."""
        if self._path(origin).exists() and self._read(origin).size == 0:
            return
        self.know(origin)

    @contextmanager
    def held(self, origin: str) -> Iterator[Seen]:
        """What was seen last, nobody else reading or changing it meanwhile; LogDamaged where it cannot be read."""
        with self._turn:
            yield self._read(origin)

    def _read(self, origin: str) -> Seen:
        try:
            seen = read_checkpoint(self._path(origin).read_bytes().decode("utf-8"))
        except (OSError, UnicodeDecodeError, LogError) as error:
            raise LogDamaged(
                "what this witness saw of {origin} cannot be read",
                hint="do not put back an older copy; ask the log and the other witnesses for their newest checkpoint",
                origin=origin,
            ) from error
        if seen.origin != origin:
            raise LogDamaged("the memory of {origin} is that of another log", origin=origin)
        return Seen(seen.size, seen.root)

    def remember(self, origin: str, seen: Seen) -> None:
        """Write what was seen; on the disk when this returns."""
        durable.replace_file(self._path(origin), Checkpoint(origin, seen.size, seen.root).text.encode())

    def close(self) -> None:
        """Let go of the folder."""
        os.close(self._lock)
