"""A model of what phones make a relay see, driven by the times real phones keep to (``filon_net.phone.rules``).

A test holds real phones against it (``tests/seized/test_model.py``). One device a person; nobody joins or leaves.
"""

import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

import numpy as np
from graph_people import DAY, Presence, World

from filon_net.phone.connection import _TICK
from filon_net.phone.rules import Rules
from filon_net.wire import BLOB_SIZES

__all__ = ["Conduct", "Seen", "observed"]

_SMALL, _NOTED = 60, 700
"""Bytes of a letter beside the text; with a checkpoint in it."""
_BUCKETS = (256, 1_024, 4_096, 16_384, 65_536)


@dataclass(frozen=True)
class Conduct:
    """How phones behave, and what their network shows of them. The first of each is what is built."""

    address: str = "phone"
    """``phone``: each has its own. ``team``: a team shares one. ``none``: all leave by one exit, or by one that means nothing."""
    receipts: str = "delayed"
    """``delayed``, ``at once``, ``never``."""
    sending: str = "let go"
    """The connection posts go over: one ``let go`` when idle, one ``kept`` while connected, one for ``each`` post."""
    online: str = "sessions"
    """``sessions``: connected while its person is there. ``always``: day and night."""
    upkeep: str = "spread"
    """New seal keys, new routes and daily checkpoints: to all contacts ``spread`` over hours, or ``together`` with the stock; and
    mailboxes are opened each at its own time, or together."""
    rotation: float = 30.0
    """Days after which a mailbox is changed."""
    capability: str = "contact"
    """One for each ``contact``, or one for the whole ``mailbox``."""
    sizes: str = "padded"
    """``padded`` or ``exact``."""
    bundles: str = "sealed"
    """``sealed``: the relay cannot read the certificate in bundles in stock. ``readable``: it could."""


@dataclass
class Seen:
    """What a relay is told, second by second. Mailboxes, capabilities and connections are numbered; addresses too, −1 for none.

    ``owner`` is the truth, for scoring only: the person of each mailbox.
    """

    days: int
    conduct: Conduct
    owner: list[int] = field(default_factory=list)
    opens: list[tuple[int, float, float, int]] = field(default_factory=list)
    """Mailbox, opened, closed, address."""
    posts: list[tuple[float, int, int, int, int, int]] = field(default_factory=list)
    """Time, mailbox, capability, size, connection, address."""
    deliveries: list[tuple[float, int, int]] = field(default_factory=list)
    """Time, mailbox, capability the blob came by."""
    used: list[tuple[float, float]] = field(default_factory=list)
    """From when until when each mailbox was the one in use; known to the relay by the posts that come in."""
    stocked: list[tuple[float, int]] = field(default_factory=list)
    """Time, mailbox: bundles were left."""


class _Phones:
    def __init__(self, draw: np.random.Generator, world: World, conduct: Conduct, rules: Rules) -> None:
        self.draw, self.world, self.conduct, self.rules = draw, world, conduct, rules
        self.dice = random.Random(int(draw.integers(1 << 32)))
        self.seen = Seen(world.days, conduct)
        self.end = world.days * DAY
        self.around = _connected(draw, world) if conduct.online == "always" else world.presence
        self.peers: list[list[int]] = [[] for _ in range(world.people)]
        for first, second in world.contacts:
            self.peers[first].append(second)
            self.peers[second].append(first)
        self.made: list[list[tuple[int, float, float]]] = [[] for _ in range(world.people)]
        """Mailboxes of each person: number, from, until."""
        self.route: dict[tuple[int, int], tuple[int, int]] = {}
        """Writer, reader → mailbox and capability the writer has for the reader."""
        self.noted: dict[tuple[int, int], float] = {}
        self.owed: dict[tuple[int, int], int] = {}
        self.queue: list[tuple[float, int, str, tuple[int, ...]]] = []
        self.order = count()
        self.caps = count()
        self.conns = count()
        self.last: list[tuple[float, int]] = [(-1e9, -1)] * world.people
        """Of each person: until when the connection for posts is held, and its number."""

    def later(self, at: float | None, what: str, *about: int) -> None:
        if at is not None and at < self.end:
            heapq.heappush(self.queue, (at, next(self.order), what, about))

    def soon(self, person: int, at: float) -> float | None:
        """When a phone does what is due at ``at``: connected, and a tick later."""
        there = self.around.next(person, at)
        return None if there is None else there + self.draw.uniform(0.05, _TICK + 0.3)

    def run(self) -> Seen:
        for person in range(self.world.people):
            self.box(person, 0.0)
            self.later(self.draw.uniform(0, self.rules.seal_every / 1_000), "keys", person)
            if self.conduct.rotation:
                self.later(self.draw.uniform(0, self.conduct.rotation * DAY), "rotate", person)
            for peer in self.peers[person]:
                self.noted[person, peer] = -self.draw.uniform(0, DAY)
                self.later(
                    self.soon(person, self.noted[person, peer] + self.rules.note_daily / 1_000), "gossip", person, peer
                )
        for person in range(self.world.people):
            for peer in self.peers[person]:
                self.tell_route(person, peer)
        for said in self.world.said:
            self.later(self.around.next(said.writer, said.at), "text", said.writer, said.reader, said.length)
        while self.queue:
            at, _, what, about = heapq.heappop(self.queue)
            getattr(self, f"on_{what}")(at, *about)
        self.connections()
        self.seen.posts.sort()
        self.seen.deliveries.sort()
        return self.seen

    def box(self, person: int, at: float) -> None:
        number = len(self.seen.owner)
        if self.made[person]:
            before = self.made[person][-1][0]
            self.seen.used[before] = (self.seen.used[before][0], at)
        self.seen.owner.append(person)
        self.seen.used.append((at, self.end))
        self.made[person].append((number, at, self.end))

    def tell_route(self, person: int, peer: int) -> None:
        box = self.made[person][-1][0]
        capability = box if self.conduct.capability == "mailbox" else next(self.caps)
        self.route[peer, person] = (box, capability)

    def note(self, writer: int, reader: int, at: float) -> int:
        """Bytes of the checkpoint a letter takes along, 0 where none is due."""
        if at - self.noted[writer, reader] < self.rules.note_every / 1_000:
            return 0
        self.noted[writer, reader] = at
        self.later(self.soon(writer, at + self.rules.note_daily / 1_000), "gossip", writer, reader)
        return _NOTED

    def post(self, at: float, writer: int, reader: int, size: int, then: str, *about: int) -> None:
        """A letter to the relay at ``at``, and to the reader when their phone is connected."""
        box, capability = self.route[writer, reader]
        shown = _padded(size) if self.conduct.sizes == "padded" else BLOB_SIZES[0] + size
        self.seen.posts.append((at, box, capability, shown, self.connection(writer, at), self.address(writer)))
        there = self.around.next(reader, at + 0.05)
        if there is not None and there < self.end:
            self.seen.deliveries.append((there + 0.1, box, capability))
            if then:
                self.later(there + 0.3, then, *about)

    def connection(self, person: int, at: float) -> int:
        until, held = self.last[person]
        if self.conduct.sending == "each" or at > until:
            held = next(self.conns)
        until = at + self.draw.uniform(self.rules.sender_idle_from, self.rules.sender_idle_to) / 1_000
        if self.conduct.sending == "kept":
            until = next((end for begin, end in self.around.spans[person] if begin <= at < end), at)
        self.last[person] = (until, held)
        return held

    def address(self, person: int) -> int:
        return {"phone": person, "team": self.world.team[person], "none": -1}[self.conduct.address]

    # what happens

    def on_text(self, at: float, writer: int, reader: int, length: int) -> None:
        self.post(at, writer, reader, _SMALL + length + self.note(writer, reader, at), "arrived", reader, writer)

    def on_arrived(self, at: float, reader: int, writer: int) -> None:
        if self.conduct.receipts == "at once":
            self.on_receipt(at, reader, writer, 1)
        elif self.conduct.receipts == "delayed":
            if (reader, writer) not in self.owed:
                wait = self.draw.uniform(self.rules.receipts_from, self.rules.receipts_to) / 1_000
                self.later(self.soon(reader, at + wait), "receipt", reader, writer, 0)
            self.owed[reader, writer] = self.owed.get((reader, writer), 0) + 1

    def on_receipt(self, at: float, reader: int, writer: int, fixed: int) -> None:
        number = fixed or self.owed.pop((reader, writer), 0)
        self.post(at, reader, writer, 17 * number + self.note(reader, writer, at), "")

    def on_gossip(self, at: float, writer: int, reader: int) -> None:
        due = self.noted[writer, reader] + self.rules.note_daily / 1_000
        if at < due:
            return  # a letter took a checkpoint along meanwhile
        if self.conduct.upkeep == "spread":
            self.noted[writer, reader] = at + self.draw.uniform(0, self.rules.notes_spread / 1_000)
            self.later(self.soon(writer, self.noted[writer, reader]), "checkpoint", writer, reader)
        else:
            self.on_checkpoint(at, writer, reader)

    def on_checkpoint(self, at: float, writer: int, reader: int) -> None:
        self.noted[writer, reader] = at - DAY
        self.post(at, writer, reader, self.note(writer, reader, at), "")

    def on_keys(self, at: float, person: int) -> None:
        there = self.soon(person, at)
        if there is None:
            return
        self.later(there + self.rules.seal_every / 1_000, "keys", person)
        self.seen.stocked.append((there, self.made[person][-1][0]))
        for peer in self.peers[person]:
            self.later(self.apart(person, there, self.rules.keys_spread), "letter", person, peer, 1_900)

    def on_letter(self, at: float, writer: int, reader: int, size: int) -> None:
        self.post(at, writer, reader, size, "")

    def on_rotate(self, at: float, person: int) -> None:
        there = self.soon(person, at)
        if there is None:
            return
        number, since, _ = self.made[person][-1]
        self.made[person][-1] = (number, since, min(self.end, there + self.rules.mailbox_kept / 1_000))
        self.box(person, there)
        self.seen.stocked.append((there, self.made[person][-1][0]))
        self.later(there + self.conduct.rotation * DAY, "rotate", person)
        for peer in self.peers[person]:
            self.later(self.apart(person, there, self.rules.cards_spread), "card", person, peer)

    def on_card(self, at: float, person: int, peer: int) -> None:
        self.post(at, person, peer, 300 + self.note(person, peer, at), "told", person, peer)

    def on_told(self, at: float, person: int, peer: int) -> None:
        self.tell_route(person, peer)

    def apart(self, person: int, at: float, longest: int) -> float | None:
        if self.conduct.upkeep == "spread":
            return self.soon(person, at + self.draw.uniform(0, longest / 1_000))
        return at + self.draw.uniform(0, 0.5)

    def connections(self) -> None:
        """Owner connections: one for each mailbox, whenever the phone connects, each after a wait of its own; an old one later.
        They end together."""
        for person, boxes in enumerate(self.made):
            for begin, end in self.around.spans[person]:
                for number, since, until in boxes:
                    first, last = max(begin, since) + self.opening(number, begin), min(end, until)
                    if first < last:
                        self.seen.opens.append((number, first, last, self.address(person)))

    def opening(self, box: int, begin: float) -> float:
        if self.conduct.upkeep == "together":
            return float(self.draw.uniform(0, 0.3))
        return self.rules.opening(self.seen.used[box][1] <= begin, self.dice)


def observed(draw: np.random.Generator, world: World, conduct: Conduct, rules: Rules | None = None) -> Seen:
    """What a relay sees of this world."""
    return _Phones(draw, world, conduct, rules or Rules()).run()


def _padded(size: int) -> int:
    return next(shown for bucket, shown in zip(_BUCKETS, BLOB_SIZES, strict=True) if size < bucket)


def _connected(draw: np.random.Generator, world: World) -> Presence:
    """Day and night, with a new connection now and then."""

    def spans() -> Iterator[tuple[float, float]]:
        at = 0.0
        while at < world.days * DAY:
            until = min(world.days * DAY, at + draw.exponential(10 * 3_600))
            yield at, until
            at = until + draw.uniform(1, 20)

    return Presence([list(spans()) for _ in range(world.people)])
