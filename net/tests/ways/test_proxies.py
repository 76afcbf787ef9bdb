"""Phones behind a SOCKS or HTTP proxy: one that works, and those that do not."""

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator

import msgspec
import pytest
from sockets import loopback, until

from filon_net.errors import NotServed
from filon_net.phone import Phone
from filon_net.phone.errors import BadProxy
from filon_net.phone.log_client import LogClient
from ways.way import listening

SOCKS_REFUSES = b"\x05\x00", b"\x05\x04\x00\x01\x00\x00\x00\x00\x00\x00"


@contextlib.asynccontextmanager
async def proxying(*answers: bytes) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A proxy that says these things, one for each thing it hears, and ends; and what it heard."""
    heard: list[bytes] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            for answer in answers:
                heard.append(await reader.read(1_000))
                writer.write(answer)
                await writer.drain()
        writer.close()

    async with listening(take) as port:
        yield port, heard


@pytest.mark.filterwarnings(
    "ignore:unclosed:ResourceWarning"
)  # httpcore leaves a refused SOCKS connection to the collector
@pytest.mark.parametrize(
    ("kind", "answers"),
    [
        ("socks5", ()),
        ("socks5", (b"\x05\x00", b"")),
        ("socks5", SOCKS_REFUSES),
        ("socks5", (b"\x05\xff",)),
        ("socks5", (b"HTTP/1.1 400 Bad Request\r\n\r\n",)),
        ("http", (b"HTTP/1.1 503 Service Unavailable\r\n\r\n",)),
        ("http", (b"\x05\x00",)),
        ("http", ()),
    ],
)
def test_a_proxy_that_does_not_work_is_tried_again(tmp_path, quick, kind, answers):
    async def main() -> None:
        async with loopback(tmp_path) as net, proxying(*answers) as (port, _):
            ada = net.phone("Ada")
            ada._proxy = f"{kind}://127.0.0.1:{port}"
            ada.start()
            runner = ada._connections
            await asyncio.sleep(0.6)
            assert runner.failed is None
            assert len(runner._owners) == 1
            await asyncio.wait_for(ada.close(), 2)
            assert runner.failed is None
            log = LogClient((net.log.url,), b"", ada._proxy)
            with pytest.raises(NotServed):
                await asyncio.to_thread(log.fetch, "checkpoint")
            log.close()

    asyncio.run(main())


def test_relay_and_log_are_reached_through_socks(tmp_path, quick):
    """Names are handed to the proxy as they are, so that nobody else is asked for them."""
    asked: list[tuple[int, bytes]] = []

    async def main() -> None:
        async with loopback(tmp_path) as net:

            async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                    await reader.readexactly((await reader.readexactly(2))[1])
                    writer.write(b"\x05\x00")
                    _, _, _, kind, size = await reader.readexactly(5)
                    name = await reader.readexactly(size)
                    [port] = struct.unpack(">H", await reader.readexactly(2))
                    asked.append((kind, name))
                    far, out = await asyncio.open_connection("127.0.0.1", port)
                    writer.write(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
                    await asyncio.gather(carry(reader, out), carry(far, writer))

            server = await asyncio.start_server(take, "127.0.0.1", 0)
            leave = net.leave
            net.leave = lambda: _named(leave())
            ada = net.phone("Ada")
            ada._proxy = f"socks5://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            ada.start()
            await until(lambda: ada.online and ada.joined, 10)
            assert set(asked) == {(3, b"relay.invalid"), (3, b"log.invalid")}
            await ada.close()
            server.close()

    asyncio.run(main())


@pytest.mark.parametrize(
    "proxy",
    [
        "127.0.0.1:9050",
        "nonsense",
        "socks4://127.0.0.1:9",
        "socks5h://127.0.0.1:9",
        "http://[::1",
        "socks5://:9",
        "socks5://a",
        "socks5://127.0.0.1:99999",
    ],
)
def test_what_is_no_proxy_is_said_at_once(tmp_path, proxy):
    with pytest.raises(BadProxy):
        Phone.open(tmp_path / "none.phone", "secret", proxy=proxy)


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(16_384):
        writer.write(data)
    writer.close()


def _named(leave):
    url = leave.relay_url.replace("127.0.0.1", "relay.invalid")
    logs = tuple(one.replace("127.0.0.1", "log.invalid") for one in leave.log_urls[1:])
    return msgspec.structs.replace(leave, relay_url=url, log_urls=logs)
