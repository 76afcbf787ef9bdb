"""How long a phone waits before it connects again: as long as it is asked to, and ever longer where it does not get far."""

import asyncio

import pytest
from sockets import Session, loopback, until

from filon_net.phone.connection import Connections
from filon_net.wire import Code
from filon_net.wire.frames import Refused


@pytest.fixture
def pauses(monkeypatch):
    """Every wait before a connection is tried again; ten times as fast as it would be."""
    made = []
    seconds = Connections._seconds

    def quicker(runner, *how):
        made.append(seconds(runner, *how))
        return made[-1] / 10

    monkeypatch.setattr(Connections, "_seconds", quicker)
    return made


def test_a_relay_that_stops_is_left_alone_as_long_as_it_asks(tmp_path, quick, pauses):
    async def main() -> None:
        async with loopback(tmp_path) as net:
            ada = net.phone("Ada")
            ada.start()
            await until(lambda: ada.online, 5)
            [session] = net.relay.sessions
            session.end.answer(Refused(None, Code.GOING_AWAY, 17))
            session.flush()
            await until(lambda: pauses, 5)
            assert 17 <= pauses[0] <= 18
            await until(lambda: ada.online, 5)
            [session] = net.relay.sessions
            session.end.answer(Refused(None, Code.GOING_AWAY, 60_000))
            session.flush()
            await until(lambda: len(pauses) == 2, 5)
            assert 60 <= pauses[1] <= 61, "a relay cannot send a phone away for a day"
            await ada.close()

    asyncio.run(main())


def test_what_ends_as_soon_as_it_is_open_is_tried_ever_more_rarely(tmp_path, quick, pauses, monkeypatch):
    opened = []

    def ends(session):
        _flush(session)
        if session.end.mailbox:
            opened.append(session)
            session.transport.disconnect()

    _flush = Session.flush

    async def main() -> None:
        async with loopback(tmp_path) as net:
            monkeypatch.setattr(Session, "flush", ends)
            ada = net.phone("Ada")
            ada.start()
            await until(lambda: len(pauses) == 4, 10)
            await ada.close()

    asyncio.run(main())
    assert len(opened) >= 4
    assert 0.5 * 8 <= pauses[3] <= 1.5 * 8
