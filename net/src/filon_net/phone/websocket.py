"""One WebSocket to a relay and the link on it; ``connection`` says when there is to be one."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Protocol, TypeVar

from picows import WSError, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect
from python_socks import ProxyError

from filon_net.phone.relaying import OwnerLink, SenderLink
from filon_net.wire import FRAME_SIZE

__all__ = ["Runner", "Socket", "connected"]

_CONNECT = 60.0
"""Seconds for everything up to the WebSocket: through Tor that may take half of them."""
_LINGER = 1.0
"""Seconds for the last words on a connection that this side ends."""
_CONNECTING = (OSError, WSError, ProxyError, ValueError, asyncio.TimeoutError)
L = TypeVar("L", bound=OwnerLink | SenderLink)


class Runner(Protocol):
    """Whoever runs the phone that the sockets are of."""

    def now(self) -> int:
        """Milliseconds since 1970 (UTC)."""

    def guarded(self, what: Callable[[], object]) -> bool:
        """Do something with the engine; False where the phone stopped."""

    def wake(self) -> None:
        """Something may be due."""


class Socket(WSListener):
    """One WebSocket and the link on it. ``over`` is set when it ended."""

    def __init__(self, link: OwnerLink | SenderLink, runner: Runner) -> None:
        self.link = link
        self.over = asyncio.Event()
        self._runner = runner
        self._transport: WSTransport | None = None
        self._parts: list[bytes] = []
        self._paused = False
        self._ending = False

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.CLOSE:
            self.end()
            return
        if frame.msg_type not in (WSMsgType.BINARY, WSMsgType.CONTINUATION):
            return
        self._parts.append(frame.get_payload_as_bytes())
        if sum(map(len, self._parts)) > FRAME_SIZE:
            self.end()
            return
        if not frame.fin:
            return
        data, self._parts = b"".join(self._parts), []
        if self._runner.guarded(lambda: self.link.receive(data, time.monotonic(), self._runner.now())):
            self.flush()
            self._runner.wake()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._transport = None
        self.over.set()

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        self.flush()

    def flush(self) -> None:
        """Give the transport what the link has for it."""
        if self._transport is not None and not self._paused:
            for data in self.link.take():
                self._transport.send(WSMsgType.BINARY, data)
        if self.link.closed is not None:
            self.end()

    def end(self) -> None:
        """Close from this side: at once where everything was taken, else after a moment. A way that swallows what is sent would
        hold the socket for as long as the system tries, a quarter of an hour, and with it whatever comes after."""
        if self._transport is not None and not self._ending:
            self._ending = True
            self._transport.disconnect()
            asyncio.get_running_loop().call_later(_LINGER, self._transport.disconnect, False)


async def connected(url: str, make: Callable[[], L], runner: Runner, proxy: str | None) -> tuple[L, Socket] | None:
    """A WebSocket that is there, None where none came to be. Its link is made only then: over a slow way that alone takes longer
    than a relay may take to answer.

    The library finishes a handshake also where nobody waits for it any more, and calls it no error where the other side closed
    before: in both cases nobody would look after what was made.
    """
    made: list[tuple[L, Socket]] = []
    waited_for = True

    def listen() -> Socket:
        if not waited_for:
            raise ConnectionAbortedError
        link = make()
        made.append((link, Socket(link, runner)))
        return made[0][1]

    there = False
    try:
        async with asyncio.timeout(_CONNECT):
            await ws_connect(
                listen,
                url,
                max_frame_size=FRAME_SIZE,
                proxy=proxy,
                logger_name=_silent(),
                max_redirects=0,
                websocket_handshake_timeout=_CONNECT,
            )
        there = bool(made)
    except _CONNECTING:
        return None
    finally:
        waited_for = False
        if not there:
            for _, socket in made:
                socket.end()
    return made[0] if there else None


def _silent() -> logging.LoggerAdapter[logging.Logger]:
    """A log of connections would say whom this phone writes to, and when."""
    return logging.LoggerAdapter(logging.Logger("filon_net.phone.silent", logging.CRITICAL + 1))
