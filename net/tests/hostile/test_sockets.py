"""Some of the acts over real sockets, between real phones and a relay that runs as its operator runs it."""

import asyncio
import os
from pathlib import Path

import pytest
import uvloop
from sockets import until

from filon_net.phone import Phone, words
from filon_net.wire import BLOB_SIZES
from filon_net.wire.frames import Deliver, Frame, Post, Posted
from hostile.proxy import Line, Proxy
from hostile.sockets import Rig, rig, texts


class Swallowing(Proxy):
    """Says Posted, and keeps nothing."""

    def from_phone(self, line: Line, frame: Frame) -> None:
        if isinstance(frame, Post):
            line.to_phone(Posted(frame.request))
        else:
            super().from_phone(line, frame)


class Rude(Proxy):
    """Delivers everything twice, noise between, and twice what is no frame at all."""

    def __init__(self) -> None:
        self.count = 0

    def from_relay(self, line: Line, frame: Frame) -> None:
        super().from_relay(line, frame)
        if isinstance(frame, Deliver):
            self.count += 1
            line.to_phone(frame, made_up=True)
            line.to_phone(Deliver(1, frame.hour, frame.expires, b"\x01" + os.urandom(BLOB_SIZES[0] - 1)), made_up=True)
            if self.count in (4, 9):
                line.raw(b"\x01" + os.urandom(40))


def said(phone: Phone, other: Phone) -> set[str]:
    return {words.sentence(told.notice, lambda _: phone.contact(other.user).shown) for told in phone.notices()}


async def swallows(net: Rig, ada: Phone, bob: Phone) -> None:
    net.proxy = Swallowing()
    ada.send(bob.user, "swallowed")
    await until(
        lambda: "Your message to Bob is not delivered: no device of theirs has said that it arrived." in said(ada, bob)
    )
    assert texts(bob, ada) == []
    net.proxy = Proxy()
    ada.send(bob.user, "next")
    await until(lambda: sorted(texts(bob, ada)) == ["next", "swallowed"])
    await until(lambda: not ada.notices() and not bob.notices())


async def is_rude(net: Rig, ada: Phone, bob: Phone) -> None:
    net.proxy = Rude()
    sent = [f"letter {number}" for number in range(12)]
    for text in sent:
        ada.send(bob.user, text)
        await asyncio.sleep(0.05)
    await until(lambda: sorted(texts(bob, ada)) == sorted(sent), 60)
    assert bob.engine.books.device.undecryptable == 0
    assert bob.engine.books.device.rejected >= 12


@pytest.mark.parametrize("act", [swallows, is_rude])
def test_over_sockets(tmp_path: Path, act: object) -> None:
    async def main() -> None:
        async with rig(tmp_path) as net:
            ada, bob = await net.pair()
            try:
                await act(net, ada, bob)
            finally:
                await ada.close()
                await bob.close()

    uvloop.run(main())
