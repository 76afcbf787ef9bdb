"""A phone's two kinds of connection to a relay, between ``wire.PhoneEnd`` and the engine; no sockets, no clocks.

``OwnerLink`` reads one mailbox, ``SenderLink`` posts and claims without login, never both on one connection: whoever carries
the bytes must also not let the two be told for one phone's by opening and closing them together. Each call takes ``clock`` (seconds
that never go back) and ``now`` (milliseconds since 1970). After ``receive``, call ``work``: it takes what was delivered into the
store in one turn, acknowledges it, and asks for what is due.
"""

from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from filon_net.phone.engine import Engine
from filon_net.phone.mailboxes import GrantJob, OwnerJob, StockJob
from filon_net.phone.outbox import PostJob, SenderJob
from filon_net.phone.state import Box
from filon_net.wire import Closed, PhoneEnd
from filon_net.wire.errors import OutOfTurn, TooLarge
from filon_net.wire.frames import Challenge, Claimed, Deliver, Done, Opened, Posted, Refused

__all__ = ["OwnerLink", "SenderLink"]

WINDOW = 64
"""Deliveries under way, and so at most in one turn."""
_MOST_ACKED = 256
J = TypeVar("J")


class OwnerLink:
    """The connection to one mailbox of this phone."""

    def __init__(self, engine: Engine, box: Box, clock: float) -> None:
        self._engine = engine
        self.mailbox = box.mailbox
        self._end = PhoneEnd(box.relay, clock, Ed25519PrivateKey.from_private_bytes(box.seed), box.token)
        self._jobs: dict[int, OwnerJob] = {}
        self._refused: set[bytes] = set()
        self._waiting: list[Deliver] = []
        self.began = clock
        self.open = False
        self.retry: int | None = None
        """Seconds after which the relay, when it ended this, asked to be called again."""

    @property
    def closed(self) -> Closed | None:
        """Why it is over, None while it lives."""
        return self._end.closed

    def take(self) -> list[bytes]:
        """Messages to send now."""
        return self._end.take()

    def receive(self, data: bytes, clock: float, now: int) -> None:
        """One message of the relay."""
        for told in self._end.receive(data, clock):
            if isinstance(told, Deliver):
                self._waiting.append(told)
            elif isinstance(told, Opened):
                self.open = True
                self._engine.opened(self.mailbox, told, now)
                self._end.fetch(0, WINDOW)
            elif isinstance(told, Refused) and told.request is None:
                self.retry = told.retry
                self._engine.not_opened(self.mailbox, told, now)
            elif isinstance(told, Done | Refused) and told.request is not None:
                job = self._jobs.pop(told.request, None)
                if job is not None:
                    if isinstance(told, Refused):
                        self._refused.add(job.key)
                    self._engine.owner_settled(self.mailbox, job, told, now)

    def work(self, now: int) -> None:
        """Take deliveries in, acknowledge them, ask for what is due."""
        if self._waiting:
            batch, self._waiting = self._waiting[:_MOST_ACKED], self._waiting[_MOST_ACKED:]
            self._engine.delivered(batch, now)
            if self._end.closed is None:
                self._end.ack([one.number for one in batch])  # only now: it is on the disk
        if not self.open or self._end.closed is not None:
            return
        under_way = {one.key for one in self._jobs.values()} | self._refused
        for job in self._engine.owner_jobs(self.mailbox):
            if job.key in under_way:
                continue
            try:
                self._jobs[self._ask(job)] = job
            except (OutOfTurn, TooLarge):  # enough is under way: the rest at the next call
                return

    def _ask(self, job: OwnerJob) -> int:
        if isinstance(job, GrantJob):
            return self._end.grant(job.capability, job.daily)
        if isinstance(job, StockJob):
            return self._end.stock(job.bundles, job.last_resort)
        return self._end.revoke(job.capability)

    def tick(self, clock: float) -> None:
        """Let time pass: ask after silence, give up after more."""
        self._end.tick(clock)

    def doubt(self, clock: float) -> None:
        """The way may be gone: ask now, and give up soon where no answer comes."""
        self._end.doubt(clock)


class SenderLink:
    """A connection without login to one relay, for everything this phone sends there."""

    def __init__(self, engine: Engine, relay: bytes, clock: float) -> None:
        self._engine = engine
        self._relay = relay
        self._end = PhoneEnd(relay, clock)
        self._jobs: dict[int, SenderJob] = {}
        self._open = False
        self._let_go = float("inf")
        self.served = False
        """True once the relay answered anything that was posted or claimed."""
        self.retry: int | None = None
        """As on an owner's."""

    @property
    def closed(self) -> Closed | None:
        """Why it is over, None while it lives."""
        return self._end.closed

    def left(self, clock: float) -> float:
        """Seconds until it is to be closed, 0 or less from then on: counted from its opening and from each answer to a post or
        claim, infinite before that. Pings do not count, or a connection would live for ever and show that all it carried comes of
        one phone."""
        return float("inf") if self._jobs else self._let_go - clock

    def take(self) -> list[bytes]:
        """Messages to send now."""
        return self._end.take()

    def receive(self, data: bytes, clock: float, now: int) -> None:
        """One message of the relay."""
        if self._jobs:
            self._let_go = clock + self._engine.rules.sender_idle(self._engine.draw)
        for told in self._end.receive(data, clock):
            if isinstance(told, Challenge):
                self._open = True
                self._let_go = clock + self._engine.rules.sender_idle(self._engine.draw)
            elif isinstance(told, Refused) and told.request is None:
                self.retry = told.retry
            elif isinstance(told, Posted | Claimed | Refused) and told.request is not None:
                job = self._jobs.pop(told.request, None)
                if job is not None:
                    self.served = True
                    self._engine.sender_settled(job, told, now)

    def work(self, now: int) -> None:
        """Post and claim what is due at this relay."""
        if not self._open or self._end.closed is not None:
            return
        under_way = {(type(one), one.key) for one in self._jobs.values()}
        for job in self._engine.sender_jobs(now):
            if job.relay != self._relay or (type(job), job.key) in under_way:
                continue
            try:
                if isinstance(job, PostJob):
                    request = self._end.post(job.mailbox, job.capability, job.expires, job.blob)
                else:
                    request = self._end.claim(job.mailbox, job.capability)
            except (OutOfTurn, TooLarge):  # enough is under way: the rest after the next answer
                return
            self._jobs[request] = job
            self._engine.outbox.tried(job)

    def tick(self, clock: float) -> None:
        """Let time pass."""
        self._end.tick(clock)

    def doubt(self, clock: float) -> None:
        """As on an owner's."""
        self._end.doubt(clock)
