"""A bad way between two real sockets: a TCP proxy on loopback that is slow, stalls, falls silent, cuts off or lets nobody in.

What is set on a ``Way`` holds for connections there are and for those to come, from the next byte on. ``up`` is from whoever
connects to whoever is connected to.
"""

import asyncio
import contextlib
import random
import socket
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

__all__ = ["Way", "listening"]

_HELD = 32 * 1024
"""Bytes under way in each direction: beyond it whoever sends is not read from, as with a buffer of a router."""


@dataclass
class Way:
    """Times in seconds, sizes in bytes."""

    target: int
    """The port connections are led to."""
    latency: float = 0.0
    jitter: float = 0.0
    """Up to so much more, at random; order is kept."""
    rate: float = float("inf")
    """Bytes a second in each direction, for all connections together."""
    piece: int = 16 * 1024
    """The longest that is handed on at once."""
    silent: set[str] = field(default_factory=set)
    """Directions in which nothing comes through: "up", "down". What was sent waits."""
    swallow_after: int | None = None
    """Of each connection so many bytes come through, both directions together; then it is silent for ever."""
    reset_after: int | None = None
    """The same, but it is reset."""
    half_open: bool = False
    """Connections are taken, and led nowhere."""
    opened: list[float] = field(default_factory=list)
    """When connections were taken (``time.monotonic``)."""
    carried: dict[str, int] = field(default_factory=lambda: {"up": 0, "down": 0})

    def __post_init__(self) -> None:
        self._free = {"up": 0.0, "down": 0.0}
        self._lines: set[_Line] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def open(self) -> None:
        """Let connections in, at the same port as before."""
        if self._server is None:
            here = socket.socket()
            here.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            here.setsockopt(
                socket.SOL_SOCKET, socket.SO_RCVBUF, _HELD
            )  # else loopback takes megabytes that nobody reads
            here.bind(("127.0.0.1", self.port))
            self.port = here.getsockname()[1]
            self._server = await asyncio.start_server(self._take, sock=here, backlog=2_048, limit=_HELD // 2)

    def refuse(self) -> None:
        """From now on connecting is refused; connections there are live on."""
        if self._server is not None:
            self._server.close()
            self._server = None

    @property
    def live(self) -> int:
        """Connections that neither side has ended."""
        return len(self._lines)

    def reset(self) -> None:
        """Every connection is reset, as when the network changes and the old address is gone."""
        for line in list(self._lines):
            line.reset()

    def forget(self) -> None:
        """Nothing comes through any more on the connections there are, and nobody is told; new ones are as the way is."""
        for line in self._lines:
            line.forgotten = True

    async def close(self) -> None:
        """The end of it."""
        self.refuse()
        tasks = [line.task for line in self._lines]
        self.reset()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened.append(time.monotonic())
        line = _Line(self, reader, writer)
        self._lines.add(line)
        try:
            await line.run()
        finally:
            self._lines.discard(line)

    def due(self, direction: str, size: int) -> float:
        """When so many bytes that are sent now have come through."""
        now = time.monotonic()
        self._free[direction] = max(now, self._free[direction]) + size / self.rate
        return self._free[direction] + self.latency + random.random() * self.jitter


class _Line:
    """One connection."""

    def __init__(self, way: Way, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._way = way
        self._near = reader, writer
        self._writers = [writer]
        self._carried = 0
        self.forgotten = False
        task = asyncio.current_task()
        assert task is not None
        self.task = task

    async def run(self) -> None:
        way, (reader, writer) = self._way, self._near
        try:
            await asyncio.sleep(2 * way.latency)
            if way.half_open:
                await asyncio.Event().wait()
            far, out = await asyncio.open_connection("127.0.0.1", way.target)
            self._writers.append(out)
            await asyncio.gather(self._carry("up", reader, out), self._carry("down", far, writer))
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self.reset()

    async def _carry(self, direction: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        way = self._way
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        held = 0
        room = asyncio.Event()

        async def fill() -> None:
            nonlocal held
            data = b"more"
            while data:
                data = await reader.read(way.piece)
                held += len(data)
                under_way.put_nowait((way.due(direction, len(data)), data))
                while held > _HELD:
                    room.clear()
                    await room.wait()

        async def empty() -> None:
            nonlocal held
            while True:
                due, data = await under_way.get()
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                while direction in way.silent or self._swallows():
                    await asyncio.sleep(0.02)
                held -= len(data)
                room.set()
                if not data:
                    if writer.can_write_eof():
                        writer.write_eof()
                    return
                await self._hand(direction, data, writer)

        await asyncio.gather(fill(), empty())

    async def _hand(self, direction: str, data: bytes, writer: asyncio.StreamWriter) -> None:
        way = self._way
        for at in range(0, len(data), way.piece):
            part = data[at : at + way.piece]
            if way.reset_after is not None and self._carried + len(part) > way.reset_after:
                raise ConnectionResetError
            self._carried += len(part)
            way.carried[direction] += len(part)
            writer.write(part)
            await writer.drain()

    def _swallows(self) -> bool:
        return self.forgotten or (self._way.swallow_after is not None and self._carried >= self._way.swallow_after)

    def reset(self) -> None:
        """Both sides hear that there is no such connection."""
        for writer in self._writers:
            sock = writer.get_extra_info("socket")
            if sock is not None and sock.fileno() >= 0:
                with contextlib.suppress(OSError):
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        if not self.task.done() and self.task is not asyncio.current_task():
            self.task.cancel()


@contextlib.asynccontextmanager
async def listening(
    take: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[int]:
    """The port of a server that does this with each connection."""
    server = await asyncio.start_server(take, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
