"""What both ends of a connection share: a bounded queue of outgoing frames, silence, the end.

No sockets and no clocks: the owner of the socket hands in each received message and the time in seconds (any clock
that never goes back), and sends what ``take`` gives. ``closed`` is None while the connection lives.
"""

import msgspec

from filon_net.wire.errors import Malformed, OutOfTurn, TooLarge
from filon_net.wire.frames import VERSION, Code, Frame, Ping, Pong, decode_frame, encode_frame

__all__ = ["Closed", "End", "Limits"]


class Limits(msgspec.Struct, frozen=True):
    """What one connection may cost. Times in seconds, sizes in bytes."""

    unacked: int = 256
    """Deliveries under way that the phone has not acknowledged."""
    unanswered: int = 32
    """Requests under way that the relay has not answered."""
    acks: int = 16
    """Ack frames under way that the relay has not answered."""
    queue: int = 4 * 1024 * 1024
    """Outgoing bytes that the transport has not taken yet."""
    hello: float = 10.0
    """From the first byte to a proof, or to the first post."""
    idle: float = 120.0
    """Silence of the other end after which it is taken for gone."""
    ping: float = 45.0
    """Silence after which the phone asks."""
    answer: float = 20.0
    """Silence after which a phone that has reason to doubt the way takes the relay for gone."""


class Closed(msgspec.Struct, frozen=True):
    """Event: the connection is over. ``code`` is the WebSocket close code; ``why`` is for a local log only."""

    code: Code
    why: str


class End:
    """One end of one connection; what may be said on it, its two kinds know."""

    def __init__(self, now: float, limits: Limits) -> None:
        self.limits = limits
        self.closed: Closed | None = None
        """Why the connection is over, None while it lives."""
        self.began = now
        self.heard = now
        self._out: list[bytes] = []
        self._queued = 0

    @property
    def queued(self) -> int:
        """Outgoing bytes that nobody has taken yet."""
        return self._queued

    def take(self) -> list[bytes]:
        """The messages to send now, in order; they leave the queue."""
        out, self._out, self._queued = self._out, [], 0
        return out

    def _close(self, code: Code, why: str) -> Closed:
        """End the connection from this side. The first reason stays."""
        if self.closed is None:
            self.closed = Closed(code, why)
        return self.closed

    def _put(self, frame: Frame) -> None:
        """Put a frame out; OutOfTurn when over, TooLarge where the other end takes nothing off the queue."""
        if self.closed is not None:
            raise OutOfTurn("the connection is over", hint="open a new one")
        data = encode_frame(frame)
        if self._queued + len(data) > self.limits.queue:
            raise TooLarge("the other end is not reading", hint="wait until the queue is taken, then try again")
        self._out.append(data)
        self._queued += len(data)

    def read(self, data: bytes, now: float) -> Frame | Closed | None:
        """The frame of one message; None for a ping or pong; Closed where the message ends the connection."""
        self.heard = now
        try:
            frame = decode_frame(data)
        except TooLarge as error:
            return self._close(Code.TOO_LARGE, str(error))
        except Malformed as error:
            other = bool(data) and data[0] != VERSION
            return self._close(Code.VERSION if other else Code.MALFORMED, str(error))
        if isinstance(frame, Ping):
            try:
                self._put(Pong(frame.mark))
            except TooLarge as error:
                return self._close(Code.TOO_MANY, str(error))
            return None
        return None if isinstance(frame, Pong) else frame
