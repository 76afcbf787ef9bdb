"""Stream a hostile XML document of any size, element by element, without ever holding it whole.

libxml2 reads it with everything off that reaches out or blows up: no network, no external DTD, no entity expansion
(a document with a DOCTYPE is refused), its own bounds on depth (256) and on single texts (10 million characters).
Control characters that XML forbids, but phones write, are shown as U+FFFD where they can be told (UTF-8), and counted.
What has been used must be let go of with ``drop``; otherwise memory grows with the document.

libxml2 tells no byte offsets. The bytes are therefore looked through once more for the tags asked for, outside of CDATA,
comments and instructions, and each event of the parser takes the next tag found. Where the two do not agree, or the
document is not UTF-8, or a tag is longer than 1 MiB, offsets are None from there on.
"""

import io
import re
from collections import deque
from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec
from lxml import etree

__all__ = ["Flaw", "drop", "local", "stream_elements"]

_FORBIDDEN = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|&#(?:[0-9]{1,8}|x[0-9A-Fa-f]{1,6});")
_TAIL = re.compile(rb"&[#0-9A-Za-z]{0,10}\Z")
_SHOWN = "\ufffd".encode()
_TAG_END = re.compile(rb"(?:[^>\"']|\"[^\"]*+\"|'[^']*+')*+>")
_SECTIONS = {b"<![CDATA[": b"]]>", b"<!--": b"-->", b"<?": b"?>"}
_TAG_BEGIN = 128
"""Bytes kept back at the end of a chunk, where a tag may begin."""
_LONGEST_TAG = 1 << 20
"""Bytes of a tag whose end is waited for; after a longer one no offsets are told. Sections are bounded by the parser."""
_ONE_BYTE = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<(?!.{0,80}encoding=[\"'](?!utf-8|us-ascii))", re.IGNORECASE | re.DOTALL)


class Flaw(msgspec.Struct, frozen=True):
    """Why reading ended early (``xml-broken``, ``xml-doctype``) or what had to be replaced (``xml-characters``)."""

    code: str
    detail: str
    line: int | None = None


_DOCTYPE = Flaw("xml-doctype", "a document type declaration is not accepted")


def stream_elements(stream: BinaryIO, tags: tuple[str, ...]) -> Iterator[tuple[str, Any, int | None] | Flaw]:
    """``("start" | "end", element, offset)`` for elements with these local names; a Flaw where something is not sound.

    ``tags``: local names; every namespace is taken. ``offset``: where the start tag begins or the end tag ends, in bytes of
    the stream. Never raises for bad evidence.
    """
    places = _Places(tags)
    cleaned = _Cleaned(stream, places)
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
            yield event, element, places.take(event, element)
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

    def __init__(self, stream: BinaryIO, places: "_Places") -> None:
        self._stream = stream
        self._places = places
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
        self._places.feed(chunk)
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


class _Places:
    """Where the tags asked for stand, in the order of the document."""

    def __init__(self, tags: tuple[str, ...]) -> None:
        names = "|".join(map(re.escape, tags)).encode()
        self._open = re.compile(rb"<!\[CDATA\[|<!--|<\?|<(/?)(?:[\w.-]{1,64}:)?(" + names + rb")(?=[\s/>])")
        self._rest = b""
        self._at = 0
        self._found: deque[tuple[str, bytes, int]] = deque()
        self._sure = True

    def feed(self, chunk: bytes) -> None:
        """Look through more bytes; what may go on in the next ones is kept."""
        if not self._sure:
            return
        data = self._rest + chunk
        pos = 0
        while (begin := self._open.search(data, pos)) is not None:
            end = self._end(data, begin)
            if end < 0:
                pos = begin.start()
                self._sure = begin[2] is None or len(data) - pos <= _LONGEST_TAG
                break
            if begin[2] is not None:
                self._tag(begin, data, end)
            pos = end
        else:
            pos = max(pos, data.rfind(b"<", len(data) - _TAG_BEGIN) if b"<" in data[-_TAG_BEGIN:] else len(data))
        self._rest = data[pos:]
        self._at += pos

    def _end(self, data: bytes, begin: "re.Match[bytes]") -> int:
        if begin[2] is None:
            close = _SECTIONS[begin[0]]
            found = data.find(close, begin.end())
            return found + len(close) if found >= 0 else -1
        tag = _TAG_END.match(data, begin.end())
        return tag.end() if tag is not None else -1

    def _tag(self, begin: "re.Match[bytes]", data: bytes, end: int) -> None:
        name = begin[2]
        if begin[1]:
            self._found.append(("end", name, self._at + end))
            return
        self._found.append(("start", name, self._at + begin.start()))
        if data[end - 2 : end] == b"/>":
            self._found.append(("end", name, self._at + end))

    def take(self, event: str, element: Any) -> int | None:
        """The place of the parser's next event, None once the two have disagreed."""
        if not self._sure:
            return None
        found = self._found.popleft() if self._found else None
        if found is None or found[0] != event or found[1] != local(element).encode():
            self._sure = False
            return None
        return found[2]
