"""What a hostile relay does, one function for each act. Each plays it on a new network and says whether harm was done unseen."""

import os
from collections import deque

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from filon_net.crypto import Device
from filon_net.phone.bodies import Text, encode_body
from filon_net.phone.errors import PhoneDamaged
from filon_net.wire import BLOB_SIZES, Code
from filon_net.wire.errors import CryptoError
from filon_net.wire.frames import (
    Challenge,
    Deliver,
    Done,
    Frame,
    Opened,
    Post,
    Posted,
    Refused,
    Revoke,
)
from hostile.acting import HOUR, MINUTE, Recording, lost, without_notes
from hostile.proxy import Line, Net, Proxy

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
            if line.mailbox == bob.own.boxes[0].mailbox and line.under_way == 0 and not line.abused:
                line.abused = True
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
