"""What of a decoded JSON object nobody reads: keys without a meaning, and values of another shape than their key's.

A reader states the shape of each value it reads and asks for the count of all else:

    _READ = {"id": WORD, "text": TEXT, "reactions": listed_of({"emoji": WORD, "count": WHOLE})}
    unread.check(message, _READ)

Counts are kept by where the value stands: ``key reactions/paid`` has no meaning, ``key text (object)`` has one, and an
object stood there instead of a text. An empty value says nothing, so it is never counted. The counts are bounded.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from filon.evidence import fields
from filon.model.records import Unread

__all__ = [
    "ANY",
    "FLAG",
    "HANDLE",
    "INSTANT",
    "MILLISECONDS",
    "REAL",
    "TEXT",
    "WHOLE",
    "WORD",
    "Keys",
    "Shape",
    "UnreadKeys",
    "between",
    "listed_of",
    "object_of",
    "one_of",
]

_KEYS_COUNTED = 1000
_KEY_SHOWN = 100
_NAMES = {dict: "object", list: "list", str: "text", bool: "true or false", int: "number", float: "number"}


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """The values a reader reads at one place: all of some types, those that pass a test, lists and objects of such."""

    types: frozenset[type] = frozenset({type(None)})
    """Types every value of which is read."""
    test: Callable[[Any], bool] | None = None
    each: "Shape | None" = None
    """What the elements of a list have to be."""
    keys: "Keys | None" = None
    """What the members of an object have to be; ``*`` stands for every key not named."""


Keys = Mapping[str, Shape]


def _of(*types: type, **more: Any) -> Shape:
    return Shape(types=frozenset({type(None), *types}), **more)


def _is_stamp(per_second: int) -> Callable[[Any], bool]:
    def test(value: Any) -> bool:
        return fields.is_epoch(value, per_second)

    return test


def listed_of(each: "Shape | Keys", also: Shape | None = None) -> Shape:
    """A list of values of one shape, or what ``also`` allows."""
    inner = each if isinstance(each, Shape) else object_of(each)
    return msgspec.structs.replace(also or Shape(), each=inner)


def object_of(keys: "Keys", also: Shape | None = None) -> Shape:
    """An object with these keys, or what ``also`` allows."""
    return msgspec.structs.replace(also or Shape(), keys=keys)


def between(low: float, high: float) -> Shape:
    """A number, also written as text, in a range."""
    return Shape(test=lambda value: (found := fields.number(value)) is not None and low <= found <= high)


def one_of(*values: Any) -> Shape:
    """One of a few texts or truths."""
    return Shape(test=lambda value: type(value) in (str, bool) and value in values)


ANY = _of(dict, list, str, bool, int, float)
TEXT = _of(str)
WORD = _of(str, int)
"""See ``fields.word``."""
WHOLE = Shape(test=lambda value: fields.integer(value) is not None)
REAL = Shape(test=lambda value: fields.number(value) is not None)
HANDLE = _of(str, test=lambda value: fields.integer(value) is not None)
"""A text, or a whole number of at most 18 digits."""
FLAG = _of(bool)
INSTANT = Shape(test=_is_stamp(1))
"""Seconds since 1970 that lie in the years 1 to 9999."""
MILLISECONDS = Shape(test=_is_stamp(1000))


class UnreadKeys:
    """How often each key (or other thing) was met that nobody reads."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def add(self, keys: Iterable[str], within: str = "") -> None:
        """Count ``keys`` of an object; ``within``: where the object stands in its record, e.g. ``reactions/``."""
        for key in keys:
            self.count(f"key {within}{key[:_KEY_SHOWN]}")

    def check(self, value: Mapping[str, Any], keys: Keys, within: str = "") -> None:
        """Count what of an object is not in ``keys`` or has another shape than is stated there."""
        for key, one in value.items():
            shape = keys.get(key)
            if shape is None:
                shape = keys.get("*")
                if shape is None:
                    self.count(f"key {within}{key[:_KEY_SHOWN]}")
                    continue
            if type(one) not in shape.types:
                self._look(one, shape, f"{within}{key[:_KEY_SHOWN]}")

    def refuse(self, value: Any, place: str, why: str | None = None) -> None:
        """Count a value that says something and is not read, by its type or by ``why``."""
        if value not in ("", [], {}, None):
            self.count(f"key {place} ({why or _NAMES.get(type(value), type(value).__name__)})")

    def count(self, what: str) -> None:
        """Count one thing that is no key: ``model SearchedItem``."""
        if what not in self._counts and len(self._counts) >= _KEYS_COUNTED:
            what = "further keys"
        self._counts[what] = self._counts.get(what, 0) + 1

    def records(self) -> Iterator[Unread]:
        """The counts, in the order in which they were met first."""
        for what, count in self._counts.items():
            yield Unread(what, count)

    def _look(self, value: Any, shape: Shape, place: str) -> None:
        """A value whose type alone does not say that it is read."""
        if type(value) is list and shape.each is not None:
            for one in value:
                if type(one) not in shape.each.types:
                    self._look(one, shape.each, place)
        elif type(value) is dict and shape.keys is not None:
            self.check(value, shape.keys, f"{place}/")
        elif shape.test is None or not shape.test(value):
            self.refuse(value, place)
