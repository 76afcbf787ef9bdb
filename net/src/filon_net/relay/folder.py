"""A relay's folder: who it is, whose invites it takes, its mailboxes.

    DIR/name              64 hex digits: the relay's name, which phones are told when they join
    DIR/operators         one public key of an operator a line, 64 hex digits; ``#`` begins a comment
    DIR/mailboxes.sqlite  the mailboxes, where they are not kept in PostgreSQL
    DIR/lock              held by the process that writes mailboxes.sqlite

The folder is for its owner alone (0700). A relay has no secret key: its name is a number that nobody else uses, and TLS, ended
before it, is what proves to a phone that it speaks with it.
"""

import fcntl
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from filon_net.log import durable
from filon_net.relay.errors import BadFolder, RelayBusy

__all__ = ["RelayFolder", "make_folder"]

_OPERATORS = """\
# Public keys of the operators whose invites this relay takes, one a line, 64 hex digits.
# Read again when the process gets SIGHUP.
"""


class RelayFolder:
    """An existing folder. ``name`` is 32 bytes."""

    def __init__(self, path: Path) -> None:
        """BadFolder where it is none, or its name cannot be read."""
        self.path = path
        self.mailboxes = path / "mailboxes.sqlite"
        self._lock: int | None = None
        file = path / "name"
        if not file.is_file():
            raise BadFolder(
                "{path} is not the folder of a relay", hint="make one with: filon-net relay init DIR", path=str(path)
            )
        self.name = _key(_text(file).strip(), file, 1)

    def operators(self) -> frozenset[bytes]:
        """The keys as they stand in the file now; none is allowed, then nobody joins."""
        file = self.path / "operators"
        lines = enumerate(_text(file).splitlines(), 1)
        bare = ((at, line.split("#", 1)[0].strip()) for at, line in lines)
        return frozenset(_key(line, file, at) for at, line in bare if line)

    def lock(self) -> None:
        """Hold the folder until ``unlock`` or the end of the process. RelayBusy where another holds it."""
        lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(lock)
            raise RelayBusy(
                "another relay process works on {path}",
                hint="one process writes a SQLite file; several share PostgreSQL: filon-net relay run DIR --store postgres URL",
                path=str(self.path),
            ) from error
        self._lock = lock

    def unlock(self) -> None:
        """Let go of the folder."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def make_folder(path: Path, operators: Iterable[bytes] = ()) -> RelayFolder:
    """Make the folder of a new relay. BadFolder where there is anything already."""
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise BadFolder(
            "{path} is there already and not empty", hint="name a folder that does not exist yet", path=str(path)
        )
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)
    keys = "".join(f"{key.hex()}\n" for key in operators)
    durable.replace_file(path / "operators", (_OPERATORS + keys).encode())
    durable.replace_file(path / "name", f"{secrets.token_hex(32)}\n".encode())  # last: with it the folder is whole
    return RelayFolder(path)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        raise BadFolder(
            "{path} cannot be read", hint="it is a short text file of hex digits", path=str(file)
        ) from error


def _key(line: str, file: Path, at: int) -> bytes:
    try:
        key = bytes.fromhex(line)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise BadFolder(
            "line {line} of {path} is not a key of 64 hex digits", hint="one key a line", line=at, path=str(file)
        )
    return key
