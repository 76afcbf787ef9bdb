"""Whole phones over a relay process that is killed, and whose PostgreSQL is killed, while letters go both ways."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
import uvloop
from sockets import until

from filon_net.phone import Phone
from hostile.sockets import rig, texts


async def write(phone: Phone, other: Phone, sent: list[str]) -> None:
    while True:
        sent.append(f"{len(sent)} of {id(phone)}")
        phone.send(other.user, sent[-1])
        await asyncio.sleep(0.05)


def run(folder: Path, url: str | None, kill: Callable[[Any], Coroutine[Any, Any, None]]) -> None:
    draw = random.Random(3)

    async def main() -> None:
        async with rig(folder, url) as net:
            ada, bob = await net.pair()
            sent: dict[str, list[str]] = {"ada": [], "bob": []}
            writing = [
                asyncio.ensure_future(write(ada, bob, sent["ada"])),
                asyncio.ensure_future(write(bob, ada, sent["bob"])),
            ]
            for _ in range(2):
                await asyncio.sleep(0.3 + draw.random() / 2)
                await kill(net)
            for one in writing:
                one.cancel()
            await asyncio.gather(*writing, return_exceptions=True)
            await until(
                lambda: set(texts(bob, ada)) >= set(sent["ada"]) and set(texts(ada, bob)) >= set(sent["bob"]), 60
            )
            for reader, writer, what in ((bob, ada, sent["ada"]), (ada, bob, sent["bob"])):
                assert sorted(texts(reader, writer)) == sorted(what), "lost or shown twice"
                assert reader.engine.books.device.undecryptable == 0
                assert reader.engine.books.device.rejected == 0
            await until(lambda: not ada.notices() and not bob.notices(), 40)
            await ada.close()
            await bob.close()

    uvloop.run(main())


def test_the_relay_is_killed(tmp_path: Path) -> None:
    run(tmp_path, None, lambda net: net.kill_relay())


def test_its_postgres_is_killed(tmp_path: Path) -> None:
    from relay.cluster import Cluster, found

    if found() is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    own = Cluster()

    async def kill(net: Any) -> None:
        await asyncio.to_thread(own.kill)
        await asyncio.sleep(0.3)
        await asyncio.to_thread(own.start)

    try:
        run(tmp_path, own.database(), kill)
    finally:
        own.stop()
