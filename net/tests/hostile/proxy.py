"""A relay that cannot be trusted: every frame between real phones and a relay goes through a ``Proxy`` that may change it.

The same proxy stands in memory (``Net``) and between real sockets (``sockets``).
"""

from pathlib import Path
from typing import Any

from filon_net.log import tree
from filon_net.phone import store, words
from filon_net.phone.state import ContactState
from filon_net.wire.frames import (
    Ack,
    Acked,
    Admit,
    Claim,
    Deliver,
    Fetch,
    Frame,
    Open,
    decode_frame,
    encode_frame,
)
from phone.network import Network, Phone

__all__ = ["Line", "Net", "Proxied", "Proxy", "Told", "quick"]

Told = tuple[str, str, str]
"""Whose phone, the code of the notice, the sentence."""


class Line:
    """One connection through the proxy, which numbers deliveries anew: so it can leave out, repeat and make up."""

    def __init__(self, proxy: "Proxy") -> None:
        self.proxy = proxy
        self.mailbox = b""
        self.up: list[bytes] = []
        self.down: list[bytes] = []
        self.fetching = False
        self.claims: dict[int, bytes] = {}
        """Whose bundles this connection asked for, by request."""
        self.abused = False
        """An act that does something once to each connection has done it to this one."""
        self._numbers: dict[int, int | None] = {}
        self._last = 0

    def from_phone(self, data: bytes) -> None:
        """One message of the phone."""
        frame = decode_frame(data)
        if isinstance(frame, Open | Admit):
            self.mailbox = frame.mailbox
        if isinstance(frame, Ack):
            real = tuple(sorted(one for number in frame.numbers if (one := self._numbers.pop(number)) is not None))
            if real:
                self.to_relay(Ack(real))
            self.to_phone(Acked(len(frame.numbers)))
        else:
            self.fetching = self.fetching or isinstance(frame, Fetch)
            if isinstance(frame, Claim):
                self.claims[frame.request] = frame.mailbox
            self.proxy.from_phone(self, frame)

    def from_relay(self, data: bytes) -> None:
        """One message of the relay."""
        frame = decode_frame(data)
        if not isinstance(frame, Acked):  # what the relay acknowledges was acknowledged to the phone already
            self.proxy.from_relay(self, frame)

    def to_relay(self, frame: Frame) -> None:
        """Pass something on to the relay, or say it in the phone's place."""
        self.up.append(encode_frame(frame))

    def to_phone(self, frame: Frame, made_up: bool = False) -> None:
        """Pass something on to the phone, or say it in the relay's place (a delivery that the relay does not know: ``made_up``)."""
        if isinstance(frame, Deliver):
            self._last += 1
            self._numbers[self._last] = None if made_up else frame.number
            frame = Deliver(self._last, frame.hour, frame.expires, frame.blob)
        self.down.append(encode_frame(frame))

    def raw(self, data: bytes) -> None:
        """Any bytes to the phone."""
        self.down.append(data)

    def erase(self, frame: Deliver) -> None:
        """Have the relay erase a blob that the phone was not given."""
        self.to_relay(Ack((frame.number,)))

    @property
    def under_way(self) -> int:
        """Deliveries the phone has not acknowledged."""
        return len(self._numbers)


class Proxy:
    """Honest. Hostile ones change what passes, or put something in when they are asked whether they have ``more``."""

    def from_phone(self, line: Line, frame: Frame) -> None:
        """Something the phone says."""
        line.to_relay(frame)

    def from_relay(self, line: Line, frame: Frame) -> None:
        """Something the relay says."""
        line.to_phone(frame)

    def more(self, line: Line) -> None:
        """A chance to say something unasked on an open owner's connection."""


class Proxied(Phone):
    """A phone whose relay is behind a proxy, whose log may be another than everybody's, and whose clock may be off."""

    name = ""
    fetch: tree.Fetch | None = None

    def connect(self, key: bytes, link: Any) -> None:
        super().connect(key, link)
        link.line = Line(self.network.proxy)

    def carry(self, link: Any, end: Any) -> bool:
        now, relay, line = self.network.now, self.network.relay, link.line
        line.proxy = self.network.proxy
        link.work(now)
        moved = False
        for data in link.take():
            line.from_phone(data)
        moved = self._to_relay(line, end) or moved
        if end.mailbox:
            relay.push(end)
        for data in end.take():
            line.from_relay(data)
        if line.fetching and link.open:
            line.proxy.more(line)
        moved = self._to_relay(line, end) or moved
        down, line.down = line.down, []
        for data in down:
            link.receive(data, 0.0, now)
        link.work(now)
        if link.closed is not None:
            self.network.ended.append((self.name, link.closed.code))
        return moved or bool(down)

    def _to_relay(self, line: Line, end: Any) -> bool:
        up, line.up = line.up, []
        for data in up:
            for what in end.receive(data, 0.0):
                if not isinstance(what, Fetch):
                    self.network.relay.asked(end, what, self.network.team.now // 3_600)  # the relay has its own clock
        return bool(up)

    def look(self) -> bool:
        now = self.network.now
        if not self.engine.log_due(now) or not self.network.log_up:
            return False
        look = self.engine.look()
        self.engine.seen(look.run(self.fetch or self.network.fetch, now), now)
        return True

    def told(self) -> set[Told]:
        """What the person sees."""
        contacts = self.engine.books.contacts
        return {
            (self.name, told.notice.code, words.sentence(told.notice, lambda user: contacts[user].shown))
            for told in self.engine.notices()
        }


class Clock:
    """The network as a phone with a wrong clock sees it: everything the same, only ``now`` is off by some milliseconds."""

    def __init__(self, network: "Net", off: int) -> None:
        self._network = network
        self.off = off

    @property
    def now(self) -> int:
        return self._network.now + self.off

    def __getattr__(self, name: str) -> Any:
        return getattr(self._network, name)


class Net(Network):
    """Relay, log and phones in memory, with a proxy between phones and relay."""

    def __init__(self, folder: Path, **more: Any) -> None:
        super().__init__(folder, **more)
        self.proxy = Proxy()
        self.before: set[Told] | None = None
        self.ended: list[tuple[str, int]] = []
        """Whose connections ended by the phone's own doing, and the close code."""

    def phone(self, name: str, off: int = 0, **more: Any) -> Proxied:
        made = super().phone(name, **more)
        phone = Proxied(Clock(self, off) if off else self, made.engine)
        phone.code, phone.name = made.code, name
        self.phones[-1] = phone
        return phone

    def pair(self) -> tuple[Proxied, Proxied]:
        """Ada and Bob, contacts of each other, with nothing under way."""
        ada, bob = self.phone("Ada"), self.phone("Bob")
        self.wait_for_log()
        self.introduce(ada, bob)
        assert ada.engine.books.contacts[bob.user].state is ContactState.OPEN
        assert self.told() == set()
        return ada, bob

    def pass_time(self, milliseconds: int) -> None:
        self.team.now += milliseconds // 1_000
        if self.log_up:
            self.team.grow([])
        for phone in self.phones:
            if phone.online:
                phone.engine.tick(phone.network.now)

    def go(self, milliseconds: int, rounds: int = 30) -> None:
        """Let time pass and carry what can be carried, also where something keeps failing."""
        self.pass_time(milliseconds)
        self.carry(rounds)

    def carry(self, rounds: int = 30) -> None:
        """Some rounds, at rest or not."""
        for _ in range(rounds):
            moved = [phone.step() for phone in self.phones]
            if not any(moved):
                return

    def told(self) -> set[Told]:
        """What everybody sees."""
        return {one for phone in self.phones for one in phone.told()}

    def mark(self) -> None:
        """The stated time is nearly over: what is told now is told too early."""
        self.before = self.told()


def quick(patch: Any) -> None:
    """No waiting for the disk where nobody pulls the plug."""
    patch.setattr("os.fsync", lambda _: None)
    patch.setattr(store, "SYNCHRONOUS", "OFF")
