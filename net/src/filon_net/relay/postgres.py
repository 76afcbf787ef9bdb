"""Mailboxes in PostgreSQL: the store of a relay that has several processes.

Every batch locks its mailboxes in one order, so two processes wait for each other and never in a circle. What a batch posted
or opened is told to the other processes with NOTIFY inside the same transaction: they hear of it when it is durable, never
before, and not at all if it was not kept.
"""

import secrets
import threading
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

import msgspec
import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import TransactionStatus

from filon_net.relay import postgres_statements as sql
from filon_net.relay.asks import Ask, Box, Door, Look, Outcome, Page, Sheet, Wanted
from filon_net.relay.errors import BadFolder, OutcomeUnknown, StoreFailed
from filon_net.relay.postgres_schema import PARTITIONS, prepare
from filon_net.relay.rules import MONTHS, NUMBERS, few, month_of, settle
from filon_net.relay.store import Woken
from filon_net.wire.frames import Deliver, Opened

__all__ = ["PostgresStore"]

_TRIES = 3
_CHANNEL = "filon_relay"
_NAMES_EACH = 170  # 44 characters each; a notification may have 7,999
_SETTINGS = (
    "-c synchronous_commit=on -c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s"
    # Every statement finds its rows by key. Planned by what the statistics say (none yet, or of an hour ago) some would scan
    # whole tables, and the cheapest plan for a partitioned table would be made anew each time.
    " -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c plan_cache_mode=force_generic_plan"
)
_WAY: dict[str, Any] = {
    "tcp_user_timeout": 30_000,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
"""A server that is gone without a word is noticed after 30 s, not after the system's quarter of an hour, or two hours where only
notifications are waited for. What the URL says of these stands."""
_AGAIN = (psycopg.errors.UniqueViolation, psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)


class _Line:
    """One connection to the server, opened when it is needed and again after it was lost."""

    def __init__(self, url: str, *, own_transactions: bool) -> None:
        self._url = url
        self._own = own_transactions
        self._run: psycopg.Connection[Any] | None = None

    def open(self) -> psycopg.Connection[Any]:
        if self._run is None or self._run.closed:
            try:
                stated: dict[str, Any] = _WAY | conninfo_to_dict(self._url)
                self._run = psycopg.connect(
                    make_conninfo(**stated),
                    autocommit=not self._own,
                    connect_timeout=5,
                    options=_SETTINGS,
                    application_name="filon-net",
                )
            except psycopg.Error as error:
                raise _failed(error) from error
            self._run.prepare_threshold = 2
        return self._run

    def drop(self) -> None:
        if self._run is not None:
            with suppress(psycopg.Error):
                self._run.close()
            self._run = None


class PostgresStore:
    """See ``store.Store``. ``url`` is a libpq connection string, ``relay`` the relay's name."""

    def __init__(self, url: str, relay: bytes) -> None:
        """Connect and, in an empty database, make the tables. StoreFailed, BadFolder."""
        self._url = url
        self._write_line = _Line(url, own_transactions=True)
        self._read_line = _Line(url, own_transactions=False)
        self._tidy_line = _Line(url, own_transactions=False)
        self._heart: _Listener | None = None
        self.edge = secrets.token_hex(4)
        """Tells this process's notifications from others'; made anew at each start."""
        try:
            prepare(self._write_line.open(), relay)
        except psycopg.Error as error:
            self.close()
            raise _failed(error) from error
        except BadFolder:
            self.close()
            raise

    def listen(self, woken: Woken) -> None:
        """From now on tell ``woken``, on a thread of its own, what other processes posted and opened."""
        self._heart = _Listener(_Line(self._url, own_transactions=False), self.edge, woken)
        self._heart.start()

    def apply(self, asks: Sequence[Ask], hour: int) -> list[Outcome]:
        """See ``store.Store``."""
        for tries in range(_TRIES):
            run = self._write_line.open()
            try:
                sheet = self._load(run, Wanted.by(asks))
                outcomes = settle(asks, sheet, hour)
                self._write(run, sheet)
                self._tell(run, sheet, asks, outcomes)
            except psycopg.Error as error:
                self._back(run)
                if not isinstance(error, _AGAIN) or tries == _TRIES - 1:
                    raise _failed(error) from error
            else:
                self._commit(run)
                return outcomes
        raise AssertionError("unreachable")

    def _back(self, run: psycopg.Connection[Any]) -> None:
        try:
            run.rollback()
        except psycopg.Error:
            self._write_line.drop()

    def _commit(self, run: psycopg.Connection[Any]) -> None:
        try:
            run.commit()
        except psycopg.Error as error:
            lost = run.closed or run.info.transaction_status == TransactionStatus.UNKNOWN
            self._write_line.drop()
            if lost:
                raise OutcomeUnknown("the database was lost while it committed: {reason}", reason=str(error)) from error
            raise _failed(error) from error

    def _load(self, run: psycopg.Connection[Any], wanted: Wanted) -> Sheet:
        ways = list(wanted.ways)
        asked = (sorted(wanted.names), [wanted.ways[name] for name in ways], ways)
        rows = run.execute(sql.BOXES, asked, binary=True)
        boxes = {name: Box(*fields) for name, *fields in rows}
        rows = run.execute(sql.DOORS, (list(wanted.doors),), binary=True)
        doors = {name: Door(*fields) for name, *fields in rows}
        fresh = {serial: after for serial, (name, after) in wanted.serials.items() if name not in boxes}
        sheet = Sheet(boxes, doors, set(), {})
        if fresh:
            # spent while asking: two processes that show one invite at once cannot both have it
            rows = run.execute(sql.SPEND, (list(fresh), list(fresh.values())), binary=True)
            sheet.unspent = {row[0] for row in rows}
        claims = [(boxes[name].id, count) for name, count in wanted.claimed(doors).items() if name in boxes]
        if claims:
            for box, slot, body in run.execute(sql.CLAIM, _columns(claims), binary=True):
                sheet.bundles.setdefault(box, []).append((slot, body))
        self._erase(run, sheet, wanted.acks)
        return sheet

    @staticmethod
    def _erase(run: psycopg.Connection[Any], sheet: Sheet, acks: list[tuple[bytes, tuple[int, ...]]]) -> None:
        named = {box.id: name for name, box in sheet.boxes.items()}
        gone = [
            (sheet.boxes[name].id, number)
            for name, numbers in acks
            if name in sheet.boxes
            for number in numbers
            if number <= NUMBERS
        ]
        if gone:
            for key, size in run.execute(sql.ERASE, _columns(gone), binary=True):
                box = sheet.boxes[named[key]]
                box.messages, box.bytes = box.messages - 1, box.bytes - size
                sheet.touched.add(named[key])

    @staticmethod
    def _write(run: psycopg.Connection[Any], sheet: Sheet) -> None:
        boxes = [(name, sheet.boxes[name]) for name in sheet.touched]
        for statement, rows in (
            (sql.PUT_BOX, [(name, *msgspec.structs.astuple(box)) for name, box in boxes]),
            (sql.PUT_BLOB, [(key, one.number, one.hour, one.expires, one.blob) for _, key, one in sheet.kept]),
            (sql.PUT_DOOR, [(name, *msgspec.structs.astuple(sheet.doors[name])) for name in sheet.turned]),
            (sql.SHUT, [(name,) for name in sheet.shut]),
            (sql.HAND, list(sheet.handed)),
            (sql.PUT_BUNDLE, [(*place, body) for place, body in sheet.stocked.items()]),
        ):
            if rows:
                run.execute(statement, _columns(rows))

    def _tell(self, run: psycopg.Connection[Any], sheet: Sheet, asks: Sequence[Ask], outcomes: list[Outcome]) -> None:
        posted = {name for name, _, _ in sheet.kept}
        opened = {
            ask.mailbox for ask, outcome in zip(asks, outcomes, strict=True) if isinstance(outcome.answer, Opened)
        }
        for kind, names in (("p", sorted(posted)), ("o", sorted(opened))):
            for at in range(0, len(names), _NAMES_EACH):
                packed = b64encode(b"".join(names[at : at + _NAMES_EACH])).decode()
                run.execute("SELECT pg_notify(%s, %s)", (_CHANNEL, f"{self.edge} {kind} {packed}"))

    def read(self, looks: Sequence[Look], hour: int) -> list[Page]:
        """See ``store.Store``."""
        if not looks:
            return []
        wanted = _columns((at, one.mailbox, min(one.after, NUMBERS), one.limit) for at, one in enumerate(looks))
        pages = [Page([], 0) for _ in looks]
        try:
            # one statement sees one state: every blob with a number up to the highest given out is there, or gone
            for at, last, *blob in self._read_line.open().execute(sql.READ, (*wanted, hour), binary=True):
                pages[at].last = last
                if blob[0] is not None:
                    pages[at].found.append(Deliver(*blob))
        except psycopg.Error as error:
            self._read_line.drop()
            raise _failed(error) from error
        return pages

    def sweep(self, hour: int, limit: int) -> int:
        """See ``store.Store``."""
        run = self._write_line.open()
        try:
            run.execute("DELETE FROM spent WHERE not_after < %s", (hour,))
            found = run.execute(sql.EXPIRED, (hour, limit), binary=True).fetchall()
            run.execute("SELECT FROM mailbox WHERE id = ANY(%s) ORDER BY name FOR UPDATE", ([box for box, _ in found],))
            gone = run.execute(sql.ERASE, _columns(found), binary=True).fetchall() if found else []
            counts, sizes = Counter(box for box, _ in gone), Counter[int]()
            for box, size in gone:
                sizes[box] += size
            run.execute(sql.SWEPT, (list(counts), list(counts.values()), [sizes[box] for box in counts]))
            self._forget(run, hour, limit)
        except psycopg.Error as error:
            self._back(run)
            raise _failed(error) from error
        self._commit(run)
        return len(gone)

    @staticmethod
    def _forget(run: psycopg.Connection[Any], hour: int, limit: int) -> None:
        """A few mailboxes that nobody came to, empty ones first."""
        ids = few(run.execute(sql.FORGOTTEN, (month_of(hour) - MONTHS,)), limit)
        if ids:
            for statement in sql.FORGET:
                run.execute(statement, (ids,))

    def tidy(self) -> None:
        """See ``store.Store``: autovacuum does the daily work here; ``rewrite`` is the thorough way."""

    def rewrite(self, largest: int) -> list[int]:
        """Write each partition of at most ``largest`` bytes anew, so that erased rows leave its file; bytes before, of each."""
        done = []
        try:
            run = self._tidy_line.open()
            for n in range(PARTITIONS):
                size = run.execute("SELECT pg_total_relation_size(%s::regclass)", (f"blob_{n:02}",)).fetchone()
                if size and size[0] <= largest:
                    run.execute(f"VACUUM (FULL) blob_{n:02}".encode())
                    done.append(size[0])
        except psycopg.Error as error:
            self._tidy_line.drop()
            raise _failed(error) from error
        return done

    def close(self) -> None:
        """See ``store.Store``."""
        if self._heart is not None:
            self._heart.stop()
        for line in (self._write_line, self._read_line, self._tidy_line):
            line.drop()


class _Listener(threading.Thread):
    """Hears what other processes of the relay did."""

    def __init__(self, line: _Line, edge: str, woken: Woken) -> None:
        super().__init__(name="relay-listener", daemon=True)
        self._line = line
        self._edge = edge
        self._woken = woken
        self._stopping = threading.Event()

    def stop(self) -> None:
        self._stopping.set()
        self.join(3)
        self._line.drop()

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                run = self._line.open()
                run.execute(f"LISTEN {_CHANNEL}".encode())
                self._woken(None, False)  # what was said while nobody listened is not said again
                while not self._stopping.is_set():
                    for heard in run.notifies(timeout=0.5):
                        self._hear(heard.payload)
            except (psycopg.Error, StoreFailed):
                self._line.drop()
                self._stopping.wait(0.5)

    def _hear(self, payload: str) -> None:
        edge, kind, packed = payload.split(" ", 2)
        if edge == self._edge:
            return
        names = b64decode(packed)
        for at in range(0, len(names), 32):
            self._woken(names[at : at + 32], kind == "o")


def _failed(error: psycopg.Error) -> StoreFailed:
    return StoreFailed(
        "PostgreSQL did not do what it was asked: {reason}",
        hint="look at the server and the URL given with --store",
        reason=str(error).strip(),
    )


def _columns(rows: Iterable[tuple[Any, ...]]) -> list[list[Any]]:
    """Rows as one list a column."""
    return list(map(list, zip(*rows, strict=True)))
