"""The log over HTTP: whole tiles and bundles are fetched, device lists are sent. Blocking; runs in a thread of its own."""

import httpx

from filon_net.errors import NotServed
from filon_net.log.tiles import CHECKPOINT_PATH, largest_file
from filon_net.log.tokens import ADD_ENTRY, ADMISSION, header_of

__all__ = ["LogClient"]

_TIMEOUT = 20.0
_MOST = 64 * 1024


class LogClient:
    """One log under several addresses (mirrors); the first that answers is asked first the next time."""

    def __init__(self, urls: tuple[str, ...], token: bytes, proxy: str | None = None) -> None:
        self._urls = list(urls)
        self._token = token
        headers = {"user-agent": "filon-net", "accept": "*/*"}
        self._http = httpx.Client(timeout=_TIMEOUT, proxy=proxy, headers=headers, follow_redirects=False)

    def fetch(self, path: str) -> bytes:
        """A file of the log (``log.tree.Fetch``). NotServed."""
        limit = largest_file(path)
        for url in list(self._urls):
            try:
                data = self._get(f"{url.rstrip('/')}/{path}", limit)
            except (httpx.HTTPError, httpx.InvalidURL):
                continue
            if data is not None:
                if path == CHECKPOINT_PATH and self._urls[0] != url:
                    self._urls.remove(url)
                    self._urls.insert(0, url)
                return data
        raise NotServed("{path} could not be fetched", hint="check the network; another mirror may have it", path=path)

    def _get(self, url: str, limit: int) -> bytes | None:
        """The body, None for any status but 200; never more than one byte past the limit is read."""
        with self._http.stream("GET", url) as answer:
            if answer.status_code != httpx.codes.OK:
                return None
            data = b""
            for piece in answer.iter_bytes(16_384):
                data += piece
                if len(data) > limit:
                    break
            return data

    def add(self, entry: bytes) -> tuple[int, str]:
        """Send an entry; the status and what the log says to it. NotServed where no address answers."""
        headers = {"content-type": "application/octet-stream", ADMISSION: header_of(self._token)}
        for url in list(self._urls):
            try:
                answer = self._http.post(f"{url.rstrip('/')}/{ADD_ENTRY.lstrip('/')}", content=entry, headers=headers)
            except (httpx.HTTPError, httpx.InvalidURL):
                continue
            return answer.status_code, answer.text[:_MOST]
        raise NotServed("the log does not answer", hint="check the network; it is sent again by itself")

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()
