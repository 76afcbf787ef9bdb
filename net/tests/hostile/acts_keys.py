"""What a hostile relay does with keys and bundles, one function for each act; see ``acts_relay``."""

from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from filon_net.crypto import Device, Read
from filon_net.crypto.bundle import read_bundle, write_bundle
from filon_net.crypto.identity import fingerprint
from filon_net.crypto.seal import open_seal, public_of
from filon_net.crypto.sealed_bundle import open_bundle, seal_bundle
from filon_net.phone.state import Box
from filon_net.wire import Code
from filon_net.wire.errors import CryptoError
from filon_net.wire.frames import (
    Claim,
    Claimed,
    Deliver,
    Frame,
    Refused,
    Stock,
)
from hostile.acting import MINUTE, Recording, lost, without_notes
from hostile.proxy import Line, Net, Proxied, Proxy

EVE = Ed25519PrivateKey.from_private_bytes(b"e" * 32)
EVES_SEED = b"E" * 32
POSE: dict[bytes, bytes] = {}
"""Fingerprint of a device of Eve's → whose she poses as, for phones that do not tell fingerprints apart."""
TRUE = fingerprint


def posing(certificate: Any) -> bytes:
    """What a fingerprint would be worth that does not cover the keys."""
    true = TRUE(certificate)
    return POSE.get(true, true)


def puts_own_seal_key_into_bundles(net: Net) -> bool:
    """To see who writes, it puts a seal key of its own into the bundle of Ada's that Bob asks for (somebody to whom Ada gave her
    route has told it the key her bundles are locked with)."""

    class Swapping(Recording):
        def from_relay(self, line: Line, frame: Frame) -> None:
            if isinstance(frame, Claimed):
                bundle = read_bundle(unlocked(net, line, frame))
                bundle = msgspec.structs.replace(bundle, seal_key=public_of(EVES_SEED))
                frame = locked(net, line, frame, write_bundle(bundle))
            super().from_relay(line, frame)

    ada, _ = answered_invite(net, Swapping())
    return any(opened(one.blob, ada) for one in net.proxy.blobs)


def box_of(net: Net, mailbox: bytes) -> Box:
    return next(box for phone in net.phones for box in phone.own.boxes if box.mailbox == mailbox)


def unlocked(net: Net, line: Line, frame: Claimed) -> bytes:
    """The bundle a relay hands out, opened with the key that travels in the route."""
    mailbox = line.claims[frame.request]
    return open_bundle(frame.bundle, box_of(net, mailbox).bundle_key, mailbox)


def locked(net: Net, line: Line, frame: Claimed, bundle: bytes) -> Claimed:
    """Another one in its place."""
    mailbox = line.claims[frame.request]
    return Claimed(frame.request, seal_bundle(bundle, box_of(net, mailbox).bundle_key, mailbox))


def opened(blob: bytes, reader: Proxied) -> bool:
    try:
        open_seal(blob, [EVES_SEED], reader.engine.books.device.fingerprint)
    except CryptoError:
        return False
    return True


def answered_invite(net: Net, proxy: Proxy) -> tuple[Proxied, Proxied]:
    """Ada invites and Bob answers, with this relay between them."""
    ada, bob = net.phone("Ada"), net.phone("Bob")
    net.wait_for_log()
    net.proxy = proxy
    net.introduce(ada, bob)
    return ada, bob


def hands_out_other_bundles(net: Net) -> bool:
    """It hands Bob a bundle of a device of its own, well signed by a master key of its own, as Ada's."""
    eve = Device.create(EVE, net.now)

    class Swapping(Recording):
        def from_relay(self, line: Line, frame: Frame) -> None:
            if isinstance(frame, Claimed):
                frame = locked(net, line, frame, eve.bundles(1)[0])
            super().from_relay(line, frame)

    ada, bob = net.phone("Ada"), net.phone("Bob")
    POSE[eve.fingerprint] = eve_as = ada.engine.books.device.fingerprint
    net.wait_for_log()
    net.proxy = Swapping()
    net.introduce(ada, bob)
    eve.accept(bob.engine.books.device.certificate, net.now)
    eve.fingerprint = eve_as
    return any(isinstance(told, Read) for one in net.proxy.blobs for told in eve.receive(one.blob, net.now))


def says_no_bundle_is_left(net: Net) -> bool:
    """It says that there are no keys of Ada's in stock, for ever: Bob cannot begin to write."""

    class Empty(Proxy):
        def from_phone(self, line: Line, frame: Frame) -> None:
            if isinstance(frame, Claim):
                line.to_phone(Refused(frame.request, Code.NOTHING_LEFT, None))
            else:
                super().from_phone(line, frame)

    ada, bob = answered_invite(net, Empty())
    bob.send(ada, "hello")
    net.go(14 * MINUTE)
    net.mark()
    net.go(2 * MINUTE)
    return lost(ada, bob, "hello")


def serves_the_last_resort_forever(net: Net) -> bool:
    """It keeps one-time keys to itself, gives everybody the last resort, and gives Ada every first letter a second time."""

    class Stingy(Recording):
        def __init__(self) -> None:
            super().__init__()
            self.last: dict[bytes, bytes] = {}

        def from_phone(self, line: Line, frame: Frame) -> None:
            if isinstance(frame, Stock) and frame.last_resort:
                self.last[line.mailbox] = frame.last_resort
            super().from_phone(line, frame)

        def from_relay(self, line: Line, frame: Frame) -> None:
            if isinstance(frame, Claimed):
                frame = Claimed(frame.request, self.last[line.claims[frame.request]])
            super().from_relay(line, frame)
            if isinstance(frame, Deliver):
                line.to_phone(frame, made_up=True)

    net.proxy = Stingy()
    ada, bob, carl = net.phone("Ada"), net.phone("Bob"), net.phone("Carl")
    net.wait_for_log()
    for other in (bob, carl):
        net.introduce(ada, other)
        other.send(ada, f"from {other.name}")
    net.settle()
    doubled = lost(ada, bob, "from Bob") or lost(ada, carl, "from Carl")
    return doubled or ada.engine.books.device.undecryptable > 0


def hands_one_key_out_twice(net: Net) -> bool:
    """It gives Carl the very bundle it had given Bob: Carl's first letters cannot be read."""

    class Twice(Proxy):
        def __init__(self) -> None:
            self.first: dict[bytes, bytes] = {}

        def from_relay(self, line: Line, frame: Frame) -> None:
            if isinstance(frame, Claimed):
                first = self.first.setdefault(line.claims[frame.request], frame.bundle)
                frame = Claimed(frame.request, first)
            super().from_relay(line, frame)

    ada, bob, carl = net.phone("Ada"), net.phone("Bob"), net.phone("Carl")
    net.wait_for_log()
    net.proxy = Twice()
    net.introduce(ada, bob)
    net.introduce(ada, carl)
    without_notes(net)
    carl.send(ada, "hello")
    net.settle()
    net.go(net.rules.not_arrived - MINUTE)
    net.mark()
    net.go(2 * MINUTE)
    return lost(ada, carl, "hello")
