"""The same proxy between real sockets: phones of this process, a relay that is a process of its own, a log over HTTP."""

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
from network import CHEAP, Network
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect, ws_create_server
from sockets import LogServer, until

from filon_net.phone import ContactState, Phone, Rules
from filon_net.wire import FRAME_SIZE, sign_token
from hostile.proxy import Line, Proxy
from relay.builders import OPERATOR, OPERATORS
from relay.client import Relay

__all__ = ["Rig", "rig", "texts"]

QUICK = Rules(
    receipts_from=50,
    receipts_to=300,
    log_soon=200,
    log_every=1_000,
    entry_again=1_000,
    not_arrived=1_500,
    not_at_relay=1_500,
    ask_again=300,
)


class _Back(WSListener):
    """The proxy's connection to the relay, for one phone's."""

    def __init__(self, front: "_Front") -> None:
        self.front = front

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.BINARY:
            self.front.line.from_relay(frame.get_payload_as_bytes())
            self.front.pump()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self.front.end()


class _Front(WSListener):
    """One phone's connection to the proxy."""

    def __init__(self, rig: "Rig") -> None:
        self.rig = rig
        self.line = Line(rig.proxy)
        self.back: _Back | None = None
        self.transport: WSTransport | None = None

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        self.rig.fronts.add(self)
        self.task = asyncio.ensure_future(self.connect())

    async def connect(self) -> None:
        back = _Back(self)
        try:
            await ws_connect(lambda: back, f"ws://127.0.0.1:{self.rig.relay.port}/", max_frame_size=FRAME_SIZE)
        except OSError:
            self.end()
            return
        self.back = back
        self.pump()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.BINARY:
            self.line.proxy = self.rig.proxy
            self.line.from_phone(frame.get_payload_as_bytes())
            self.pump()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self.transport = None
        self.rig.fronts.discard(self)
        self.end()

    def pump(self) -> None:
        """Carry on what the proxy let through."""
        self.line.proxy = self.rig.proxy
        if self.line.fetching:
            self.rig.proxy.more(self.line)
        if self.back is not None:
            up, self.line.up = self.line.up, []
            for data in up:
                self.back.transport.send(WSMsgType.BINARY, data)
        down, self.line.down = self.line.down, []
        for data in down:
            if self.transport is not None:
                self.transport.send(WSMsgType.BINARY, data)

    def end(self) -> None:
        for one in (self, self.back):
            if one is not None and one.transport is not None:
                one.transport.disconnect()


class Rig:
    """Relay process, proxy, log; phones that know the proxy's address only."""

    def __init__(self, folder: Path, url: str | None = None) -> None:
        self.folder = folder
        self.proxy = Proxy()
        self.fronts: set[_Front] = set()
        self.network = Network(folder)
        self.network.team.now = int(time.time())
        self.log = LogServer(self.network)
        self.relay = Relay(folder / "relay", url=url, operators=OPERATORS)
        self.port = 0

    async def start(self) -> None:
        await asyncio.to_thread(self.relay.start)
        self.server: Any = await ws_create_server(lambda _: _Front(self), "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self.server.close()
        for one in list(self.fronts):
            one.end()
        await self.server.wait_closed()
        await asyncio.to_thread(self.relay.stop)
        await asyncio.to_thread(self.log.stop)
        self.network.close()

    def cut(self) -> None:
        """All connections end."""
        for one in list(self.fronts):
            one.end()

    async def kill_relay(self) -> None:
        """SIGKILL, and run it again on the same port."""
        port = self.relay.port
        await asyncio.to_thread(self.relay.kill)
        self.cut()
        await asyncio.to_thread(self.relay.start, port)

    def phone(self, name: str) -> Phone:
        hour = int(time.time()) // 3_600 + 24
        tokens = tuple(sign_token(OPERATOR, os.urandom(16), hour, 10_000, 1 << 30) for _ in range(2))
        leave = msgspec.structs.replace(
            self.network.leave(),
            relay_url=f"ws://127.0.0.1:{self.port}",
            relay=self.relay.name,
            log_urls=(self.log.url,),
            tokens=tokens,
        )
        path = self.folder / f"{name}.phone"
        phone, _ = Phone.create(path, "secret", leave, name=name, effort=CHEAP, rules=QUICK)
        return phone

    async def pair(self) -> tuple[Phone, Phone]:
        """Ada and Bob, connected, contacts of each other."""
        ada, bob = self.phone("Ada"), self.phone("Bob")
        for one in (ada, bob):
            one.start()
        await until(lambda: all(one.joined and one.online for one in (ada, bob)), 60)
        bob.answer(await ada.invite())
        await until(
            lambda: all(
                one.contacts() and one.contacts()[0].state is ContactState.OPEN and one.contacts()[0].routes
                for one in (ada, bob)
            ),
            60,
        )
        return ada, bob


@contextlib.asynccontextmanager
async def rig(folder: Path, url: str | None = None) -> AsyncIterator[Rig]:
    made = await asyncio.to_thread(Rig, folder, url)
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


def texts(phone: Phone, other: Phone, mine: bool = False) -> list[str]:
    """What came from (or, ``mine``, was written to) somebody."""
    return [item.text for _, item in phone.chat(other.user, 5_000) if item.text and item.mine is mine]
