"""Finding messages in one snapshot."""

from collections.abc import Iterable, Iterator

import numpy as np

from filon.model.words import fold
from filon.query.tree import Node, Word
from filon.store.embedded.columns import Ints
from filon.store.embedded.compile import Compiler
from filon.store.embedded.facets import Counts, check, count, count_in_index, facet
from filon.store.embedded.names import resolve
from filon.store.embedded.search import Search, Searches
from filon.store.embedded.slices import Slice
from filon.store.embedded.snapshot import Snapshot
from filon.store.ports import Facet, Found, Numbers, Order

__all__ = ["EmbeddedIndex"]


class EmbeddedIndex:
    """``filon.store.ports.Index`` over a snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._kept = Searches()

    def find(self, query: Node, order: Order, offset: int, limit: int, zone: str = "UTC") -> Found:
        search = self._search(query, zone)
        if order == "relevance":
            return Found(*search.by_relevance(offset, limit))
        return Found(*search.page(offset, limit, newest=order == "newest"))

    def count(self, query: Node, zone: str = "UTC") -> int:
        return self._search(query, zone).total()

    def facets(self, query: Node, fields: Iterable[str], top: int, zone: str = "UTC") -> dict[str, Facet]:
        fields = tuple(fields)
        check(fields)
        search = self._search(query, zone)
        counts = [self._count(search, part, fields, zone) for part in self._snapshot.slices]
        return {field: facet(field, counts, top) for field in fields}

    def _count(self, search: Search, part: Slice, fields: tuple[str, ...], zone: str) -> Counts:
        items, engine = self._snapshot.items, search.engine(part)
        counts = None if engine is None else count_in_index(part, engine, fields, zone, items)
        return count(part, search.rows(part), fields, zone, items) if counts is None else counts

    def ids(self, query: Node, zone: str = "UTC") -> Iterator[Numbers]:
        return self._search(query, zone).stream()

    def words(self, prefix: str, limit: int) -> list[tuple[str, int]]:
        vocabulary = self._snapshot.vocabulary
        found = vocabulary.starting(fold(prefix).strip())
        counts = vocabulary.counts[found.start : found.stop]
        order = np.argsort(-counts, kind="stable").tolist()
        words = ((vocabulary.words[found.start + at], int(counts[at])) for at in order)
        if any(part.withdrawn for part in self._snapshot.slices):
            recounted = ((word, self.count(Word(word))) for word, _ in words)
            return sorted((pair for pair in recounted if pair[1]), key=lambda pair: -pair[1])[:limit]
        return [pair for pair, _ in zip(words, range(limit), strict=False)]

    def resolve(self, field: str, value: str) -> Ints:
        return resolve(self._snapshot, field, value)

    def chosen(self, query: Node, zone: str, part: Slice) -> Ints:
        """The visible rows of a slice that match, ascending."""
        return self._search(query, zone).rows(part)

    def _search(self, query: Node, zone: str) -> Search:
        compiler = Compiler(self._snapshot, zone)
        return Search((query, zone), compiler.plan(query), compiler.scoring(query), self._snapshot.slices, self._kept)
