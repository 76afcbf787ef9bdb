"""A relay that is busy for a while does not put letters so far out of order that they cannot be read."""

from filon_net.wire import Code
from filon_net.wire.frames import Frame, Post, Refused
from hostile.acting import MINUTE
from hostile.proxy import Line, Net, Proxied, Proxy


class Busy(Proxy):
    """Takes no letter now."""

    def from_phone(self, line: Line, frame: Frame) -> None:
        if isinstance(frame, Post):
            line.to_phone(Refused(frame.request, Code.TRY_LATER, 5))
        else:
            super().from_phone(line, frame)


def busy_for_a_while(net: Net, ada: Proxied, bob: Proxied) -> list[str]:
    """45 letters are written while the relay is busy, 45 more when it is not."""
    net.proxy = Busy()
    sent = [f"letter {number}" for number in range(90)]
    for text in sent[:45]:
        ada.send(bob, text)
        net.settle()
    net.proxy = Proxy()
    for text in sent[45:]:
        ada.send(bob, text)
        net.settle()
    net.go(MINUTE)
    net.settle()
    return sent


def test_letters_wait_for_those_that_are_put_off(net: Net) -> None:
    ada, bob = net.pair()
    assert busy_for_a_while(net, ada, bob) == bob.texts(ada)
    assert bob.engine.books.device.undecryptable == 0


class Everything(set[bytes]):
    def __contains__(self, one: object) -> bool:
        return True


def test_the_waiting_bites(net: Net) -> None:
    """Where nobody waits, those that were put off are overtaken, and the keys of some are gone when they come."""
    ada, bob = net.pair()
    ada.engine.outbox._shut = Everything()
    busy_for_a_while(net, ada, bob)
    assert bob.engine.books.device.undecryptable > 0
