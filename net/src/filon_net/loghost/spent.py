"""Admission tokens that were used, each for one user, in one file that survives a stop at any point.

    32 bytes  the user's hash
    16 bytes  the serial
    16 bytes  the first half of SHA-256 of both

A record is flushed before the user's first list is accepted. After a stop in between the same token lets in the same user,
and nobody else.
"""

import hashlib
import os
from pathlib import Path

from filon_net.errors import LogDamaged
from filon_net.log import durable

__all__ = ["SpentTokens"]

_RECORD = 64


class SpentTokens:
    """Which serial was used for whom. One process at a time: the log's own lock sees to that."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        durable.sync(path.parent)
        data = path.read_bytes()
        self._used: dict[bytes, bytes] = {}
        whole = len(data) // _RECORD * _RECORD
        for at in range(0, whole, _RECORD):
            record = data[at : at + _RECORD]
            if record != _record(record[:32], record[32:48]):
                if at + _RECORD < whole:
                    raise LogDamaged("the list of used tokens is damaged at byte {at}", hint="restore it", at=at)
                whole = at  # the torn end of a record that nobody was told of
            else:
                self._used[record[32:48]] = record[:32]
        durable.cut(self._descriptor, whole)
        self._end = whole

    def user_of(self, serial: bytes) -> bytes | None:
        """The user a token was used for, or None."""
        return self._used.get(serial)

    def spend(self, serial: bytes, user: bytes) -> None:
        """Note a token as used; on the disk when this returns."""
        durable.write_at(self._descriptor, _record(user, serial), self._end)
        self._end += _RECORD
        self._used[serial] = user

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)


def _record(user: bytes, serial: bytes) -> bytes:
    return user + serial + hashlib.sha256(user + serial).digest()[:16]
