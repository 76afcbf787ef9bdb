"""Sockets of the log and the witness, and what a stranger may do to them: how long a head, a body, a pause may be.

No address and no request is written anywhere. TLS ends at a proxy in front.
"""

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Iterator

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from filon_net.errors import FilonNetError, LogBusy, Malformed

__all__ = ["TooLong", "TooSlow", "bind", "read_body", "serve"]

HEAD_SIZE = 16 * 1024
HEAD_WITHIN = 10.0
"""Seconds in which the head of a request must be complete, counted from the connection or the answer before."""
BODY_WITHIN = 10.0
CONNECTIONS = 1024


class TooLong(Malformed):
    """A body of more bytes than it may have."""


class TooSlow(LogBusy):
    """A body that did not arrive in time."""


async def read_body(request: Request, most: int) -> bytes:
    """The body of a request. TooLong, or TooSlow where it takes more than ten seconds or is broken off."""
    told = request.headers.get("content-length", "0")
    if len(told) > 12 or int(told) > most:  # h11 lets digits through only
        raise TooLong("a body of more than {most} bytes", most=most)
    data = bytearray()
    try:
        async with asyncio.timeout(BODY_WITHIN):
            async for part in request.stream():
                data += part
                if len(data) > most:
                    raise TooLong("a body of more than {most} bytes", most=most)
    except (TimeoutError, ClientDisconnect) as error:
        raise TooSlow("the body did not arrive in time", hint="send it again") from error
    return bytes(data)


class _Guarded(H11Protocol):
    """HTTP/1.1 that ends a connection on which a request's head is not complete in time."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._idle_since: float | None = self.loop.time()
        self._watch()

    def _watch(self) -> None:
        if self.transport.is_closing():
            return
        busy = _busy(self.cycle)
        now = self.loop.time()
        if busy:
            self._idle_since = None
        elif self._idle_since is None:
            self._idle_since = now
        elif now - self._idle_since > HEAD_WITHIN:
            self.transport.close()
            return
        self._watcher = self.loop.call_later(HEAD_WITHIN / 4, self._watch)

    def connection_lost(self, exc: Exception | None) -> None:
        self._watcher.cancel()
        super().connection_lost(exc)


class _Server(uvicorn.Server):
    """Stops in order on SIGTERM and SIGINT and returns to its caller, who has a folder to let go of."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop, signals = asyncio.get_running_loop(), (signal.SIGTERM, signal.SIGINT)
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        for one in signals:
            loop.add_signal_handler(one, self.handle_exit, one, None)
        try:
            yield
        finally:
            for one in signals:
                loop.remove_signal_handler(one)


def _busy(cycle: RequestResponseCycle | None) -> bool:
    """Whether a request is being answered; before the first one there is no cycle, whatever its type says."""
    return cycle is not None and not cycle.response_complete


def bind(listen: str) -> socket.socket:
    """A listening socket for ``HOST:PORT`` (port 0: any free one). Malformed, or FilonNetError where it cannot be had."""
    host, parted, port = listen.rpartition(":")
    if not parted or not host or not port.isascii() or not port.isdigit() or int(port) > 65_535:
        raise Malformed("{listen} is no address to listen on", hint="HOST:PORT, such as 127.0.0.1:8700", listen=listen)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host.strip("[]"), int(port)), family=family, backlog=256)
    except OSError as error:
        raise FilonNetError(
            "cannot listen on {listen}: {what}", hint="is another program there?", listen=listen, what=error.strerror
        ) from error


async def serve(app: Starlette, where: socket.socket, greeting: str, say: Callable[[str], None]) -> None:
    """Answer requests until SIGTERM or SIGINT; says the greeting and the address first."""
    config = uvicorn.Config(
        app,
        http=_Guarded,
        loop="asyncio",
        ws="none",
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS,
        h11_max_incomplete_event_size=HEAD_SIZE,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=5,
        lifespan="off",
    )
    host, port = where.getsockname()[:2]
    say(f"{greeting}\nlistening on http://{f'[{host}]' if ':' in host else host}:{port}")
    await _Server(config).serve(sockets=[where])
