"""What a relay holds when it is taken: files searched byte by byte, tables column by column."""

import random
import re
import sqlite3
import time

import psycopg
import pytest

from filon_net.relay.asks import door_of
from filon_net.wire import BLOB_SIZES
from relay.builders import HOUR, OPERATORS, Phone, blob, digest, token

ALICE = Phone(b"alice's mailbox, 32 bytes long..", b"alice's capability, 32 bytes l..")
SERIAL = b"serial of invite"


def holds(folder, what, but=()):
    """Files below a folder in which some bytes occur."""
    files = [file for file in folder.rglob("*") if file.is_file() and not any(part in but for part in file.parts)]
    return [file.name for file in files if what in file.read_bytes()]


def lived(store):
    """A mailbox to which blobs were posted that are nothing but marks, so that no page of one is without: the marks by number."""
    marks = [b"marked blob %04d " % at for at in range(300)]
    store.apply([ALICE.admit(SERIAL)], HOUR)
    store.apply([ALICE.grant(daily=1_000), ALICE.stock(b"bundle to be handed out")], HOUR)
    for at in range(0, 300, 50):
        store.apply([ALICE.post(blob(mark * 207)) for mark in marks[at : at + 50]], HOUR)
    return marks


def test_sqlite_erases_from_its_files(tmp_path):
    from filon_net.relay.sqlite import SqliteStore

    store = SqliteStore(tmp_path / "mailboxes.sqlite")
    marks = lived(store)
    assert holds(tmp_path, marks[0])
    store.apply([ALICE.ack(*range(1, 201)), ALICE.claim()], HOUR)
    store.tidy()
    assert [holds(tmp_path, mark) for mark in marks[:200]] == [[]] * 200
    assert holds(tmp_path, marks[200])
    assert holds(tmp_path, b"bundle to be handed out") == []
    store.sweep(HOUR + 336, 1_000)
    store.tidy()
    assert holds(tmp_path, b"marked blob") == []
    assert (tmp_path / "mailboxes.sqlite-wal").stat().st_size == 0
    store.close()


def test_sqlite_leaves_nothing_of_rows_it_moved_between_pages(tmp_path):
    """Blobs of several lengths come to many mailboxes and go in any order, so that pages are parted and joined all the time."""
    from filon_net.relay.sqlite import SqliteStore

    draw = random.Random(5)
    store = SqliteStore(tmp_path / "mailboxes.sqlite")
    phones = [Phone(bytes([at]) * 32) for at in range(20)]
    store.apply([phone.admit() for phone in phones], HOUR)
    store.apply([phone.grant(daily=60_000) for phone in phones], HOUR)
    there, gone = {}, []
    for turn in range(40):
        posted = [(draw.choice(phones), b"<%04d of turn %03d>" % (at, turn)) for at in range(draw.randrange(20, 60))]
        read = {}
        for key in draw.sample(sorted(there), min(len(there), draw.randrange(10, 60))):
            gone.append(there.pop(key))
            read.setdefault(key[0], []).append(key[1])
        sizes = draw.choices(BLOB_SIZES[:3], k=len(posted))
        asks = [
            phone.post(blob(mark * (size // len(mark)), size))
            for (phone, mark), size in zip(posted, sizes, strict=True)
        ]
        acks = [Phone(name).ack(*sorted(numbers)) for name, numbers in read.items()]
        for (phone, mark), outcome in zip(posted, store.apply([*asks, *acks], HOUR), strict=False):
            there[phone.name, outcome.kept.number] = mark
    store.tidy()
    file = (tmp_path / "mailboxes.sqlite").read_bytes()
    assert len(gone) > 800
    assert [mark for mark in gone if mark in file] == []
    assert all(mark in file for mark in there.values())
    store.close()


def test_sqlite_would_not_without_overwriting(tmp_path):
    """The search above finds what is there: with ``secure_delete`` off, erased blobs stay."""
    from filon_net.relay.sqlite import SqliteStore

    store = SqliteStore(tmp_path / "mailboxes.sqlite")
    store._writer.execute("PRAGMA secure_delete = OFF").fetchall()
    marks = lived(store)
    store.apply([ALICE.ack(*range(1, 201))], HOUR)
    store.tidy()
    assert any(holds(tmp_path, mark) for mark in marks[:200])
    store.close()


def test_the_writer_tidies_by_itself(tmp_path):
    from filon_net.relay.sqlite import SqliteStore
    from filon_net.relay.writer import Writer, WriterLimits

    store = SqliteStore(tmp_path / "mailboxes.sqlite")
    marks = lived(store)
    writer = Writer(store, lambda *_: None, lambda: HOUR, WriterLimits(tidy=0.1))
    writer.start()
    writer.submit(ALICE.ack(*range(1, 201)), None)
    for _ in range(100):
        if not holds(tmp_path, marks[0]):
            break
        time.sleep(0.1)
    assert holds(tmp_path, marks[0]) == []
    writer.stop()
    writer.join()
    store.close()


def test_postgres_erases_from_its_tables_when_they_are_written_anew(cluster):
    """What ``relay scrub`` is for. The write-ahead log is the server's; the page on operating says how to bound it."""
    from filon_net.relay.postgres import PostgresStore

    store = PostgresStore(cluster.database(), b"r" * 32)
    lived(store)
    store.apply([ALICE.ack(*range(1, 301))], HOUR)
    with psycopg.connect(store._url, autocommit=True) as run:
        run.execute("CHECKPOINT")
        assert holds(cluster.data, b"marked blob 0000", but=("pg_wal",))
        store.rewrite(1 << 40)
        run.execute("CHECKPOINT")
    assert holds(cluster.data, b"marked blob", but=("pg_wal",)) == []
    store.close()


def columns(store, kind):
    """(table, column, values) of everything a store keeps."""
    if kind == "sqlite":
        with sqlite3.connect(store.path) as run:
            tables = [row[0] for row in run.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for table in tables:
                names = [row[1] for row in run.execute(f"PRAGMA table_info({table})")]
                yield from _columns(run, table, names)
        run.close()
    else:
        with psycopg.connect(store._url) as run:
            names = {}
            for table, column in run.execute(
                "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
            ):
                names.setdefault(table, []).append(column)
            for table, found in names.items():
                yield from _columns(run, table, found)


def _columns(run, table, names):
    rows = list(run.execute(f"SELECT {', '.join(names)} FROM {table}"))
    for at, name in enumerate(names):
        yield table, name, [row[at] for row in rows]


KEPT = """
mailbox.name mailbox.id mailbox.quota_messages mailbox.quota_bytes mailbox.last mailbox.messages mailbox.bytes mailbox.doors
mailbox.bundles mailbox.slots mailbox.month door.name door.mailbox door.daily door.day door.posts door.claims
blob.mailbox blob.number blob.id blob.hour blob.expires blob.body bundle.mailbox bundle.slot bundle.body
spent.serial spent.not_after relay.version relay.name
"""


def test_every_column_is_on_the_list_and_none_tells_more(store, kind):
    """A new column is a new thing a relay keeps: it is added here on purpose or not at all."""
    lived(store)
    found = [(re.sub(r"_\d\d$", "", table), name, values) for table, name, values in columns(store, kind)]
    assert {f"{table}.{name}" for table, name, _ in found} <= set(KEPT.split())
    now = time.time()
    for table, name, values in found:
        for value in values:
            if isinstance(value, int):
                assert abs(value - now) > 1e7, (table, name)  # no seconds
                assert abs(value - now * 1e3) > 1e10, (table, name)
                assert abs(value - now * 1e6) > 1e13, (table, name)
    everything = b"".join(bytes(value) for *_, values in found for value in values if isinstance(value, bytes))
    assert ALICE.capability not in everything
    assert digest(ALICE.capability) not in everything
    assert door_of(ALICE.name, ALICE.capability) in everything
    for operator in OPERATORS:
        assert operator not in everything
    (spent,) = [values for table, name, values in found if (table, name) == ("spent", "serial")]
    assert spent == [SERIAL]


def test_nothing_links_an_invite_to_the_mailbox_it_made(store, kind):
    """Ids are drawn; nothing else is written in the order of joining."""
    phones = [Phone(bytes([at]) * 32) for at in range(20)]
    for at, phone in enumerate(phones):
        store.apply([phone.admit(bytes([99 - at]) * 16)], HOUR)
    found = {(table, name): values for table, name, values in columns(store, kind)}
    ids = dict(zip(found["mailbox", "name"], found["mailbox", "id"], strict=True))
    order = [ids[phone.name] for phone in phones]
    assert order != sorted(order)
    assert token().serial not in found["spent", "serial"]


@pytest.mark.parametrize("kind", ["sqlite"])
def test_the_file_is_for_its_owner_alone(store):
    assert store.path.stat().st_mode & 0o777 == 0o600
