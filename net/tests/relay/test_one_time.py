"""Whoever shows a capability that is not good must not learn from the time of the answer whether the mailbox exists.

The two refusals are alike in every byte (``test_store``). Here: they do the same work, and take the same time.
"""

import random
import re
import statistics
import time

import pytest

from filon_net.wire import Code
from filon_net.wire.frames import Refused
from relay.builders import HOUR, Phone

ALICE, NOBODY = Phone(b"a" * 32), Phone(b"n" * 32)
STRANGE = b"s" * 32
LOOKS = 400


@pytest.fixture
def lived_in(store):
    """A store with fifty mailboxes; Alice's has letters and bundles."""
    for number in range(50):
        one = Phone(bytes([number]) * 32)
        store.apply([one.admit()], HOUR)
        store.apply([one.grant()], HOUR)
    store.apply([ALICE.admit()], HOUR)
    store.apply([ALICE.grant(), ALICE.stock(*(bytes([at]) * 2_048 for at in range(10)), last=b"l" * 2_048)], HOUR)
    for _ in range(5):
        store.apply([ALICE.post()], HOUR)
    return store


def post(phone):
    return phone.post(b"x" * 3_527, capability=STRANGE)


def claim(phone):
    return phone.claim(capability=STRANGE)


def timed(apply, ask):
    began = time.perf_counter_ns()
    [outcome] = apply([ask], HOUR)
    took = time.perf_counter_ns() - began
    assert isinstance(outcome.answer, Refused)
    assert outcome.answer.code is Code.NO_SUCH_DOOR
    return took


def told_apart(apply, make):
    """How often the slower of two refusals is that of the mailbox that exists: 0.5 where time says nothing, 1 where it says all.

    Both are asked in turns, in an order that is drawn anew each time, so that whatever else this machine does hits both.
    """
    there, gone = [], []
    draw = random.Random(1)
    for _ in range(LOOKS + 50):
        pair = [(there, ALICE), (gone, NOBODY)]
        draw.shuffle(pair)
        for into, phone in pair:
            into.append(timed(apply, make(phone)))
    there, gone = there[50:], gone[50:]  # the first ones warm caches and plans
    ranks = {}
    for at, value in enumerate(sorted(there + gone)):
        ranks.setdefault(value, []).append(at + 1)
    total = sum(statistics.fmean(ranks[value]) for value in there)
    return (total - LOOKS * (LOOKS + 1) / 2) / LOOKS**2


@pytest.mark.parametrize("make", [post, claim])
def test_the_time_of_a_refusal_does_not_tell_whether_the_mailbox_exists(lived_in, make):
    """With so many looks chance stays within 0.5 +- 0.08 in all but one of ten thousand runs."""
    assert 0.4 < told_apart(lived_in.apply, make) < 0.6


@pytest.mark.parametrize("make", [post, claim])
def test_the_measure_bites(lived_in, make):
    """A store that takes a tenth of a millisecond more where the mailbox exists is found."""

    def apply(asks, hour):
        until = time.perf_counter() + (1e-4 if asks[0].mailbox == ALICE.name else 0)
        while time.perf_counter() < until:
            pass
        return lived_in.apply(asks, hour)

    assert told_apart(apply, make) > 0.65


@pytest.mark.parametrize("kind", ["sqlite"])
def test_sqlite_does_the_same_work(lived_in):
    def work(ask):
        said = []
        lived_in._writer.set_trace_callback(said.append)
        lived_in.apply([ask], HOUR)
        lived_in._writer.set_trace_callback(None)
        return [re.sub(r"[xX]'[0-9A-Fa-f]*'", "?", one) for one in said]

    for make in (post, claim):
        assert work(make(ALICE)) == work(make(NOBODY))
        assert not any("mailbox WHERE" in one or "bundle" in one for one in work(make(ALICE)))


@pytest.mark.parametrize("kind", ["postgres"])
def test_postgres_writes_nothing_for_either(lived_in):
    """A row that is only locked is written to the log all the same, and the commit waits for the disk."""

    def written(ask, times=40):
        watch = lived_in._read_line.open()
        before = watch.execute("SELECT pg_current_wal_insert_lsn()").fetchone()[0]
        for _ in range(times):
            lived_in.apply([ask], HOUR)
        after = watch.execute("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), %s)", (before,)).fetchone()[0]
        return int(after) // times

    assert written(ALICE.open()) > 60, "one that is let in is locked: this is what would tell"
    for make in (post, claim):
        assert written(make(ALICE)) < 20
        assert written(make(NOBODY)) < 20
