"""Stream a hostile XML document of any size, element by element, without ever holding it whole.

libxml2 reads it with everything off that reaches out or blows up: no network, no external DTD, no entity expansion
(a document with a DOCTYPE is refused), its own bounds on depth (256) and on single texts (10 million characters).
Control characters that XML forbids, but phones write, are shown as U+FFFD where they can be told (UTF-8), and counted.
What has been used must be let go of with ``drop``; otherwise memory grows with the document.
"""

import io
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec
from lxml import etree

__all__ = ["Flaw", "drop", "local", "stream_elements"]

_FORBIDDEN = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|&#(?:[0-9]{1,8}|x[0-9A-Fa-f]{1,6});")
_TAIL = re.compile(rb"&[#0-9A-Za-z]{0,10}\Z")
_SHOWN = "\ufffd".encode()
_ONE_BYTE = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<(?!.{0,80}encoding=[\"'](?!utf-8|us-ascii))", re.IGNORECASE | re.DOTALL)


class Flaw(msgspec.Struct, frozen=True):
    """Why reading ended early (``xml-broken``, ``xml-doctype``) or what had to be replaced (``xml-characters``)."""

    code: str
    detail: str
    line: int | None = None


_DOCTYPE = Flaw("xml-doctype", "a document type declaration is not accepted")


def stream_elements(stream: BinaryIO, tags: tuple[str, ...]) -> Iterator[tuple[str, Any] | Flaw]:
    """``("start" | "end", element)`` for elements with these local names; a Flaw where the document is not sound.

    ``tags``: local names; every namespace is taken. Never raises for bad evidence.
    """
    cleaned = _Cleaned(stream)
    found = etree.iterparse(
        cleaned,
        events=("start", "end"),
        tag=[f"{{*}}{tag}" for tag in tags],
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        attribute_defaults=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=False,
    )
    checked = False
    try:
        for event, element in found:
            if not checked:
                checked = True
                if element.getroottree().docinfo.doctype:
                    yield _DOCTYPE
                    return
            yield event, element
        if not checked and found.root is not None and found.root.getroottree().docinfo.doctype:
            yield _DOCTYPE
    except etree.XMLSyntaxError as error:
        yield Flaw("xml-broken", str(error.msg)[:200], error.lineno)
    if cleaned.replaced:
        yield Flaw("xml-characters", f"{cleaned.replaced} characters that XML forbids are shown as U+FFFD")


def local(element: Any) -> str:
    """The element's name without its namespace."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def drop(element: Any) -> None:
    """Let go of an element that has ended and of everything before it in its parent."""
    element.clear()
    parent = element.getparent()
    if parent is not None:
        while element.getprevious() is not None:
            del parent[0]


class _Cleaned(io.RawIOBase):
    """The stream with forbidden characters replaced, chunk by chunk."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._rest = b""
        self._utf8: bool | None = None
        self.replaced = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        chunk = self._stream.read(size if size > 0 else 1 << 16)
        if self._utf8 is None:
            self._utf8 = _ONE_BYTE.match(chunk) is not None
        if not self._utf8:
            return chunk
        data = self._rest + chunk
        self._rest = b""
        if chunk and (tail := _TAIL.search(data)) is not None:
            data, self._rest = data[: tail.start()], data[tail.start() :]
            if not data:
                return self.read(size)
        return _FORBIDDEN.sub(self._shown, data)

    def _shown(self, found: "re.Match[bytes]") -> bytes:
        written = found[0]
        if written[:1] == b"&":
            code = int(written[3:-1], 16) if written[2:3] == b"x" else int(written[2:-1])
            if code in (9, 10, 13) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000:
                return written
        self.replaced += 1
        return _SHOWN
