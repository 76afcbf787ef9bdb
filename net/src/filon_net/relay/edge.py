"""The edge: one process that holds connections, and the threads behind it. No access log, no addresses."""

from __future__ import annotations

import asyncio
import logging
import random
import resource
import secrets
import signal
import time
import traceback
from collections.abc import Callable
from typing import Any

import msgspec
from picows import WSUpgradeRequest, WSUpgradeResponse, WSUpgradeResponseWithListener, ws_create_server

from filon_net.relay.asks import Outcome, Page
from filon_net.relay.connection import Connection
from filon_net.relay.errors import RelayError, StoreFailed
from filon_net.relay.metrics import Metrics
from filon_net.relay.store import Store
from filon_net.relay.writer import Job, Reader, Writer, WriterLimits
from filon_net.wire import FRAME_SIZE, Code, Limits

__all__ = ["Edge", "EdgeLimits", "hour_now", "hush"]

_TICKS = 8
"""Connections are looked at in so many parts, one part a second."""

_STUCK = 30.0
"""Seconds for one batch beyond which the store is not called well, though it has not failed: a disk or a server that hangs."""


def hour_now() -> int:
    """Hours since 1970 (UTC)."""
    return int(time.time() // 3_600)


def _quiet_logger() -> logging.LoggerAdapter[logging.Logger]:
    """For the WebSocket library, which would write down addresses: says nothing. The adapter also spares a logger a connection."""
    silent = logging.Logger("filon_net.relay.silent", logging.CRITICAL + 1)
    return logging.LoggerAdapter(silent, {})


def hush(loop: asyncio.AbstractEventLoop) -> None:
    """What libraries would say of a socket names its address: of their troubles only the traceback is shown."""
    for name in ("aiofastnet", "picows", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    loop.set_exception_handler(_shown)


def _shown(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    error = context.get("exception")
    if error is not None:
        traceback.print_exception(error)


class EdgeLimits(msgspec.Struct, frozen=True):
    """What one process may cost. Bytes and seconds."""

    connections: int = 0
    """Connections held at once; 0: as many as the process may have descriptors, less a reserve."""
    handshake: float = 5.0
    """From the first byte of the socket to the end of the upgrade."""
    outgoing: int = 256 * 1024 * 1024
    """Queued for all phones together; beyond it nothing more is delivered until phones have read."""
    reserve: int = 256
    """Descriptors kept for the store, the metrics and the listening sockets."""
    queue: int = 768 * 1024
    """Queued for one phone beside what its transport holds."""


class Edge:
    """Connections of one process on one store. Made and used on the thread of a running loop."""

    def __init__(
        self,
        name: bytes,
        operators: Callable[[], frozenset[bytes]],
        store: Store,
        *,
        limits: EdgeLimits | None = None,
        writer: WriterLimits | None = None,
        hour: Callable[[], int] = hour_now,
    ) -> None:
        self.name = name
        self.hour = hour
        self.now = time.monotonic
        self.metrics = Metrics()
        self.edge_limits = limits or EdgeLimits()
        self.limits = Limits(queue=self.edge_limits.queue)
        self.most = self.edge_limits.connections or _descriptors() - self.edge_limits.reserve
        self.operators = operators()
        self.crowded = False
        self.failed: RelayError | None = None
        self._read_operators = operators
        self._store = store
        self._loop = asyncio.get_running_loop()
        self._connections: dict[int, Connection] = {}
        self._owners: dict[bytes, Connection] = {}
        self._servers: list[asyncio.Server] = []
        self._stopping = asyncio.Event()
        self._turn = 0
        self.writer = Writer(store, self._answered, hour, writer, self.metrics.swept)
        self.reader = Reader(store, self._found, hour)

    # connections come and go

    def nonce(self) -> bytes:
        """32 fresh random bytes."""
        return secrets.token_bytes(32)

    def jitter(self) -> int:
        """Seconds by which phones that are sent away together come back apart."""
        return random.randrange(25)  # noqa: S311  # spreads load, keeps no secret

    def next_turn(self) -> int:
        """In which part a new connection is looked at: its own for as long as it lives, whoever comes and goes."""
        self._turn = (self._turn + 1) % _TICKS
        return self._turn

    def arrived(self, connection: Connection) -> None:
        """A connection was upgraded."""
        self._connections[id(connection)] = connection
        self.metrics.connections.set(len(self._connections))

    def left(self, connection: Connection) -> None:
        """A connection is gone."""
        self._connections.pop(id(connection), None)
        self.disowns(connection)
        self.metrics.connections.set(len(self._connections))

    def owns(self, connection: Connection) -> None:
        """A connection opened its mailbox: the newest wins, the one before it is closed with 4429."""
        mailbox = connection.end.mailbox
        assert mailbox is not None
        before = self._owners.get(mailbox)
        self._owners[mailbox] = connection
        if before is not None and before is not connection:
            before.go_away(Code.TOO_MANY)
        self.metrics.owners.set(len(self._owners))

    def disowns(self, connection: Connection) -> None:
        """A connection is, or is about to be, gone."""
        mailbox = connection.end.mailbox
        if mailbox is not None and self._owners.get(mailbox) is connection:
            del self._owners[mailbox]
            self.metrics.owners.set(len(self._owners))

    # what the threads tell

    def _answered(self, batch: list[Job], outcomes: list[Outcome] | StoreFailed, seconds: float) -> None:
        self._post(self._answer, batch, outcomes, seconds)

    def _answer(self, batch: list[Job], outcomes: list[Outcome] | StoreFailed, seconds: float) -> None:
        self.metrics.batch(batch, outcomes, seconds)
        if isinstance(outcomes, StoreFailed):
            for job in batch:
                job.to.failed(job.ask, outcomes)
        else:
            for job, outcome in zip(batch, outcomes, strict=True):
                job.to.answer(outcome)
                if outcome.kept is not None and (owner := self._owners.get(job.ask.mailbox)) is not None:
                    owner.wake(outcome.kept)
        for to in {id(job.to): job.to for job in batch}.values():
            to.flush()

    def _found(self, to: tuple[Connection, int], page: Page | None) -> None:
        self._post(self._deliver, to, page)

    def _deliver(self, to: tuple[Connection, int], page: Page | None) -> None:
        self.reader.taken()
        connection, limit = to
        connection.found(page, limit)

    def woken(self, mailbox: bytes | None, opened: bool) -> None:
        """Another process posted or opened; from any thread. See ``store.Woken``."""
        self._post(self._wake, mailbox, opened)

    def _wake(self, mailbox: bytes | None, opened: bool) -> None:
        if mailbox is None:
            for owner in list(self._owners.values()):
                owner.wake(None)
        elif (owner_here := self._owners.get(mailbox)) is not None:
            if opened:
                owner_here.go_away(Code.TOO_MANY)
            else:
                owner_here.wake(None)

    def _post(self, call: Callable[..., None], *values: Any) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call, *values)

    # life of the process

    def stop(self) -> None:
        """Begin to end; ``run`` returns when it is done."""
        self._stopping.set()

    def reload(self) -> None:
        """Read the operators' keys again; a file that cannot be read changes nothing, and is counted."""
        try:
            self.operators = self._read_operators()
        except RelayError:
            self.metrics.reload_failures.inc()

    async def serve(self, host: str, port: int) -> int:
        """Take connections; the port."""
        server = await ws_create_server(
            self._accept,
            host,
            port,
            websocket_handshake_timeout=self.edge_limits.handshake,
            logger_name=_quiet_logger(),
            enable_auto_pong=False,
            max_frame_size=2 * FRAME_SIZE,  # what is a little too large hears 4413 from the frames; the rest 1009
            read_buffer_init_size=1_024,  # of 8 KB a connection in all; the library's own is 16 KB
            backlog=4_096,
            use_aiofastnet=False,  # it spins where descriptors run out, and takes half as much again for each connection
        )
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def serve_metrics(self, host: str, port: int) -> int:
        """Answer /health and /metrics; the port."""
        server = await ws_create_server(
            self._tell,
            host,
            port,
            logger_name=_quiet_logger(),
            read_buffer_init_size=1_024,
            use_aiofastnet=False,
        )
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def run(self) -> None:
        """Until SIGTERM, SIGINT or ``stop``; then answer what was asked, send the phones away, close the store."""
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self.stop)
        self._loop.add_signal_handler(signal.SIGHUP, self.reload)
        self.writer.start()
        self.reader.start()
        turn = 0
        while not self._stopping.is_set():
            self._tick(turn)
            turn += 1
            try:
                await asyncio.wait_for(self._stopping.wait(), 1.0)
            except TimeoutError:
                continue
        await self._end()

    def _tick(self, turn: int) -> None:
        now = self.now()
        queued = 0
        for connection in list(self._connections.values()):
            queued += connection.end.queued
            if connection.turn == turn % _TICKS:
                connection.tick(now)
        self.crowded = queued > self.edge_limits.outgoing
        self.metrics.queued.set(queued)
        self.metrics.waiting.set(self.writer.waiting)
        if not (self.writer.is_alive() and self.reader.is_alive()):
            self.failed = RelayError(
                "a thread of the relay ended", hint="its error stands above; start the relay again"
            )
            self.stop()

    async def _end(self) -> None:
        for server in self._servers:
            server.close()
        self.writer.stop()
        await asyncio.to_thread(self.writer.join, 30)
        await asyncio.sleep(0)  # the last outcomes are on the loop before this
        for connection in list(self._connections.values()):
            connection.go_away()
        for _ in range(30):
            if not self._connections:
                break
            await asyncio.sleep(0.1)
        self.reader.stop()
        await asyncio.to_thread(self.reader.join, 5)
        self._store.close()

    def _accept(self, request: WSUpgradeRequest) -> Connection | WSUpgradeResponseWithListener:
        if len(self._connections) >= self.most or self._stopping.is_set():
            self.metrics.turned_away.inc()
            refusal = WSUpgradeResponse.create_error_response(503, b"busy", {"Retry-After": "30"})
            return WSUpgradeResponseWithListener(refusal, None)
        return Connection(self)

    def _tell(self, request: WSUpgradeRequest) -> WSUpgradeResponseWithListener:
        if request.path == b"/metrics":
            kind, body = self.metrics.text()
            response = WSUpgradeResponse.create_ok_response(body, {"Content-Type": kind})
        elif request.path == b"/health":
            well = self.metrics.store_well and self.writer.is_alive() and self.writer.at_it < _STUCK
            response = (
                WSUpgradeResponse.create_ok_response(b"well\n")
                if well
                else WSUpgradeResponse.create_error_response(503, b"the store does not answer\n")
            )
        else:
            response = WSUpgradeResponse.create_error_response(404, b"/health and /metrics are here\n")
        return WSUpgradeResponseWithListener(response, None)


def _descriptors() -> int:
    """As many descriptors as this process may have, raised as far as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard if hard != resource.RLIM_INFINITY else 1 << 20
