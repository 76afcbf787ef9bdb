"""The phone on a network: WebSockets to relays, HTTP to the log, the clock. Everything that decides is in ``engine``.

One connection for each mailbox of one's own, opened after a random wait (an old one after minutes, so that nobody sees them open
together), held for as long as the phone runs; one without login for each relay that is
written to, opened when there is something to send, after a short random wait, and let go when nothing was sent over it for a
random time (pings do not count): so the two do not open and close together, and what is sent later comes over another. A
connection that ends is tried again after a wait that doubles up to a minute, half to one and a half times as long at random, or
as long as the relay asked for: one that stops sends its phones away each with a wait of its own.
"""

import asyncio
import contextlib
import random
import sqlite3
import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, TypeVar

from filon_net.errors import FilonNetError, LogError
from filon_net.phone.engine import Engine
from filon_net.phone.log_client import LogClient
from filon_net.phone.relaying import OwnerLink, SenderLink
from filon_net.phone.state import Box
from filon_net.phone.websocket import Socket, connected
from filon_net.wire.errors import CryptoError, WireError

__all__ = ["Connections", "milliseconds"]

_LONGEST_WAIT = 60.0
_LASTED = 10.0
"""Seconds after which an open connection was no failure: one that ends sooner, time and again, is tried ever more rarely."""
_SENDER_WAIT = (0.02, 0.3)
_TICK = 1.0
_LOOK = 5.0
"""Seconds after which a connection is looked at that says nothing."""
_SLEPT = 10.0
"""Seconds that a second may take longer before this machine is thought to have slept."""
L = TypeVar("L", bound=OwnerLink | SenderLink)


def milliseconds() -> int:
    """Now, in milliseconds since 1970 (UTC)."""
    return time.time_ns() // 1_000_000


class Connections:
    """Everything that runs beside a phone. ``start`` and ``stop`` on a running loop; one thread beside it looks at the log."""

    def __init__(
        self,
        engine: Engine,
        log: LogClient,
        told: Callable[[], None],
        now: Callable[[], int] = milliseconds,
        proxy: str | None = None,
        manifest: Callable[[], bytes] | None = None,
    ) -> None:
        self._manifest = manifest
        self._engine = engine
        self._log = log
        self._told = told
        self._proxy = proxy
        self._owners: dict[bytes, asyncio.Task[None]] = {}
        self._senders: dict[tuple[bytes, str], asyncio.Task[None]] = {}
        self._sockets: set[Socket] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._awake = False
        self._awoken = asyncio.Event()
        self._stopping = False
        self._draw = random.SystemRandom()
        self.now = now
        self.failed: Exception | None = None
        """Why the phone stopped by itself: its store failed."""

    def start(self) -> None:
        """Begin. Call on the loop."""
        self._spawn(self._clock())
        self._spawn(self._follow_log())
        self.wake()

    async def stop(self) -> None:
        """End every connection and wait for all that runs."""
        self._stopping = True
        for socket in self._sockets:
            socket.end()
        running = [*self._tasks]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        self._log.close()

    def owner_links(self) -> list[OwnerLink]:
        """The connections to this phone's own mailboxes that live now."""
        return [one.link for one in self._sockets if isinstance(one.link, OwnerLink) and one.link.closed is None]

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A task that ends by an error of ours must not end in silence."""
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, Exception):
            self.failed = self.failed or error
            self._told()

    def guarded(self, what: Callable[[], object]) -> bool:
        """Do something with the engine; where its store fails, the phone stops and says why."""
        if self.failed is not None:
            return False
        try:
            what()
        except (FilonNetError, CryptoError, WireError, sqlite3.Error, OSError) as error:
            self.failed = error
            for socket in self._sockets:
                socket.end()
            self._told()
            return False
        return True

    def wake(self) -> None:
        """Something may be due: look once, after everything that is under way in this turn of the loop."""
        if not self._awake and not self._stopping:
            self._awake = True
            asyncio.get_running_loop().call_soon(self._work)

    def _work(self) -> None:
        self._awake = False
        if self._stopping or self.failed is not None:
            return
        now = self.now()
        for socket in list(self._sockets):
            if not self.guarded(partial(socket.link.work, now)):
                return
            socket.flush()
        self.guarded(lambda: self._connect(now))
        self._told()

    def _connect(self, now: int) -> None:
        for box in self._engine.boxes():
            if box.mailbox not in self._owners:
                self._owners[box.mailbox] = self._spawn(self._own(box))
        for job in self._engine.sender_jobs(now):
            where = job.relay, job.url
            if where not in self._senders:
                self._senders[where] = self._spawn(self._send_to(*where))

    async def _own(self, box: Box) -> None:
        """Hold the connection to one mailbox; opened, and opened again, at a time of its own."""
        wait = 1.0
        try:
            while self._runs() and any(one.mailbox == box.mailbox for one in self._engine.boxes()):
                await asyncio.sleep(self._engine.rules.opening(bool(box.until), self._draw))
                link = await self._run(box.url, lambda: OwnerLink(self._engine, box, time.monotonic()))
                if link is not None and link.open:
                    if time.monotonic() - link.began > _LASTED:
                        wait = 1.0
                    why = link.closed.why if link.closed else "the connection ended"
                    if not box.until:
                        self.guarded(partial(self._engine.offline, why, self.now()))
                    self.wake()
                await self._pause(wait, link)
                wait = min(wait * 2, _LONGEST_WAIT)
        finally:
            self._owners.pop(box.mailbox, None)

    async def _send_to(self, relay: bytes, url: str) -> None:
        """Hold a connection without login for as long as there is something to send."""
        wait = 1.0
        try:
            await asyncio.sleep(self._draw.uniform(*_SENDER_WAIT))
            while self._runs():
                link = await self._run(url, lambda: SenderLink(self._engine, relay, time.monotonic()))
                if not any((job.relay, job.url) == (relay, url) for job in self._engine.sender_jobs(self.now())):
                    return
                if link is not None and link.served:
                    wait = 1.0
                await self._pause(wait, link)
                wait = min(wait * 2, _LONGEST_WAIT)
        finally:
            self._senders.pop((relay, url), None)

    async def _run(self, url: str, make: Callable[[], L]) -> L | None:
        """One WebSocket, from its beginning to its end; the link that was on it, None where there was no connecting."""
        made = await connected(url, make, self, self._proxy)
        if made is None:
            return None
        link, socket = made
        self._sockets.add(socket)
        self.wake()  # the relay's first words may have come before this, and found nobody to act on them
        try:
            while not socket.over.is_set():
                left = link.left(time.monotonic()) if isinstance(link, SenderLink) else _LOOK
                # not wait_for, which in Python 3.11 forgets that it was cancelled when the socket ends at the same time
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(min(max(left, 0.05), _LOOK)):
                        await socket.over.wait()
                link.tick(time.monotonic())
                socket.flush()
                if isinstance(link, SenderLink) and link.left(time.monotonic()) <= 0:
                    socket.end()
        finally:
            self._sockets.discard(socket)
            socket.end()
            self.guarded(lambda: link.work(self.now()))  # what came just before the end is kept, and not acknowledged
        return link

    def _runs(self) -> bool:
        return not self._stopping and self.failed is None

    async def _pause(self, wait: float, after: OwnerLink | SenderLink | None) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._seconds(wait, after)):
                await self._awoken.wait()

    def _seconds(self, wait: float, after: OwnerLink | SenderLink | None) -> float:
        seconds = wait * self._draw.uniform(0.5, 1.5)
        if after is not None and after.retry is not None:
            return max(seconds, min(after.retry, _LONGEST_WAIT) + self._draw.random())
        return seconds

    async def _clock(self) -> None:
        while self.failed is None:
            if self.guarded(lambda: self._engine.tick(self.now())):
                self.wake()
            clock, now = time.monotonic(), self.now()
            await asyncio.sleep(_TICK)
            # a machine that slept may have stopped one clock and not the other
            if max(time.monotonic() - clock, (self.now() - now) / 1_000) > _TICK + _SLEPT:
                self._awake_again()

    def _awake_again(self) -> None:
        """The machine slept: what was open may be gone without a word, and what waits to be tried again has waited enough."""
        for socket in list(self._sockets):
            socket.link.doubt(time.monotonic())
            socket.flush()
        self._awoken.set()
        self._awoken.clear()

    async def _follow_log(self) -> None:
        """Look at the log where one is due, and send it what waits. Fetching is done in a thread."""
        manifest = None if self._manifest is None else await asyncio.to_thread(self._manifest)
        while self.failed is None:
            now = self.now()
            entry = self._engine.entry_due(now)
            if entry is not None:
                status, said = 503, ""
                with contextlib.suppress(LogError):
                    status, said = await asyncio.to_thread(self._log.add, entry)
                self.guarded(lambda: self._engine.entry_sent(self.now(), status, said))  # noqa: B023 - called at once
            if self._engine.log_due(now):
                look = self._engine.look()
                seen = await asyncio.to_thread(look.run, self._log.fetch, now)
                self.guarded(lambda: self._engine.seen(seen, self.now()))  # noqa: B023 - called at once
                if manifest is not None:
                    self.guarded(lambda: self._engine.check_release(manifest, self.now()))
                self.wake()
            await asyncio.sleep(0.5)
