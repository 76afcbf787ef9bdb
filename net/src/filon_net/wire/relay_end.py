"""The relay's end of a connection: frames of a phone in, permitted requests out.

A connection is one of two things and never both: an *owner's* (a mailbox was proven; fetch, ack, grant, revoke, stock)
or a *sender's* (nobody logged in; post, claim). A post on an owner's connection would tell the relay who writes to
whom, so it ends the connection. The events are the phone's own frames, checked; the relay answers each with
``answer``. What a relay does with them (store, quota, expiry, spent tokens) is not decided here.
"""

from typing import TypeAlias

from filon_net.wire.connection import Closed, End, Limits
from filon_net.wire.errors import BadSignature, OutOfTurn, TooLarge
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
    Post,
    Posted,
    Refused,
    Revoke,
    Stock,
)
from filon_net.wire.proofs import ADMIT, OPEN, check_proof

__all__ = ["Asked", "RelayEnd"]

Asked: TypeAlias = Open | Admit | Fetch | Ack | Grant | Revoke | Stock | Post | Claim | Closed
"""What ``receive`` and ``tick`` report."""

_FITTING = {Post: Posted, Claim: Claimed, Grant: Done, Revoke: Done, Stock: Done}


class RelayEnd(End):
    """One connection as the relay sees it. ``relay`` (32 bytes) names the relay, ``nonce`` must be fresh and random."""

    def __init__(self, relay: bytes, nonce: bytes, now: float, limits: Limits | None = None) -> None:
        super().__init__(now, limits or Limits())
        self._relay = relay
        self._nonce = nonce
        self._state = "new"  # new → asking → owner, or new → sender
        self._asked: dict[int, type[Frame]] = {}
        self._acks: list[int] = []
        self._under_way: dict[int, None] = {}
        self._last = -1
        self._window = 0
        self.mailbox: bytes | None = None
        """The mailbox whose ownership was proven here, None on a sender's connection."""
        allowed = self.limits
        self._put(Challenge(relay, nonce, allowed.unacked, allowed.unanswered))

    def receive(self, data: bytes, now: float) -> list[Asked]:
        """What one message of the phone asks for: nothing, one request, or the end of the connection."""
        if self.closed is not None:
            return []
        frame = self.read(data, now)
        if frame is None or isinstance(frame, Closed):
            return [frame] if frame else []
        try:
            return [self._permitted(frame)]
        except BadSignature as error:
            return [self._close(Code.NOT_PROVEN, str(error))]
        except TooLarge as error:
            return [self._close(Code.TOO_MANY, str(error))]
        except OutOfTurn as error:
            return [self._close(Code.OUT_OF_TURN, str(error))]

    def answer(self, frame: Opened | Posted | Claimed | Done | Acked | Refused) -> None:
        """Answer what was asked. OutOfTurn where nothing fitting was asked, TooLarge where the phone does not read."""
        if isinstance(frame, Opened):
            self._expect(self._state == "asking", "nobody asked to open a mailbox")
        elif isinstance(frame, Acked):
            self._expect(bool(self._acks) and self._acks[0] == frame.count, "no such acknowledgement is waiting")
        elif isinstance(frame, Refused) and frame.request is None:
            self._expect(self._state == "asking" or frame.code.closes, "nothing to refuse")
        else:
            request = frame.request
            asked = self._asked.get(request) if request is not None else None
            fits = asked is not None and (isinstance(frame, Refused) or _FITTING[asked] is type(frame))
            self._expect(fits, "this answers nothing that was asked")
        self._put(frame)
        if isinstance(frame, Opened):
            self._state = "owner"
        elif isinstance(frame, Acked):
            self._acks.pop(0)
        elif isinstance(frame, Refused) and frame.request is None:
            self._close(frame.code if frame.code.closes else Code.NOT_PROVEN, "refused by the relay")
        elif frame.request is not None:
            del self._asked[frame.request]

    def room(self) -> int:
        """How many blobs may be delivered now. 0 before Fetch, with a full window, or where the phone does not read."""
        if self._state != "owner" or self.closed is not None:
            return 0
        free = max(0, self.limits.queue - self.queued) // (96 * 1024)
        return max(0, min(self._window - len(self._under_way), free))

    def deliver(self, frame: Deliver) -> None:
        """Send one blob; numbers must rise. OutOfTurn without room or out of order."""
        self._expect(self.room() > 0, "no room for a delivery")
        self._expect(frame.number > self._last, "deliveries must rise")
        self._put(frame)
        self._last = frame.number
        self._under_way[frame.number] = None

    def tick(self, now: float) -> list[Asked]:
        """Let time pass: silence ends a connection, and so does not saying what it is for."""
        if self.closed is not None:
            return []
        limits = self.limits
        if self._state in ("new", "asking") and now - self.began > limits.hello:
            return [self._close(Code.TIMED_OUT, "nothing was asked for in time")]
        if now - self.heard > limits.idle:
            return [self._close(Code.TIMED_OUT, "silent for too long")]
        return []

    def _permitted(self, frame: Frame) -> Asked:
        if isinstance(frame, Open | Admit):
            self._expect(self._state == "new", "a connection opens one mailbox, once")
            purpose = OPEN if isinstance(frame, Open) else ADMIT
            check_proof(frame.mailbox, frame.signature, purpose, self._relay, self._nonce)
            self._state, self.mailbox = "asking", frame.mailbox
            return frame
        if isinstance(frame, Post | Claim):
            self._expect(self._state in ("new", "sender"), "posts go over a connection without login")
            self._state = "sender"
            self._remember(frame)
            return frame
        if isinstance(frame, Fetch):
            self._expect(self._state == "owner" and not self._window, "fetch once, after the mailbox is open")
            self._window = min(frame.window, self.limits.unacked)
            self._last = frame.after
            return frame
        if isinstance(frame, Ack):
            self._expect(all(number in self._under_way for number in frame.numbers), "acknowledged what was not sent")
            if len(self._acks) >= self.limits.acks:
                raise TooLarge("too many acknowledgements under way")
            self._acks.append(len(frame.numbers))
            for number in frame.numbers:
                del self._under_way[number]
            return frame
        if isinstance(frame, Grant | Revoke | Stock):
            self._expect(self._state == "owner", "only the owner may do this")
            self._remember(frame)
            return frame
        raise OutOfTurn("a phone does not send this")

    def _remember(self, frame: Post | Claim | Grant | Revoke | Stock) -> None:
        self._expect(frame.request not in self._asked, "this request is under way already")
        if len(self._asked) >= self.limits.unanswered:
            raise TooLarge("too many requests under way")
        self._asked[frame.request] = type(frame)

    @staticmethod
    def _expect(holds: bool, otherwise: str) -> None:
        if not holds:
            raise OutOfTurn(otherwise)
