"""From a query tree to a plan: words go to the full-text index, everything else to the columns.

Words are folded and cut as the texts were. Words that begin with, hold, nearly are or match something are looked up
in the vocabulary of the case and go to the index as a set.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import re2
import tantivy

from filon.model.words import cut, fold
from filon.query import tree
from filon.store.embedded.columns import Ints
from filon.store.embedded.filters import by_date, by_field
from filon.store.embedded.plan import Engine, Every, Keep, Plan, Rest, Some
from filon.store.embedded.slices import Bits, Slice
from filon.store.embedded.snapshot import Snapshot
from filon.store.embedded.text import schema

__all__ = ["Compiler"]

_SCHEMA = schema()
_NOTHING = tantivy.Query.empty_query()


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
                return Keep(_text_matching(re2.compile(pattern)), dear=True)
            case tree.Field(name, value):
                return Keep(by_field(self._snapshot, name, value))
            case tree.Date():
                return Keep(by_date(node, self._zone))
            case _:
                return Engine(self.words(node))

    def words(self, node: tree.Node) -> Any:
        """The index query of a leaf that is about words."""
        match node:
            case tree.Word(text):
                return _phrase(cut(text), 0)
            case tree.Phrase(words, slop):
                return _phrase([word for text in words for word in cut(text)], slop)
            case tree.Prefix(text):
                known = self._snapshot.vocabulary
                return _any_of(known.words[at] for at in known.starting(fold(text)))
            case tree.Infix(text):
                return _any_of(self._snapshot.vocabulary.holding(fold(text)))
            case tree.Regex(pattern):
                return _any_of(self._snapshot.vocabulary.matching(pattern))
            case tree.Fuzzy(text, distance):
                return tantivy.Query.fuzzy_term_query(_SCHEMA, "text", fold(text), distance, True)
            case _:
                raise TypeError(f"not about words: {node}")

    def scoring(self, node: tree.Node) -> Any | None:
        """An index query of all words that speak for a message, for the order by relevance; None where there are none."""
        leaves = list(self._speaking(node))
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, leaf) for leaf in leaves]) if leaves else None

    def _speaking(self, node: tree.Node) -> Iterable[Any]:
        match node:
            case tree.And(children) | tree.Or(children):
                for child in children:
                    yield from self._speaking(child)
            case tree.Word() | tree.Phrase() | tree.Prefix() | tree.Infix() | tree.Regex() | tree.Fuzzy():
                yield self.words(node)
            case _:
                return


def _phrase(words: list[Any], slop: int) -> Any:
    if not words:
        return _NOTHING
    if len(words) == 1:
        return tantivy.Query.term_query(_SCHEMA, "text", words[0])
    return tantivy.Query.phrase_query(_SCHEMA, "text", words, slop)


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


def _numbered(ids: Ints) -> Any:
    def test(part: Slice, rows: Ints | None) -> Bits:
        asked = ids[np.searchsorted(ids, part.meta.first_id) : np.searchsorted(ids, part.meta.last_id, "right")]
        found = np.zeros(part.rows, np.bool_)
        there = part.find_rows(asked)
        found[there[there >= 0]] = True
        return found if rows is None else found[rows]

    return test


def _text_matching(pattern: Any) -> Any:
    def test(part: Slice, rows: Ints | None) -> Bits:
        texts: Iterable[Any]
        if rows is None:
            texts = (text for batch in part.batches(("text",)) for text in batch["text"].to_pylist())
            size = part.rows
        else:
            texts = part.take(rows, ("text",))["text"].to_pylist()
            size = len(rows)
        return np.fromiter((text is not None and pattern.search(text) is not None for text in texts), np.bool_, size)

    return test
