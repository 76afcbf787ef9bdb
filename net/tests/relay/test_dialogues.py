"""Phones and a relay over real sockets; the relay's edge runs in the test's own process unless a test needs to kill it."""

import asyncio
import urllib.error
import urllib.request
from contextlib import asynccontextmanager

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from picows import WSMsgType

from filon_net.relay.edge import Edge, EdgeLimits
from filon_net.relay.writer import WriterLimits
from filon_net.wire import BLOB_SIZES, FRAME_SIZE, Code
from filon_net.wire.frames import Acked, Claimed, Done, Posted, Refused
from filon_net.wire.proofs import mailbox_of
from relay.builders import HOUR, OPERATORS, blob, digest, invite
from relay.client import LINES, Ended, Line, go, wait_until

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
BOX = mailbox_of(KEY)
NAME = b"r" * 32
WRITE = b"c" * 32


class Place:
    """A running edge."""

    def __init__(self, edge, port, metrics):
        self.edge, self.port, self.metrics = edge, port, metrics

    async def owner(self, key=KEY, fetch=True, token=None):
        line = await Line.connect(self.port, NAME, key, token)
        if fetch:
            line.fetch()
        return line

    async def join(self, key=KEY, daily=1000, fetch=True, **quota):
        """An owner with a new mailbox, to whom ``WRITE`` may write."""
        line = await self.owner(key, False, invite(**quota))
        assert await line.ask("grant", digest(WRITE), daily) == Done(0)
        if fetch:
            line.fetch()
        return line

    async def sender(self):
        return await Line.connect(self.port, NAME)

    async def ask(self, path):
        def read():
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics}{path}", timeout=5) as answer:
                    return answer.status, answer.read().decode()
            except urllib.error.HTTPError as error:
                return error.code, error.read().decode()

        return await asyncio.to_thread(read)


@pytest.fixture
def place(opened):
    """A function that runs an edge while a block lasts."""

    @asynccontextmanager
    async def run(limits=None, writer=None, store=None):
        store = store or opened()
        edge = Edge(NAME, lambda: OPERATORS, store, limits=limits, writer=writer, hour=lambda: HOUR)
        store.listen(edge.woken)
        here = Place(edge, await edge.serve("127.0.0.1", 0), await edge.serve_metrics("127.0.0.1", 0))
        running = asyncio.create_task(edge.run())
        try:
            yield here
        finally:
            edge.stop()
            await running

    return run


def post(sender, what=None, mailbox=BOX, capability=WRITE):
    return sender.ask("post", mailbox, capability, HOUR + 336, what or blob())


def test_a_letter_goes_from_hand_to_hand(place):
    async def dialogue():
        async with place() as here:
            owner, sender = await here.join(), await here.sender()
            assert (await owner.opened).hours_kept == 336
            sent = [blob(size=size) for size in BLOB_SIZES]
            for at, one in enumerate(sent):
                assert await post(sender, one) == Posted(at)
            got = [await owner.next() for _ in sent]
            assert [one.blob for one in got] == sent
            assert [one.number for one in got] == [1, 2, 3, 4, 5]
            assert await owner.ack(1, 2, 3, 4, 5) == Acked(5)
            await owner.close()
            again = await here.owner()
            assert (await again.opened).waiting == 0
            assert await post(sender) == Posted(5)
            assert (await again.next()).number == 6

    go(dialogue())


def test_what_waited_is_delivered_and_what_was_not_acknowledged_comes_again(place):
    async def dialogue():
        async with place() as here:
            await (await here.join(fetch=False)).close()
            sender = await here.sender()
            sent = [blob() for _ in range(60)]
            for start in range(0, 60, 20):
                await asyncio.gather(*[post(sender, one) for one in sent[start : start + 20]])
            owner = await here.owner(fetch=False)
            owner.fetch(0, 7)
            first = [await owner.next() for _ in range(7)]
            await asyncio.sleep(0.1)
            assert owner.delivered.empty()  # the window is full
            await owner.ack(*[one.number for one in first[:3]])
            for _ in range(3):
                await owner.next()
            await owner.close()
            again = await here.owner()
            assert [(await again.next()).number for _ in range(57)] == list(range(4, 61))

    go(dialogue())


def test_bundles_and_leave_to_write(place):
    async def dialogue():
        async with place() as here:
            owner, sender = await here.join(), await here.sender()
            assert await owner.ask("stock", [b"one"], b"last") == Done(1)
            assert await sender.ask("claim", BOX, WRITE) == Claimed(0, b"one")
            assert await sender.ask("claim", BOX, WRITE) == Claimed(1, b"last")
            assert await owner.ask("revoke", digest(WRITE)) == Done(2)
            assert await post(sender) == Refused(2, Code.NO_SUCH_DOOR, None)
            assert await sender.ask("claim", BOX, WRITE) == Refused(3, Code.NO_SUCH_DOOR, None)

    go(dialogue())


@pytest.mark.parametrize(
    ("token", "code"),
    [(None, Code.NO_SUCH_DOOR), (b"forged", Code.TOKEN_SPENT), (invite(not_after=HOUR - 1), Code.TOKEN_SPENT)],
)
def test_who_is_not_invited_stays_outside(place, token, code):
    async def dialogue():
        async with place() as here:
            line = None

            def made(*args):
                nonlocal line
                line = Line(*args)
                return line

            with pytest.raises(Ended) as ended:
                await _connect(here.port, lambda: made(NAME, KEY, token))
            assert ended.value.code == Code.NOT_PROVEN
            assert line.refusal == Refused(None, code, None)

    go(dialogue())


async def _connect(port, factory):
    from picows import ws_connect

    _, line = await ws_connect(factory, f"ws://127.0.0.1:{port}/")
    await line.opened
    return line


def test_an_invite_is_good_once(place):
    async def dialogue():
        async with place() as here:
            ticket = invite()
            await here.owner(token=ticket)
            with pytest.raises(Ended):
                await here.owner(Ed25519PrivateKey.generate(), token=ticket)

    go(dialogue())


def test_the_newer_of_two_connections_wins(place):
    async def dialogue():
        async with place() as here:
            first = await here.join()
            second = await here.owner()
            assert await first.over == Code.TOO_MANY
            assert first.refusal == Refused(None, Code.TOO_MANY, None)
            sender = await here.sender()
            await post(sender)
            assert (await second.next()).number == 1

    go(dialogue())


def test_a_full_mailbox_and_a_busy_relay_say_so(place):
    async def dialogue():
        async with place(writer=WriterLimits(waiting=4, pause=0.3)) as here:
            await here.join(quota=(2, 1 << 30))
            sender = await here.sender()
            answers = await asyncio.gather(*[post(sender) for _ in range(8)])
            assert answers[:4] == [Posted(0), Posted(1), Refused(2, Code.FULL, None), Refused(3, Code.FULL, None)]
            assert answers[4:] == [Refused(at, Code.TRY_LATER, 5) for at in range(4, 8)]

    go(dialogue())


def test_a_phone_that_does_not_read_costs_little_and_gets_all_in_the_end(place):
    async def dialogue():
        async with place(limits=EdgeLimits(queue=400_000)) as here:
            owner, sender = await here.join(), await here.sender()
            owner.transport.underlying_transport.pause_reading()
            large = BLOB_SIZES[-1]
            for _ in range(12):
                await asyncio.gather(*[post(sender, blob(size=large)) for _ in range(10)])
            (connection,) = here.edge._owners.values()
            assert connection.end.queued <= 400_000
            held = connection._transport.underlying_transport.get_write_buffer_size()
            assert held <= 64 * 1024 + 2 * FRAME_SIZE
            owner.transport.underlying_transport.resume_reading()
            assert [(await owner.next()).number for _ in range(120)] == list(range(1, 121))

    go(dialogue())


def test_nothing_more_is_delivered_while_all_phones_together_have_too_much(place):
    async def dialogue():
        async with place() as here:
            owner, sender = await here.join(), await here.sender()
            here.edge.edge_limits = EdgeLimits(outgoing=-1)
            await wait_until(lambda: here.edge.crowded)
            await post(sender)
            with pytest.raises(TimeoutError):
                await owner.next(0.3)
            here.edge.edge_limits = EdgeLimits()
            assert (await owner.next(20)).number == 1

    go(dialogue())


@pytest.mark.parametrize(
    ("kind", "data", "code"),
    [
        ("BINARY", b"\x01garbage", Code.MALFORMED),
        ("BINARY", b"\x02\x80", Code.VERSION),
        ("BINARY", b"\x01" * (FRAME_SIZE + 1), Code.TOO_LARGE),
        ("BINARY", b"\x01" * (3 * FRAME_SIZE), 1009),
        ("TEXT", b"hello", Code.MALFORMED),
        ("CONTINUATION", b"", Code.MALFORMED),
    ],
)
def test_what_is_no_frame_ends_the_connection_with_its_code(place, kind, data, code):
    async def dialogue():
        async with place() as here:
            line = await here.sender()
            line.transport.send(getattr(WSMsgType, kind), data)
            assert await asyncio.wait_for(line.over, 10) == code
            await wait_until(lambda: not here.edge._connections)

    go(dialogue())


def test_a_phone_that_left_before_it_was_let_in_owns_nothing(place):
    async def dialogue():
        async with place(writer=WriterLimits(pause=0.3)) as here:
            await (await here.join(fetch=False)).close()
            opening = asyncio.create_task(here.owner())
            await wait_until(lambda: here.edge.writer.waiting)
            LINES[-1].transport.disconnect(False)
            with pytest.raises(Ended):
                await opening
            await asyncio.sleep(0.6)
            assert not here.edge._owners
            assert not here.edge._connections

    go(dialogue())


def test_who_pings_and_does_not_read_is_cut_off(place):
    """Answers to pings of the transport are not queued without end."""

    async def dialogue():
        async with place() as here:
            line = await here.sender()
            line.transport.send_ping(b"hello")
            line.transport.underlying_transport.pause_reading()
            (connection,) = here.edge._connections.values()
            for _ in range(600):
                for _ in range(200):
                    line.transport.send_ping(b"x" * 125)
                await asyncio.sleep(0)
                if connection._over:
                    break
            await wait_until(lambda: connection._over)
            line.transport.underlying_transport.resume_reading()
            assert await line.over == Code.TOO_MANY

    go(dialogue())


def test_a_message_in_parts_is_one_message_and_has_an_end(place):
    async def dialogue():
        async with place() as here:
            await here.join()
            sender = await here.sender()
            request = sender.end.post(BOX, WRITE, HOUR + 9, blob())
            (data,) = sender.end.take()
            waiting = sender._answers[request] = asyncio.get_running_loop().create_future()
            sender.transport.send(WSMsgType.BINARY, data[:1_000], False)
            sender.transport.send(WSMsgType.CONTINUATION, data[1_000:2_000], False)
            sender.transport.send(WSMsgType.CONTINUATION, data[2_000:], True)
            assert await waiting == Posted(request)
            sender.transport.send(WSMsgType.BINARY, b"\x01", False)
            for _ in range(3):
                sender.transport.send(WSMsgType.CONTINUATION, b"x" * 50_000, False)
            assert await sender.over == Code.TOO_LARGE

    go(dialogue())


def test_connections_over_the_cap_are_turned_away(place):
    async def dialogue():
        async with place(limits=EdgeLimits(connections=2)) as here:
            lines = [await here.sender() for _ in range(2)]
            with pytest.raises(Exception, match="503"):
                await here.sender()
            await lines[0].close()
            await wait_until(lambda: len(here.edge._connections) == 1)
            await here.sender()
            assert "filon_relay_turned_away_total 1.0" in (await here.ask("/metrics"))[1]

    go(dialogue())


def test_sockets_that_say_nothing_are_closed(place):
    async def dialogue():
        async with place(limits=EdgeLimits(handshake=0.2)) as here:
            reader, writer = await asyncio.open_connection("127.0.0.1", here.port)
            writer.write(b"GET / HTTP/1.1\r\n")
            assert await asyncio.wait_for(reader.read(), 5) == b""
            writer.close()
            here.edge.now = lambda: 1e9
            line = await Line.connect(here.port, NAME)
            here.edge.now = lambda: 1e9 + 11
            assert await asyncio.wait_for(line.over, 15) == Code.TIMED_OUT

    go(dialogue())


def test_the_relay_goes_away_politely(place):
    async def dialogue():
        async with place(writer=WriterLimits(pause=0.2)) as here:
            owner, sender = await here.join(), await here.sender()
            under_way = [post(sender) for _ in range(20)]
            await wait_until(lambda: here.edge.writer.waiting)
            here.edge.stop()
            assert [type(one) for one in await asyncio.gather(*under_way)] == [Posted] * 20
            assert await owner.over == Code.GOING_AWAY
            assert await sender.over == Code.GOING_AWAY
            assert 5 <= owner.refusal.retry <= 30

    go(dialogue())


def test_health_and_figures_without_a_name(place):
    async def dialogue():
        async with place() as here:
            owner, sender = await here.join(), await here.sender()
            await post(sender)
            await owner.next()
            await owner.ack(1)
            assert await here.ask("/health") == (200, "well\n")
            status, text = await here.ask("/metrics")
            assert status == 200
            for line in (
                "filon_relay_connections 2.0",
                "filon_relay_owners 1.0",
                'filon_relay_done_total{what="posted"} 1.0',
                "filon_relay_delivered_total 1.0",
                "filon_relay_erased_total 1.0",
            ):
                assert line in text
            for secret in (BOX, WRITE, digest(WRITE)):
                assert secret.hex() not in text
            assert (await here.ask("/elsewhere"))[0] == 404

    go(dialogue())
