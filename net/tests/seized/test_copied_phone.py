"""A phone's file is copied at a moment, its secret known; whoever has it also records everything that crosses the relay."""

import asyncio
import shutil
import time
from contextlib import AsyncExitStack

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from network import Network
from sockets import LogServer, until

from filon_net.crypto import Device, Talk
from filon_net.crypto.device import SEAL_HOURS
from filon_net.crypto.envelope import read_envelope
from filon_net.crypto.olm import OlmAccount
from filon_net.crypto.seal import open_seal
from filon_net.phone import State
from filon_net.phone.connection import milliseconds
from filon_net.phone.state import Item
from filon_net.phone.store import Store
from filon_net.wire import decode_frame
from filon_net.wire.errors import NotSealed, Undecryptable, WireError
from filon_net.wire.frames import Post
from seized.capture import Capture, messages_of
from seized.relay_process import started
from seized.with_phones import acquainted, joined

HOUR = 3_600_000
WEEK, DAY = (7 * 24 + 1) * HOUR, 21 * HOUR


class Thief:
    """Opens the copy with its secret and tries every key in it."""

    def __init__(self, file):
        store = Store.open(file, "secret")
        self.key = store.key
        self.device = Device.load(store.get("device", b"one"), store.key)
        self.talks = [Talk.load(row.data, store.key, row.id) for row in store.rows("talk")]
        self.texts = [msgspec.msgpack.decode(row.data, type=Item).text for row in store.rows("item")]
        store.close()

    def reads(self, blob):
        """Whether it reads a blob; None where not even the seal opens."""
        try:
            inside = open_seal(blob, [seed for seed, _ in self.device._seeds], self.device.fingerprint)
        except NotSealed:
            return None
        envelope = read_envelope(inside)
        tries = [
            lambda one=held.session: one.decrypt(envelope.kind, envelope.ciphertext)
            for talk in self.talks
            for held in Talk.load(talk.save(self.key), self.key, talk.fingerprint).sessions.held
        ]
        if envelope.kind == 0:
            account = OlmAccount.unpickle(self.device.account.pickle(self.key), self.key)
            tries += [lambda one=talk: account.inbound(one.peer.curve25519, envelope.ciphertext) for talk in self.talks]
        for attempt in tries:
            try:
                attempt()
            except Undecryptable:
                continue
            return True
        return False


def posted(capture, phone):
    """Every blob that went to a phone's mailboxes, in order."""
    boxes = {box.mailbox for box in phone.engine.books.own.boxes}
    blobs = []
    for crossing in capture.crossings:
        for data in messages_of(bytes(crossing.of_phone)):
            try:
                frame = decode_frame(data)
            except WireError:
                continue
            if isinstance(frame, Post) and frame.mailbox in boxes:
                blobs.append(frame.blob)
    return blobs


async def said(writer, reader, text):
    """A message, until it is there and its receipt is back."""
    item = writer.send(reader.user, text)
    await until(lambda: any(one.text == text for _, one in reader.chat(writer.user)), 120)
    await until(lambda: writer.item(item.id).state in (State.DELIVERED, State.READ), 120)


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr("os.fsync", lambda _: None)
    monkeypatch.setattr("filon_net.phone.store.SYNCHRONOUS", "OFF")


async def story(folder, relay, operator, network, log):
    ahead = [0]
    async with Capture(relay.port) as capture, AsyncExitStack() as closing:
        ada, bob = (
            joined(folder, relay, capture, operator, network, log, name, name, lambda: milliseconds() + ahead[0])
            for name in ("Ada", "Bob")
        )
        closing.push_async_callback(bob.close)
        closing.push_async_callback(ada.close)
        await acquainted([ada, bob])
        for text in ("before one", "before two"):
            await said(ada, bob, text)
        await said(bob, ada, "an answer")
        await said(ada, bob, "before three")
        for _, item in bob.chat(ada.user):
            bob.erase(item.id)
        await said(ada, bob, "still there")
        before = posted(capture, bob)
        shutil.copy(folder / "Bob.phone", folder / "copy.phone")
        thief = await asyncio.to_thread(Thief, folder / "copy.phone")
        assert thief.texts == ["still there"], "what was erased is not in the copy, what was not is"
        assert not any(thief.reads(blob) for blob in before), "nor can it be read from the traffic again"
        assert any(thief.reads(blob) is False for blob in before), (
            "the seal does open: it hides from relays, not from this"
        )

        await said(ada, bob, "next")
        assert any(thief.reads(blob) for blob in posted(capture, bob)[len(before) :]), "the copy reads on at first"

        await said(bob, ada, "round")
        await said(ada, bob, "trip")
        healed = len(posted(capture, bob))
        await said(ada, bob, "after the round trip")
        assert not any(thief.reads(blob) for blob in posted(capture, bob)[healed:])

        ahead[0] = WEEK  # new seal keys are told to contacts
        seals = len(bob.engine.books.device._seeds)
        await until(lambda: len(bob.engine.books.device._seeds) > seals, 120)
        ahead[0] += DAY  # they are told within the day, to each at a time of its own
        [talk] = ada.engine.books.device.talks.values()
        newest = bob.engine.books.device._seeds[0][1] + SEAL_HOURS
        await until(lambda: talk.seal_not_after == newest, 120)
        await said(bob, ada, "with new keys")
        fresh = len(posted(capture, bob))
        await said(ada, bob, "to the new seal")
        assert [thief.reads(blob) for blob in posted(capture, bob)[fresh:]].count(None) >= 1, "not even the seal opens"
        assert not any(thief.reads(blob) for blob in posted(capture, bob)[healed:])


def test_a_copy_reads_neither_what_was_erased_nor_what_comes_after_fresh_keys(tmp_path, quick):
    operator = Ed25519PrivateKey.generate()
    network = Network(tmp_path)
    network.team.now = int(time.time())
    log = LogServer(network)
    try:
        with started(tmp_path, operator) as relay:
            asyncio.run(story(tmp_path, relay, operator, network, log))
    finally:
        log.stop()
        network.close()
