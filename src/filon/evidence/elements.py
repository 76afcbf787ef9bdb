"""Cut a JSON document of any size into the elements a reader asks for, with their places in bytes.

    for found in elements(stream, ["/name", "/messages/*"]):
        match found:
            case Element(pointer="/name", value=name): ...
            case Element(pointer, offset, length, raw, value, rules): ...   # one message
            case Passed(pointer): ...                                       # a value nobody asked for
            case Broken(pointer, offset, length, code): ...                 # a stretch that could not be read

The document is never held whole: memory is a chunk plus the element at hand (at most ``limit`` bytes). It may be
one value, JSON lines or values written one after another; UTF-8 with or without byte order mark, or UTF-16. An
element is decoded by ``filon.evidence.json_values``, which says by which rules it had to be mended.

Damage costs as little as can be: where an element cannot be read, reading goes on at the next place that looks
like the beginning of its neighbours (the same line break and indent, or the same comma, and the same first key).
What lies between becomes one ``Broken``. A truncated document keeps everything before the cut.

Paths are RFC 6901 pointers in which ``*`` stands for any index or key; ``""`` is the whole value. Pointers of the
first value in a stream are plain; those of the n-th further one begin with ``#n``.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

import msgspec

from filon.evidence.json_values import Undecodable, decode
from filon.evidence.json_window import ELEMENT_BYTES, Span, Window

__all__ = ["ELEMENT_BYTES", "Broken", "Element", "Passed", "elements"]


class Element(msgspec.Struct, frozen=True, gc=False):
    """A value at one of the paths asked for. ``offset`` and ``length`` are bytes of the stream as it is.

    ``raw`` is the element in UTF-8 (for a UTF-16 document: transcoded). ``rules``: see ``json_values.decode``.
    """

    pointer: str
    offset: int
    length: int
    raw: bytes
    value: Any
    rules: tuple[str, ...] = ()


class Passed(msgspec.Struct, frozen=True, gc=False):
    """A value beside the paths asked for, stepped over unread."""

    pointer: str
    offset: int
    length: int


class Broken(msgspec.Struct, frozen=True, gc=False):
    """A stretch that could not be read, and what it begins with.

    ``code``: ``json-broken``; ``json-truncated`` (the document ends inside); ``json-too-long``; ``json-too-deep``.
    ``pointer``: the element or container it stands for, as far as can be told.
    """

    pointer: str
    offset: int
    length: int
    code: str
    excerpt: bytes


_FIRST_KEY = re.compile(rb'\{\s*+"[^"\\\x00-\x1f]{1,128}"\s*+:')
_EXCERPT = 200
_INDENT = 256
_RESCAN = 64 << 20
"""Bytes that may be scanned twice beyond the size of what was read, so that hostile damage stays linear."""


class _Node:
    """The paths asked for, as a tree by key."""

    def __init__(self) -> None:
        self.leaf = False
        self.keys: dict[str, _Node] = {}

    def get(self, key: str) -> "_Node | None":
        return self.keys.get(key) or self.keys.get("*")

    def add(self, path: str) -> None:
        node = self
        for key in path.split("/")[1:]:
            node = node.keys.setdefault(key.replace("~1", "/").replace("~0", "~"), _Node())
        node.leaf = True


class _Frame:
    """A container being walked through."""

    __slots__ = ("index", "neighbour", "node", "pointer", "shape", "wanted")

    def __init__(self, shape: str, node: _Node, pointer: str) -> None:
        self.shape = shape
        self.node = node
        self.pointer = pointer
        self.index = 0
        self.neighbour: bytes | None = None
        """The pattern that begins its elements, known from the first one that is an object."""
        every = node if shape == "values" else node.keys.get("*") if shape == "[" and len(node.keys) == 1 else None
        self.wanted = every is not None and every.leaf

    def next(self, key: str | None) -> tuple[str, "_Node | None"]:
        """Pointer and node of the next value in it."""
        if self.shape == "values":
            pointer = f"#{self.index}" if self.index else ""
            self.index += 1
            return pointer, self.node
        if key is None:
            key = str(self.index)
            self.index += 1
            return f"{self.pointer}/{key}", self.node.get(key)
        return f"{self.pointer}/{key.replace('~', '~0').replace('/', '~1')}", self.node.get(key)


def elements(stream: BinaryIO, paths: Iterable[str], limit: int = ELEMENT_BYTES) -> Iterator[Element | Passed | Broken]:
    """Walk ``stream`` once, from where it stands, in document order. Never raises for bad evidence."""
    root = _Node()
    for path in paths:
        root.add(path)
    return _Walk(Window(stream, limit), root).run()


class _Walk:
    def __init__(self, window: Window, root: _Node) -> None:
        self.window = window
        self.stack = [_Frame("values", root, "")]
        self.rescanned = 0

    def run(self) -> Iterator[Element | Passed | Broken]:
        window = self.window
        while self.stack:
            frame = self.stack[-1]
            if frame.neighbour is not None and frame.wanted:
                yield from self._objects(frame)
            byte = window.peek()
            if byte == "":
                yield from self._end()
                return
            if byte == ",":
                window.pos += 1
            elif byte in "]}":
                if (frame.shape, byte) in (("[", "]"), ("{", "}")):
                    window.pos += 1
                    self.stack.pop()
                else:
                    yield from self._damage(frame.pointer, window.pos, "json-broken")
            else:
                yield from self._member(frame, byte)

    def _objects(self, frame: _Frame) -> Iterator[Element]:
        """The fast lane: elements that are whole objects, as long as nothing about them is unusual."""
        window = self.window
        prefix = "#" if frame.shape == "values" else frame.pointer + "/"
        while True:
            pos = window.pos
            found = window.next_object()
            if found is None:
                return
            offset, length, raw = found
            try:
                value, rules = decode(raw)
            except Undecodable:
                window.pos = pos
                return
            pointer = prefix + str(frame.index)
            frame.index += 1
            yield Element(pointer, offset, length, raw, value, rules)

    def _member(self, frame: _Frame, byte: str) -> Iterator[Element | Passed | Broken]:
        window = self.window
        key = None
        if frame.shape == "{":
            key = window.key() if byte == '"' else None
            if key is None:
                yield from self._damage(frame.pointer, window.pos, "json-broken")
                return
            byte = window.peek()
            if byte == "":
                return
        if frame.neighbour is None and byte == "{" and key is None:
            frame.neighbour = self._neighbour(frame)
        pointer, node = frame.next(key)
        if node is not None and not node.leaf and byte in "{[":
            window.pos += 1
            self.stack.append(_Frame(byte, node, pointer))
        else:
            yield from self._value(pointer, node is not None and node.leaf)

    def _value(self, pointer: str, wanted: bool) -> Iterator[Element | Passed | Broken]:
        window = self.window
        origin = window.origin()
        span = window.span()
        if span is Span.EMPTY:
            yield from self._damage(pointer, window.pos, "json-broken")
        elif span is Span.TRUNCATED:
            yield from self._damage(pointer, window.start, span.value, window.pos)
        elif span is Span.TOO_LONG:
            yield from self._long(pointer, origin, wanted)
        elif not wanted and len(self.stack) > 1:
            yield Passed(pointer, origin, window.origin() - origin)
        elif span is Span.TOO_DEEP:
            yield from self._damage(pointer, window.start, span.value, window.pos)
        else:
            yield from self._decoded(pointer, origin, wanted)

    def _decoded(self, pointer: str, origin: int, wanted: bool) -> Iterator[Element | Passed | Broken]:
        window = self.window
        start, end = window.start, window.pos
        raw = window.buffer[start:end]
        try:
            value, rules = decode(raw)
        except Undecodable:
            # A word that is no JSON, outside of everything: this is not a JSON document, or no longer one.
            lost = len(self.stack) == 1 and raw[:1] not in (b"{", b"[", b'"')
            yield from self._damage(pointer, start, "json-broken", None if lost else end)
            return
        length = window.origin() - origin
        yield Element(pointer, origin, length, raw, value, rules) if wanted else Passed(pointer, origin, length)

    def _long(self, pointer: str, origin: int, wanted: bool) -> Iterator[Passed | Broken]:
        """A value longer than the limit: perhaps its end was damaged, so look for a neighbour in what is at hand."""
        window = self.window
        excerpt = window.buffer[window.start : window.start + _EXCERPT]
        if wanted and self._neighbour_within(window.start, window.pos):
            yield Broken(pointer, origin, window.origin() - origin, "json-broken", excerpt)
            return
        span = window.rest()
        length = window.origin() - origin
        if span is Span.TRUNCATED:
            self.stack.clear()
            yield Broken(pointer, origin, length, span.value, excerpt)
        else:
            yield (
                Broken(pointer, origin, length, "json-too-long", excerpt) if wanted else Passed(pointer, origin, length)
            )

    def _neighbour(self, frame: _Frame) -> bytes | None:
        """The pattern that begins this frame's elements, from the one the window stands at."""
        window = self.window
        key = _FIRST_KEY.match(window.buffer, window.pos)
        if key is None:
            return None
        before = window.buffer[max(0, window.pos - _INDENT) : window.pos]
        space = before[len(before.rstrip(b" \t\r\n")) :]
        line = space.rfind(b"\n")
        if line >= 0:
            lead = re.escape(space[line:])
        elif frame.shape == "values":
            lead = rb"(?<=[\n}])[ \t]*"
        else:
            lead = rb"(?<=,)[ \t]*"
        opening = re.escape(key[0].rstrip(b": \t\r\n"))
        return lead + rb"(?=" + opening + rb"\s*:)"

    def _damage(self, pointer: str, start: int, code: str, end: int | None = None) -> Iterator[Broken]:
        """Give up what begins at ``start`` and go on at the next neighbour; ``end``: where it ends at the latest."""
        window = self.window
        window.pos = start
        origin = window.origin()
        excerpt = window.buffer[start : start + _EXCERPT]
        if not self._neighbour_within(start, end):
            if end is None:
                window.drain()
            else:
                window.pos = end
            if end is None or code == Span.TRUNCATED.value:
                self.stack.clear()
        elif code == Span.TRUNCATED.value:
            code = "json-broken"
        yield Broken(pointer, origin, window.origin() - origin, code, excerpt)

    def _neighbour_within(self, start: int, end: int | None) -> bool:
        """Go to the next neighbour of any open container after ``start``, before ``end`` if given; False: no step."""
        framed = [(depth, frame.neighbour) for depth, frame in enumerate(self.stack) if frame.neighbour]
        if end is not None:
            self.rescanned += end - start
        if not framed or (end is not None and self.rescanned > _RESCAN + self.window.origin()):
            return False
        pattern = re.compile(b"|".join(b"(" + neighbour + b")" for _, neighbour in framed))
        found = self.window.seek(pattern, start + 1, end)
        if found is None:
            return False
        del self.stack[framed[found - 1][0] + 1 :]
        return True

    def _end(self) -> Iterator[Broken]:
        """The stream is over: say so where containers are still open."""
        open_frames = [frame for frame in self.stack if frame.shape != "values"]
        if open_frames:
            yield Broken(open_frames[-1].pointer, self.window.origin(), 0, "json-truncated", b"")
        self.stack.clear()
