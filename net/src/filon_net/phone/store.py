"""The phone's file: rows of bytes in SQLite, each under a key of its own, and gone when they are dropped.

    slots   key material: pages of random bytes that are only ever overwritten in place
    kept    place, shelf, tag, cluster, slot, data

``data`` is ``crypto.at_rest`` under HMAC-SHA-256(store key, the row's 32 bytes in ``slots``). Shelf, tag and cluster are
keyed hashes: the file shows how many rows there are and how long, nothing else.

Why slots: SQLite's ``secure_delete`` overwrites what is deleted, yet leaves a copy behind now and then where it moved
rows between pages. Slots lie in overflow pages, which are never moved; putting or dropping a row overwrites its slot, and
every copy of the old data anywhere in the file is noise from then on, also to who holds the store key. The rollback
journal, which holds old pages for the length of a transaction, is cut to nothing and flushed before a transaction counts as
done. What this cannot reach: blocks that a flash disk keeps aside, and copies of the whole file made before.
"""

import contextlib
import hashlib
import hmac
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import msgspec

from filon_net.crypto import Effort, store_key
from filon_net.crypto.at_rest import lock, unlock
from filon_net.phone.errors import PhoneBusy, PhoneDamaged, WrongSecret
from filon_net.wire.errors import WrongStoreKey

__all__ = ["Row", "Store"]

VERSION = 1
SLOT = 32
SLOTS = 2_048
"""Slots in one blob; its first page holds none, because that part lies beside other rows and may be moved."""
FIRST = 8_192
CHECK = b"filon-net phone"
SYNCHRONOUS = "FULL"
"""Every transaction is flushed to the disk before it counts; tests that pull no plug set it to OFF."""


class Row(msgspec.Struct, frozen=True):
    """One row: ``place`` rises with every new row."""

    place: int
    id: bytes
    data: bytes


class Store:
    """An open store; one process, one thread. ``key`` opens pickles inside the rows as well."""

    def __init__(self, path: Path, connection: sqlite3.Connection, key: bytes) -> None:
        self.path = path
        self.key = key
        self._sql = connection
        self._index = hmac.digest(key, b"filon-net index", hashlib.sha256)
        self._depth = 0
        self._blobs: dict[int, sqlite3.Blob] = {}
        used = {slot for (slot,) in connection.execute("SELECT slot FROM kept")}
        blobs = [number for (number,) in connection.execute("SELECT number FROM slots ORDER BY number")]
        self._free = [slot for slot in range(len(blobs) * SLOTS) if slot not in used]
        self._count = len(blobs)

    @classmethod
    def create(cls, path: Path, secret: str, effort: Effort = Effort()) -> "Store":  # noqa: B008 - frozen
        """A new store under a PIN or passphrase. PhoneDamaged where the file is there already."""
        if path.exists():
            raise PhoneDamaged("there already is a phone in {path}", hint="give another path", path=str(path))
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        sql = _connect(path)
        salt = os.urandom(16)
        key = store_key(secret, salt, effort)
        with sql:
            sql.execute("BEGIN IMMEDIATE")
            sql.execute(
                "CREATE TABLE door (version INTEGER, salt BLOB, kibibytes INTEGER, passes INTEGER, lanes INTEGER, mark BLOB)"
            )
            sql.execute("CREATE TABLE slots (number INTEGER PRIMARY KEY, data BLOB)")
            sql.execute(
                "CREATE TABLE kept (place INTEGER PRIMARY KEY AUTOINCREMENT,"
                " shelf BLOB, tag BLOB, cluster BLOB, slot INTEGER, data BLOB)"
            )
            sql.execute("CREATE UNIQUE INDEX by_tag ON kept (shelf, tag)")
            sql.execute("CREATE INDEX by_cluster ON kept (shelf, cluster, place)")
            row = (VERSION, salt, effort.kibibytes, effort.passes, effort.lanes, lock(CHECK, key, b"door"))
            sql.execute("INSERT INTO door VALUES (?, ?, ?, ?, ?, ?)", row)
        _sync_folder(path.parent)
        return cls(path, sql, key)

    @classmethod
    def open(cls, path: Path, secret: str) -> "Store":
        """The store in a file. WrongSecret; PhoneBusy where a process has it; PhoneDamaged."""
        if not path.exists():
            raise PhoneDamaged("there is no phone in {path}", hint="make one first, or give its path", path=str(path))
        sql = _connect(path)
        try:
            row = sql.execute("SELECT version, salt, kibibytes, passes, lanes, mark FROM door").fetchone()
            if row is None or row[0] != VERSION:
                raise PhoneDamaged("{path} is of another version", hint="update this program", path=str(path))
            key = store_key(secret, row[1], Effort(row[2], row[3], row[4]))
            if unlock(row[5], key, b"door") != CHECK:
                raise PhoneDamaged("{path} is not a phone's store", path=str(path))
            return cls(path, sql, key)
        except sqlite3.DatabaseError as error:
            sql.close()
            raise PhoneDamaged("{path} cannot be read as a phone's store", path=str(path)) from error
        except WrongStoreKey as error:
            sql.close()
            raise WrongSecret(
                "this secret does not open the phone", hint="try again; there is no other way in than the secret"
            ) from error
        except BaseException:
            sql.close()
            raise

    def close(self) -> None:
        """Let go of the file."""
        self._close_blobs()
        self._sql.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is put and dropped inside is on the disk together when this ends, or not at all. May be nested."""
        if self._depth:
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
            return
        self._sql.execute("BEGIN IMMEDIATE")
        self._depth = 1
        try:
            yield
            self._close_blobs()
            self._sql.execute("COMMIT")
        except BaseException:
            self._close_blobs()
            with contextlib.suppress(sqlite3.Error):
                self._sql.execute("ROLLBACK")
            raise
        finally:
            self._depth = 0

    def get(self, shelf: str, ident: bytes) -> bytes | None:
        """The data of a row, or None."""
        found = self._sql.execute(
            "SELECT place, slot, data FROM kept WHERE shelf = ? AND tag = ?", self._where(shelf, ident)
        ).fetchone()
        return None if found is None else self._open(shelf, *found).data

    def put(self, shelf: str, ident: bytes, data: bytes, cluster: bytes = b"") -> None:
        """Keep a row, new or in place of the one with this id; ``cluster`` is what ``page`` pages through."""
        name, tag = self._where(shelf, ident)
        found = self._sql.execute("SELECT slot FROM kept WHERE shelf = ? AND tag = ?", (name, tag)).fetchone()
        slot = found[0] if found else self._free_slot()
        secret = os.urandom(SLOT)
        locked = lock(len(ident).to_bytes(2, "big") + ident + data, self._row_key(secret), shelf.encode())
        self._write_slot(slot, secret)
        if found:
            self._sql.execute("UPDATE kept SET data = ? WHERE shelf = ? AND tag = ?", (locked, name, tag))
        else:
            held = (name, tag, self._hidden(b"cluster", shelf, cluster), slot, locked)
            self._sql.execute("INSERT INTO kept (shelf, tag, cluster, slot, data) VALUES (?, ?, ?, ?, ?)", held)

    def drop(self, shelf: str, ident: bytes) -> bool:
        """Erase a row; False where there was none."""
        where = self._where(shelf, ident)
        found = self._sql.execute("SELECT slot FROM kept WHERE shelf = ? AND tag = ?", where).fetchone()
        if found is None:
            return False
        self._write_slot(found[0], os.urandom(SLOT))
        self._sql.execute("DELETE FROM kept WHERE shelf = ? AND tag = ?", where)
        self._free.append(found[0])
        return True

    def rows(self, shelf: str) -> list[Row]:
        """Every row of a shelf, oldest first."""
        name = self._hidden(b"shelf", shelf, b"")
        found = self._sql.execute(
            "SELECT place, slot, data FROM kept WHERE shelf = ? ORDER BY place", (name,)
        ).fetchall()
        return [self._open(shelf, *one) for one in found]

    def page(self, shelf: str, cluster: bytes, count: int, before: int | None = None) -> list[Row]:
        """The newest ``count`` rows of a cluster whose place is below ``before``, oldest of them first."""
        held = (self._hidden(b"shelf", shelf, b""), self._hidden(b"cluster", shelf, cluster), before or 1 << 62, count)
        found = self._sql.execute(
            "SELECT place, slot, data FROM kept WHERE shelf = ? AND cluster = ? AND place < ? ORDER BY place DESC LIMIT ?",
            held,
        ).fetchall()
        return [self._open(shelf, *one) for one in reversed(found)]

    def count(self, shelf: str) -> int:
        """How many rows a shelf has."""
        name = self._hidden(b"shelf", shelf, b"")
        return int(self._sql.execute("SELECT count(*) FROM kept WHERE shelf = ?", (name,)).fetchone()[0])

    def _where(self, shelf: str, ident: bytes) -> tuple[bytes, bytes]:
        return self._hidden(b"shelf", shelf, b""), self._hidden(b"tag", shelf, ident)

    def _hidden(self, what: bytes, shelf: str, value: bytes) -> bytes:
        joined = b"\x00".join((what, shelf.encode(), value))
        return hmac.digest(self._index, joined, hashlib.sha256)[:16]

    def _row_key(self, secret: bytes) -> bytes:
        return hmac.digest(self.key, b"filon-net row\x00" + secret, hashlib.sha256)

    def _open(self, shelf: str, place: int, slot: int, data: bytes) -> Row:
        try:
            inside = unlock(data, self._row_key(self._read_slot(slot)), shelf.encode())
        except WrongStoreKey as error:
            raise PhoneDamaged(
                "a row of this phone was changed", hint="restore the phone with its backup code", place=place
            ) from error
        size = int.from_bytes(inside[:2], "big")
        return Row(place, inside[2 : 2 + size], inside[2 + size :])

    def _free_slot(self) -> int:
        if not self._free:
            self._count += 1
            self._close_blobs()
            self._sql.execute("INSERT INTO slots VALUES (?, zeroblob(?))", (self._count, FIRST + SLOTS * SLOT))
            self._free = list(range((self._count - 1) * SLOTS, self._count * SLOTS))
        return self._free.pop()

    def _blob(self, slot: int) -> tuple[sqlite3.Blob, int]:
        number, inside = divmod(slot, SLOTS)
        blob = self._blobs.get(number)
        if blob is None:
            blob = self._blobs[number] = self._sql.blobopen("slots", "data", number + 1)
        return blob, FIRST + inside * SLOT

    def _read_slot(self, slot: int) -> bytes:
        blob, at = self._blob(slot)
        blob.seek(at)
        secret = blob.read(SLOT)
        if not self._depth:
            self._close_blobs()  # an open blob outside a transaction would hold the file
        return secret

    def _write_slot(self, slot: int, secret: bytes) -> None:
        blob, at = self._blob(slot)
        blob.seek(at)
        blob.write(secret)

    def _close_blobs(self) -> None:
        for blob in self._blobs.values():
            blob.close()
        self._blobs = {}


def _connect(path: Path) -> sqlite3.Connection:
    sql = sqlite3.connect(path, isolation_level=None, timeout=0.2, check_same_thread=False)
    try:
        sql.execute("PRAGMA locking_mode = EXCLUSIVE")
        sql.execute("PRAGMA secure_delete = ON")
        sql.execute("PRAGMA temp_store = MEMORY")
        sql.execute("PRAGMA trusted_schema = OFF")
        sql.execute(f"PRAGMA synchronous = {SYNCHRONOUS}")
        sql.execute("PRAGMA journal_mode = TRUNCATE").fetchone()
        sql.execute("BEGIN IMMEDIATE")  # takes the lock, and rolls back what a killed process left half done
        sql.execute("COMMIT")
    except sqlite3.OperationalError as error:
        sql.close()
        raise PhoneBusy("another process has this phone open", hint="close it there first", path=str(path)) from error
    except sqlite3.DatabaseError as error:
        sql.close()
        raise PhoneDamaged("{path} cannot be read as a phone's store", path=str(path)) from error
    return sql


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
