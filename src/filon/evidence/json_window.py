"""A moving window over the bytes of a JSON document: finds where values end, without reading what they say.

Strings and brackets are all it looks at. It never backtracks (possessive patterns) and never recurses, so time is
linear and a bomb of brackets costs nothing but its own length. Positions are indexes into ``buffer``; ``origin()``
turns the current one into an offset in the stream as it is, also where that is UTF-16.
"""

import codecs
import enum
import re
import sys
from collections.abc import Callable
from typing import BinaryIO, Final

__all__ = ["DEPTH", "ELEMENT_BYTES", "Span", "Window"]

ELEMENT_BYTES: Final = 16 << 20
DEPTH: Final = 200
"""An element nested deeper is not decoded: no chat needs it, and every later step may walk it recursively."""
_CHUNK: Final = 1 << 20
_OVERLAP: Final = 4096


def _all(body: bytes) -> bytes:
    """As often as it goes, and no way back.

    Python before 3.11.5 stays where a body that matched only in part gave up (issue 106052 of CPython). There an atomic group
    around the usual repetition does the same, at the cost of memory for each time.
    """
    return b"(?:" + body + b")*+" if sys.version_info >= (3, 11, 5) else b"(?>(?:" + body + b")*)"


_ESCAPED = _all(rb'\\.[^"\\]*+')
_STRING = rb'"[^"\\]*+' + _ESCAPED + rb'"'
_PLAIN = rb'[^"{}\[\]]*+' + _all(_STRING + rb'[^"{}\[\]]*+')


def _nested(depth: int) -> bytes:
    if depth == 0:
        return _PLAIN
    return _PLAIN + _all(rb"[{\[]" + _nested(depth - 1) + rb"[}\]]" + _PLAIN)


_SPACE = re.compile(rb"[ \t\r\n]*+")
_TEXT = re.compile(rb'[^"\\]*+' + _ESCAPED, re.DOTALL)
_OUTSIDE = re.compile(_PLAIN, re.DOTALL)
_FLAT = re.compile(rb"[{\[]" + _nested(3) + rb"[}\]]", re.DOTALL)
_NEXT = re.compile(rb"[ \t\r\n,]*+(\{" + _nested(3) + rb"\})", re.DOTALL)
_KEY = re.compile(rb"(" + _STRING + rb")\s*+:", re.DOTALL)
_SCALAR = re.compile(rb'[^\s,:"{}\[\]]++')
_QUOTE, _OPEN, _BACKSLASH = b'"', b"{[", b"\\"
_CONTINUATIONS = bytes(range(0x80, 0xC0))
_NOT_FOUR = bytes(byte for byte in range(256) if byte not in range(0xF0, 0xF8))


class Span(enum.Enum):
    """How the look for the end of a value went."""

    WHOLE = "whole"
    EMPTY = "empty"
    """No value begins here."""
    TRUNCATED = "json-truncated"
    TOO_LONG = "json-too-long"
    TOO_DEEP = "json-too-deep"


class Window:
    """The bytes at hand. ``pos``: where it stands; ``start``: where the last value spanned began."""

    def __init__(self, stream: BinaryIO, limit: int = ELEMENT_BYTES) -> None:
        self.limit = limit
        self.buffer = b""
        self.pos = 0
        self.start = 0
        self._depth = 0
        self._deepest = 0
        self._inside = False
        self._ended = False
        self._marked = 0  # a position whose offset in the stream is known
        self._read, self._measure, self._offset = _transcoded(stream)

    def origin(self) -> int:
        """The offset of ``pos`` in the stream."""
        if self.pos >= self._marked:
            self._offset += self._measure(self.buffer[self._marked : self.pos])
        else:
            self._offset -= self._measure(self.buffer[self.pos : self._marked])
        self._marked = self.pos
        return self._offset

    def next_object(self) -> tuple[int, int, bytes] | None:
        """Step over an object that lies wholly in the buffer and is not nested much: offset, length, bytes.

        The usual element of a list at a third of the price; None (and no step) where ``span`` must look.
        """
        match = _NEXT.match(self.buffer, self.pos)
        if match is None:
            return None
        start, self.pos = match.span(1)
        if self._measure is len:
            return self._offset + start - self._marked, self.pos - start, match[1]
        end, self.pos = self.pos, start
        offset = self.origin()
        self.pos = end
        return offset, self.origin() - offset, match[1]

    def peek(self) -> str:
        """Step over white space; the next character, or an empty string at the end."""
        while True:
            match = _SPACE.match(self.buffer, self.pos)
            assert match is not None
            self.pos = match.end()
            if self.pos < len(self.buffer):
                return chr(self.buffer[self.pos])
            if not self._more(max(0, self.pos - _OVERLAP)):
                return ""

    def key(self) -> str | None:
        """Step over a key and its colon; None (and no step) where there is none within the limit."""
        while True:
            match = _KEY.match(self.buffer, self.pos)
            if match is not None:
                self.pos = match.end()
                return match[1][1:-1].decode("utf-8", errors="replace")
            if len(self.buffer) - self.pos > _CHUNK or not self._more(self.pos):
                return None

    def span(self) -> Span:
        """Step over the value at ``pos``; its bytes are ``buffer[start:pos]``.

        TOO_LONG: it is longer than the limit and the window stands inside it; ``rest`` goes on.
        """
        self.start = self.pos
        self._depth = self._deepest = 0
        self._inside = False
        first = self.buffer[self.pos : self.pos + 1]
        if first and first in _OPEN:
            flat = _FLAT.match(self.buffer, self.pos)
            if flat is None:
                return self._brackets(hold=True)
            self.pos = flat.end()
            return Span.WHOLE
        if first != _QUOTE:
            return self._scalar()
        self.pos += 1
        self._inside = True
        return self._brackets(hold=True)

    def rest(self) -> Span:
        """Step over the rest of a value that is too long to hold, letting go of it: WHOLE or TRUNCATED."""
        span = self._brackets(hold=False)
        return span if span is Span.TRUNCATED else Span.WHOLE

    def seek(self, pattern: "re.Pattern[bytes]", start: int, end: int | None) -> int | None:
        """Go to the end of the first match from ``start``; the number of its group, or None (and no step).

        Looks to the end of the stream where ``end`` is None, letting go of what it has seen.
        """
        while True:
            match = pattern.search(self.buffer, start, len(self.buffer) if end is None else end)
            if match is not None:
                self.pos = match.end()
                return match.lastindex
            if end is not None:
                return None
            self.pos = start = max(start, len(self.buffer) - _OVERLAP)
            dropped = start
            if not self._more(dropped):
                return None
            start -= dropped

    def drain(self) -> None:
        """Step to the end of the stream."""
        self.pos = len(self.buffer)
        while self._more(self.pos):
            self.pos = len(self.buffer)

    def _brackets(self, hold: bool) -> Span:
        """Step over a string, or over everything to the bracket that closes the first one."""
        while True:
            match = (_TEXT if self._inside else _OUTSIDE).match(self.buffer, self.pos)
            assert match is not None
            self.pos = match.end()
            byte = self.buffer[self.pos : self.pos + 1]
            if byte in (b"", _BACKSLASH):
                if hold and self.pos - self.start > self.limit:
                    return Span.TOO_LONG
                if not self._more(self.start if hold else self.pos):
                    self.pos = len(self.buffer)
                    return Span.TRUNCATED
                continue
            self.pos += 1
            if byte == _QUOTE:
                self._inside = not self._inside
            elif byte in _OPEN:
                self._depth += 1
                self._deepest = max(self._deepest, self._depth)
            else:
                self._depth -= 1
            if self._depth == 0 and not self._inside:
                return Span.TOO_DEEP if self._deepest > DEPTH else Span.WHOLE

    def _scalar(self) -> Span:
        while True:
            match = _SCALAR.match(self.buffer, self.pos)
            if match is None or match.end() - self.pos > _CHUNK:
                return Span.EMPTY
            if match.end() < len(self.buffer) or not self._more(self.pos):
                self.pos = match.end() if match.end() < len(self.buffer) else len(self.buffer)
                return Span.WHOLE
            self.start = self.pos

    def _more(self, keep_from: int) -> bool:
        """Read a chunk and drop everything before ``keep_from``; False at the end of the stream (nothing dropped)."""
        if self._ended:
            return False
        chunk = self._read(_CHUNK)
        if not chunk:
            self._ended = True
            return False
        here, self.pos = self.pos, keep_from
        self.origin()
        self.buffer = self.buffer[keep_from:] + chunk
        self._marked = 0
        self.pos = here - keep_from
        self.start = max(self.start - keep_from, 0)
        return True


def _transcoded(stream: BinaryIO) -> tuple[Callable[[int], bytes], Callable[[bytes], int], int]:
    """How to read UTF-8 from the stream, how to measure it in bytes of the stream, and where it begins."""
    head = b""
    while len(head) < 4 and (more := stream.read(4 - len(head))):
        head += more
    for mark, name in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if head.startswith(mark):
            return _Utf16(stream, name, head[2:]).read, _utf16_bytes, 2
    if len(head) >= 4 and head[1] == 0 and head[0] and head[3] == 0:
        return _Utf16(stream, "utf-16-le", head).read, _utf16_bytes, 0
    if len(head) >= 4 and head[0] == 0 and head[1]:
        return _Utf16(stream, "utf-16-be", head).read, _utf16_bytes, 0
    skip = 3 if head.startswith(codecs.BOM_UTF8) else 0
    rest = [head[skip:]]

    def read(size: int) -> bytes:
        return (rest.pop() if rest else b"") + stream.read(size)

    return read, len, skip


class _Utf16:
    def __init__(self, stream: BinaryIO, name: str, head: bytes) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(name)(errors="surrogatepass")
        self._head = head

    def read(self, size: int) -> bytes:
        while True:
            chunk = self._head + self._stream.read(size)
            self._head = b""
            text = self._decoder.decode(chunk)
            if text or not chunk:
                # What an odd last byte or half a pair leaves in the decoder is the truncated end of the document.
                return text.encode("utf-8", errors="surrogatepass")


def _utf16_bytes(utf8: bytes) -> int:
    """How many bytes of UTF-16 this stretch of UTF-8 stands for."""
    return 2 * (len(utf8.translate(None, _CONTINUATIONS)) + len(utf8.translate(None, _NOT_FOUR)))
