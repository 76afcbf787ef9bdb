"""What a relay does with whoever is not there any more, or only half."""

import asyncio
import contextlib
import hashlib
import os
import socket
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from picows import WSCloseCode, WSMsgType

from filon_net.relay.edge import Edge
from filon_net.relay.sqlite import SqliteStore
from filon_net.wire import HOURS_KEPT, Limits, sign_token
from filon_net.wire.proofs import mailbox_of
from relay.builders import OPERATOR, OPERATORS, blob
from relay.client import Ended, Line, go, wait_until

NAME = b"r" * 32
DOOR = b"c" * 32


@contextlib.asynccontextmanager
async def edge(folder: Path) -> AsyncIterator[tuple[Edge, int]]:
    made = Edge(NAME, lambda: OPERATORS, SqliteStore(folder / "mailboxes.sqlite"))
    port = await made.serve("127.0.0.1", 0)
    running = asyncio.ensure_future(made.run())
    try:
        yield made, port
    finally:
        made.stop()
        await running


async def full_mailbox(port: int, blobs: int) -> Ed25519PrivateKey:
    """A mailbox with so many of the longest blobs in it."""
    key, hour = Ed25519PrivateKey.generate(), int(time.time()) // 3_600
    owner = await Line.connect(port, NAME, key, sign_token(OPERATOR, os.urandom(16), hour + 24, 10_000, 1 << 30))
    await owner.ask("grant", hashlib.sha256(DOOR).digest(), 1_000)
    await owner.close()
    sender = await Line.connect(port, NAME)
    for _ in range(blobs):
        await sender.ask("post", mailbox_of(key), DOOR, hour + HOURS_KEPT, blob(size=90_567))
    await sender.close()
    return key


async def deaf(port: int, key: Ed25519PrivateKey, edge: Edge) -> Line:
    """An owner who asks for everything and reads nothing, with more under way than the system holds."""
    owner = await Line.connect(port, NAME, key)
    transport = owner.transport.underlying_transport
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    transport.pause_reading()
    owner.fetch(0, 256)
    await wait_until(lambda: any(one._paused for one in edge._connections.values()))
    return owner


@pytest.mark.parametrize("how", ["close", "nonsense"])
def test_who_leaves_without_reading_is_gone_soon(tmp_path, monkeypatch, how):
    """Said goodbye, or broke the WebSocket's rules: the socket stayed for as long as that machine answered."""
    monkeypatch.setattr("filon_net.relay.connection._LINGER", 0.3)
    monkeypatch.setattr("filon_net.relay.edge.Limits", lambda **more: Limits(idle=2.0, **more))
    monkeypatch.setattr("filon_net.relay.edge._TICKS", 1)

    async def main() -> None:
        async with edge(tmp_path) as (here, port):
            key = await full_mailbox(port, 80)
            owner = await deaf(port, key, here)
            [there] = here._connections.values()
            if how == "close":
                owner.transport.send_close(WSCloseCode.OK)
            else:
                owner.transport.send(WSMsgType.PONG, bytes(200))  # control frames have at most 125 bytes
            await wait_until(lambda: there not in here._connections.values(), 6)
            owner.transport.disconnect(False)

    go(main(), 30)


def test_every_connection_is_looked_at_in_eight_seconds_whoever_comes_and_goes():
    """By place in a list that others leave, some were passed over for a minute."""

    class One:
        def __init__(self, edge):
            self.turn, self.looks = edge.next_turn(), 0
            self.end = type("End", (), {"queued": 0})()

        def tick(self, now):
            self.looks += 1

    async def main() -> None:
        here = Edge(NAME, lambda: OPERATORS, None)
        here.writer.is_alive = here.reader.is_alive = lambda: True
        staying = [One(here) for _ in range(100)]
        here._connections = {id(one): one for one in staying}
        for turn in range(8):
            gone = [One(here) for _ in range(13)]
            here._connections = {id(one): one for one in gone[:turn]} | {id(one): one for one in staying}
            here._tick(turn)
        assert {one.looks for one in staying} == {1}

    asyncio.run(main())


def test_who_comes_back_on_a_new_connection_has_its_letters_at_once(tmp_path):
    """The old one is still there for the relay: no FIN came."""

    async def main() -> None:
        async with edge(tmp_path) as (here, port):
            key = await full_mailbox(port, 80)
            await deaf(port, key, here)
            began = time.monotonic()
            again = await Line.connect(port, NAME, key)
            again.fetch(0, 256)
            assert [(await again.next()).number for _ in range(80)] == list(range(1, 81))
            assert time.monotonic() - began < 3

    go(main(), 30)


def test_a_store_that_hangs_is_not_called_well(tmp_path, monkeypatch):
    """It has not failed: letters wait, and pings are answered, so no phone can tell."""
    monkeypatch.setattr("filon_net.relay.edge._STUCK", 0.3)
    goes_on = threading.Event()

    async def health(port: int) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /health HTTP/1.1\r\nHost: relay\r\n\r\n")
        said = await reader.read()
        writer.close()
        return said.split(b"\r\n", 1)[0].split(b" ")[1]

    async def main() -> None:
        async with edge(tmp_path) as (here, port):
            metrics = await here.serve_metrics("127.0.0.1", 0)
            assert await health(metrics) == b"200"
            apply = here._store.apply
            monkeypatch.setattr(here._store, "apply", lambda *batch: goes_on.wait() and apply(*batch))
            opening = asyncio.ensure_future(Line.connect(port, NAME, Ed25519PrivateKey.generate()))
            await asyncio.sleep(0.6)
            assert await health(metrics) == b"503"
            goes_on.set()
            with contextlib.suppress(Ended):
                await opening
            assert await health(metrics) == b"200"

    go(main(), 30)
