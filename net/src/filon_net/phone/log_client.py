"""The log over HTTP: whole tiles and bundles are fetched, device lists are sent. Calls block; a thread of its own does the waiting.

The log may be hostile, and so may whoever carries its bytes. An answer is never unpacked (a few kilobytes can hold gigabytes),
never read past what it may hold, and never waited for without end: a log that sends one byte now and then would keep a look from
ending, and with it the alarm that the log is silent. The same holds for a SOCKS proxy that takes a connection and says nothing.
What waits can be called off from another thread at once, so that closing a phone does not wait for a silent log.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError
from functools import partial
from typing import Any, TypeVar

import httpcore
import httpx
from socksio import SOCKSError

from filon_net.errors import NotServed
from filon_net.log.tiles import CHECKPOINT_PATH, largest_file
from filon_net.log.tokens import ADD_ENTRY, ADMISSION, header_of

__all__ = ["LogClient"]

_TIMEOUT = 20.0
_MOST = 64 * 1024
WITHIN = 60.0
"""Seconds for one answer, from the first byte sent."""
LOOK_WITHIN = 1_200.0
"""Seconds for all files from one checkpoint to the next: enough for 17 MB on a slow line."""
_CLOSING = 1.0
_FAILED = (httpx.HTTPError, httpx.InvalidURL, SOCKSError, OSError, ValueError)
"""What a request ends with."""
T = TypeVar("T")


class _Streams(httpcore.AnyIOBackend):
    """Connects, and remembers what one request opened: where a SOCKS proxy refuses or is silent, the library lets it lie open."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[httpcore.AsyncNetworkStream] = []

    async def connect_tcp(self, *where: Any, **how: Any) -> httpcore.AsyncNetworkStream:
        made = await super().connect_tcp(*where, **how)
        self.opened.append(made)
        return made


class LogClient:
    """One log under several addresses (mirrors); the first that answers is asked first the next time."""

    def __init__(
        self,
        urls: tuple[str, ...],
        token: bytes,
        proxy: str | None = None,
        within: float = WITHIN,
        look_within: float = LOOK_WITHIN,
    ) -> None:
        self._urls = list(urls)
        self._token = token
        self._within = within
        self._look_within = look_within
        self._until = time.monotonic() + look_within
        self._turn = threading.Lock()
        self._closed = False
        self._thread: threading.Thread | None = None
        self._loop = asyncio.new_event_loop()
        headers = {"user-agent": "filon-net", "accept": "*/*", "accept-encoding": "identity"}
        self._streams = _Streams()
        through: httpx.AsyncHTTPTransport | None = None
        if proxy is not None:
            through = httpx.AsyncHTTPTransport(proxy=proxy)
            through._pool._network_backend = self._streams  # there is no other way in
        self._http = httpx.AsyncClient(timeout=_TIMEOUT, transport=through, headers=headers, follow_redirects=False)

    def fetch(self, path: str) -> bytes:
        """A file of the log (``log.tree.Fetch``). NotServed."""
        limit = largest_file(path)
        if path == CHECKPOINT_PATH:
            self._until = time.monotonic() + self._look_within
        for url in list(self._urls):
            where = f"{url.rstrip('/')}/{path}"
            try:
                data = self._wait_for(partial(self._get, where, limit))
            except _FAILED:
                continue
            if data is not None:
                if path == CHECKPOINT_PATH and self._urls[0] != url:
                    self._urls.remove(url)
                    self._urls.insert(0, url)
                return data
        raise NotServed("{path} could not be fetched", hint="check the network; another mirror may have it", path=path)

    def add(self, entry: bytes) -> tuple[int, str]:
        """Send an entry; the status and what the log says to it. NotServed where no address answers."""
        self._until = time.monotonic() + self._look_within
        for url in list(self._urls):
            where = f"{url.rstrip('/')}/{ADD_ENTRY}"
            try:
                return self._wait_for(partial(self._add, where, entry))
            except _FAILED:
                continue
        raise NotServed("the log does not answer", hint="check the network; it is sent again by itself")

    def close(self) -> None:
        """Let go of the connections; what waits in another thread ends at once."""
        with self._turn:
            if self._closed:
                return
            self._closed = True
        if self._thread is None:
            self._loop.close()
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_CLOSING)

    def _wait_for(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """One request, cut off when its time is over. OSError where none is left, or the phone was closed."""
        left = min(self._within, self._until - time.monotonic())
        with self._turn:
            if left <= 0 or self._closed:
                raise TimeoutError
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="filon-net log", daemon=True)
                self._thread.start()
            asked = asyncio.run_coroutine_threadsafe(self._in_time(left, work()), self._loop)
        try:
            return asked.result()
        except CancelledError:
            raise ConnectionAbortedError from None

    def _run(self) -> None:
        """The thread: until ``close``; then what waits is called off."""
        self._loop.run_forever()
        self._loop.run_until_complete(self._end())
        self._loop.close()

    async def _end(self) -> None:
        waiting = asyncio.all_tasks() - {asyncio.current_task()}
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await self._http.aclose()
        await self._loop.shutdown_asyncgens()

    async def _in_time(self, seconds: float, work: Coroutine[Any, Any, T]) -> T:
        """One request after the other: what is open when this one failed, it opened."""
        self._streams.opened.clear()
        try:
            async with asyncio.timeout(seconds):
                done = await work
            self._streams.opened.clear()
            return done
        finally:
            for stream in self._streams.opened:
                await stream.aclose()

    async def _get(self, url: str, limit: int) -> bytes | None:
        """The body, None for any status but 200; never more than one piece past the limit is read."""
        async with self._http.stream("GET", url) as answer:
            return await _body(answer, limit) if answer.status_code == httpx.codes.OK else None

    async def _add(self, url: str, entry: bytes) -> tuple[int, str]:
        headers = {"content-type": "application/octet-stream", ADMISSION: header_of(self._token)}
        async with self._http.stream("POST", url, content=entry, headers=headers) as answer:
            return answer.status_code, (await _body(answer, _MOST))[:_MOST].decode("utf-8", "replace")


async def _body(answer: httpx.Response, limit: int) -> bytes:
    """The bytes as they came: what is packed stays packed, and is then no file of a log."""
    data = bytearray()
    async for piece in answer.aiter_raw(16_384):
        data += piece
        if len(data) > limit:
            break
    return bytes(data)
