"""People whose letters are sealed by ``filon_net.crypto`` and carried by a real relay, over ``wire.PhoneEnd`` and WebSockets.

Every name, device name and text is marked, so that a machine can look for it afterwards.
"""

import asyncio
import hashlib
import os
import time
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from filon_net.crypto import Device, Read
from filon_net.crypto.sealed_bundle import open_bundle, seal_bundle
from filon_net.log import user_hash
from filon_net.phone.bodies import Card, Route, Text, encode_body
from filon_net.wire import HOURS_KEPT, PhoneEnd, sign_token
from filon_net.wire.frames import Acked, Challenge, Claimed, Deliver, Done, Opened, Posted, Refused
from filon_net.wire.proofs import mailbox_of

__all__ = ["Line", "Talker", "now", "talk"]

HOUR = 3_600_000


def now() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class Line(WSListener):
    """One connection of a phone."""

    def __init__(self, end: PhoneEnd) -> None:
        self.end = end
        self.told: asyncio.Queue[Any] = asyncio.Queue()
        self.transport: WSTransport | None = None

    @classmethod
    async def open(
        cls, port: int, relay: bytes, key: Ed25519PrivateKey | None = None, token: bytes | None = None
    ) -> "Line":
        """Connect; of an owner, until the mailbox is open."""
        _, line = await ws_connect(
            lambda: cls(PhoneEnd(relay, time.monotonic(), key, token)), f"ws://127.0.0.1:{port}/", logger_name="none"
        )
        await line.answer(Challenge)
        if key is not None:
            await line.answer(Opened)
        return line

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.BINARY:
            for one in self.end.receive(frame.get_payload_as_bytes(), time.monotonic()):
                self.told.put_nowait(one)
            self.flush()

    def flush(self) -> None:
        """Send what is queued."""
        assert self.transport is not None
        for data in self.end.take():
            self.transport.send(WSMsgType.BINARY, data)

    async def answer(self, kind: type) -> Any:
        """The next thing the relay says, which has to be of this kind."""
        one = await asyncio.wait_for(self.told.get(), 120)
        assert isinstance(one, kind), one
        return one

    async def close(self) -> None:
        """Hang up, where that was not done before."""
        if self.transport is None:
            return
        self.transport.send_close(1000, b"")
        self.transport.disconnect()
        await self.transport.wait_disconnected()
        self.transport = None


@dataclass
class Talker:
    """One person with one device and one mailbox."""

    mark: str
    number: int
    master: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    box: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    name_key: bytes = field(default_factory=lambda: os.urandom(32))
    bundle_key: bytes = field(default_factory=lambda: os.urandom(32))

    def __post_init__(self) -> None:
        self.name = f"name {self.mark} person {self.number}"
        self.device = Device.create(self.master, now())
        self.mailbox = mailbox_of(self.box)
        self.user = user_hash(self.name_key, self.name)
        self.capabilities: dict[int, bytes] = {}
        self.read: list[bytes] = []

    async def join(self, port: int, relay: bytes, operator: Ed25519PrivateKey, peers: "list[Talker]") -> None:
        """Make the mailbox, a capability for each peer, and bundles in stock."""
        token = sign_token(operator, os.urandom(16), now() // HOUR + 24, 10_000, 1 << 30)
        self.owner = await Line.open(port, relay, self.box, token)
        for peer in peers:
            self.capabilities[peer.number] = os.urandom(32)
            self.owner.end.grant(hashlib.sha256(self.capabilities[peer.number]).digest(), 5_000)
        bundles = [self.sealed(one) for one in self.device.bundles(10)]
        self.owner.end.stock(bundles, self.sealed(self.device.last_resort(now())))
        self.owner.flush()
        for _ in range(len(peers) + 1):
            await self.owner.answer(Done)
        self.owner.end.fetch(0, 64)
        self.owner.flush()

    def sealed(self, bundle: bytes) -> bytes:
        """A bundle as it is left at the relay."""
        return seal_bundle(bundle, self.bundle_key, self.mailbox)

    async def hang_up(self) -> None:
        """End both connections, where they live."""
        for line in (self.owner, self.sender):
            await line.close()

    async def meet(self, port: int, relay: bytes, peers: "list[Talker]") -> None:
        """Take a bundle of each peer and write a card."""
        self.sender = await Line.open(port, relay)
        for peer in peers:
            self.device.accept(peer.device.certificate, now())
            self.sender.end.claim(peer.mailbox, peer.capabilities[self.number])
            self.sender.flush()
            bundle = (await self.sender.answer(Claimed)).bundle
            self.device.open_session(open_bundle(bundle, peer.bundle_key, peer.mailbox), now())
            route = Route(
                self.device.certificate.device,
                relay,
                "wss://relay.example",
                self.mailbox,
                self.capabilities[peer.number],
                self.bundle_key,
                now(),
            )
            await self.post(peer, "card", encode_body(Card(self.name, self.name_key, route, b"", b"")))

    async def say(self, peer: "Talker", text: str) -> bytes:
        """Write a message; the blob."""
        return await self.post(peer, "text", encode_body(Text(os.urandom(16), text, 0, True, b"")))

    async def post(self, peer: "Talker", kind: str, body: bytes) -> bytes:
        """Write a letter and give it to the relay; the blob."""
        blob = self.device.write(peer.device.fingerprint, kind, body, now()).blob
        await self.put(peer, blob)
        return blob

    async def put(self, peer: "Talker", blob: bytes) -> None:
        """Give the relay a blob for a peer."""
        self.sender.end.post(peer.mailbox, peer.capabilities[self.number], now() // HOUR + HOURS_KEPT, blob)
        self.sender.flush()
        await self.sender.answer(Posted)

    async def take(self, count: int) -> list[bytes]:
        """Read and acknowledge ``count`` deliveries; the blobs."""
        blobs = []
        for _ in range(count):
            one: Deliver | Acked | Refused = await self.owner.answer(Deliver | Acked)
            while isinstance(one, Acked):
                one = await self.owner.answer(Deliver | Acked)
            assert isinstance(one, Deliver)
            events = self.device.receive(one.blob, now())
            self.read += [event.letter.body for event in events if isinstance(event, Read)]
            self.owner.end.ack([one.number])
            self.owner.flush()
            blobs.append(one.blob)
        return blobs

    def secrets(self) -> list[bytes]:
        """What the relay must never have: master key, seal keys, mailbox key, key of the name, key of the bundles."""
        seeds = [seed for seed, _ in self.device._seeds]
        return [self.master.private_bytes_raw(), self.box.private_bytes_raw(), self.name_key, self.bundle_key, *seeds]


async def talk(
    port: int, relay: bytes, operator: Ed25519PrivateKey, mark: str, people: int, messages: int
) -> tuple[list[Talker], list[bytes], list[bytes]]:
    """``messages`` marked texts among ``people``, everyone with everyone; the people, the blobs that were read, those that wait.

    The last fifth is written to nobody who fetches: it lies at the relay when this returns, with all connections open.
    """
    talkers = [Talker(mark, number) for number in range(people)]
    for one in talkers:
        await one.join(port, relay, operator, [peer for peer in talkers if peer is not one])
    for one in talkers:
        await one.meet(port, relay, [peer for peer in talkers if peer is not one])
    blobs: list[bytes] = []
    waiting: list[bytes] = []
    for one in talkers:
        blobs += await one.take(people - 1)
    live = messages * 4 // 5
    for number in range(messages):
        writer = talkers[number % people]
        reader = talkers[(number + 1 + number // people % (people - 1)) % people]
        if number == live:
            for one in talkers:
                await one.owner.close()
        said = await writer.say(reader, f"text {mark} message {number}, tell nobody")
        if number < live:
            blobs += await reader.take(1)
        else:
            waiting.append(said)
    return talkers, blobs, waiting
