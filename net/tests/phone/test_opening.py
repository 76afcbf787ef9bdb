"""Mailboxes of one phone are opened at different times, also after the relay was away."""

import asyncio
import random

import msgspec
import pytest
from sockets import AT_ONCE, QUICK, loopback, until

from filon_net.phone.rules import MINUTE, SECOND, Rules


def test_times_of_opening():
    draw, rules = random.Random(1), Rules()
    used = [rules.opening(False, draw) for _ in range(200)]
    old = [rules.opening(True, draw) for _ in range(200)]
    assert 0 <= min(used) < max(used) <= rules.open_within / SECOND
    assert rules.open_old_from / SECOND <= min(old) < max(old) <= rules.open_old_to / SECOND
    assert max(old) - min(old) > 5 * MINUTE / SECOND
    now = Rules(**AT_ONCE)
    assert now.opening(True, draw) == now.opening(False, draw) == 0


@pytest.mark.parametrize("stopped", [False, True], ids=["at first", "again"])
def test_the_old_mailbox_is_opened_later(tmp_path, quick, stopped):
    rules = msgspec.structs.replace(QUICK, open_old_from=4_000, open_old_to=5_000)

    async def main() -> None:
        async with loopback(tmp_path) as net:
            async with net.phone("Ada") as ada:
                await until(lambda: ada.joined and ada.online)
                ada.rotate_mailbox()
                new, old = ada.engine.upkeep.box.mailbox, ada.engine.books.own.boxes[0].mailbox
                assert new != old
                await until(lambda: {one.end.mailbox for one in net.relay.sessions} >= {new, old})
                if stopped:
                    ada.engine.rules = rules
                    port = net.relay.port
                    await net.relay.stop()
                    await until(lambda: not ada.online)
                    await net.relay.start(port)
                    await later(net, new, old)
            if not stopped:
                await until(lambda: not net.relay.sessions)
                again = net.again("Ada")
                again.engine.rules = rules
                async with again:
                    await later(net, new, old)

    async def later(net, new, old) -> None:
        await until(lambda: new in {one.end.mailbox for one in net.relay.sessions})
        assert old not in {one.end.mailbox for one in net.relay.sessions}
        await until(lambda: old in {one.end.mailbox for one in net.relay.sessions})

    asyncio.run(main())
