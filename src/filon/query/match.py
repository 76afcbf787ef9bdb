"""The oracle: what a search means, in plain Python, one message at a time.

Every backend is tested against it, and watch rules use it, so that an alert and a search cannot disagree. A leaf never
matches what the message does not have: no text, no time, no name. ``NOT`` is everything else, so ``NOT date:2020`` does hold
the undated messages.
"""

from collections.abc import Callable, Iterable, Sequence

import msgspec
import numpy as np

from filon.model.words import cut
from filon.query.dates import interval
from filon.query.fields import NUMBERED
from filon.query.names import Wanted, is_code, is_name, wanted
from filon.query.patterns import text_pattern
from filon.query.texts import phrase_places, phrase_words, word_test
from filon.query.tree import (
    All,
    And,
    Date,
    Field,
    Fuzzy,
    Infix,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Regex,
    Rows,
    TextRegex,
    Word,
)

__all__ = ["Named", "Row", "match", "matcher"]


class Named(msgspec.Struct, frozen=True):
    """An account, conversation or item: its number in the case and every name it has.

    Account: handle, display names, nicknames. Conversation: title, native id. Item: path, SHA-256.
    """

    number: int | None = None
    names: tuple[str, ...] = ()


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """All of a message that a search can ask about. ``at`` UTC and ``local`` wall-clock microseconds, at most one of them.

    ``has`` and ``flags`` are those of ``fields.held`` and ``fields.flags``, and ``one-sided`` where the case says so.
    """

    id: int
    text: str | None = None
    at: int | None = None
    local: int | None = None
    sender: Named | None = None
    recipients: tuple[Named, ...] = ()
    participants: tuple[Named, ...] = ()
    conversation: Named | None = None
    item: Named | None = None
    device: str | None = None
    platform: str | None = None
    kind: str | None = None
    state: str | None = None
    lang: str | None = None
    has: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    mentions: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()


Test = Callable[[Row, Sequence[str]], bool]
"""Whether a row, whose text was cut into these words, is meant."""


def match(node: Node, row: Row, zone: str) -> bool:
    """Whether a search, read in a time zone, finds this message."""
    return matcher(node, zone)(row)


def matcher(node: Node, zone: str) -> Callable[[Row], bool]:
    """``match`` for many messages: patterns, dates and names are prepared once."""
    test = _test(node, zone)
    return lambda row: test(row, cut(row.text) if row.text else ())


def _test(node: Node, zone: str) -> Test:
    match node:
        case All():
            return lambda row, words: True
        case Not(child):
            negated = _test(child, zone)
            return lambda row, words: not negated(row, words)
        case And(children):
            tests = [_test(child, zone) for child in children]
            return lambda row, words: all(test(row, words) for test in tests)
        case Or(children):
            tests = [_test(child, zone) for child in children]
            return lambda row, words: any(test(row, words) for test in tests)
        case Date():
            stretch = interval(node, zone)
            return lambda row, words: stretch.holds(row.at, row.local)
        case Rows(ids):
            numbers = np.frombuffer(ids, "<i8")
            return lambda row, words: _is_among(row.id, numbers)
        case Field(name, value):
            return _field(name, value)
        case _:
            return _text(node)


def _text(node: Word | Phrase | Prefix | Infix | Fuzzy | Regex | TextRegex) -> Test:
    if isinstance(node, TextRegex):
        pattern = text_pattern(node.pattern)
        return lambda row, words: row.text is not None and pattern.search(_encodable(row.text)) is not None
    if isinstance(node, Word | Phrase):
        phrase = phrase_words(node)
        slop = node.slop if isinstance(node, Phrase) else 0
        return lambda row, words: next(phrase_places(phrase, words, slop), None) is not None
    test = word_test(node)
    return lambda row, words: any(map(test, words))


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _is_among(number: int, numbers: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> bool:
    at = int(np.searchsorted(numbers, number))
    return at < len(numbers) and int(numbers[at]) == number


def _field(name: str, value: str) -> Test:
    asked = wanted(value, numbered=name in NUMBERED)
    match name:
        case "is":
            return lambda row, words: value in row.flags
        case "has":
            return lambda row, words: value in row.has
        case "device":
            return lambda row, words: row.device is not None and is_name(asked, row.device)
        case "tag":
            return lambda row, words: any(is_code(asked, tag) for tag in row.tags)
        case "mention":
            return lambda row, words: any(is_code(asked, mention) for mention in row.mentions)
        case "platform" | "kind" | "state" | "lang":
            return lambda row, words: _is_coded(asked, getattr(row, name))
        case _:
            who = _WHO[name]
            return lambda row, words: any(_is_named(asked, one) for one in who(row))


def _is_coded(asked: Wanted, code: str | None) -> bool:
    return code is not None and is_code(asked, code)


def _is_named(asked: Wanted, one: Named | None) -> bool:
    if one is None:
        return False
    if asked.number is not None:
        return one.number == asked.number
    return any(is_name(asked, name) for name in one.names)


_WHO: dict[str, Callable[[Row], Iterable[Named | None]]] = {
    "from": lambda row: (row.sender,),
    "to": lambda row: row.recipients,
    "with": lambda row: (row.sender, *row.recipients, *row.participants),
    "in": lambda row: (row.conversation,),
    "item": lambda row: (row.item,),
}
