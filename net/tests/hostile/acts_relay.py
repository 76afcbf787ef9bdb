"""What a hostile relay does, one function for each act. Each plays it on a new network and says whether harm was done unseen."""

import os
from collections import deque
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from filon_net.crypto import Device, Read
from filon_net.crypto.bundle import read_bundle, write_bundle
from filon_net.crypto.identity import fingerprint
from filon_net.crypto.seal import open_seal, public_of
from filon_net.crypto.sealed_bundle import open_bundle, seal_bundle
from filon_net.phone.bodies import Text, encode_body
from filon_net.phone.errors import PhoneDamaged
from filon_net.phone.state import Box
from filon_net.wire import BLOB_SIZES, FRAME_SIZE, Code, canonical
from filon_net.wire.errors import CryptoError
from filon_net.wire.frames import (
    Challenge,
    Claim,
    Claimed,
    Deliver,
    Done,
    Frame,
    Opened,
    Post,
    Posted,
    Refused,
    Revoke,
    Stock,
)
from hostile.proxy import Line, Net, Proxied, Proxy

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
EVE = Ed25519PrivateKey.from_private_bytes(b"e" * 32)
EVES_SEED = b"E" * 32
POSE: dict[bytes, bytes] = {}
"""Fingerprint of a device of Eve's → whose she poses as, for phones that do not tell fingerprints apart."""
TRUE = fingerprint


def posing(certificate: Any) -> bytes:
    """What a fingerprint would be worth that does not cover the keys."""
    true = TRUE(certificate)
    return POSE.get(true, true)


def lost(reader: Proxied, writer: Proxied, text: str) -> bool:
    return reader.texts(writer).count(text) != 1


def without_notes(net: Net) -> None:
    """The daily checkpoints, which are letters too, are not due for long: so the letters of an act can be counted."""
    for phone in net.phones:
        for contact in phone.engine.books.contacts.values():
            contact.note_at = net.now + 2 * DAY


class Recording(Proxy):
    """Honest, and remembers."""

    def __init__(self) -> None:
        self.blobs: list[Post] = []
        self.delivered: dict[bytes, list[Deliver]] = {}

    def from_phone(self, line: Line, frame: Frame) -> None:
        if isinstance(frame, Post):
            self.blobs.append(frame)
        super().from_phone(line, frame)

    def from_relay(self, line: Line, frame: Frame) -> None:
        if isinstance(frame, Deliver):
            self.delivered.setdefault(line.mailbox, []).append(frame)
        super().from_relay(line, frame)


# keys


def puts_own_seal_key_into_bundles(net: Net) -> bool:
    """To see who writes, it puts a seal key of its own into the bundle of Ada's that Bob asks for (somebody to whom Ada gave her
    route has told it the key her bundles are locked with)."""

    class Swapping(Recording):
        def from_relay(self, line: Line, frame: Frame) -> None:
            if isinstance(frame, Claimed):
                key, mailbox = bundle_key(net, line.claims[frame.request])
                bundle = read_bundle(open_bundle(frame.bundle, key, mailbox))
                bundle = msgspec.structs.replace(bundle, seal_key=public_of(EVES_SEED))
                frame = Claimed(frame.request, seal_bundle(write_bundle(bundle), key, mailbox))
            super().from_relay(line, frame)

    ada, _ = answered_invite(net, Swapping())
    return any(opened(one.blob, ada) for one in net.proxy.blobs)


def bundle_key(net: Net, mailbox: bytes) -> tuple[bytes, bytes]:
    """The key of a mailbox's bundles and the mailbox: this relay has it from somebody who was given a card."""
    boxes = [box for phone in net.phones for box in phone.own.boxes]
    return next(box.bundle_key for box in boxes if box.mailbox == mailbox), mailbox


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
                key, mailbox = bundle_key(net, line.claims[frame.request])
                frame = Claimed(frame.request, seal_bundle(eve.bundles(1)[0], key, mailbox))
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


# letters


def says_posted_and_keeps_nothing(net: Net) -> bool:
    """It tells Ada that it keeps her letters for Bob, and keeps none; after a day it is honest again."""
    ada, bob = net.pair()

    class Swallowing(Proxy):
        def from_phone(self, line: Line, frame: Frame) -> None:
            if isinstance(frame, Post):
                line.to_phone(Posted(frame.request))
            else:
                super().from_phone(line, frame)

    net.proxy = Swallowing()
    without_notes(net)
    ada.send(bob, "swallowed")
    net.settle()
    net.go(net.rules.not_arrived - MINUTE)
    net.mark()
    net.go(2 * MINUTE)
    net.proxy = Proxy()
    ada.send(bob, "next")
    net.settle()
    return lost(bob, ada, "swallowed")


def erases_the_oldest(net: Net) -> bool:
    """It cuts the queue: of the letters that wait for Bob it erases the oldest, and delivers what came after."""
    ada, bob = net.pair()

    class Cutting(Proxy):
        done = False

        def from_relay(self, line: Line, frame: Frame) -> None:
            if isinstance(frame, Deliver) and not self.done:
                self.done = True
                line.erase(frame)
            else:
                super().from_relay(line, frame)

    net.proxy = Cutting()
    bob.online = False
    for text in ("one", "two", "three"):
        ada.send(bob, text)
    net.settle()
    net.mark()
    bob.online = True
    net.settle()
    return lost(bob, ada, "one")


def withholds_everything(net: Net) -> bool:
    """It says that nothing waits for Bob (Opened.waiting is 0) and delivers nothing, for ever."""
    ada, bob = net.pair()

    class Silent(Proxy):
        def from_relay(self, line: Line, frame: Frame) -> None:
            if isinstance(frame, Opened):
                frame = msgspec.structs.replace(frame, waiting=0)
            if not (isinstance(frame, Deliver) and line.mailbox == bob.own.boxes[0].mailbox):
                super().from_relay(line, frame)

    net.proxy = Silent()
    bob.cut()
    ada.send(bob, "withheld")
    net.settle()
    net.go(net.rules.not_arrived - MINUTE)
    net.mark()
    net.go(2 * MINUTE)
    return lost(bob, ada, "withheld")


def lies_about_how_much_waits(net: Net) -> bool:
    """It says that a million letters wait, or none; what it delivers counts, not what it says."""
    ada, bob = net.pair()

    class Lying(Proxy):
        waiting = 0

        def from_relay(self, line: Line, frame: Frame) -> None:
            if isinstance(frame, Opened):
                frame = msgspec.structs.replace(frame, waiting=self.waiting)
            super().from_relay(line, frame)

    for net.proxy.__class__.waiting in (0, 1_000_000):
        net.proxy = Lying()
        bob.cut()
        ada.send(bob, f"beside {len(bob.texts(ada))}")
        net.settle()
    return bob.texts(ada) != ["beside 0", "beside 1"]


def delivers_to_somebody_else(net: Net) -> bool:
    """It gives Bob's letters to Carl."""
    ada, bob = net.pair()
    carl = net.phone("Carl")
    net.wait_for_log()

    class Misdirecting(Proxy):
        def __init__(self) -> None:
            self.astray: deque[Deliver] = deque()

        def from_relay(self, line: Line, frame: Frame) -> None:
            if isinstance(frame, Deliver) and line.mailbox == bob.own.boxes[0].mailbox:
                self.astray.append(frame)
                line.erase(frame)
            else:
                super().from_relay(line, frame)

        def more(self, line: Line) -> None:
            if line.mailbox == carl.own.boxes[0].mailbox:
                while self.astray:
                    line.to_phone(self.astray.popleft(), made_up=True)

    net.proxy = Misdirecting()
    ada.send(bob, "for Bob only")
    net.settle()
    assert carl.engine.books.device.rejected, "Carl got it, and could not open it"
    net.go(net.rules.not_arrived - MINUTE)
    net.mark()
    net.go(2 * MINUTE)
    return lost(bob, ada, "for Bob only")


def changes_a_blob(net: Net) -> bool:
    """It changes one byte inside a sealed letter of Ada's to Bob."""
    ada, bob = net.pair()

    class Changing(Proxy):
        done = False

        def from_relay(self, line: Line, frame: Frame) -> None:
            if isinstance(frame, Deliver) and not self.done:
                self.done = True
                blob = bytearray(frame.blob)
                blob[2_000] ^= 1
                frame = msgspec.structs.replace(frame, blob=bytes(blob))
            super().from_relay(line, frame)

    net.proxy = Changing()
    ada.send(bob, "changed")
    net.settle()
    net.mark()
    ada.send(bob, "next")
    net.settle()
    assert set(bob.texts(ada)) <= {"changed", "next"}
    return lost(bob, ada, "changed")


def replays(net: Net) -> bool:
    """It delivers every letter twice, and everything Bob ever acknowledged once more on his next connection."""
    ada, bob = net.pair()

    class Replaying(Recording):
        def from_relay(self, line: Line, frame: Frame) -> None:
            super().from_relay(line, frame)
            if isinstance(frame, Deliver):
                line.to_phone(frame, made_up=True)

        def more(self, line: Line) -> None:
            if line.mailbox == bob.own.boxes[0].mailbox and line.under_way == 0 and not hasattr(line, "done"):
                line.done = True  # type: ignore[attr-defined]
                for frame in self.delivered.get(line.mailbox, []):
                    line.to_phone(frame, made_up=True)

    net.proxy = Replaying()
    for text in ("one", "two", "three"):
        ada.send(bob, text)
    net.settle()
    bob.cut()
    net.settle()
    return bob.texts(ada) != ["one", "two", "three"] or bob.engine.books.device.undecryptable > 0


def delivers_backwards(net: Net) -> bool:
    """It collects Ada's letters and delivers them last first."""
    ada, bob = net.pair()

    class Backwards(Proxy):
        def __init__(self) -> None:
            self.held: list[Deliver] = []

        def from_relay(self, line: Line, frame: Frame) -> None:
            if isinstance(frame, Deliver):
                self.held.append(frame)
            else:
                super().from_relay(line, frame)

        def more(self, line: Line) -> None:
            if len(self.held) == 5:
                while self.held:
                    line.to_phone(self.held.pop())

    net.proxy = Backwards()
    for number in range(5):
        ada.send(bob, f"letter {number}")
    net.settle()
    return sorted(bob.texts(ada)) != [f"letter {number}" for number in range(5)]


def lets_blocked_people_post(net: Net) -> bool:
    """Bob blocks Ada; the relay says that it took her capability back, and does not."""
    ada, bob = net.pair()

    class Lenient(Proxy):
        def from_phone(self, line: Line, frame: Frame) -> None:
            if isinstance(frame, Revoke):
                line.to_phone(Done(frame.request))
            else:
                super().from_phone(line, frame)

    net.proxy = Lenient()
    bob.engine.block(ada.user, True, net.now)
    net.settle()
    ada.send(bob, "let me in")
    net.settle()
    return "let me in" in bob.texts(ada)


# a relay that does not answer as it should


def shuts_the_door(net: Net) -> bool:
    """It says that Bob's mailbox does not know Ada."""
    ada, bob = net.pair()

    class Shut(Proxy):
        def from_phone(self, line: Line, frame: Frame) -> None:
            if isinstance(frame, Post):
                line.to_phone(Refused(frame.request, Code.NO_SUCH_DOOR, None))
            else:
                super().from_phone(line, frame)

    net.proxy = Shut()
    net.mark()
    ada.send(bob, "knocking")
    net.settle()
    return lost(bob, ada, "knocking")


def puts_off(net: Net) -> bool:
    """It asks Ada to come back later, again and again."""
    ada, bob = net.pair()

    class Slow(Proxy):
        def from_phone(self, line: Line, frame: Frame) -> None:
            if isinstance(frame, Post):
                line.to_phone(Refused(frame.request, Code.SLOW_DOWN, 65_535))
            else:
                super().from_phone(line, frame)

    net.proxy = Slow()
    ada.send(bob, "later")
    net.go(14 * MINUTE)
    net.mark()
    net.go(2 * MINUTE)
    return lost(bob, ada, "later")


def is_another_relay(net: Net) -> bool:
    """Another relay answers in this one's place, under its own name, and takes what phones give it."""
    ada, bob = net.pair()

    class Impostor(Recording):
        def from_relay(self, line: Line, frame: Frame) -> None:
            if isinstance(frame, Challenge):
                frame = msgspec.structs.replace(frame, relay=b"x" * 32)
            super().from_relay(line, frame)

        def from_phone(self, line: Line, frame: Frame) -> None:
            if isinstance(frame, Post):
                self.blobs.append(frame)
                line.to_phone(Posted(frame.request))
            else:
                super().from_phone(line, frame)

    net.proxy = Impostor()
    ada.cut()
    bob.cut()
    ada.send(bob, "to whom?")
    net.go(14 * MINUTE)
    net.mark()
    net.go(2 * MINUTE)
    return bool(net.proxy.blobs)


def dates_forward(net: Net) -> bool:
    """It dates what it delivers five hours ahead."""
    ada, bob = net.pair()

    class Forward(Proxy):
        def from_relay(self, line: Line, frame: Frame) -> None:
            if isinstance(frame, Deliver):
                frame = msgspec.structs.replace(frame, hour=frame.hour + 5)
            super().from_relay(line, frame)

    net.proxy = Forward()
    net.mark()
    ada.send(bob, "from the future")
    net.settle()
    return lost(bob, ada, "from the future")


# floods


def floods_with_noise(net: Net) -> bool:
    """It fills Bob's mailbox with noise of the right lengths; Ada's letter comes after it."""
    ada, bob = net.pair()
    left = [300]

    class Noisy(Proxy):
        def more(self, line: Line) -> None:
            if line.mailbox != bob.own.boxes[0].mailbox:
                return
            while left[0] and line.under_way < 60:
                left[0] -= 1
                size = BLOB_SIZES[left[0] % 2]
                line.to_phone(Deliver(1, net.now // HOUR, net.now // HOUR + 9, b"\x01" + os.urandom(size - 1)), True)

    net.proxy = Noisy()
    rows = sum(bob.engine.books.store.count(shelf) for shelf in ("kept", "early", "talk", "item"))
    try:
        net.settle()
        ada.send(bob, "after the flood")
        net.settle()
    except (CryptoError, PhoneDamaged):
        return True
    assert left == [0]
    grown = sum(bob.engine.books.store.count(shelf) for shelf in ("kept", "early", "talk", "item")) - rows
    return grown > 1 or lost(bob, ada, "after the flood")


def brings_strangers(net: Net) -> bool:
    """It brings Bob letters of forty devices nobody knows, each well made and sealed to him."""
    _, bob = net.pair()
    target = bob.engine.books.device
    blobs = []
    for number in range(40):
        device = Device.create(Ed25519PrivateKey.from_private_bytes(bytes([number] * 32)), net.now)
        device.accept(target.certificate, net.now)
        device.open_session(target.last_resort(net.now), net.now)
        body = encode_body(Text(os.urandom(16), "buy", 0, True, b""))
        blobs.append(device.write(target.fingerprint, "text", body, net.now).blob)

    class Crowd(Proxy):
        def more(self, line: Line) -> None:
            if line.mailbox == bob.own.boxes[0].mailbox:
                while blobs:
                    line.to_phone(Deliver(1, net.now // HOUR, net.now // HOUR + 9, blobs.pop()), True)

    talks = len(target.talks)
    net.proxy = Crowd()
    net.settle()
    return len(target.talks) > talks or len(bob.engine.books.contacts) > 1


# what is no frame, or not one that a relay may send now


def once(net: Net, *what: bytes) -> bool:
    """Send each of these to Bob in place of his first delivery, each on a connection of its own; his letter comes all the same."""
    ada, bob = net.pair()
    left = list(what)

    class Babbling(Proxy):
        def more(self, line: Line) -> None:
            if left and line.mailbox == bob.own.boxes[0].mailbox and not hasattr(line, "done"):
                line.done = True  # type: ignore[attr-defined]
                line.raw(left.pop(0))

    net.proxy = Babbling()
    bob.cut()
    ada.send(bob, "all the same")
    for _ in what:
        net.settle()
        bob.cut()
    net.settle()
    return lost(bob, ada, "all the same")


def framed(*fields: Any) -> bytes:
    return b"\x01" + canonical.encode(list(fields))


def sends_noise(net: Net) -> bool:
    """It sends bytes that are no frame, and blobs cut short."""
    hour = net.now // HOUR
    return once(net, b"\x01" + b"\xff" * 40, framed(5, 1, hour, hour, b"x" * 3_000), framed(99, 1), framed(7))


def sends_another_version(net: Net) -> bool:
    """It speaks another version of the protocol, to make phones speak an older one."""
    return once(net, b"\x00" + canonical.encode([7, 1]), b"\x02", b"")


def sends_too_much(net: Net) -> bool:
    """It sends more in one frame than any frame may have."""
    return once(net, b"\x01" * (FRAME_SIZE + 1), b"\x01" + bytes(4_000_000))


def speaks_out_of_turn(net: Net) -> bool:
    """It numbers deliveries downwards and answers what was not asked."""
    hour = net.now // HOUR
    noise = bytes(BLOB_SIZES[0])
    first = framed(5, 0, hour, hour, noise)
    return once(net, first, framed(13, 77), framed(15, 78, b"bundle"), framed(7, 3), framed(3, 0, 0, 0, 0, 0))


def delivers_past_the_window(net: Net) -> bool:
    """It delivers without end and does not wait for anything to be acknowledged."""
    ada, bob = net.pair()
    sent = [0]

    class Pushing(Proxy):
        def more(self, line: Line) -> None:
            if line.mailbox == bob.own.boxes[0].mailbox and not sent[0]:
                sent[0] = 1
                noise = Deliver(1, net.now // HOUR, net.now // HOUR + 9, bytes(BLOB_SIZES[0]))
                for _ in range(65):
                    line.to_phone(noise, True)

    net.proxy = Pushing()
    net.settle()
    net.proxy = Proxy()
    ada.send(bob, "all the same")
    net.settle()
    return lost(bob, ada, "all the same")
