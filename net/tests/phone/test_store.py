"""The phone's file: nothing in the clear, nothing left of what was dropped, nothing half done after a kill."""

import hashlib
import hmac
import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
import time

import pytest
from network import CHEAP

from filon_net.crypto.at_rest import unlock
from filon_net.phone.errors import PhoneBusy, PhoneDamaged, WrongSecret
from filon_net.phone.store import FIRST, SLOT, SLOTS, Store
from filon_net.wire.errors import WrongStoreKey


@pytest.fixture
def store(tmp_path, quick):
    made = Store.create(tmp_path / "a.phone", "secret", CHEAP)
    yield made
    made.close()


def test_put_get_drop_page(store):
    with store.transaction():
        for number in range(10):
            store.put("item", b"%d" % number, b"data %d" % number, b"a" if number % 2 else b"b")
        store.put("item", b"3", b"other data", b"a")
        store.put("contact", b"3", b"of another shelf")
    assert store.get("item", b"3") == b"other data"
    assert store.get("contact", b"3") == b"of another shelf"
    assert store.get("item", b"10") is None
    assert [row.id for row in store.rows("item")] == [b"%d" % number for number in range(10)]
    newest = store.page("item", b"a", 2)
    assert [row.data for row in newest] == [b"data 7", b"data 9"]
    assert [row.id for row in store.page("item", b"a", 9, newest[0].place)] == [b"1", b"3", b"5"]
    with store.transaction():
        assert store.drop("item", b"3")
        assert not store.drop("item", b"3")
    assert store.count("item") == 9
    assert store.get("item", b"3") is None


def test_a_transaction_is_all_or_nothing(store):
    with store.transaction():
        store.put("item", b"kept", b"before")

    def half_done():
        with store.transaction():
            store.put("item", b"kept", b"after")
            store.put("item", b"new", b"after")
            store.drop("item", b"kept")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_done()
    assert store.get("item", b"kept") == b"before"
    assert store.get("item", b"new") is None


def test_opened_again(store, tmp_path):
    with store.transaction():
        store.put("item", b"1", b"data")
    with pytest.raises(PhoneBusy):
        Store.open(store.path, "secret")
    store.close()
    with pytest.raises(WrongSecret):
        Store.open(store.path, "secreT")
    again = Store.open(store.path, "secret")
    assert again.get("item", b"1") == b"data"
    assert store.path.stat().st_mode & 0o777 == 0o600
    again.close()
    with pytest.raises(PhoneDamaged):
        Store.open(tmp_path / "none.phone", "secret")
    with pytest.raises(PhoneDamaged):
        Store.create(store.path, "secret", CHEAP)
    (tmp_path / "text.phone").write_text("this is no phone at all" * 100)
    with pytest.raises(PhoneDamaged):
        Store.open(tmp_path / "text.phone", "secret")


def test_nothing_stands_in_the_clear(store):
    with store.transaction():
        for number in range(200):
            store.put(
                "shelf-with-a-name", b"identifier %d" % number, b"plain words of a message " * 30, b"cluster-name"
            )
    store.close()
    raw = store.path.read_bytes()
    for word in (b"plain words", b"identifier", b"cluster-name", b"shelf-with"):
        assert word not in raw


def test_a_changed_row_is_refused(store):
    with store.transaction():
        store.put("item", b"1", b"data one")
        store.put("item", b"2", b"data two")
    store.close()
    sql = sqlite3.connect(store.path)
    (one,), (two,) = sql.execute("SELECT data FROM kept ORDER BY place").fetchall()
    with sql:
        sql.execute("UPDATE kept SET data = ? WHERE data = ?", (two, one))
    sql.close()
    again = Store.open(store.path, "secret")
    with pytest.raises(PhoneDamaged):
        again.get("item", b"1")
    again.close()


def secrets_in(path, key):
    """Every string of 32 bytes that may still be a row's key: all slots of the file."""
    sql = sqlite3.connect(path)
    found = []
    for (data,) in sql.execute("SELECT data FROM slots"):
        found += [data[FIRST + at * SLOT : FIRST + (at + 1) * SLOT] for at in range(SLOTS)]
    sql.close()
    return [hmac.digest(key, b"filon-net row\x00" + secret, hashlib.sha256) for secret in found if any(secret)]


def test_what_was_dropped_or_replaced_cannot_be_read_from_a_later_copy(store, tmp_path):
    """With the store key, and every byte of the file searched for keys: the old data opens under none of them."""
    draw, dead, live = random.Random(3), [], {}
    for step in range(2_000):
        with store.transaction():
            kind = draw.random()
            ident = draw.choice(list(live)) if live and kind > 0.5 else os.urandom(8)
            if ident in live:
                dead.append(live.pop(ident))
            if kind > 0.75:
                store.drop("item", ident)
                continue
            store.put("item", ident, b"secret %d" % step + b"x" * draw.choice([10, 300, 5_000]))
            row = store._sql.execute(
                "SELECT data FROM kept WHERE tag = ?", (store._where("item", ident)[1],)
            ).fetchone()
            live[ident] = row[0]
    copy = tmp_path / "copy.phone"
    journal = store.path.with_name(store.path.name + "-journal")
    assert not journal.exists() or journal.stat().st_size == 0, "the journal keeps no old pages"
    shutil.copy(store.path, copy)
    wanted = draw.sample(dead, 5)
    keys = secrets_in(copy, store.key)
    assert len(keys) >= len(live)
    opened = 0
    for seized in live.values():
        opened += opens(seized, keys)
        if opened:
            break
    assert opened, "the search would find a key that is there"
    for seized in wanted:
        assert not opens(seized, keys)
    assert not left_of_dropped_keys(store, 50), "nor do old keys lie anywhere in the file"


def opens(data, keys):
    for key in keys:
        try:
            unlock(data, key, b"item")
        except WrongStoreKey:
            continue
        return 1
    return 0


def left_of_dropped_keys(store, count):
    """Keys of rows that are dropped now and still lie somewhere in the file."""
    seen = []
    with store.transaction():
        for row in store.rows("item")[:count]:
            slot = store._sql.execute("SELECT slot FROM kept WHERE place = ?", (row.place,)).fetchone()[0]
            seen.append(store._read_slot(slot))
            store.drop("item", row.id)
    raw = store.path.read_bytes()
    return [secret for secret in seen if secret in raw]


def test_killed_at_any_point_nothing_is_half_done(tmp_path):
    """A real process, killed ten times while it writes: every transaction it reported is there, whole."""
    path = tmp_path / "a.phone"
    Store.create(path, "secret", CHEAP).close()
    draw = random.Random(11)
    context = multiprocessing.get_context("fork")
    for _ in range(10):
        reads, writes = os.pipe()
        child = context.Process(target=write_forked, args=(path, reads, writes))
        child.start()
        os.close(writes)
        time.sleep(0.02 + draw.random() * 0.15)
        os.kill(child.pid, signal.SIGKILL)
        child.join()
        told = b""
        while piece := os.read(reads, 65_536):
            told += piece
        os.close(reads)
        done = int.from_bytes(told[-4:] if len(told) % 4 == 0 else b"", "big")
        store = Store.open(path, "secret")
        count = int(store.get("count", b"one") or b"0")
        dropped = int(store.get("dropped", b"one") or b"0")
        assert count >= done
        rows = [row.id for row in store.rows("item")]
        assert rows == [b"%d" % number for number in range(dropped, count)]
        store.close()
    assert count > 20, "it did write"


def write_forked(path, reads, writes):
    os.close(reads)
    # a store counts its rows to go on where the killed one ended
    store = Store.open(path, "secret")
    number = int(store.get("count", b"one") or b"0")
    while True:
        with store.transaction():
            store.put("item", b"%d" % number, b"row %d" % number + b"." * (number * 37 % 7_000))
            store.put("count", b"one", b"%d" % (number + 1))
            if number >= 20:
                store.drop("item", b"%d" % (number - 20))
                store.put("dropped", b"one", b"%d" % (number - 19))
        number += 1
        os.write(writes, number.to_bytes(4, "big"))
