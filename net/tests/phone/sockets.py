"""The network in memory, behind real sockets on loopback: a WebSocket server over the memory relay, an HTTP server over the log."""

import asyncio
import contextlib
import os
import threading
import time
from collections.abc import AsyncIterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
from network import CHEAP, RELAY, MemoryRelay, Network
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_create_server

from filon_net.errors import LogError
from filon_net.phone import Leave, Phone, Rules
from filon_net.wire import RelayEnd
from filon_net.wire.frames import Fetch

AT_ONCE = {"open_within": 0, "open_old_from": 0, "open_old_to": 0}
QUICK = Rules(receipts_from=50, receipts_to=300, log_soon=200, log_every=1_000, entry_again=1_000, **AT_ONCE)


class RelayServer:
    """Connections to a ``MemoryRelay``; every post is pushed to whoever owns the mailbox."""

    def __init__(self, relay: MemoryRelay) -> None:
        self.relay = relay
        self.sessions: set[Session] = set()
        self.port = 0
        self._server: Any = None

    async def start(self, port: int = 0) -> None:
        self._server = await ws_create_server(lambda _: Session(self), "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self._server.close()
        for session in list(self.sessions):
            session.transport.disconnect()
        await self._server.wait_closed()

    def push(self) -> None:
        for session in list(self.sessions):
            if session.end.mailbox:
                self.relay.push(session.end)
            session.flush()


class Session(WSListener):
    def __init__(self, server: RelayServer) -> None:
        self.server = server
        self.end = RelayEnd(RELAY, os.urandom(32), time.monotonic())

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        self.server.sessions.add(self)
        self.flush()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type != WSMsgType.BINARY:
            transport.disconnect()
            return
        for asked in self.end.receive(frame.get_payload_as_bytes(), time.monotonic()):
            if not isinstance(asked, Fetch):
                self.server.relay.asked(self.end, asked, int(time.time() // 3_600))
        self.server.push()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self.server.sessions.discard(self)

    def flush(self) -> None:
        for data in self.end.take():
            self.transport.send(WSMsgType.BINARY, data)
        if self.end.closed:
            self.transport.disconnect()


class LogServer:
    """GET of the log's files, POST of entries; integrates and has the witnesses sign at once."""

    def __init__(self, network: Network) -> None:
        turn = threading.Lock()
        self.seen: list[str] = []
        server = self

        class Requests(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.seen.append(self.path)
                try:
                    with turn:
                        network.team.now = int(time.time())
                        if self.path == "/checkpoint":
                            network.team.grow([])
                        data, status = network.team.fetch(self.path.lstrip("/")), 200
                except OSError:
                    data, status = b"", 404
                self.answer(status, data)

            def do_POST(self) -> None:
                data = self.rfile.read(int(self.headers["content-length"]))
                with turn:
                    try:
                        network.team.grow([network.admission.take(data).data])
                        status = 200
                    except LogError:
                        status = 409
                self.answer(status, b"")

            def answer(self, status: int, data: bytes) -> None:
                self.send_response(status)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Requests)
        self.thread = threading.Thread(target=self.http.serve_forever, daemon=True)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.http.server_port}"

    def stop(self) -> None:
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


class Loopback:
    """Everything a real phone needs."""

    def __init__(self, folder: Path) -> None:
        self.network = Network(folder)
        self.network.team.now = int(time.time())
        self.folder = folder
        self.log = LogServer(self.network)
        self.relay = RelayServer(self.network.relay)

    def leave(self) -> Leave:
        made = self.network.leave()
        url = f"ws://127.0.0.1:{self.relay.port}"
        return msgspec.structs.replace(made, relay_url=url, log_urls=("http://127.0.0.1:9", self.log.url))

    def phone(self, name: str) -> Phone:
        phone, _ = Phone.create(
            self.folder / f"{name}.phone", "secret", self.leave(), name=name, effort=CHEAP, rules=QUICK
        )
        return phone

    def again(self, name: str) -> Phone:
        return Phone.open(self.folder / f"{name}.phone", "secret", rules=QUICK)


@contextlib.asynccontextmanager
async def loopback(folder: Path) -> AsyncIterator[Loopback]:
    made = Loopback(folder)
    await made.relay.start()
    try:
        yield made
    finally:
        await made.relay.stop()
        await asyncio.to_thread(made.log.stop)
        made.network.close()


async def until(holds: Any, seconds: float = 60.0) -> None:
    """Wait until something holds."""
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends, "it did not come to that in time"
        await asyncio.sleep(0.02)
