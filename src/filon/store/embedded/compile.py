"""From a query tree to a plan: words go to the full-text index, everything else to the columns.

Words are folded and cut as the texts were. Words that begin with, hold or match something are looked up in the vocabulary
of each slice and go to its index as a set.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow.compute as pc
import tantivy

from filon.model.words import cut
from filon.query import tree
from filon.query.bind import leaves
from filon.query.patterns import text_pattern
from filon.query.texts import WordLeaf, gaps, phrase_places, phrase_words
from filon.store.embedded.columns import Ints
from filon.store.embedded.filters import NAMED, Test, by_date, by_field
from filon.store.embedded.literals import inside_a_word
from filon.store.embedded.names import resolve
from filon.store.embedded.plan import EVERYTHING, NOTHING, Engine, Every, Keep, Lookup, Plan, Rest, Some
from filon.store.embedded.slices import Bits, Slice
from filon.store.embedded.snapshot import Snapshot
from filon.store.embedded.text import schema

__all__ = ["Compiler"]

_SCHEMA = schema()
_WAYS = 256
"""Exact phrases with gaps that one phrase may become."""
_WORTH = 8
"""Texts are taken out by number where at most one in so many may match; else all are read in order."""


class Compiler:
    """Plans for queries over one snapshot, with dates read in ``zone``."""

    def __init__(self, snapshot: Snapshot, zone: str) -> None:
        self._snapshot = snapshot
        self._zone = zone

    def plan(self, node: tree.Node) -> Plan:
        """What to ask of every slice; ``Unsupported`` for a field this store cannot answer."""
        match node:
            case tree.All():
                return EVERYTHING
            case tree.And(children):
                return Every(tuple(self.plan(child) for child in children))
            case tree.Or(children):
                return Some(tuple(self.plan(child) for child in children))
            case tree.Not(child):
                return Rest(self.plan(child))
            case tree.Rows(ids):
                return Keep(test=_numbered(np.frombuffer(ids, "<i8")))
            case tree.TextRegex(pattern):
                return _text_matching(pattern)
            case tree.Field(name, value):
                return by_field(self._snapshot, name, value)
            case tree.Date():
                return by_date(node, self._zone)
            case tree.Word():
                return _phrase(phrase_words(node), 0)
            case tree.Phrase(_, slop):
                return _phrase(phrase_words(node), slop)
            case _:
                return Lookup(lambda part: _meant(node, part))

    def meaning(self, node: tree.Node) -> tuple[object, ...]:
        """What the names in a query stand for now. With it, the same query asks the same of a slice for ever."""
        named = [leaf for leaf in leaves(node) if isinstance(leaf, tree.Field) and leaf.name in NAMED]
        return tuple(
            (leaf.value, resolve(self._snapshot, leaf.name, leaf.value).tobytes()) if leaf.name != "with"
            else self._snapshot.manifest.generation
            for leaf in named
        )  # fmt: skip

    def scoring(self, node: tree.Node) -> Callable[[Slice], Any | None]:
        """What gives the index query of all words that speak for a message, for the order by relevance; None: there are none."""

        def scores(part: Slice) -> Any | None:
            found = [(tantivy.Occur.Should, leaf) for leaf in _speaking(node, part)]
            return tantivy.Query.boolean_query(found) if found else None

        return scores


def _meant(node: WordLeaf, part: Slice) -> Plan:
    """All words of a slice that a leaf about one word means."""
    known = part.vocabulary
    match node:
        case tree.Prefix(text):
            return _one_of(known.words(known.starting("".join(cut(text)))), part)
        case tree.Infix(text):
            return _one_of(known.holding("".join(cut(text))), part)
        case tree.Regex(pattern):
            return _one_of(known.matching(pattern), part)
        case tree.Fuzzy(text, distance):
            return Engine(tantivy.Query.fuzzy_term_query(_SCHEMA, "text", "".join(cut(text)), distance, True))


def _one_of(words: Sequence[str], part: Slice) -> Plan:
    """Rows that hold one of these words: those of the words that are kept, and what the index has of the others."""
    if (query := _any_of(words)) is None:
        return NOTHING
    many = [word for word in words if word in part.frequent]
    few = [word for word in words if word not in part.frequent]
    others = Engine(_any_of(few), most=lambda part: _standing(few, part)) if few else NOTHING
    apart = Some((*(_word(word) for word in many), others))
    return Engine(query, None, apart, lambda part: min(part.rows, _standing(words, part)))


def _word(word: str) -> Engine:
    return Engine(_term(word), word, most=lambda part: part.searcher.doc_freq("text", word))


def _standing(words: Iterable[str], part: Slice) -> int:
    """In how many rows these words stand, at most."""
    return sum(part.searcher.doc_freq("text", word) for word in words)


def _speaking(node: tree.Node, part: Slice) -> Iterator[Any]:
    match node:
        case tree.And(children) | tree.Or(children):
            for child in children:
                yield from _speaking(child, part)
        case tree.Word() | tree.Phrase():
            for word in phrase_words(node):
                yield _term(word)
        case tree.Prefix() | tree.Infix() | tree.Regex() | tree.Fuzzy():
            if isinstance(meant := _meant(node, part), Engine):
                yield meant.query
        case _:
            return


def _term(word: str) -> Any:
    return tantivy.Query.term_query(_SCHEMA, "text", word)


def _phrase(words: Sequence[str], slop: int) -> Plan:
    """A phrase with other words between its words: every way to spread them is an exact phrase with gaps.

    Where there are too many ways, messages that hold all the words are taken and looked at one by one.
    """
    if not words:
        return NOTHING
    if len(words) == 1:
        return _word(words[0])
    if math.comb(slop + len(words) - 1, slop) > _WAYS:
        return Every((*map(_word, words), Keep(test=_spread(words, slop), dear=True)))
    ways: list[list[Any]] = [list(zip(offsets, words, strict=True)) for offsets in gaps(len(words), slop)]
    phrases = [tantivy.Query.phrase_query(_SCHEMA, "text", way) for way in ways]
    return Some(
        tuple(Engine(phrase, most=lambda part: min(_standing([word], part) for word in words)) for phrase in phrases)
    )


def _any_of(words: Iterable[str]) -> Any | None:
    found = list(words)
    return tantivy.Query.term_set_query(_SCHEMA, "text", found) if found else None


def _numbered(ids: Ints) -> Test:
    def test(part: Slice, rows: Ints | None) -> Bits:
        asked = ids[np.searchsorted(ids, part.meta.first_id) : np.searchsorted(ids, part.meta.last_id, "right")]
        found = np.zeros(part.rows, np.bool_)
        there = part.find_rows(asked)
        found[there[there >= 0]] = True
        return found if rows is None else found[rows]

    return test


def _text_matching(pattern: str) -> Keep:
    """Texts in which a pattern is found, read only where the words of the slice do not rule it out."""
    compiled = text_pattern(pattern)
    letters = inside_a_word(pattern)

    def narrow(part: Slice) -> Any | None:
        if letters is None:
            return None
        words = [*part.vocabulary.holding(letters), *part.vocabulary.longest()]
        query = _any_of(words) or tantivy.Query.empty_query()
        count = part.searcher.search(query, limit=1, count=True).count
        return query if count < part.rows // _WORTH else None

    def test(part: Slice, rows: Ints | None) -> Bits:
        if r"\Q" in pattern:
            texts = (text for some in part.texts(rows) for text in some.to_pylist())
            size = part.rows if rows is None else len(rows)
            return np.fromiter(
                (text is not None and compiled.search(text) is not None for text in texts), np.bool_, size
            )
        found = (pc.fill_null(pc.match_substring_regex(texts, pattern), False) for texts in part.texts(rows))
        return np.concatenate([np.zeros(0, np.bool_), *(np.asarray(some) for some in found)])

    return Keep(test=test, dear=True, narrow=narrow)


def _spread(words: Sequence[str], slop: int) -> Test:
    """A test that reads texts one by one."""

    def test(part: Slice, rows: Ints | None) -> Bits:
        texts = (text for some in part.texts(rows) for text in some.to_pylist())
        places = (next(phrase_places(words, cut(text or ""), slop), None) for text in texts)
        return np.fromiter((place is not None for place in places), np.bool_, part.rows if rows is None else len(rows))

    return test
