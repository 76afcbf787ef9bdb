"""What a hostile relay sends that is no frame, or not one that it may send now; see ``acts_relay``."""

from typing import Any

from filon_net.wire import BLOB_SIZES, FRAME_SIZE, canonical
from filon_net.wire.frames import (
    Deliver,
)
from hostile.acting import HOUR, lost
from hostile.proxy import Line, Net, Proxy


def once(net: Net, *what: bytes) -> bool:
    """Send each of these to Bob in place of his first delivery, each on a connection of its own; his letter comes all the same."""
    ada, bob = net.pair()
    left = list(what)

    class Babbling(Proxy):
        def more(self, line: Line) -> None:
            if left and line.mailbox == bob.own.boxes[0].mailbox and not line.abused:
                line.abused = True
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
