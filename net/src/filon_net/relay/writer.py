"""Two threads between the sockets and a store: one writes what arrived together in one commit, one reads.

Group commit: while one batch waits for the disk the next one gathers; a short pause after the first ask gathers more where
the disk is quick. What waits is bounded in number and bytes; beyond it ``submit`` says no, and the sender hears 503.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

import msgspec

from filon_net.relay.asks import Ask, Look, Outcome, Page
from filon_net.relay.errors import StoreFailed
from filon_net.relay.store import Store
from filon_net.wire.frames import Post, Stock

__all__ = ["Answered", "Job", "Reader", "Writer", "WriterLimits"]


_AT_ONCE = 16
"""Looks of one read: a server is asked once for all of them."""
_PAGES_AHEAD = 2 * _AT_ONCE
"""Pages read that the loop has not taken yet."""


class Job(NamedTuple):
    """An ask and whoever waits for its outcome."""

    ask: Ask
    to: Any


Answered: TypeAlias = Callable[[list[Job], list[Outcome] | StoreFailed, float], None]
"""Called on the writer's thread: the batch, the outcomes in its order or why there are none, seconds it took."""


class WriterLimits(msgspec.Struct, frozen=True):
    """Bytes are those of blobs and bundles; times in seconds."""

    batch: int = 1_024
    batch_bytes: int = 8 * 1024 * 1024
    waiting: int = 8_192
    waiting_bytes: int = 64 * 1024 * 1024
    pause: float = 0.002
    tidy: float = 2.0
    """Between two times that erased bytes are helped out of the files."""
    sweep: float = 60.0
    sweep_rows: int = 512


class Writer(threading.Thread):
    """The only thread that changes the store."""

    def __init__(
        self,
        store: Store,
        answered: Answered,
        hour: Callable[[], int],
        limits: WriterLimits | None = None,
        swept: Callable[[int], None] = lambda _: None,
    ) -> None:
        super().__init__(name="relay-writer", daemon=True)
        self.limits = limits or WriterLimits()
        self._store = store
        self._answered = answered
        self._hour = hour
        self._swept = swept
        self._waiting: list[Job] = []
        self._bytes = 0
        self._more = threading.Condition()
        self._stopping = False
        self._since: float | None = None

    @property
    def at_it(self) -> float:
        """Seconds since the batch under way was begun, 0 where there is none."""
        since = self._since
        return 0.0 if since is None else time.monotonic() - since

    @property
    def waiting(self) -> int:
        """Asks that no batch has taken yet."""
        return len(self._waiting)

    def submit(self, ask: Ask, to: Any, *, force: bool = False) -> bool:
        """Put an ask into the next batch; False where too much waits already, unless it is small and cannot be refused."""
        size = _size(ask)
        with self._more:
            full = len(self._waiting) >= self.limits.waiting or self._bytes + size > self.limits.waiting_bytes
            if self._stopping or (full and not force):
                return False
            self._waiting.append(Job(ask, to))
            self._bytes += size
            if len(self._waiting) == 1:
                self._more.notify()
        return True

    def stop(self) -> None:
        """Take nothing more; the thread ends when what waits is done."""
        with self._more:
            self._stopping = True
            self._more.notify()

    def run(self) -> None:
        """Until stopped: commit what waits; now and then sweep and tidy."""
        tidied = swept = -1e9
        dirty = False
        while True:
            with self._more:
                if not self._waiting and not self._stopping:
                    self._more.wait(self.limits.tidy)
                stopping = self._stopping
            if self._waiting and not stopping:
                time.sleep(self.limits.pause)
            batch = self._take()
            if batch:
                self._commit(batch)
                dirty = True
            elif stopping:
                return
            now = time.monotonic()
            if now - swept > self.limits.sweep:
                more = self._sweep()
                swept, dirty = (swept if more else now), True
            if dirty and now - tidied > self.limits.tidy:
                self._store.tidy()
                tidied, dirty = now, False

    def _take(self) -> list[Job]:
        with self._more:
            count = size = 0
            for job in self._waiting[: self.limits.batch]:
                size += _size(job.ask)
                if count and size > self.limits.batch_bytes:
                    size -= _size(job.ask)
                    break
                count += 1
            batch, self._waiting = self._waiting[:count], self._waiting[count:]
            self._bytes -= size
            return batch

    def _commit(self, batch: list[Job]) -> None:
        began = self._since = time.monotonic()
        outcomes: list[Outcome] | StoreFailed
        try:
            outcomes = self._store.apply([job.ask for job in batch], self._hour())
        except StoreFailed as error:
            outcomes = error
        finally:
            self._since = None
        self._answered(batch, outcomes, time.monotonic() - began)

    def _sweep(self) -> bool:
        """One bite; True where more is left for the next turn, so that posts never wait for long."""
        try:
            gone = self._store.sweep(self._hour(), self.limits.sweep_rows)
        except StoreFailed:
            return False  # a store that is down will have been asked again within a minute
        self._swept(gone)
        return gone >= self.limits.sweep_rows


class Reader(threading.Thread):
    """Reads pages of mailboxes, a few at a time: whatever phones ask for, few pages are in memory."""

    def __init__(self, store: Store, found: Callable[[Any, Page | None], None], hour: Callable[[], int]) -> None:
        super().__init__(name="relay-reader", daemon=True)
        self._store = store
        self._found = found
        self._hour = hour
        self._waiting: deque[tuple[Look, Any]] = deque()
        self._more = threading.Condition()
        self._ahead = threading.Semaphore(_PAGES_AHEAD)
        self._stopping = threading.Event()

    def submit(self, look: Look, to: Any) -> None:
        """Read a page; ``found`` gets (``to``, the look's limit) and the page, None on failure."""
        with self._more:
            self._waiting.append((look, to))
            self._more.notify()

    def taken(self) -> None:
        """A page that ``found`` got is not in memory any more; it must be called once for each."""
        self._ahead.release()

    def stop(self) -> None:
        """End without reading more."""
        with self._more:
            self._stopping.set()
            self._more.notify()
        self._ahead.release()

    def run(self) -> None:
        """Until stopped."""
        while True:
            with self._more:
                while not self._waiting and not self._stopping.is_set():
                    self._more.wait()
                if self._stopping.is_set():
                    return
                some = [self._waiting.popleft() for _ in range(min(_AT_ONCE, len(self._waiting)))]
            for _ in some:
                self._ahead.acquire()
                if self._stopping.is_set():
                    return
            pages: Sequence[Page | None]
            try:
                pages = self._store.read([look for look, _ in some], self._hour())
            except StoreFailed:
                pages = [None] * len(some)
            for (look, to), page in zip(some, pages, strict=True):
                self._found((to, look.limit), page)


def _size(ask: Ask) -> int:
    if isinstance(ask.what, Post):
        return len(ask.what.blob)
    return sum(map(len, ask.what.bundles)) if isinstance(ask.what, Stock) else 0
