"""The phone's end of a connection: calls of the phone in, frames of the relay out. The relay is not trusted.

A phone uses one connection per mailbox it reads and another, without login, for everything it sends. What the relay
may not do here ends the connection and is reported: another relay's name, a delivery nobody fetched or past the
window, numbers that fall, answers to nothing, a claim to be any earlier protocol.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import TypeAlias

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from filon_net.wire.connection import Closed, End, Limits
from filon_net.wire.errors import OutOfTurn, TooLarge
from filon_net.wire.frames import (
    Ack,
    Acked,
    Admit,
    Challenge,
    Claim,
    Claimed,
    Code,
    Deliver,
    Done,
    Fetch,
    Frame,
    Grant,
    Open,
    Opened,
    Ping,
    Post,
    Posted,
    Refused,
    Revoke,
    Stock,
)
from filon_net.wire.proofs import ADMIT, OPEN, mailbox_of, prove

__all__ = ["PhoneEnd", "Told"]

Told: TypeAlias = Challenge | Opened | Deliver | Acked | Done | Posted | Claimed | Refused | Closed
"""What ``receive`` and ``tick`` report."""

_FITTING: dict[type[Frame], type[Frame]] = {Post: Posted, Claim: Claimed, Grant: Done, Revoke: Done, Stock: Done}


class PhoneEnd(End):
    """One connection as the phone sees it: an owner's where ``key`` is given, else a sender's.

    ``relay`` is the name the phone was told at joining; ``token`` asks to make the mailbox instead of opening it.
    """

    def __init__(
        self,
        relay: bytes,
        now: float,
        key: Ed25519PrivateKey | None = None,
        token: bytes | None = None,
        limits: Limits | None = None,
    ) -> None:
        super().__init__(now, limits or Limits())
        self._relay = relay
        self._key = key
        self._token = token
        self._state = "waiting"  # waiting → asking → open (owner), or waiting → open (sender)
        self._asked: dict[int, type[Frame]] = {}
        self._acks: list[int] = []
        self._next = 0
        self._unanswered = 0
        self._unacked = 0
        self._window = 0
        self._last = -1
        self._under_way: dict[int, None] = {}
        self._pinged = now
        self._doubted: float | None = None

    def receive(self, data: bytes, now: float) -> list[Told]:
        """What one message of the relay says: nothing, one frame, or the end of the connection."""
        if self.closed is not None:
            return []
        frame = self.read(data, now)
        if frame is None or isinstance(frame, Closed):
            return [frame] if frame else []
        try:
            return self._believed(frame)
        except OutOfTurn as error:
            return [self._close(Code.OUT_OF_TURN, str(error))]

    def tick(self, now: float) -> list[Told]:
        """Let time pass: ask after silence, give up after more."""
        if self.closed is not None:
            return []
        silent = now - self.heard
        if self._doubted is not None and self.heard > self._doubted:
            self._doubted = None
        if self._doubted is not None and now - self._doubted > self.limits.answer:
            return [self._close(Code.TIMED_OUT, "the relay is silent")]
        if silent > self.limits.idle or (self._state != "open" and now - self.began > self.limits.hello):
            return [self._close(Code.TIMED_OUT, "the relay is silent")]
        if silent > self.limits.ping and now - self._pinged > self.limits.ping:
            self._ping(now)
        return []

    def doubt(self, now: float) -> None:
        """The way may be gone, as after a machine slept: ask at once, and take the relay for gone where it does not answer soon."""
        if self.closed is None and self._state == "open":
            self._doubted = now
            self._ping(now)

    def _ping(self, now: float) -> None:
        self._pinged = now
        with suppress(TooLarge):  # a relay that takes nothing off the queue will be found silent
            self._put(Ping(int(now).to_bytes(8, "big", signed=True)))

    def fetch(self, after: int, window: int) -> None:
        """Ask for everything numbered above ``after``; once per connection."""
        self._owner()
        self._expect(not self._window, "fetch once per connection")
        self._put(Fetch(after, window))
        self._window, self._last = min(window, self._unacked), after

    def ack(self, numbers: Sequence[int]) -> None:
        """Tell the relay to erase these; only after they are durable on the phone."""
        self._owner()
        rising = tuple(sorted(numbers))
        self._expect(all(number in self._under_way for number in rising), "not delivered on this connection")
        self._put(Ack(rising))
        self._acks.append(len(rising))
        for number in rising:
            del self._under_way[number]

    def grant(self, capability: bytes, daily: int) -> int:
        """Let whoever shows the secret behind this digest post; the request's number."""
        self._owner()
        return self._ask(Grant(self._next, capability, daily))

    def revoke(self, capability: bytes) -> int:
        """Take the leave back; the request's number."""
        self._owner()
        return self._ask(Revoke(self._next, capability))

    def stock(self, bundles: Sequence[bytes], last_resort: bytes | None) -> int:
        """Leave bundles to be handed out; the request's number."""
        self._owner()
        return self._ask(Stock(self._next, tuple(bundles), last_resort))

    def post(self, mailbox: bytes, capability: bytes, expires: int, blob: bytes) -> int:
        """Send a sealed blob; the request's number. OutOfTurn where too many are unanswered."""
        self._sender()
        return self._ask(Post(self._next, mailbox, capability, expires, blob))

    def claim(self, mailbox: bytes, capability: bytes) -> int:
        """Ask for a bundle of the owner of ``mailbox``; the request's number."""
        self._sender()
        return self._ask(Claim(self._next, mailbox, capability))

    def _ask(self, frame: Post | Claim | Grant | Revoke | Stock) -> int:
        self._expect(len(self._asked) < self._unanswered, "too many requests without an answer")
        self._put(frame)
        self._asked[frame.request] = type(frame)
        self._next += 1
        return frame.request

    def _believed(self, frame: Frame) -> list[Told]:
        if isinstance(frame, Challenge):
            return [self._challenged(frame)]
        if isinstance(frame, Refused):
            if frame.request is None:
                return [frame, self._close(frame.code if frame.code.closes else Code.NOT_PROVEN, "refused")]
            self._expect(self._asked.pop(frame.request, None) is not None, "refused what was not asked")
            return [frame]
        if isinstance(frame, Opened):
            self._expect(self._state == "asking", "opened what was not asked for")
            self._state = "open"
            return [frame]
        if isinstance(frame, Deliver):
            self._expect(len(self._under_way) < self._window, "delivered past the window")
            self._expect(frame.number > self._last, "delivered out of order")
            self._last = frame.number
            self._under_way[frame.number] = None
            return [frame]
        if isinstance(frame, Acked):
            self._expect(bool(self._acks) and self._acks.pop(0) == frame.count, "erased what was not acknowledged")
            return [frame]
        if isinstance(frame, Done | Posted | Claimed):
            asked = self._asked.pop(frame.request, None)
            self._expect(asked is not None and _FITTING[asked] is type(frame), "answered what was not asked")
            return [frame]
        raise OutOfTurn("a relay does not send this")

    def _challenged(self, frame: Challenge) -> Told:
        self._expect(self._state == "waiting", "challenged twice")
        if frame.relay != self._relay:
            return self._close(Code.NOT_PROVEN, "this is another relay than the one the phone was told")
        self._unanswered = min(frame.unanswered, self.limits.unanswered)
        self._unacked = min(frame.unacked, self.limits.unacked)
        if self._key is None:
            self._state = "open"
        else:
            self._state = "asking"
            mailbox = mailbox_of(self._key)
            purpose = OPEN if self._token is None else ADMIT
            signature = prove(self._key, purpose, self._relay, frame.nonce)
            self._put(Open(mailbox, signature) if self._token is None else Admit(mailbox, signature, self._token))
        return frame

    def _owner(self) -> None:
        self._expect(self._key is not None and self._state == "open", "only on an open owner's connection")

    def _sender(self) -> None:
        self._expect(self._key is None and self._state == "open", "only on a connection without login")

    @staticmethod
    def _expect(holds: bool, otherwise: str) -> None:
        if not holds:
            raise OutOfTurn(otherwise)
