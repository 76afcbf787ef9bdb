"""The tree a search text stands for. Frozen values: comparable, hashable, engine-free.

Words in a tree are as the user wrote them; ``filon.model.words`` folds and cuts them in the same way as texts.
"""

import msgspec

__all__ = [
    "All",
    "And",
    "Date",
    "Field",
    "Fuzzy",
    "Infix",
    "Node",
    "Not",
    "Or",
    "Phrase",
    "Prefix",
    "Regex",
    "Rows",
    "TextRegex",
    "Word",
]


class All(msgspec.Struct, frozen=True, tag=True):
    """Every message."""


class Word(msgspec.Struct, frozen=True, tag=True):
    """A word in the text; one that folds to several words is taken as a phrase."""

    text: str


class Phrase(msgspec.Struct, frozen=True, tag=True):
    """Words in this order, with at most ``slop`` other words between them in all."""

    words: tuple[str, ...]
    slop: int = 0


class Prefix(msgspec.Struct, frozen=True, tag=True):
    """Words that begin so."""

    text: str


class Infix(msgspec.Struct, frozen=True, tag=True):
    """Words that hold this somewhere."""

    text: str


class Fuzzy(msgspec.Struct, frozen=True, tag=True):
    """Words at most ``distance`` (1 or 2) edits away: insert, delete, replace, swap of neighbours."""

    text: str
    distance: int = 1


class Regex(msgspec.Struct, frozen=True, tag=True):
    """Whole words that match, folded, in RE2 syntax."""

    pattern: str


class TextRegex(msgspec.Struct, frozen=True, tag=True):
    """Original texts in which the pattern is found, RE2 syntax; reads every text."""

    pattern: str


class Field(msgspec.Struct, frozen=True, tag=True):
    """``name:value`` as written, e.g. from, to, with, in, device, lang, has, mention, tag, item, platform, kind, is."""

    name: str
    value: str


class Date(msgspec.Struct, frozen=True, tag=True):
    """``date:since..until`` as written (either may be None); whole years, months, days or minutes, both ends included."""

    since: str | None
    until: str | None


class Rows(msgspec.Struct, frozen=True, tag=True):
    """A set of message numbers the case resolved (tag, scope, one-sided); never written by a user.

    ``ids`` is a sorted little-endian int64 array as bytes; ``why`` is what it stands for.
    """

    ids: bytes
    why: str


class Not(msgspec.Struct, frozen=True, tag=True):
    """Everything the child does not match."""

    child: "Node"


class And(msgspec.Struct, frozen=True, tag=True):
    """What all children match."""

    children: tuple["Node", ...]


class Or(msgspec.Struct, frozen=True, tag=True):
    """What at least one child matches."""

    children: tuple["Node", ...]


Node = All | Word | Phrase | Prefix | Infix | Fuzzy | Regex | TextRegex | Field | Date | Rows | Not | And | Or
