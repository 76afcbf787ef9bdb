"""``filon-net relay`` as a user runs it: made, run, killed, stopped."""

import asyncio
import contextlib
import os
import random
import resource
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from filon_net.wire import Code
from filon_net.wire.frames import Acked, Done, Posted, Refused
from filon_net.wire.proofs import mailbox_of
from relay.builders import OPERATORS, blob, digest, invite
from relay.client import PROGRAM, Ended, Line, Relay, go, wait_until

WRITE = b"c" * 32
LATE = (1 << 32) - 1


@pytest.fixture
def relay(kind, tmp_path, request):
    """A function that makes one relay's process; all of them share folder and store."""
    url = request.getfixturevalue("cluster").database() if kind == "postgres" else None
    made = []

    def make(store=url, **keys):
        made.append(Relay(tmp_path / "relay", url=store, operators=OPERATORS, **keys))
        return made[-1]

    yield make
    for one in made:
        if one.process is not None and one.process.poll() is None:
            one.stop()
        # neither a traceback nor an address: a relay writes nothing down
        assert (one.folder / "stderr").read_text() == ""


async def join(relay, key):
    owner = await Line.connect(relay.port, relay.name, key, invite(not_after=LATE, quota=(1 << 30, 1 << 40)))
    assert await owner.ask("grant", digest(WRITE), 65_535) == Done(0)
    return owner


class Books:
    """What phones were told, over every life of a relay."""

    def __init__(self, key):
        self.key = key
        self.posted = set()
        self.maybe = set()
        self.acked = set()
        self.seen = {}
        self.again = []

    async def write(self, relay, until):
        try:
            sender = await Line.connect(relay.port, relay.name)
            while time.monotonic() < until:
                marks = [os.urandom(16) for _ in range(20)]
                self.maybe.update(marks)
                asked = [sender.ask("post", mailbox_of(self.key), WRITE, LATE, blob(mark)) for mark in marks]
                answers = await asyncio.gather(*asked, return_exceptions=True)
                self.posted.update(mark for mark, told in zip(marks, answers, strict=True) if isinstance(told, Posted))
                for told in answers:
                    if isinstance(told, Ended):
                        return
                    assert isinstance(told, Posted) or told.code == Code.TRY_LATER, told
                    if isinstance(told, Refused):
                        await asyncio.sleep(0.05)
        except (Ended, OSError):
            return

    async def read(self, relay, until):
        """Reads and acknowledges; what was acknowledged must never come again."""
        try:
            owner = await Line.connect(relay.port, relay.name, self.key)
            owner.fetch(0, 64)
            waiting = []
            while time.monotonic() < until:
                one = await owner.next(max(0.1, until - time.monotonic()))
                mark = one.blob[:16]
                if one.number in self.acked:
                    self.again.append(one.number)
                assert self.seen.setdefault(one.number, mark) == mark
                waiting.append(owner.ack(one.number))
                waiting[-1].add_done_callback(lambda done, number=one.number: self._erased(done, number))
                if len(waiting) > 8:
                    await waiting.pop(0)
        except (Ended, OSError, TimeoutError):
            return

    def _erased(self, done, number):
        if not done.cancelled() and done.exception() is None:
            assert done.result() == Acked(1)
            self.acked.add(number)

    async def live(self, relay, seconds):
        """Load from all sides for a while."""
        until = time.monotonic() + seconds
        await asyncio.gather(self.read(relay, until), self.write(relay, until), self.write(relay, until))

    async def rest(self, relay):
        """Everything that lies there still."""
        owner = await Line.connect(relay.port, relay.name, self.key)
        owner.fetch(0, 64)
        left = (await owner.opened).waiting
        while left:
            got = [await owner.next() for _ in range(min(left, 64))]
            left -= len(got)
            for one in got:
                assert one.number not in self.acked
                assert self.seen.setdefault(one.number, one.blob[:16]) == one.blob[:16]
            assert await owner.ack(*[one.number for one in got]) == Acked(len(got))
        await owner.close()

    def settle(self):
        got = set(self.seen.values())
        assert self.posted <= got, "something posted was lost"
        assert got <= self.maybe, "something was made up"
        assert self.again == []
        assert len(self.seen) == len(got), "something was kept twice"


def test_kill_the_relay_under_load(relay):
    """Killed at random moments, it loses nothing it called durable and shows nothing it called erased."""

    async def dialogue():
        key = Ed25519PrivateKey.generate()
        books = Books(key)
        here = relay().start()
        await (await join(here, key)).close()
        for _ in range(4):
            load = asyncio.create_task(books.live(here, 5))
            await asyncio.sleep(0.3 + random.random())
            await asyncio.to_thread(here.kill)
            await load
            assert books.posted
            await asyncio.to_thread(here.start)
        await books.rest(here)
        books.settle()
        assert books.acked
        assert await asyncio.to_thread(here.stop) == 0

    go(dialogue())


@pytest.mark.parametrize("kind", ["postgres"])
def test_kill_postgres_under_load(relay, tmp_path):
    """The relay lives on, says 503 or sends phones away, and goes on by itself when the database is back."""
    from relay.cluster import Cluster

    own = Cluster("autovacuum=off")

    async def dialogue():
        key = Ed25519PrivateKey.generate()
        books = Books(key)
        here = await asyncio.to_thread(lambda: relay(store=own.database()).start())
        await (await join(here, key)).close()
        for _ in range(2):
            load = asyncio.create_task(books.live(here, 1.5))
            await asyncio.sleep(0.3 + random.random() / 2)
            await asyncio.to_thread(own.kill)
            await load
            sender = await Line.connect(here.port, here.name)
            down = await sender.ask("post", mailbox_of(key), WRITE, LATE, blob())
            assert down.code == Code.TRY_LATER
            await asyncio.to_thread(own.start)
            await books.live(here, 1)
        await books.rest(here)
        books.settle()
        assert books.acked
        assert await asyncio.to_thread(here.stop) == 0

    try:
        go(dialogue())
    finally:
        own.stop()


@pytest.mark.parametrize("kind", ["postgres"])
def test_two_processes_are_one_relay(relay):
    async def dialogue():
        key = Ed25519PrivateKey.generate()
        here, there = relay().start(), relay().start()
        owner = await join(here, key)
        owner.fetch()
        sender = await Line.connect(there.port, there.name)
        for number in range(1, 4):
            assert isinstance(await sender.ask("post", mailbox_of(key), WRITE, LATE, blob()), Posted)
            assert (await owner.next()).number == number
        newer = await Line.connect(there.port, there.name, key)
        assert await asyncio.wait_for(owner.over, 10) == Code.TOO_MANY
        newer.fetch()
        assert [(await newer.next()).number for _ in range(3)] == [1, 2, 3]

    go(dialogue())


def test_stopped_and_started_again(relay):
    async def dialogue():
        key = Ed25519PrivateKey.generate()
        here = relay().start()
        owner = await join(here, key)
        here.process.send_signal(signal.SIGTERM)
        assert await owner.over == Code.GOING_AWAY
        assert await asyncio.to_thread(here.stop) == 0
        await asyncio.to_thread(here.start)
        assert (await (await Line.connect(here.port, here.name, key)).opened).waiting == 0

    go(dialogue())


@pytest.mark.parametrize("kind", ["sqlite"])
def test_one_process_writes_a_folder(relay):
    here = relay().start()
    second = subprocess.run(
        [*PROGRAM, "relay", "run", here.folder, "--listen", "127.0.0.1:0"], capture_output=True, text=True
    )
    assert second.returncode == 1
    assert "another relay process works on" in second.stderr
    assert "--store postgres URL" in second.stderr


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_crowd_larger_than_its_descriptors_costs_neither_time_nor_words(relay):
    """Connections that only lie in wait: when they are gone phones are greeted again."""
    here = relay().start()
    there = Path(f"/proc/{here.process.pid}")
    _, hard = resource.prlimit(here.process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(here.process.pid, resource.RLIMIT_NOFILE, (len(list((there / "fd").iterdir())) + 20, hard))

    def worked():
        return sum(map(int, (there / "stat").read_text().rpartition(")")[2].split()[11:13])) / os.sysconf("SC_CLK_TCK")

    with contextlib.ExitStack() as crowd:
        for _ in range(60):
            crowd.enter_context(socket.create_connection(("127.0.0.1", here.port), timeout=10))
        time.sleep(0.3)
        before = worked()
        time.sleep(1)
        assert worked() - before < 0.3

    async def greeted():
        await (await Line.connect(here.port, here.name)).close()

    go(greeted())


@pytest.mark.parametrize("kind", ["postgres"])
def test_another_relay_does_not_take_this_ones_mailboxes(relay, tmp_path):
    here = relay()
    here.start()
    other = Relay(tmp_path / "other")
    stranger = subprocess.run(
        [*PROGRAM, "relay", "run", other.folder, "--listen", "127.0.0.1:0", "--store", "postgres", here.url],
        capture_output=True,
        text=True,
    )
    assert stranger.returncode == 1
    assert "mailboxes of another relay" in stranger.stderr


@pytest.mark.parametrize("kind", ["sqlite"])
def test_operators_are_read_again(relay):
    async def dialogue():
        here = relay()
        (here.folder / "operators").write_text("# nobody\n")
        here.start()
        with pytest.raises(Ended):
            await join(here, Ed25519PrivateKey.generate())
        (here.folder / "operators").write_text("".join(f"{key.hex()}  # ours\n" for key in OPERATORS))
        here.process.send_signal(signal.SIGHUP)
        await asyncio.sleep(0.2)
        await join(here, Ed25519PrivateKey.generate())

    go(dialogue())


@pytest.mark.parametrize("kind", ["sqlite"])
def test_memory_stays_bounded_with_readers_that_do_not_read(relay):
    """Forty phones with 3.6 MB each waiting, none of which reads: what is held is the queue of each, not the mailbox."""

    async def dialogue():
        here = relay(extra=("--connections", "500")).start()
        keys = [Ed25519PrivateKey.generate() for _ in range(40)]
        for key in keys:
            await (await join(here, key)).close()
        sender = await Line.connect(here.port, here.name)
        large = blob(size=90_567)
        for key in keys:
            for _ in range(2):
                await asyncio.gather(*[sender.ask("post", mailbox_of(key), WRITE, LATE, large) for _ in range(20)])
        before = here.rss()
        owners = []
        for key in keys:
            owner = await Line.connect(here.port, here.name, key)
            owner.transport.underlying_transport.pause_reading()
            owner.fetch()
            owners.append(owner)
        await asyncio.sleep(2)
        assert here.rss() - before < len(keys) * 1_200_000 + 20_000_000
        owners[0].transport.underlying_transport.resume_reading()
        assert [(await owners[0].next()).number for _ in range(40)] == list(range(1, 41))
        await wait_until(lambda: owners[0].delivered.empty())

    go(dialogue())
