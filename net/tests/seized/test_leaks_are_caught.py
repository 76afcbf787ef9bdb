"""The search bites: a phone that does not seal, and a relay that holds a stolen phone, are found out."""

import asyncio
import os
import re

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from filon_net.wire import BLOB_SIZES
from seized.capture import Capture, messages_of
from seized.needles import dresses, found_in
from seized.relay_process import MAIN, memory_of, started
from seized.talkers import Talker

KEY = b"k" * 32

LEAKY = """
import pathlib, sys, time
from filon_net.crypto import Device, Read, Talk
from filon_net.relay.connection import Connection
from filon_net.wire.frames import Post

stolen, serve = pathlib.Path({folder!r}), Connection._serve

def leaking(self, asked):
    if isinstance(asked, Post) and (stolen / "device").exists():
        device = Device.load((stolen / "device").read_bytes(), {key!r})
        for talk in stolen.glob("talk-*"):
            peer = bytes.fromhex(talk.name[5:])
            device.talks[peer] = Talk.load(talk.read_bytes(), {key!r}, peer)
        for event in device.receive(asked.blob, time.time_ns() // 1_000_000):
            if isinstance(event, Read):
                print("read along:", event.letter.body, file=sys.stderr, flush=True)
    return serve(self, asked)

Connection._serve = leaking
"""


@pytest.mark.parametrize("value", ["mark of a text äöü", bytes(range(200, 232))], ids=["text", "key"])
def test_every_dress_is_found(value):
    import base64

    plain = (
        [value]
        if isinstance(value, bytes)
        else [value.encode("utf-8"), value.encode("utf-16-le"), value.encode("utf-16-be")]
    )
    for one in plain:
        worn = [one, one.hex().encode(), one.hex().upper().encode()]
        worn += [base64.b64encode(b"x" * lead + one + b"yz") for lead in range(7)]
        worn += [base64.urlsafe_b64encode(b"x" * lead + one + b"yz") for lead in range(7)]
        assert all(found_in(b"before" + dress + b"after", value) for dress in worn)
    assert not found_in(os.urandom(100_000), value)
    assert len(dresses(value)) >= 6


def test_masks_are_taken_off():
    head = b"GET / HTTP/1.1\r\n\r\n"
    short = (
        b"\x82\x85" + b"\x01\x02\x03\x04" + bytes(a ^ b for a, b in zip(b"hello", b"\x01\x02\x03\x04\x01", strict=True))
    )
    long = b"\x82\x7e\x00\xc8" + b"w" * 200
    assert messages_of(head + short + long + b"\x82\x7e\x00\xc8cut off") == [b"hello", b"w" * 200]


def exchange(tmp_path, program, what):
    """Two people and a relay running ``program``; ``what(alice, bob)`` once they have met. All that can be searched."""
    operator = Ed25519PrivateKey.generate()
    with started(tmp_path, operator, program=program) as relay:

        async def run():
            async with Capture(relay.port) as capture:
                alice, bob = Talker("none", 0), Talker("none", 1)
                for one, other in ((alice, bob), (bob, alice)):
                    await one.join(capture.port, relay.name, operator, [other])
                for one, other in ((alice, bob), (bob, alice)):
                    await one.meet(capture.port, relay.name, [other])
                await bob.take(1)
                await alice.take(1)
                await what(alice, bob)
                await asyncio.sleep(0.5)
                haystacks = {**relay.files(), "memory": memory_of(relay.process.pid), **capture.haystacks()}
                for one in (alice, bob):
                    await one.hang_up()
                return haystacks

        haystacks = asyncio.run(run())
        relay.stop()
        return {**haystacks, "log": relay.log}


def where(haystacks, value):
    return {re.sub(r"^file mailboxes.*", "store", name) for name, data in haystacks.items() if found_in(data, value)}


DRESSED = {
    "plain": str.encode,
    "utf-16": lambda text: text.encode("utf-16-le"),
    "hex": lambda text: text.encode().hex().encode(),
}


@pytest.mark.parametrize("dress", DRESSED.values(), ids=DRESSED)
def test_a_phone_that_does_not_seal_is_caught(tmp_path, dress):
    mark = f"open mark {os.urandom(8).hex()}"

    async def leak(alice, bob):
        await bob.owner.close()
        await alice.put(bob, (b"\x01" + dress(mark)).ljust(BLOB_SIZES[0], b"\x00"))

    assert where(exchange(tmp_path, MAIN, leak), mark) == {"store", "memory", "capture without masks"}


def test_a_phone_that_leaves_its_bundles_open_is_caught(tmp_path, monkeypatch):
    monkeypatch.setattr(Talker, "sealed", lambda self, bundle: bundle)
    monkeypatch.setattr("seized.talkers.open_bundle", lambda sealed, key, mailbox: sealed)
    masters = []

    async def keep(alice, bob):
        masters.extend(one.device.certificate.user for one in (alice, bob))

    haystacks = exchange(tmp_path, MAIN, keep)
    assert len(masters) == 2
    assert all(where(haystacks, one) >= {"store", "capture without masks"} for one in masters)


def test_a_relay_that_reads_along_with_a_stolen_phone_is_caught(tmp_path):
    mark = f"stolen mark {os.urandom(8).hex()}"
    stolen = tmp_path / "stolen"
    stolen.mkdir()

    async def steal(alice, bob):
        for peer, talk in bob.device.talks.items():
            (stolen / f"talk-{peer.hex()}").write_bytes(talk.save(KEY))
        (stolen / "device").write_bytes(bob.device.save(KEY))
        await alice.say(bob, mark)

    program = LEAKY.format(folder=str(stolen), key=KEY) + MAIN
    caught = where(exchange(tmp_path, program, steal), mark)
    assert caught >= {"log", "memory"}
    assert not caught & {"store", "capture", "capture without masks"}
