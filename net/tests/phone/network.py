"""A whole network in memory: a relay that is a dictionary behind the real ``RelayEnd``, the real log with three witnesses,
and phones whose links are pumped by hand. Time stands still unless a test moves it."""

import hashlib
import os
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from filon_net.crypto import Effort
from filon_net.errors import LogError
from filon_net.log import Admission
from filon_net.phone.engine import Engine
from filon_net.phone.joining import create, leave_of
from filon_net.phone.links import Leave
from filon_net.phone.relaying import OwnerLink, SenderLink
from filon_net.phone.rules import Rules
from filon_net.phone.store import Store
from filon_net.wire import HOURS_KEPT, Code, RelayEnd
from filon_net.wire.frames import (
    Ack,
    Acked,
    Admit,
    Claim,
    Claimed,
    Deliver,
    Done,
    Fetch,
    Grant,
    Open,
    Opened,
    Post,
    Posted,
    Refused,
    Revoke,
    Stock,
)
from log.builders import Team

CHEAP = Effort(kibibytes=64, passes=1, lanes=1)
RELAY = b"r" * 32
HOUR = 3_600_000
DAY = 24 * HOUR


@dataclass
class Mailbox:
    doors: set[bytes] = field(default_factory=set)
    blobs: dict[int, Deliver] = field(default_factory=dict)
    last: int = 0
    bundles: list[bytes] = field(default_factory=list)
    last_resort: bytes | None = None


class MemoryRelay:
    """The rules of a relay without its disk. ``drop`` and ``twist`` make it a hostile one."""

    def __init__(self) -> None:
        self.boxes: dict[bytes, Mailbox] = {}
        self.spent: set[bytes] = set()
        self.posts = 0
        self.drop: Any = lambda post: False
        self.twist: Any = lambda bundle: bundle

    def asked(self, end: RelayEnd, what: Any, hour: int) -> None:
        box = self.boxes.get(end.mailbox) if end.mailbox else None
        if isinstance(what, Admit) and what.token not in self.spent and what.mailbox not in self.boxes:
            self.spent.add(what.token)
            self.boxes[what.mailbox] = Mailbox()
            end.answer(self.opened(what.mailbox))
        elif isinstance(what, Open | Admit):
            known = what.mailbox in self.boxes
            code = Code.NO_SUCH_DOOR if isinstance(what, Open) else Code.TOKEN_SPENT
            end.answer(self.opened(what.mailbox) if known else Refused(None, code, None))
        elif isinstance(what, Ack):
            for number in what.numbers:
                box.blobs.pop(number, None)
            end.answer(Acked(len(what.numbers)))
        elif isinstance(what, Grant):
            box.doors.add(what.capability)
            end.answer(Done(what.request))
        elif isinstance(what, Revoke):
            box.doors.discard(what.capability)
            end.answer(Done(what.request))
        elif isinstance(what, Stock):
            box.bundles += what.bundles
            box.last_resort = what.last_resort or box.last_resort
            end.answer(Done(what.request))
        elif isinstance(what, Post | Claim):
            self.anonymous(end, what, hour)

    def opened(self, mailbox: bytes) -> Opened:
        box = self.boxes[mailbox]
        return Opened(len(box.blobs), 10_000, 1 << 30, HOURS_KEPT, len(box.bundles))

    def anonymous(self, end: RelayEnd, what: Post | Claim, hour: int) -> None:
        box = self.boxes.get(what.mailbox)
        if box is None or hashlib.sha256(what.capability).digest() not in box.doors:
            end.answer(Refused(what.request, Code.NO_SUCH_DOOR, None))
        elif isinstance(what, Post):
            self.posts += 1
            if not self.drop(what):
                box.last += 1
                box.blobs[box.last] = Deliver(box.last, hour, what.expires, what.blob)
            end.answer(Posted(what.request))
        elif box.bundles or box.last_resort:
            bundle = box.bundles.pop(0) if box.bundles else box.last_resort
            end.answer(Claimed(what.request, self.twist(bundle)))
        else:
            end.answer(Refused(what.request, Code.NOTHING_LEFT, None))

    def push(self, end: RelayEnd) -> None:
        """Deliver what waits and was not delivered on this connection."""
        if end.mailbox not in self.boxes:
            return
        for number, blob in sorted(self.boxes[end.mailbox].blobs.items()):
            if end.room() and number > end._last:
                end.deliver(blob)


class Phone:
    """One phone in the network."""

    def __init__(self, network: "Network", engine: Engine) -> None:
        self.network = network
        self.engine = engine
        self.ends: dict[bytes, tuple[Any, RelayEnd]] = {}
        self.events: list[Any] = []
        self.online = True

    @property
    def own(self):
        return self.engine.books.own

    @property
    def user(self) -> bytes:
        return self.own.user

    def step(self) -> bool:
        """Carry every byte that can be carried; False where nothing moved."""
        if not self.online:
            return False
        moved = self.submit() or self.look()
        for box in self.engine.boxes():
            if box.mailbox not in self.ends:
                self.connect(box.mailbox, OwnerLink(self.engine, box, 0.0))
        if self.engine.sender_jobs(self.network.now) and b"" not in self.ends:
            self.connect(b"", SenderLink(self.engine, RELAY, 0.0))
        for link, end in list(self.ends.values()):
            moved = self.carry(link, end) or moved
        self.events += self.engine.take_events()
        for key, (link, end) in list(self.ends.items()):
            if link.closed or end.closed:
                del self.ends[key]
        return moved

    def connect(self, key: bytes, link: Any) -> None:
        self.ends[key] = (link, RelayEnd(RELAY, os.urandom(32), 0.0))

    def carry(self, link: Any, end: RelayEnd) -> bool:
        now, relay = self.network.now, self.network.relay
        moved = False
        link.work(now)
        for data in link.take():
            moved = True
            for what in end.receive(data, 0.0):
                if not isinstance(what, Fetch):
                    relay.asked(end, what, now // HOUR)
        if end.mailbox:
            relay.push(end)
        for data in end.take():
            moved = True
            link.receive(data, 0.0, now)
        link.work(now)
        return moved

    def look(self) -> bool:
        """Look at the log where one is due."""
        now = self.network.now
        if not self.engine.log_due(now) or not self.network.log_up:
            return False
        look = self.engine.look()
        self.engine.seen(look.run(self.network.fetch, now), now)
        return True

    def submit(self) -> bool:
        entry = self.engine.entry_due(self.network.now)
        if entry is None:
            return False
        self.network.add(entry)
        self.engine.entry_sent(self.network.now)
        return True

    def cut(self) -> None:
        """All connections end at once."""
        self.ends = {}

    def restart(self) -> None:
        """Close the file and open it again, as after the end of the process."""
        self.cut()
        store = self.engine.books.store
        path = store.path
        store.close()
        store = Store.open(path, "secret")
        self.engine = Engine(store, leave_of(store), self.engine.rules, self.network.draw)

    def unrest(self) -> list[object]:
        """What this phone goes on doing."""
        engine, now = self.engine, self.network.now
        jobs = [(type(one).__name__, one.key[:4].hex(), one.mailbox[:4].hex()) for one in engine.sender_jobs(now)]
        jobs += [
            (type(one).__name__, one.key[:4].hex()) for box in engine.boxes() for one in engine.owner_jobs(box.mailbox)
        ]
        boxes = [(box.mailbox[:4].hex(), box.until, box.bundles, box.token) for box in self.own.boxes]
        ends = [
            (key[:4].hex(), link.closed, end.closed, getattr(link, "_jobs", {}))
            for key, (link, end) in self.ends.items()
        ]
        waits = [(key[:4].hex(), at - now) for key, at in engine.outbox._later.items()]
        return [self.own.settings.name, engine.log_due(now), jobs, boxes, ends, waits, engine.outbox._stale]

    # what tests ask

    def texts(self, other: "Phone") -> list[str]:
        return [item.text for _, item in self.engine.books.items(other.user, 1_000) if item.text]

    def notices(self) -> list[str]:
        return [told.notice.code for told in self.engine.notices()]

    def codes(self) -> list[str]:
        return [event.code for event in self.events]

    def send(self, other: "Phone", text: str) -> bytes:
        return self.engine.send(other.user, text, self.network.now).id


class Network:
    """Relay, log, witnesses and phones, and the one clock of them all (milliseconds)."""

    def __init__(self, folder: Path, rules: Rules | None = None) -> None:
        self.folder = folder
        self.rules = rules or Rules()
        self.relay = MemoryRelay()
        self.team = Team(folder)
        self.admission = Admission()
        self.fetch = self.team.fetch
        self.phones: list[Phone] = []
        self.tokens = 0
        self.draw = random.Random(7)
        self.log_up = True
        self.team.grow([])

    @property
    def now(self) -> int:
        return self.team.now * 1_000

    def pass_time(self, milliseconds: int) -> None:
        """Let time pass, the witnesses sign again, and every phone look at its clock."""
        self.team.now += milliseconds // 1_000
        if self.log_up:
            self.team.grow([])
        for phone in self.phones:
            if phone.online:
                phone.engine.tick(self.now)

    def add(self, entry: bytes) -> None:
        """The log's own side: admit, integrate, have it cosigned, publish. What it refuses is refused in silence here."""
        try:
            self.team.grow([self.admission.take(entry).data])
        except LogError:
            return

    def leave(self, tokens: int = 3) -> Leave:
        made = []
        for _ in range(tokens):
            self.tokens += 1
            made.append(b"token %d" % self.tokens)
        policy = self.team.policy
        return Leave(
            "ws://relay.invalid",
            RELAY,
            ("http://log.invalid",),
            policy.log_keys[0].text,
            tuple(one.text for one in policy.witnesses),
            policy.needed,
            b"o" * 32,
            tuple(made),
            b"log token",
        )

    def phone(self, name: str, **more: Any) -> Phone:
        path = self.folder / f"{name}-{len(self.phones)}.phone"
        leave = more.pop("leave", None) or self.leave(more.pop("tokens", 3))
        store, self.code = create(path, "secret", leave, self.now, name, effort=CHEAP, **more)
        phone = Phone(self, Engine(store, leave, self.rules, self.draw))
        phone.code = self.code
        self.phones.append(phone)
        return phone

    def settle(self, rounds: int = 400) -> None:
        """Carry bytes until nothing moves any more."""
        for _ in range(rounds):
            moved = [phone.step() for phone in self.phones]
            if not any(moved):
                return
        raise AssertionError(f"the network does not come to rest: {[phone.unrest() for phone in self.phones]}")

    def introduce(self, one: Phone, other: Phone) -> None:
        """``one`` invites, ``other`` answers, until both are contacts."""
        invite = one.engine.invite(self.now)
        self.settle()
        other.engine.answer(one.engine.invite_link(invite), self.now)
        self.wait_for_log()

    def wait_for_log(self, looks: int = 4) -> None:
        """Settle, and give everybody some looks at the log."""
        for _ in range(looks):
            self.settle()
            self.pass_time(self.rules.log_soon + 1_000)
        self.settle()

    def everybody_looks(self) -> None:
        """Long enough that every phone looks at the log, and what follows from it."""
        self.settle()
        self.pass_time(self.rules.log_every * 2)
        self.wait_for_log()

    def close(self) -> None:
        for phone in self.phones:
            phone.engine.books.store.close()
        self.team.close()
