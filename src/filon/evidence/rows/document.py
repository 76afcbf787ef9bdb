"""JSON documents cut into rows: a list of objects, or objects written one after another over several lines.

The document is never held whole; ``filon.evidence.elements`` cuts it and says what had to be mended or given up.
"""

from collections.abc import Callable, Iterator
from typing import BinaryIO

from filon.evidence.elements import Broken as BrokenStretch
from filon.evidence.elements import Passed, elements
from filon.evidence.rows.jsonlines import flatten
from filon.evidence.rows.row import Broken, Cut, Row, excerpt

__all__ = ["DocumentSheet", "path_of"]


def path_of(head: bytes) -> str:
    """Where the rows of a document stand that begins like this: in its list, or one value after another."""
    return "/*" if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"[" else ""


class DocumentSheet:
    """The one table of a JSON document. ``path``: RFC 6901 pointer with ``*``, as ``/messages/*``."""

    name = None
    keyed = True

    def __init__(self, open: Callable[[], BinaryIO], path: str) -> None:
        self._open = open
        self._path = path
        self._counted: int | None = None

    def rows(self) -> Iterator[Cut]:
        """Every element at the path as a row. What lies beside the path is one broken row for each value."""
        number = 0
        with self._open() as stream:
            for number, found in enumerate(elements(stream, [self._path]), 1):
                path = found.pointer or "#0"
                if isinstance(found, BrokenStretch):
                    raw = excerpt(found.excerpt.decode("utf-8", "replace"))
                    detail = "this stretch of the document cannot be read"
                    yield Broken(number, found.code, detail, raw, found.offset, found.length, path)
                elif isinstance(found, Passed):
                    detail = f"a value beside {self._path}, where the rows stand"
                    yield Broken(number, "beside-the-rows", detail, None, found.offset, found.length, path)
                elif isinstance(found.value, dict):
                    yield Row(number, flatten(found.value), found.offset, found.length, mended=found.rules, path=path)
                else:
                    raw = excerpt(found.raw[:4000].decode("utf-8", "replace"))
                    detail = "a JSON value that is not an object"
                    yield Broken(number, "not-an-object", detail, raw, found.offset, found.length, path)
        self._counted = number

    def count(self) -> int:
        """Values, as the last whole pass numbered them."""
        if self._counted is None:
            for _ in self.rows():
                pass
        return self._counted or 0
