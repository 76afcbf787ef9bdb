"""A TCP proxy between phones and relay that keeps every byte, and every WebSocket message without its mask.

Clients mask what they send (RFC 6455): a search through raw bytes alone would find nothing there, whatever was in it.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

__all__ = ["Capture", "Crossing", "messages_of"]


@dataclass
class Crossing:
    """One connection: bytes of the phone and of the relay, in order."""

    address: tuple[str, int]
    of_phone: bytearray = field(default_factory=bytearray)
    of_relay: bytearray = field(default_factory=bytearray)


class Capture:
    """``async with Capture(port) as capture``: phones connect to ``capture.port``."""

    def __init__(self, relay_port: int) -> None:
        self.relay_port = relay_port
        self.port = 0
        self.crossings: list[Crossing] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Capture":
        self._server = await asyncio.start_server(self._cross, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()
        left = list(self._tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _cross(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        crossing = Crossing(writer.get_extra_info("peername")[:2])
        self.crossings.append(crossing)
        inner, outer = await asyncio.open_connection("127.0.0.1", self.relay_port)
        try:
            await asyncio.gather(_copy(reader, outer, crossing.of_phone), _copy(inner, writer, crossing.of_relay))
        finally:
            self._tasks.discard(task)
            for one in (outer, writer):
                one.close()
                with suppress(ConnectionError):
                    await one.wait_closed()

    def haystacks(self) -> dict[str, bytes]:
        """Raw bytes of all connections, and all messages as the two ends read them."""
        raw = b"".join(bytes(one.of_phone + one.of_relay) for one in self.crossings)
        read = b"".join(
            b"".join(messages_of(bytes(one.of_phone)) + messages_of(bytes(one.of_relay))) for one in self.crossings
        )
        return {"capture": raw, "capture without masks": read}


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, kept: bytearray) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65_536):
            kept += data
            writer.write(data)
            await writer.drain()
    writer.close()


def messages_of(data: bytes) -> list[bytes]:
    """The payloads of the WebSocket frames behind an HTTP head, without masks; a frame that is cut off is left out."""
    at = data.find(b"\r\n\r\n") + 4
    found: list[bytes] = []
    while at + 2 <= len(data):
        masked, size = data[at + 1] & 0x80, data[at + 1] & 0x7F
        at += 2
        if size > 125:
            wide = 2 if size == 126 else 8
            size = int.from_bytes(data[at : at + wide], "big")
            at += wide
        mask = data[at : at + 4] if masked else b""
        at += len(mask)
        payload = data[at : at + size]
        if len(payload) < size:
            break
        if mask:
            key = (mask * (size // 4 + 1))[:size]
            payload = (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")
        found.append(payload)
        at += size
    return found
