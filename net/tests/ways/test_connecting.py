"""What is found where a relay should be, and goes: the phone waits, tries again, and is there when the relay is."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator

import pytest
from sockets import loopback, until

from ways.way import Way, listening


@contextlib.asynccontextmanager
async def answering(answer: bytes, reads: int, resets: bool = False) -> AsyncIterator[tuple[int, list[int]]]:
    """A port where each connection is read from once, answered and ended; and how many came."""
    came: list[int] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(1)
        if reads:
            await reader.read(reads)
        writer.write(answer)
        if resets:
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        writer.close()

    async with listening(take) as port:
        yield port, came


@pytest.mark.parametrize(
    ("answer", "reads", "resets"),
    [
        (b"", 0, False),
        (b"", 1_000, False),
        (b"", 10, True),
        (b"HTTP/1.1 101 Swi", 1_000, False),
        (b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n", 1_000, False),
        (b"HTTP/1.1 302 Found\r\nLocation: http://portal.invalid/\r\n\r\n", 1_000, False),
        (b"\x00\xff\r\n\r\n", 1_000, False),
    ],
)
def test_whatever_ends_before_the_websocket_is_tried_again(tmp_path, quick, answer, reads, resets):
    async def main() -> None:
        async with loopback(tmp_path) as net, answering(answer, reads, resets) as (port, came):
            right, net.relay.port = net.relay.port, port
            ada = net.phone("Ada")
            ada.start()
            await until(lambda: came, 5)
            await asyncio.sleep(0.1)
            assert ada._connections.failed is None
            assert len(ada._connections._owners) == 1
            assert not ada.online
            net.relay.port = right
            await asyncio.wait_for(ada.close(), 2)

    asyncio.run(main())


def test_a_connection_given_up_while_it_opens_is_not_left_open(tmp_path, quick):
    """Closing the phone just then: the relay's answer comes later, and finds nobody."""

    async def main() -> None:
        async with loopback(tmp_path) as net:
            way = Way(net.relay.port, silent={"down"})
            await way.open()
            right, net.relay.port = net.relay.port, way.port
            ada = net.phone("Ada")
            net.relay.port = right
            ada.start()
            await until(lambda: net.relay.sessions, 5)
            await asyncio.wait_for(ada.close(), 2)
            way.silent.clear()
            await until(lambda: not net.relay.sessions, 5)
            assert net.network.relay.boxes == {}
            await way.close()

    asyncio.run(main())
