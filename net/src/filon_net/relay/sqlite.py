"""Mailboxes in one SQLite file: the store of a relay that is one process.

A blob's key is ``mailbox id << 32 | number``: one tree, one place for each mailbox, and no column that would tell in which
order blobs of different mailboxes came. Erased bytes are overwritten (``secure_delete``); what the write-ahead log still
holds of them goes when ``tidy`` copies it into the file and cuts it to nothing.

Statements carry many rows each. Every single step of one gives up and takes back the interpreter's lock, which the thread
of the sockets is busy with; two hundred rows in two hundred steps would wait two hundred times.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from filon_net.relay.asks import Ask, Box, Door, Look, Outcome, Page, Sheet, Wanted
from filon_net.relay.errors import BadFolder, OutcomeUnknown, StoreFailed
from filon_net.relay.rules import MONTHS, NUMBERS, few, month_of, settle
from filon_net.relay.store import Woken
from filon_net.wire.frames import Deliver

__all__ = ["SqliteStore"]

_VERSION = 2
_SCHEMA = """
CREATE TABLE mailbox (name BLOB NOT NULL UNIQUE, id INTEGER PRIMARY KEY, quota_messages INTEGER NOT NULL,
  quota_bytes INTEGER NOT NULL, last INTEGER NOT NULL, messages INTEGER NOT NULL, bytes INTEGER NOT NULL,
  doors INTEGER NOT NULL, bundles INTEGER NOT NULL, slots INTEGER NOT NULL, month INTEGER NOT NULL) STRICT;
CREATE INDEX mailbox_month ON mailbox (month);
CREATE TABLE door (name BLOB PRIMARY KEY, mailbox INTEGER NOT NULL, daily INTEGER NOT NULL, day INTEGER NOT NULL,
  posts INTEGER NOT NULL, claims INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX door_mailbox ON door (mailbox);
CREATE TABLE blob (id INTEGER PRIMARY KEY, hour INTEGER NOT NULL, expires INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
CREATE INDEX blob_expires ON blob (expires);
CREATE TABLE bundle (mailbox INTEGER NOT NULL, slot INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (mailbox, slot)) STRICT;
CREATE TABLE spent (serial BLOB PRIMARY KEY, not_after INTEGER NOT NULL) STRICT, WITHOUT ROWID;
"""
_BOXES = """SELECT name, id, quota_messages, quota_bytes, last, messages, bytes, doors, bundles, slots, month
  FROM mailbox WHERE name IN"""
_NEW_BOX = """INSERT INTO mailbox
  (name, id, quota_messages, quota_bytes, last, messages, bytes, doors, bundles, slots, month) VALUES"""
_BOX = """UPDATE mailbox SET last = v.column2, messages = v.column3, bytes = v.column4, doors = v.column5, bundles = v.column6,
  slots = v.column7, month = v.column8 FROM (VALUES"""
_LOG_BYTES = 64 * 1024 * 1024
"""A write-ahead log longer than this is cut by the writer itself, whoever waits."""
_PAGE = 1_024
"""Bytes. The shortest blob fills a page of 4,096 by itself, so that each one put into a full tree had its neighbours written anew;
here two or three share a page and the rest of each lies in pages of its own: twice as many a second with millions lying."""
_CACHE, _WRITER_CACHE = 4_096, 32_768
"""Pages kept by each connection, in KiB; beyond them the machine's own cache serves."""
_TRIES = 3


class SqliteStore:
    """See ``store.Store``. One process at a time; the caller sees to that."""

    def __init__(self, path: Path) -> None:
        """Open, or make, the file at ``path``. BadFolder where it is something else."""
        self.path = path
        path.touch(mode=0o600)
        try:
            self._writer = _connect(path, _WRITER_CACHE)
            self._writer.execute(
                f"PRAGMA page_size = {_PAGE}"
            )  # of a file that is new; one that is there keeps its own
            self._writer.execute("PRAGMA journal_mode = WAL")
            self._writer.execute("PRAGMA wal_autocheckpoint = 0")
            self._open()
            self._reader = _connect(path)
            self._keeper = _connect(path)
        except sqlite3.Error as error:
            raise BadFolder(
                "{path} cannot be opened as a relay's mailboxes: {reason}",
                hint="look at the disk and the owner of the file; a copy is made with `sqlite3 FILE .backup`",
                path=str(path),
                reason=str(error),
            ) from error
        self._log = path.with_name(path.name + "-wal")
        self._closed = False
        self._lock = threading.Lock()  # of the keeper's connection: tidy may be called while closing

    def _open(self) -> None:
        version = self._writer.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            self._writer.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT;")
        elif version != _VERSION:
            raise BadFolder(
                "{path} was written by another version of filon-net (format {found}, this one reads {known})",
                hint="run the version that wrote it, or a newer one",
                path=str(self.path),
                found=version,
                known=_VERSION,
            )

    def apply(self, asks: Sequence[Ask], hour: int) -> list[Outcome]:
        """See ``store.Store``."""
        for tries in range(_TRIES):
            try:
                outcomes = self._try(asks, hour)
            except sqlite3.IntegrityError as error:
                # two mailboxes drew one id; drawing again is all it takes
                self._back()
                if tries == _TRIES - 1:
                    raise _failed(error) from error
            except sqlite3.Error as error:
                self._back()
                raise _failed(error) from error
            else:
                self._commit()
                return outcomes
        raise AssertionError("unreachable")

    def _try(self, asks: Sequence[Ask], hour: int) -> list[Outcome]:
        self._writer.execute("BEGIN IMMEDIATE")
        sheet = self._load(Wanted.by(asks))
        outcomes = settle(asks, sheet, hour)
        self._write(sheet)
        return outcomes

    def _back(self) -> None:
        if self._writer.in_transaction:
            with suppress(sqlite3.Error):
                self._writer.execute("ROLLBACK")

    def _commit(self) -> None:
        try:
            self._writer.execute("COMMIT")
        except sqlite3.Error as error:
            known = self._writer.in_transaction
            self._back()
            if known:
                raise _failed(error) from error
            raise OutcomeUnknown("the mailboxes could not be written: {reason}", reason=str(error)) from error
        if self._log.stat().st_size > _LOG_BYTES:
            self.tidy()

    def _load(self, wanted: Wanted) -> Sheet:
        run = self._writer
        looked = "SELECT name, mailbox, daily, day, posts, claims FROM door WHERE name IN"
        doors = {row[0]: Door(*row[1:]) for row in _in(run, looked, wanted.doors)}
        names = wanted.names | {wanted.ways[name] for name in doors if name in wanted.ways}
        boxes = {row[0]: Box(*row[1:]) for row in _in(run, _BOXES, names)}
        serials = [serial for serial, (name, _) in wanted.serials.items() if name not in boxes]
        spent = {row[0] for row in _in(run, "SELECT serial FROM spent WHERE serial IN", serials)}
        sheet = Sheet(boxes, doors, set(serials) - spent, {})
        for name, count in wanted.claimed(doors).items():
            if box := boxes.get(name):
                found = run.execute(
                    "SELECT slot, body FROM bundle WHERE mailbox = ? ORDER BY slot = 0, slot LIMIT ?", (box.id, count)
                )
                sheet.bundles[box.id] = found.fetchall()
        self._erase(sheet, wanted.acks)
        return sheet

    def _erase(self, sheet: Sheet, acks: list[tuple[bytes, tuple[int, ...]]]) -> None:
        """Acknowledged blobs go, and leave room before anything of this batch is counted."""
        named = {box.id: name for name, box in sheet.boxes.items()}
        ids = [
            sheet.boxes[name].id << 32 | number
            for name, numbers in acks
            if name in sheet.boxes
            for number in numbers
            if number <= NUMBERS
        ]
        gone = _in(self._writer, "DELETE FROM blob WHERE id IN", ids, "RETURNING id, length(body)")
        for key, size in list(gone):
            name = named[key >> 32]
            box = sheet.boxes[name]
            box.messages, box.bytes = box.messages - 1, box.bytes - size
            sheet.touched.add(name)

    def _write(self, sheet: Sheet) -> None:
        run = self._writer
        boxes = [(name, sheet.boxes[name]) for name in sheet.touched]
        _many(run, _NEW_BOX, [(name, *msgspec.structs.astuple(box)) for name, box in boxes if name in sheet.made])
        _many(
            run,
            _BOX,
            [
                (box.id, box.last, box.messages, box.bytes, box.doors, box.bundles, box.slots, box.month)
                for name, box in boxes
                if name not in sheet.made
            ],
            ") AS v WHERE mailbox.id = v.column1",
        )
        _many(
            run,
            "INSERT INTO blob (id, hour, expires, body) VALUES",
            [(key << 32 | one.number, one.hour, one.expires, one.blob) for _, key, one in sheet.kept],
        )
        _many(
            run,
            "INSERT OR REPLACE INTO door (name, mailbox, daily, day, posts, claims) VALUES",
            [(name, *msgspec.structs.astuple(sheet.doors[name])) for name in sheet.turned],
        )
        run.executemany("DELETE FROM door WHERE name = ?", [(name,) for name in sheet.shut])
        _many(run, "INSERT INTO spent (serial, not_after) VALUES", list(sheet.spent.items()))
        run.executemany("DELETE FROM bundle WHERE mailbox = ? AND slot = ?", list(sheet.handed))
        _many(
            run,
            "INSERT OR REPLACE INTO bundle (mailbox, slot, body) VALUES",
            [(*place, body) for place, body in sheet.stocked.items()],
        )

    def read(self, looks: Sequence[Look], hour: int) -> list[Page]:
        """See ``store.Store``."""
        try:
            return [self._page(look, hour) for look in looks]
        except sqlite3.Error as error:
            raise _failed(error) from error

    def _page(self, look: Look, hour: int) -> Page:
        # the highest number is read before the blobs: whatever has a number up to it is visible to the second look, or gone
        box = self._reader.execute("SELECT id, last FROM mailbox WHERE name = ?", (look.mailbox,)).fetchone()
        if box is None:
            return Page([], 0)
        low, high = box[0] << 32 | min(look.after, NUMBERS), box[0] << 32 | NUMBERS
        found = self._reader.execute(
            "SELECT id & ?, hour, expires, body FROM blob WHERE id > ? AND id <= ? AND expires > ? ORDER BY id LIMIT ?",
            (NUMBERS, low, high, hour, look.limit),
        )
        return Page([Deliver(*row) for row in found], box[1])

    def sweep(self, hour: int, limit: int) -> int:
        """See ``store.Store``."""
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            self._writer.execute("DELETE FROM spent WHERE not_after < ?", (hour,))
            gone = self._writer.execute(
                "DELETE FROM blob WHERE id IN (SELECT id FROM blob WHERE expires <= ? LIMIT ?) RETURNING id >> 32, length(body)",
                (hour, limit),
            ).fetchall()
            self._writer.executemany(
                "UPDATE mailbox SET messages = messages - 1, bytes = bytes - ? WHERE id = ?",
                [(size, box) for box, size in gone],
            )
            self._forget(hour, limit)
        except sqlite3.Error as error:
            self._back()
            raise _failed(error) from error
        self._commit()
        return len(gone)

    def _forget(self, hour: int, limit: int) -> None:
        """A few mailboxes that nobody came to, empty ones first."""
        looked = "SELECT id, messages FROM mailbox WHERE month <= ? ORDER BY messages LIMIT 16"
        for box in few(self._writer.execute(looked, (month_of(hour) - MONTHS,)), limit):
            self._writer.execute("DELETE FROM blob WHERE id > ? AND id <= ?", (box << 32, box << 32 | NUMBERS))
            self._writer.execute("DELETE FROM bundle WHERE mailbox = ?", (box,))
            self._writer.execute("DELETE FROM door WHERE mailbox = ?", (box,))
            self._writer.execute("DELETE FROM mailbox WHERE id = ?", (box,))

    def listen(self, woken: Woken) -> None:
        """See ``store.Store``: there are no other processes."""

    def tidy(self) -> None:
        """See ``store.Store``. First beside the writer, then, for the little that came meanwhile, in its way."""
        with self._lock, suppress(sqlite3.OperationalError):
            self._keeper.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            self._keeper.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """See ``store.Store``."""
        if self._closed:
            return
        self._closed = True
        self.tidy()
        for one in (self._reader, self._keeper, self._writer):
            one.close()


def _connect(path: Path, cache: int = _CACHE) -> sqlite3.Connection:
    run = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False, cached_statements=256)
    for pragma in (
        "synchronous = FULL",
        "secure_delete = ON",
        "temp_store = MEMORY",
        "trusted_schema = OFF",
        f"cache_size = -{cache}",
    ):
        with closing(run.execute(f"PRAGMA {pragma}")) as done:
            done.fetchall()
    return run


def _failed(error: sqlite3.Error) -> StoreFailed:
    return StoreFailed(
        "the mailboxes could not be written or read: {reason}", hint="look at the disk", reason=str(error)
    )


def _parts(rows: Iterable[Any]) -> Iterator[list[Any]]:
    """Rows in parts of 64, 8 and 1: few different statements, which SQLite then keeps prepared."""
    left = iter(rows)
    part = list(islice(left, 64))
    while len(part) == 64:
        yield part
        part = list(islice(left, 64))
    for at in range(0, len(part) - len(part) % 8, 8):
        yield part[at : at + 8]
    for row in part[len(part) - len(part) % 8 :]:
        yield [row]


def _many(run: sqlite3.Connection, head: str, rows: Iterable[tuple[Any, ...]], tail: str = "") -> None:
    for part in _parts(rows):
        row = f"({', '.join('?' * len(part[0]))})"
        run.execute(f"{head} {', '.join([row] * len(part))} {tail}", [value for one in part for value in one])


def _in(run: sqlite3.Connection, head: str, keys: Iterable[Any], tail: str = "") -> Iterator[tuple[Any, ...]]:
    for part in _parts(keys):
        yield from run.execute(f"{head} ({', '.join('?' * len(part))}) {tail}", part).fetchall()
