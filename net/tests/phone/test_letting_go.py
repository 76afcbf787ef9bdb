"""The connection that posts lives no longer than there is something to post."""

import asyncio

import msgspec
import pytest
from network import RELAY
from sockets import QUICK, Loopback, Session, loopback, until

from filon_net.phone import ContactState, Phone, Rules
from filon_net.phone.relaying import SenderLink
from filon_net.wire import RelayEnd
from filon_net.wire.frames import Post

PING = 45.0


@pytest.fixture
def link(network):
    """A connection that posts, open, and its other end; the network's clock is not used."""
    ada, bob = network.phone("Ada"), network.phone("Bob")
    network.wait_for_log()
    network.introduce(ada, bob)
    made, end = SenderLink(ada.engine, RELAY, 0.0), RelayEnd(RELAY, b"n" * 32, 0.0)
    for data in end.take():
        made.receive(data, 0.0, network.now)
    return ada, bob, made, end


def carried(network, made, end, clock):
    """What the link has to say goes to the relay and the answer back, at this second."""
    for data in made.take():
        for asked in end.receive(data, clock):
            network.relay.asked(end, asked, network.now // 3_600_000)
    for data in end.take():
        made.receive(data, clock, network.now)


def test_it_is_let_go_between_ten_and_thirty_seconds_after_the_last_post(network, link):
    ada, bob, made, end = link
    ada.send(bob, "hello")
    made.work(network.now)
    assert made.left(5_000.0) == float("inf"), "a post without an answer holds it"
    carried(network, made, end, 20.0)
    assert made.left(20.0 + 9.9) > 0
    assert made.left(20.0 + 30.1) < 0
    ada.send(bob, "and again")
    made.work(network.now)
    carried(network, made, end, 29.0)
    assert made.left(29.0 + 9.9) > 0, "counted from the last"


def test_pings_do_not_hold_it(network, link):
    _, _, made, end = link
    goes = made.left(0.0)
    assert 10 <= goes <= 30
    for clock in (PING + 1, 2 * PING + 2):
        made.tick(clock)
        assert made._end.closed is None
        carried(network, made, end, clock)  # a ping, and its pong
        assert made.left(clock) == pytest.approx(goes - clock)


def test_what_opening_takes_does_not_count(network):
    ada, bob = network.phone("Ada"), network.phone("Bob")
    network.wait_for_log()
    network.introduce(ada, bob)
    made, end = SenderLink(ada.engine, RELAY, 0.0), RelayEnd(RELAY, b"n" * 32, 0.0)
    assert made.left(1_000.0) == float("inf")
    for data in end.take():
        made.receive(data, 40.0, network.now)
    assert 10 <= made.left(40.0) <= 30
    assert not made.served
    ada.send(bob, "hello")
    made.work(network.now)
    carried(network, made, end, 41.0)
    assert made.served


def test_the_time_is_drawn_anew(network, link):
    ada, bob, made, end = link
    left = set()
    for turn in range(5):
        ada.send(bob, f"hello {turn}")
        made.work(network.now)
        carried(network, made, end, float(turn))
        left.add(round(made.left(float(turn)), 6))
    assert len(left) == 5


def test_over_sockets_the_relay_sees_it_end_and_another_come(tmp_path, quick):
    short = msgspec.structs.replace(QUICK, sender_idle_from=200, sender_idle_to=400)

    def senders(net: Loopback) -> set[object]:
        return {one for one in net.relay.sessions if not one.end.mailbox}

    async def main() -> None:
        async with loopback(tmp_path) as net:
            posted: list[object] = []
            asked = net.network.relay.asked

            def watch(end, what, hour):
                if isinstance(what, Post):
                    posted.append(end)
                asked(end, what, hour)

            net.network.relay.asked = watch
            phones = [net.phone("Ada"), net.phone("Bob")]
            await _met(phones, short)
            ada, bob = phones
            await until(lambda: not any(one.engine.books.errands for one in phones) and not senders(net))
            before, posted[:] = list(posted), []
            ada.send(bob.user, "over a new connection")
            await until(lambda: posted)
            assert not any(one is other for one in posted for other in before)
            await until(lambda: not senders(net))
            assert ada.online
            assert bob.online
            for one in phones:
                await one.close()

    asyncio.run(main())


def test_a_relay_slow_to_greet_is_still_written_to(tmp_path, quick, monkeypatch):
    """Its greeting comes later than the connection would be let go with nothing to do."""
    short = msgspec.structs.replace(QUICK, sender_idle_from=100, sender_idle_to=200)
    greet = Session.on_ws_connected

    def late(session, transport):
        asyncio.get_running_loop().call_later(0.6, greet, session, transport)

    monkeypatch.setattr(Session, "on_ws_connected", late)

    async def main() -> None:
        async with loopback(tmp_path) as net:
            phones = [net.phone("Ada"), net.phone("Bob")]
            await _met(phones, short)
            for one in phones:
                await one.close()

    asyncio.run(main())


async def _met(phones: list[Phone], rules: Rules) -> None:
    for one in phones:
        one.engine.rules = rules
        one.start()
    ada, bob = phones
    await until(lambda: ada.joined and bob.joined and ada.online and bob.online)
    bob.answer(await ada.invite())
    await until(lambda: all(_known(one) for one in phones))


def _known(phone: Phone) -> bool:
    return bool(phone.contacts()) and all(one.state is ContactState.OPEN and one.routes for one in phone.contacts())
