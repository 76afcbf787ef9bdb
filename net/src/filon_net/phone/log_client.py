"""The log over HTTP: whole tiles and bundles are fetched, device lists are sent. Blocking; runs in a thread of its own.

The log may be hostile, and so may whoever carries its bytes. An answer is never unpacked (a few kilobytes can hold gigabytes),
never read past what it may hold, and never waited for without end: a log that sends one byte now and then would keep a look from
ending, and with it the alarm that the log is silent.
"""

import contextlib
import threading
import time
from collections.abc import Iterator

import httpx
from socksio import SOCKSError

from filon_net.errors import NotServed
from filon_net.log.tiles import CHECKPOINT_PATH, largest_file
from filon_net.log.tokens import ADD_ENTRY, ADMISSION, header_of

__all__ = ["LogClient"]

_TIMEOUT = 20.0
_MOST = 64 * 1024
WITHIN = 60.0
"""Seconds for one answer, from the first byte sent; up to one timeout more where the connection says nothing at all."""
LOOK_WITHIN = 1_200.0
"""Seconds for all files from one checkpoint to the next: enough for 17 MB on a slow line."""
_FAILED = (httpx.HTTPError, httpx.InvalidURL, SOCKSError, OSError, RuntimeError, ValueError)
"""What a request ends with, also where it is cut off from another thread."""


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
        self._proxy = proxy
        self._within = within
        self._look_within = look_within
        self._until = time.monotonic() + look_within
        self._closed = False
        self._http = self._client()

    def _client(self) -> httpx.Client:
        headers = {"user-agent": "filon-net", "accept": "*/*", "accept-encoding": "identity"}
        return httpx.Client(timeout=_TIMEOUT, proxy=self._proxy, headers=headers, follow_redirects=False)

    def fetch(self, path: str) -> bytes:
        """A file of the log (``log.tree.Fetch``). NotServed."""
        limit = largest_file(path)
        if path == CHECKPOINT_PATH:
            self._until = time.monotonic() + self._look_within
        for url in list(self._urls):
            try:
                with self._in_time() as http:
                    data = self._get(http, f"{url.rstrip('/')}/{path}", limit)
            except _FAILED:
                continue
            if data is not None:
                if path == CHECKPOINT_PATH and self._urls[0] != url:
                    self._urls.remove(url)
                    self._urls.insert(0, url)
                return data
        raise NotServed("{path} could not be fetched", hint="check the network; another mirror may have it", path=path)

    @contextlib.contextmanager
    def _in_time(self) -> Iterator[httpx.Client]:
        """The client for one request, cut off when its time is over. OSError where none is left, or the phone was closed."""
        left = min(self._within, self._until - time.monotonic())
        if left <= 0 or self._closed:
            raise TimeoutError
        http = self._http
        late = threading.Timer(left, http.close)
        late.daemon = True
        late.start()
        try:
            yield http
        finally:
            late.cancel()
            if http.is_closed and not self._closed:
                self._http = self._client()

    def _get(self, http: httpx.Client, url: str, limit: int) -> bytes | None:
        """The body, None for any status but 200; never more than one piece past the limit is read."""
        with http.stream("GET", url) as answer:
            return _body(answer, limit) if answer.status_code == httpx.codes.OK else None

    def add(self, entry: bytes) -> tuple[int, str]:
        """Send an entry; the status and what the log says to it. NotServed where no address answers."""
        headers = {"content-type": "application/octet-stream", ADMISSION: header_of(self._token)}
        self._until = time.monotonic() + self._look_within
        for url in list(self._urls):
            try:
                with (
                    self._in_time() as http,
                    http.stream("POST", f"{url.rstrip('/')}/{ADD_ENTRY}", content=entry, headers=headers) as answer,
                ):
                    return answer.status_code, _body(answer, _MOST)[:_MOST].decode("utf-8", "replace")
            except _FAILED:
                continue
        raise NotServed("the log does not answer", hint="check the network; it is sent again by itself")

    def close(self) -> None:
        """Let go of the connections; what is under way in another thread ends."""
        self._closed = True
        self._http.close()


def _body(answer: httpx.Response, limit: int) -> bytes:
    """The bytes as they came: what is packed stays packed, and is then no file of a log."""
    data = bytearray()
    for piece in answer.iter_raw(16_384):
        data += piece
        if len(data) > limit:
            break
    return bytes(data)
