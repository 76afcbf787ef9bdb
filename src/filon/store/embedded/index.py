"""Finding messages in one snapshot."""

from collections.abc import Iterable, Iterator

from filon.model.words import fold
from filon.query.tree import Node, Word
from filon.store.embedded.columns import Ints
from filon.store.embedded.compile import Compiler
from filon.store.embedded.facets import Count, check, count, count_in_index, count_together, facet
from filon.store.embedded.names import resolve
from filon.store.embedded.search import Search, Searches
from filon.store.embedded.slices import Slice
from filon.store.embedded.snapshot import Snapshot
from filon.store.embedded.vocabulary import frequent
from filon.store.ports import Facet, Found, Numbers, Order

__all__ = ["EmbeddedIndex"]


class EmbeddedIndex:
    """``filon.store.ports.Index`` over a snapshot."""

    def __init__(self, snapshot: Snapshot, kept: Searches | None = None) -> None:
        self._snapshot = snapshot
        self._kept = kept or Searches()

    def find(self, query: Node, order: Order, offset: int, limit: int, zone: str = "UTC") -> Found:
        search = self._search(query, zone)
        total = search.total()
        return Found(self._page(search, order, offset, limit), total)

    def first(self, query: Node, order: Order, offset: int, limit: int, zone: str = "UTC") -> Numbers:
        return self._page(self._search(query, zone), order, offset, limit)

    def count(self, query: Node, zone: str = "UTC") -> int:
        return self._search(query, zone).total()

    def facets(self, query: Node, fields: Iterable[str], top: int, zone: str = "UTC") -> dict[str, Facet]:
        fields = tuple(fields)
        check(fields)
        search = self._search(query, zone)
        few, many = search.divided()
        counts = search.each(lambda part: self._counts(search, part, fields, zone), many)
        counts += count_together(few, fields, zone, self._snapshot.items)
        return {field: facet(field, [some[field] for some in counts if field in some], top) for field in fields}

    def _counts(self, search: Search, part: Slice, fields: tuple[str, ...], zone: str) -> dict[str, Count]:
        """Counts of one slice: those that are known, and what is missing."""
        known: dict[str, Count] = {}
        for field in fields:
            if (counted := search.kept(part, ("facet", field))) is not None:
                known[field] = counted
        missing = tuple(field for field in fields if field not in known)
        if not missing:
            return known
        items, engine = self._snapshot.items, search.engine(part)
        counts = None if engine is None else count_in_index(part, engine, missing, zone, items)
        if counts is None:
            counts = count(part, None if search.whole(part) else search.rows(part), missing, zone, items)
        for field, counted in counts.items():
            search.keep(part, ("facet", field), counted, counted.size)
        return known | counts

    @staticmethod
    def _page(search: Search, order: Order, offset: int, limit: int) -> Numbers:
        if order == "relevance":
            return search.by_relevance(offset, limit)
        return search.page(offset, limit, newest=order == "newest")

    def ids(self, query: Node, zone: str = "UTC") -> Iterator[Numbers]:
        return self._search(query, zone).stream()

    def words(self, prefix: str, limit: int) -> list[tuple[str, int]]:
        parts = self._snapshot.slices
        withdrawn = any(part.withdrawn for part in parts)
        words = frequent([part.vocabulary for part in parts], fold(prefix).strip(), None if withdrawn else limit)
        if not withdrawn:
            return words
        recounted = ((word, self.count(Word(word))) for word, _ in words)
        return sorted((pair for pair in recounted if pair[1]), key=lambda pair: -pair[1])[:limit]

    def resolve(self, field: str, value: str) -> Ints:
        return resolve(self._snapshot, field, value)

    def chosen(self, query: Node, zone: str, part: Slice) -> Ints:
        """The visible rows of a slice that match, ascending."""
        return self._search(query, zone).rows(part)

    def _search(self, query: Node, zone: str) -> Search:
        compiler = Compiler(self._snapshot, zone)
        question = (query, zone, compiler.meaning(query))
        return Search(question, compiler.plan(query), compiler.scoring(query), self._snapshot.slices, self._kept)
