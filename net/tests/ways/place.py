"""A relay process, a log over HTTP, and phones that reach each over a ``Way``."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
from sockets import AT_ONCE

from filon_net.phone import Phone
from hostile.sockets import Rig
from ways.way import Way

__all__ = ["Place", "place"]


class Place(Rig):
    """As ``Rig``, with ways in place of the proxy that reads along: ``relay_way`` and ``log_way``."""

    relay_way: Way
    log_way: Way

    async def start(self) -> None:
        await asyncio.to_thread(self.relay.start)
        self.relay_way = Way(self.relay.port)
        self.log_way = Way(self.log.http.server_port)
        await self.relay_way.open()
        await self.log_way.open()
        self.port = self.relay_way.port
        self.log.url = f"http://127.0.0.1:{self.log_way.port}"

    def phone(self, name: str) -> Phone:
        made = super().phone(name)
        made.engine.rules = msgspec.structs.replace(made.engine.rules, **AT_ONCE)
        return made

    async def stop(self) -> None:
        await self.relay_way.close()
        await self.log_way.close()
        await asyncio.to_thread(self.relay.stop)
        await asyncio.to_thread(self.log.stop)
        self.network.close()


@contextlib.asynccontextmanager
async def place(folder: Path, url: str | None = None) -> AsyncIterator[Place]:
    made = await asyncio.to_thread(Place, folder, url)
    await made.start()
    try:
        yield made
    finally:
        await made.stop()
