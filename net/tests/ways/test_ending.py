"""Connections that end badly, and phones that are to end: nothing is held up by a way that takes nothing."""

import asyncio
import socket

import pytest
from sockets import until

from filon_net.phone.relaying import SenderLink
from filon_net.wire import Limits
from hostile.sockets import texts
from ways.place import place


@pytest.fixture
def impatient(monkeypatch):
    """Phones that take a relay for gone after a second or two, not two minutes."""
    monkeypatch.setattr("filon_net.wire.phone_end.Limits", lambda: Limits(idle=2.0, ping=0.7, hello=5.0))
    monkeypatch.setattr("filon_net.phone.connection._LOOK", 0.3)


def test_what_is_unsent_does_not_hold_a_dead_connection(tmp_path, quick, impatient):
    async def main() -> None:
        async with place(tmp_path) as here:
            ada, bob = await here.pair()
            ada.send(bob.user, "the way is good")
            await until(lambda: texts(bob, ada), 5)
            [writing] = [one for one in ada._connections._sockets if isinstance(one.link, SenderLink)]
            transport = writing._transport.underlying_transport
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
            here.relay_way.silent.add("up")
            for number in range(20):
                ada.send(bob.user, f"{number} " + "x" * 15_000)
            await until(lambda: transport.get_write_buffer_size() > 100_000, 2)
            await until(lambda: writing.link.closed is not None, 5)
            await asyncio.wait_for(writing.over.wait(), 2)
            here.relay_way.silent.clear()
            here.relay_way.reset()
            await until(lambda: len(texts(bob, ada)) == 21, 20)
            await asyncio.gather(*[asyncio.wait_for(one.close(), 2) for one in (ada, bob)])

    asyncio.run(main())
