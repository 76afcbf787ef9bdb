"""Phones over real sockets: joined, connected, cut off, connected again; and a bot."""

import asyncio
import re

import pytest
import uvloop
from sockets import Loopback, loopback, until

from filon_net.phone import Bot, ContactState, Phone, State
from filon_net.phone.errors import PhoneError


async def become_contacts(ada: Phone, bob: Phone) -> None:
    await until(lambda: ada.joined and bob.joined and ada.online and bob.online)
    bob.answer(await ada.invite())
    await until(
        lambda: all(
            one.contacts() and one.contacts()[0].state is ContactState.OPEN and one.contacts()[0].routes
            for one in (ada, bob)
        )
    )


def texts(phone: Phone, other: Phone) -> list[str]:
    return [item.text for _, item in phone.chat(other.user, 500)]


def test_two_phones_over_sockets(tmp_path, quick):
    async def talk(net: Loopback) -> None:
        async with net.phone("Ada") as ada, net.phone("Bob") as bob:
            await become_contacts(ada, bob)
            first = ada.send(bob.user, "hello")
            await until(lambda: texts(bob, ada) == ["hello"])
            await until(lambda: ada.item(first.id).state is State.DELIVERED)
            port = net.relay.port
            await net.relay.stop()
            await until(lambda: not ada.online)
            ada.send(bob.user, "while the relay is away")
            await net.relay.start(port)
            await until(lambda: texts(bob, ada) == ["hello", "while the relay is away"])
        bob = net.again("Bob")
        assert texts(bob, ada) == ["hello", "while the relay is away"]
        await bob.close()
        whole = re.compile(r"/checkpoint|/tile/(\d|entries)/000\.p/\d")
        assert all(whole.fullmatch(path) for path in net.log.seen), "nothing smaller than a tile is asked for"

    async def main() -> None:
        async with loopback(tmp_path) as net:
            await talk(net)

    uvloop.run(main())


def test_a_phone_that_is_told_to_end_while_its_connection_ends_does_end(tmp_path, quick):
    """Python's ``wait_for`` of 3.11 forgets the one where both happen at once: a loop that ends would wait for ever."""

    async def main() -> None:
        async with loopback(tmp_path) as net, net.phone("Ada") as ada:
            await until(lambda: ada.online)
            runner = ada._connections
            running = set(runner._tasks)
            for socket in runner._sockets:
                socket.over.set()
            for task in running:
                task.cancel()
            _, left = await asyncio.wait(running, timeout=5)
            assert left == set()

    uvloop.run(main())


async def answer_everybody(phone: Phone) -> None:
    """The whole of a bot: ten lines."""
    bot = Bot(phone)
    async for came in bot.messages(greeting="Send me a number."):
        try:
            answer = f"{int(came.text):,} doubled is {2 * int(came.text):,}"
        except ValueError:
            answer = "That is no number."
        bot.send(came.contact.user, answer)


def test_a_bot(tmp_path, quick):
    async def main() -> None:
        async with loopback(tmp_path) as net, net.phone("Doubler") as robot, net.phone("Ada") as ada:
            running = asyncio.ensure_future(answer_everybody(robot))
            await become_contacts(robot, ada)
            await until(lambda: texts(ada, robot) == ["Send me a number."])
            ada.send(robot.user, "21")
            await until(lambda: texts(ada, robot)[-1] == "21 doubled is 42")
            ada.send(robot.user, "two")
            await until(lambda: texts(ada, robot)[-1] == "That is no number.")
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    asyncio.run(main())


def test_a_store_that_fails_stops_the_phone(tmp_path, quick):
    """A disk that refuses a write must not let the phone go on with a memory ahead of the disk, nor acknowledge."""

    async def main() -> None:
        async with loopback(tmp_path) as net, net.phone("Ada") as ada:
            bob = net.phone("Bob")
            bob.start()
            await become_contacts(ada, bob)
            bob.engine.books.store._sql.execute("PRAGMA query_only = ON")
            ada.send(bob.user, "cannot be kept")
            with pytest.raises(PhoneError, match="cannot be written"):
                async for _ in bob.events():
                    pass
            box = net.network.relay.boxes[bob.engine.upkeep.box.mailbox]
            await until(lambda: len(box.blobs) >= 1)
            await until(lambda: not bob.online)
            await bob.close()
            async with net.again("Bob") as bob:
                await until(lambda: texts(bob, ada) == ["cannot be kept"])
                await until(lambda: not box.blobs)

    asyncio.run(main())
