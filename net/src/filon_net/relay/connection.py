"""One phone's connection: the transport on one side, ``RelayEnd`` in the middle, the relay's threads on the other.

Nothing here knows where the phone is: the address of a socket is never asked for. Memory is bounded by what ``RelayEnd`` queues,
by what the transport takes before it says stop, and by one message in parts.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport

from filon_net.relay.asks import Ask, Look, Outcome, Page
from filon_net.relay.errors import OutcomeUnknown, StoreFailed
from filon_net.wire import FRAME_SIZE, Closed, Code, RelayEnd, Token, check_token
from filon_net.wire.errors import BadSignature, OutOfTurn, TooLarge, WireError
from filon_net.wire.frames import Ack, Admit, Deliver, Fetch, Open, Opened, Refused
from filon_net.wire.relay_end import Asked

if TYPE_CHECKING:
    from filon_net.relay.edge import Edge

__all__ = ["Connection"]

_RETRY = 5
"""Seconds after which a refused phone may ask a busy relay again."""
_HIGH = 64 * 1024
"""Bytes a transport holds before it says stop."""
_LINGER = 5.0
"""Seconds a phone has to take the last words."""


class Connection(WSListener):
    """One connection, from its upgrade to its end. All methods run on the loop's thread."""

    __slots__ = (
        "_behind",
        "_edge",
        "_over",
        "_parts",
        "_paused",
        "_reading",
        "_seen",
        "_transport",
        "end",
        "turn",
    )

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._transport: WSTransport | None = None
        self._paused = False
        self._over = False
        self._parts: list[bytes] | None = None
        self._seen: int | None = (
            None  # of an owner who fetches: everything up to this number was delivered, or never will be
        )
        self._behind = False  # more may lie in the store
        self._reading = False
        self.turn = edge.next_turn()
        self.end = RelayEnd(edge.name, edge.nonce(), edge.now(), edge.limits)

    # what the transport tells

    def on_ws_connected(self, transport: WSTransport) -> None:
        """The upgrade is done: challenge the phone."""
        self._transport = transport
        transport.underlying_transport.set_write_buffer_limits(high=_HIGH)
        self._edge.arrived(self)
        self.flush()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """One frame of the transport, a whole message as a rule."""
        if self._over:
            if frame.msg_type == WSMsgType.CLOSE:
                transport.disconnect()
            return
        if frame.msg_type == WSMsgType.BINARY and frame.fin and self._parts is None:
            self._heard(frame.get_payload_as_bytes())
        elif frame.msg_type in (WSMsgType.BINARY, WSMsgType.CONTINUATION):
            self._heard_part(frame)
        elif frame.msg_type == WSMsgType.CLOSE:
            self._over = True
            self._edge.disowns(self)
            transport.send_close(WSCloseCode.OK)
            transport.disconnect()
            self._cut_later(transport)
        elif frame.msg_type == WSMsgType.PING:
            # answered here, not by the library: it would go on answering who takes no answers
            if self._paused:
                self.finish(Code.TOO_MANY)
            else:
                transport.send_pong(frame.get_payload_as_bytes())
        elif frame.msg_type == WSMsgType.TEXT:
            self.finish(Code.MALFORMED)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """The socket is gone, for whatever reason; an answer under way finds nobody."""
        self._over = True
        self._transport = None
        self._edge.left(self)

    def pause_writing(self) -> None:
        """The phone does not take what is sent: what comes now waits in the end's own queue."""
        self._paused = True

    def resume_writing(self) -> None:
        """The phone reads again."""
        self._paused = False
        self.flush()
        self.pump()

    # what the phone says

    def _heard_part(self, frame: WSFrame) -> None:
        first = frame.msg_type == WSMsgType.BINARY
        if first is not (self._parts is None):
            self.finish(Code.MALFORMED)
            return
        parts = self._parts = self._parts or []
        parts.append(frame.get_payload_as_bytes())
        if sum(map(len, parts)) > FRAME_SIZE or len(parts) > FRAME_SIZE // 1_024:
            self.finish(Code.TOO_LARGE)
        elif frame.fin:
            self._parts = None
            self._heard(b"".join(parts))

    def _heard(self, data: bytes) -> None:
        for asked in self.end.receive(data, self._edge.now()):
            self._serve(asked)
        self.flush()

    def _serve(self, asked: Asked) -> None:
        if isinstance(asked, Closed):
            self.finish(asked.code)
        elif isinstance(asked, Fetch):
            self._seen, self._behind = asked.after, True
            self.pump()
        elif isinstance(asked, Ack):
            # there is no way to refuse an Ack; sixteen small ones a connection are bound enough
            if not self._edge.writer.submit(Ask(self._mailbox, asked), self, force=True):
                self.go_away()
            self.pump()
        elif isinstance(asked, Open | Admit):
            self._ask(Ask(asked.mailbox, self._invited(asked) if isinstance(asked, Admit) else asked), None)
        else:
            self._ask(Ask(self.end.mailbox or asked.mailbox, asked), asked.request)  # type: ignore[union-attr]

    @property
    def _mailbox(self) -> bytes:
        assert self.end.mailbox is not None
        return self.end.mailbox

    def _invited(self, asked: Admit) -> Admit | Token:
        """The invite where it is good, else the admission as it came: it may still open what is there already."""
        try:
            return check_token(asked.token, self._edge.operators, self._edge.hour())
        except (WireError, BadSignature):
            return asked

    def _ask(self, ask: Ask, request: int | None) -> None:
        if not self._edge.writer.submit(ask, self):
            self._refuse(request)

    def _refuse(self, request: int | None) -> None:
        code = Code.TRY_LATER if request is not None else Code.GOING_AWAY
        self.answer(Outcome(Refused(request, code, _RETRY)))

    # what the relay says

    def answer(self, outcome: Outcome) -> None:
        """Say what became of an ask; the caller flushes."""
        if self._over:
            return
        answer = outcome.answer
        try:
            self.end.answer(answer)
        except TooLarge:
            self.finish(Code.TOO_MANY)
            return
        if isinstance(answer, Refused):
            self._edge.metrics.refused(answer.code)
            if self.end.closed is not None:
                self.finish(self.end.closed.code)
        elif isinstance(answer, Opened):
            self._edge.owns(self)

    def failed(self, ask: Ask, error: StoreFailed) -> None:
        """Say that the store did not keep an ask, or end where nobody knows whether it did."""
        if self._over:
            return
        request = getattr(ask.what, "request", None)
        if isinstance(error, OutcomeUnknown) or request is None:
            self.go_away()
        else:
            self._refuse(request)

    def go_away(self, code: Code = Code.GOING_AWAY) -> None:
        """End with a word of goodbye: 4503 unless another code is given."""
        if not self._over:
            retry = _RETRY + self._edge.jitter() if code == Code.GOING_AWAY else None
            with suppress(TooLarge, OutOfTurn):  # who does not read hears the close code, if that
                self.end.answer(Refused(None, code, retry))
            self.finish(code)

    def finish(self, code: Code) -> None:
        """End: what is queued goes out, then the close code; who does not answer it within seconds is cut off."""
        if self._over:
            return
        self._over = True
        self._edge.metrics.closed(code)
        self._edge.disowns(self)
        transport = self._transport
        if transport is None:
            return
        if not transport.is_close_frame_sent:  # the library says its own where a frame is none
            self.flush()
            transport.send_close(int(code), b"")  # type: ignore[arg-type]  # any number is one; the type knows the registered ones
        self._cut_later(transport)

    @staticmethod
    def _cut_later(transport: WSTransport) -> None:
        """Who does not take the last words would keep the socket, and what is queued, for as long as its machine answers."""
        asyncio.get_running_loop().call_later(_LINGER, transport.disconnect, False)

    # deliveries

    def wake(self, kept: Deliver | None) -> None:
        """Something was posted: ``kept`` where it happened here, None where only the store knows."""
        if self._seen is None or self._over:
            return
        if (
            kept is not None
            and kept.number == self._seen + 1
            and not (self._behind or self._reading)
            and self._room() > 0
        ):
            self._deliver(kept)
            self.flush()
        elif kept is None or kept.number > self._seen:
            self._behind = True
            self.pump()

    def pump(self) -> None:
        """Read on in the store where there is more, and the phone takes more."""
        if self._behind and not (self._reading or self._over) and (room := self._room()) > 0:
            assert self._seen is not None
            self._reading, self._behind = True, False
            self._edge.reader.submit(Look(self._mailbox, self._seen, room), self)

    def found(self, page: Page | None, limit: int) -> None:
        """What the store gave for ``pump``; None where it failed: the next tick asks again."""
        self._reading = False
        if self._over or self._transport is None:
            return
        if page is None:
            self._behind = True
            return
        assert self._seen is not None
        whole = len(page.found) < limit
        for one in page.found:
            if not self._room():
                self._behind = True
                whole = False
                break
            self._deliver(one)
        if whole:
            self._seen = max(self._seen, page.last)
        else:
            self._behind = True
        self.flush()
        self.pump()

    def _room(self) -> int:
        return 0 if self._paused or self._edge.crowded else self.end.room()

    def _deliver(self, one: Deliver) -> None:
        self.end.deliver(one)
        self._seen = one.number
        self._edge.metrics.delivered.inc()

    def tick(self, now: float) -> None:
        """Let time pass."""
        self.end.tick(now)
        if self.end.closed is not None:
            self.finish(self.end.closed.code)
        self.pump()

    def flush(self) -> None:
        """Hand what is queued to the transport, as long as it takes it."""
        transport = self._transport
        if transport is None or self._paused or not self.end.queued:
            return
        for data in self.end.take():
            transport.send(WSMsgType.BINARY, data)
