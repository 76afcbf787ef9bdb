"""A machine that slept, and what a phone says of its connection meanwhile and after."""

import asyncio
import time

import pytest
from sockets import loopback, until

from filon_net.phone.notices import RelayOffline, RelayOnline
from filon_net.phone.relaying import OwnerLink
from filon_net.wire import Limits, PhoneEnd, RelayEnd
from filon_net.wire.frames import Admit
from hostile.sockets import texts
from ways.place import place


class Clock:
    """The phones' clock, which can jump."""

    def __init__(self) -> None:
        self.ahead = 0

    def __call__(self) -> int:
        return time.time_ns() // 1_000_000 + self.ahead


def test_after_sleep_a_dead_connection_is_found_soon(tmp_path, quick, monkeypatch):
    """Without a word: the relay is gone for this connection, as behind a router that forgot it; a new one would come through."""
    monkeypatch.setattr("filon_net.wire.phone_end.Limits", lambda: Limits(answer=0.5))
    monkeypatch.setattr("filon_net.phone.connection._LOOK", 0.2)

    async def main() -> None:
        async with place(tmp_path) as here:
            ada, bob = await here.pair()
            clock = Clock()
            bob._connections.now = clock
            [reading] = [one for one in bob._connections._sockets if isinstance(one.link, OwnerLink)]
            here.relay_way.forget()
            ada.send(bob.user, "while you slept")
            await asyncio.sleep(1.5)
            assert bob.online, "nothing has told it yet"
            clock.ahead += 3_600_000
            await until(lambda: reading.over.is_set(), 4)
            await until(lambda: texts(bob, ada) == ["while you slept"], 8)
            for one in (ada, bob):
                await one.close()

    asyncio.run(main())


def test_after_sleep_a_living_connection_stays(tmp_path, quick, monkeypatch):
    monkeypatch.setattr("filon_net.wire.phone_end.Limits", lambda: Limits(answer=0.3))
    monkeypatch.setattr("filon_net.phone.connection._LOOK", 0.2)

    async def main() -> None:
        async with loopback(tmp_path) as net:
            clock = Clock()
            ada = net.phone("Ada")
            ada._now = clock
            ada.start()
            await until(lambda: ada.online, 5)
            [session] = net.relay.sessions
            clock.ahead += 3_600_000
            await asyncio.sleep(2)
            assert net.relay.sessions == {session}
            assert ada.online
            await ada.close()

    asyncio.run(main())


def test_after_sleep_nobody_waits_out_a_pause(tmp_path, quick, monkeypatch):
    monkeypatch.setattr("filon_net.phone.connection.Connections._seconds", lambda *_: 3_600.0)

    async def main() -> None:
        async with loopback(tmp_path) as net:
            port, clock = net.relay.port, Clock()
            ada = net.phone("Ada")
            ada._now = clock
            await net.relay.stop()
            ada.start()
            await asyncio.sleep(0.5)
            await net.relay.start(port)
            await asyncio.sleep(0.5)
            assert not ada.online
            clock.ahead += 60_000
            await until(lambda: ada.online, 4)
            await ada.close()

    asyncio.run(main())


def test_an_old_mailbox_alone_is_not_online(tmp_path, quick, monkeypatch):
    """Letters come to the one in use; what ends or opens of an old one says nothing of it."""

    async def main() -> None:
        async with loopback(tmp_path) as net:
            ada = net.phone("Ada")
            ada.start()
            await until(lambda: ada.online and ada.joined, 5)
            told = []
            following = asyncio.ensure_future(_follow(ada, told))
            asked = net.network.relay.asked
            monkeypatch.setattr(
                net.network.relay, "asked", lambda end, what, hour: isinstance(what, Admit) or asked(end, what, hour)
            )
            ada.rotate_mailbox()
            await asyncio.sleep(0.3)
            told.clear()
            assert len(ada._connections.owner_links()) == 2
            assert not ada.online
            [old] = [one for one in net.relay.sessions if one.end._state == "owner"]
            old.transport.disconnect()
            await until(lambda: old not in net.relay.sessions, 5)
            await until(lambda: any(one.link.open for one in ada._connections._sockets), 5)
            assert not ada.online
            assert [one for one in told if isinstance(one, RelayOnline | RelayOffline)] == []
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            await ada.close()

    asyncio.run(main())


async def _follow(phone, told):
    async for event in phone.events():
        told.append(event)


@pytest.mark.parametrize("heard", [False, True])
def test_a_doubt_ends_with_the_next_word(heard):
    phone, relay = PhoneEnd(b"r" * 32, 0.0), RelayEnd(b"r" * 32, b"n" * 32, 0.0)
    [challenge] = relay.take()
    phone.receive(challenge, 0.0)
    phone.doubt(30.0)
    [asked] = phone.take()
    if heard:
        relay.receive(asked, 30.0)
        for data in relay.take():
            phone.receive(data, 31.0)
    phone.tick(51.0)
    assert (phone.closed is None) is heard
