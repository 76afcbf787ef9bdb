"""From a query tree to a plan: words go to the full-text index, everything else to the columns.

Words are folded and cut as the texts were. Words that begin with, hold, nearly are or match something are looked up
in the vocabulary of the case and go to the index as a set.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import tantivy

from filon.model.words import cut
from filon.query import tree
from filon.query.patterns import text_pattern
from filon.query.texts import WordLeaf, gaps, phrase_places, phrase_words
from filon.store.embedded.columns import Ints
from filon.store.embedded.filters import Test, by_date, by_field
from filon.store.embedded.plan import Engine, Every, Keep, Plan, Rest, Some
from filon.store.embedded.slices import Bits, Slice
from filon.store.embedded.snapshot import Snapshot
from filon.store.embedded.text import schema

__all__ = ["Compiler"]

_SCHEMA = schema()
_NOTHING = tantivy.Query.empty_query()
_WAYS = 256
"""Exact phrases with gaps that one phrase may become."""


class Compiler:
    """Plans for queries over one snapshot, with dates read in ``zone``."""

    def __init__(self, snapshot: Snapshot, zone: str) -> None:
        self._snapshot = snapshot
        self._zone = zone

    def plan(self, node: tree.Node) -> Plan:
        """What to ask of every slice; ``Unsupported`` for a field this store cannot answer."""
        match node:
            case tree.All():
                return Engine(tantivy.Query.all_query())
            case tree.And(children):
                return _every([self.plan(child) for child in children])
            case tree.Or(children):
                return _some([self.plan(child) for child in children])
            case tree.Not(child):
                return _rest(self.plan(child))
            case tree.Rows(ids):
                return Keep(_numbered(np.frombuffer(ids, "<i8")))
            case tree.TextRegex(pattern):
                return Keep(_text_matching(text_pattern(pattern)), dear=True)
            case tree.Field(name, value):
                return by_field(self._snapshot, name, value)
            case tree.Date():
                return by_date(node, self._zone)
            case tree.Word():
                return _phrase(phrase_words(node), 0)
            case tree.Phrase(_, slop):
                return _phrase(phrase_words(node), slop)
            case _:
                return Engine(self._set(node))

    def _set(self, node: WordLeaf) -> Any:
        """The index query for all words of the case that a leaf about one word means."""
        known = self._snapshot.vocabulary
        match node:
            case tree.Prefix(text):
                return _any_of(known.words[at] for at in known.starting("".join(cut(text))))
            case tree.Infix(text):
                return _any_of(known.holding("".join(cut(text))))
            case tree.Regex(pattern):
                return _any_of(known.matching(pattern))
            case tree.Fuzzy(text, distance):
                return tantivy.Query.fuzzy_term_query(_SCHEMA, "text", "".join(cut(text)), distance, True)

    def scoring(self, node: tree.Node) -> Any | None:
        """An index query of all words that speak for a message, for the order by relevance; None where there are none."""
        leaves = list(self._speaking(node))
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, leaf) for leaf in leaves]) if leaves else None

    def _speaking(self, node: tree.Node) -> Iterator[Any]:
        match node:
            case tree.And(children) | tree.Or(children):
                for child in children:
                    yield from self._speaking(child)
            case tree.Word() | tree.Phrase():
                for word in phrase_words(node):
                    yield _term(word)
            case tree.Prefix() | tree.Infix() | tree.Regex() | tree.Fuzzy():
                yield self._set(node)
            case _:
                return


def _term(word: str) -> Any:
    return tantivy.Query.term_query(_SCHEMA, "text", word)


def _phrase(words: Sequence[str], slop: int) -> Plan:
    """A phrase with other words between its words: every way to spread them is an exact phrase with gaps.

    Where there are too many ways, messages that hold all the words are taken and looked at one by one.
    """
    if not words:
        return Engine(_NOTHING)
    if len(words) == 1:
        return Engine(_term(words[0]))
    if math.comb(slop + len(words) - 1, slop) > _WAYS:
        return Every(
            (_joined([_term(word) for word in words], tantivy.Occur.Must), Keep(_spread(words, slop), dear=True))
        )
    ways: list[list[Any]] = [list(zip(offsets, words, strict=True)) for offsets in gaps(len(words), slop)]
    return _joined([tantivy.Query.phrase_query(_SCHEMA, "text", way) for way in ways], tantivy.Occur.Should)


def _joined(queries: list[Any], how: Any) -> Engine:
    return Engine(queries[0] if len(queries) == 1 else tantivy.Query.boolean_query([(how, query) for query in queries]))


def _any_of(words: Iterable[str]) -> Any:
    found = list(words)
    return tantivy.Query.term_set_query(_SCHEMA, "text", found) if found else _NOTHING


def _every(plans: list[Plan]) -> Plan:
    """All of them, with those the index can answer joined into one question."""
    asked = [(tantivy.Occur.Must, plan.query) for plan in plans if isinstance(plan, Engine)]
    others: list[Plan] = [plan for plan in plans if not isinstance(plan, Engine)]
    if len(asked) > 1 or not plans:
        others.append(Engine(tantivy.Query.boolean_query(asked or [(tantivy.Occur.Must, tantivy.Query.all_query())])))
    else:
        others += [plan for plan in plans if isinstance(plan, Engine)]
    return others[0] if len(others) == 1 else Every(tuple(others))


def _some(plans: list[Plan]) -> Plan:
    asked = [(tantivy.Occur.Should, plan.query) for plan in plans if isinstance(plan, Engine)]
    others: list[Plan] = [plan for plan in plans if not isinstance(plan, Engine)]
    if asked or not plans:
        others.append(Engine(tantivy.Query.boolean_query(asked) if asked else _NOTHING))
    return others[0] if len(others) == 1 else Some(tuple(others))


def _rest(plan: Plan) -> Plan:
    if isinstance(plan, Engine):
        both = [(tantivy.Occur.Must, tantivy.Query.all_query()), (tantivy.Occur.MustNot, plan.query)]
        return Engine(tantivy.Query.boolean_query(both))
    return Rest(plan)


def _numbered(ids: Ints) -> Test:
    def test(part: Slice, rows: Ints | None) -> Bits:
        asked = ids[np.searchsorted(ids, part.meta.first_id) : np.searchsorted(ids, part.meta.last_id, "right")]
        found = np.zeros(part.rows, np.bool_)
        there = part.find_rows(asked)
        found[there[there >= 0]] = True
        return found if rows is None else found[rows]

    return test


def _text_matching(pattern: Any) -> Test:
    return _reading(lambda text: pattern.search(text) is not None)


def _spread(words: Sequence[str], slop: int) -> Test:
    return _reading(lambda text: next(phrase_places(words, cut(text), slop), None) is not None)


def _reading(wanted: Callable[[str], bool]) -> Test:
    """A test that reads texts one by one."""

    def test(part: Slice, rows: Ints | None) -> Bits:
        texts = part.texts(np.arange(part.rows) if rows is None else rows)
        size = part.rows if rows is None else len(rows)
        return np.fromiter((text is not None and wanted(text) for text in texts), np.bool_, size)

    return test
