"""Answering a plan over all slices: totals, pages by time or relevance, streams of numbers.

Slices are read from the newest; when a page is full and what is left is older, nothing more is read for it. What a
query matches in a slice never changes, so rows, counts and facets of a slice are kept for the next page, facet or strip of
the same query, also when slices come in beside it.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from os import cpu_count
from threading import Lock
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt
import tantivy

from filon.store.embedded.columns import UNDATED, Ints
from filon.store.embedded.matches import best_matches
from filon.store.embedded.plan import EVERYTHING, Engine, Plan, from_kept, matching_rows, rows_of, settled
from filon.store.embedded.slices import Slice

__all__ = ["Search", "Searches"]

_FEW = 8192
"""Hits of one slice that are taken out of the index at once; beyond it they are counted and ordered there."""
_DEEP = 8192
"""Hits of one slice that are put in order by the index for a page; for pages further down all are taken out."""
_AT_ONCE = 512
"""Hits of one slice that are taken out of the index while they are counted."""
_KEPT = 128 << 20
"""Bytes of answers that are kept for queries asked lately."""
_QUESTIONS = 4096
"""Questions that are known by number at once."""
_SMALL = 200
"""Bytes that a kept answer takes up beside its arrays."""
T = TypeVar("T")


class Searches:
    """Answers found lately, by question, slice and what was asked of it. Safe to share between threads."""

    def __init__(self) -> None:
        self._questions: OrderedDict[Hashable, int] = OrderedDict()
        self._asked = 0
        self._answers: OrderedDict[Hashable, tuple[object, int]] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def number(self, question: Hashable) -> int:
        """A number that stands for a question in keys: a question may be long, and is looked up for every slice."""
        with self._lock:
            if question not in self._questions:
                self._asked += 1
                self._questions[question] = self._asked
                if len(self._questions) > _QUESTIONS:
                    self._questions.popitem(last=False)
            self._questions.move_to_end(question)
            return self._questions[question]

    def get(self, key: Hashable) -> object | None:
        with self._lock:
            if key not in self._answers:
                return None
            self._answers.move_to_end(key)
            return self._answers[key][0]

    def keep(self, key: Hashable, answer: object, size: int) -> None:
        """``size``: bytes, about. What would push out most of the others is not kept."""
        size += _SMALL
        if size > _KEPT // 8:
            return
        with self._lock:
            if key in self._answers:
                self._bytes -= self._answers[key][1]
            self._answers[key] = answer, size
            self._answers.move_to_end(key)
            self._bytes += size
            while self._bytes > _KEPT:
                self._bytes -= self._answers.popitem(last=False)[1][1]


class Search:
    """One question put to slices. ``question`` says what was asked and what its names mean, ``text`` scores for relevance."""

    def __init__(
        self,
        question: Hashable,
        plan: Plan,
        text: Callable[[Slice], Any | None],
        parts: Sequence[Slice],
        kept: Searches,
    ) -> None:
        self._number = kept.number(question)
        self._plan = plan
        self._text = text
        self._kept = kept
        self._parts = parts

    def each(self, ask: Callable[[Slice], T], parts: Sequence[Slice] | None = None) -> list[T]:
        """What ``ask`` gives for every slice, several at a time: the index and numpy work outside of Python's lock."""
        parts = self._parts if parts is None else parts
        return [ask(part) for part in parts] if len(parts) < 2 else list(_workers().map(ask, parts))

    def kept(self, part: Slice, what: Hashable) -> Any | None:
        """What was kept of a slice as it is seen now."""
        return self._kept.get((self._number, part.key, what))

    def keep(self, part: Slice, what: Hashable, answer: object, size: int) -> None:
        """Keep something of a slice; ``size`` in bytes."""
        self._kept.keep((self._number, part.key, what), answer, size)

    def _known(self, part: Slice, what: Hashable, make: Callable[[], tuple[T, int]]) -> T:
        """What ``make`` gives with its size in bytes, made once for a slice as it is seen now."""
        found = self.kept(part, what)
        if found is None:
            found, size = make()
            self.keep(part, what, found, size)
        return cast("T", found)

    def rows(self, part: Slice) -> Ints:
        """All hits in a slice, ascending."""

        def make() -> tuple[Ints, int]:
            found = matching_rows(self._settled(part), part)
            if part.visible is not None:
                found = found[part.visible[found]]
            return _sized(found.astype(np.int32))

        return self._known(part, "rows", make)

    def count(self, part: Slice) -> int:
        """How many hits in a slice."""
        return self._known(part, "count", lambda: (self._count(part), 0))

    def engine(self, part: Slice) -> Any | None:
        """The index query whose hits in a slice are the answer, where they are too many to be taken out one by one."""
        query = self._asked(part)
        if query is None or self._quick(part):
            return None
        return query if self.count(part) > _FEW else None

    def whole(self, part: Slice) -> bool:
        """Whether every row of a slice is a hit."""
        return part.visible is None and self._settled(part) == EVERYTHING

    def total(self) -> int:
        """How many hits in all."""
        if isinstance(self._plan, Engine) and self._plan.word is not None:
            return sum(map(self.count, self._parts))  # the index knows: threads would take longer than that
        return sum(self.each(self.count))

    def divided(self) -> tuple[list[tuple[Slice, Ints]], list[Slice]]:
        """Slices with few hits and those hits, and slices with many. Those without any are in neither."""
        self.total()
        few, many = [], []
        for part in self._parts:
            count = self.count(part)
            if count > _AT_ONCE or self.whole(part):
                many.append(part)
            elif count:
                few.append((part, self.rows(part)))
        return few, many

    def page(self, offset: int, limit: int, *, newest: bool) -> Ints:
        """Message numbers of a page in the order of time, undated last. Nothing is counted for it."""
        best = _Best(offset + limit, newest)
        for parts in _by_twos(_in_time(self._parts, newest)):
            lacking = [part for part in parts if best.lacks(part)]
            for part, rows in zip(
                lacking, self.each(lambda p: self._first(p, offset + limit, newest), lacking), strict=True
            ):
                best.add(part, rows)
        return best.ids[offset:]

    def by_relevance(self, offset: int, limit: int) -> Ints:
        """Message numbers of a page, best match of the words first, then newest."""
        if all(self._text(part) is None for part in self._parts):
            return self.page(offset, limit, newest=True)
        scores, ids, times = [np.zeros(0)], [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for part, (rows, score) in zip(
            self._parts, self.each(lambda part: self._scored(part, offset + limit)), strict=True
        ):
            scores.append(score)
            ids.append(part.ids[rows])
            times.append(part.times[rows] if part.entry.dated else np.full(len(rows), -UNDATED))
        number, time = np.concatenate(ids), np.concatenate(times)
        order = np.lexsort((number, time, np.concatenate(scores)))[::-1]
        return number[order[offset : offset + limit]]

    def stream(self) -> Iterator[Ints]:
        """All hits, oldest first, a piece for every stretch of time in which a slice begins."""
        dated = [part for part in self._parts if part.entry.dated]
        starts = sorted({part.entry.first or 0 for part in dated})
        for start, last in zip(starts, [*(after - 1 for after in starts[1:]), UNDATED][: len(starts)], strict=True):
            ids, times = [], []
            for part in dated:
                if (part.entry.first or 0) <= last and (part.entry.last or 0) >= start:
                    time = part.times[rows := self.rows(part)]
                    inside = (time >= start) & (time <= last)
                    ids.append(part.ids[rows[inside]])
                    times.append(time[inside])
            number = np.concatenate(ids)
            if len(number):
                yield number[np.lexsort((number, np.concatenate(times)))]
        undated = [part.ids[self.rows(part)] for part in self._parts if not part.entry.dated]
        if sum(map(len, undated)):
            yield np.sort(np.concatenate(undated))

    def _settled(self, part: Slice) -> Plan:
        return self._known(part, "plan", lambda: (settled(self._plan, part), 1024))

    def _held(self, part: Slice) -> Ints | None:
        return self.kept(part, "rows")

    def _quick(self, part: Slice) -> bool:
        """Whether the rows of a slice are known, or are known without asking the index for each."""
        plan = self._settled(part)
        return self._held(part) is not None or (isinstance(plan, Engine) and from_kept(plan, part))

    def _asked(self, part: Slice) -> Any | None:
        """What asks the index for the hits in a slice; None where it cannot be asked."""
        plan = self._settled(part)
        if not isinstance(plan, Engine):
            return None
        if part.seen is None:
            return plan.query
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, query) for query in (plan.query, part.seen)])

    def _count(self, part: Slice) -> int:
        plan = self._settled(part)
        if self.whole(part):
            return part.rows
        if isinstance(plan, Engine) and plan.word is not None and part.seen is None:
            return int(part.searcher.doc_freq("text", plan.word))
        query = self._asked(part)
        if query is None or self._quick(part):
            return len(self.rows(part))
        found = part.searcher.search(query, limit=_AT_ONCE, count=True)
        if found.count <= _AT_ONCE:
            self._known(part, "rows", lambda: _sized(rows_of(found.hits)))
        return int(found.count)

    def _first(self, part: Slice, wanted: int, newest: bool) -> Ints:
        """Rows that hold the first ``wanted`` hits of a slice in the order of time, and possibly more."""
        query = self._asked(part)
        if query is None or not part.entry.dated or wanted > _DEEP or self._quick(part):
            return self.rows(part)

        def make() -> tuple[Ints, int]:
            return _sized(_from_engine(part, query, wanted, newest))

        return self._known(part, ("first", wanted, newest), make)

    def _scored(self, part: Slice, wanted: int) -> tuple[Ints, npt.NDArray[np.float64]]:
        """Rows that hold the ``wanted`` best matches of a slice, and possibly more, and how well the words match."""
        query, text = self._asked(part), self._text(part)
        if query is not None and text is not None:
            return best_matches(part, query, text, wanted)
        scores, rows = np.zeros(part.rows), self.rows(part)
        if text is not None and len(rows):
            for score, address in part.searcher.search(text, limit=part.rows, count=False).hits:
                scores[address.doc] = score
        return rows, scores[rows]


class _Best:
    """The first ``wanted`` messages seen so far, in order."""

    def __init__(self, wanted: int, newest: bool) -> None:
        self._wanted = wanted
        self._newest = newest
        self._times = np.zeros(0, np.int64)
        self.ids = np.zeros(0, np.int64)

    def lacks(self, part: Slice) -> bool:
        """Could the slice still give something? Undated slices come when all others are done."""
        if not self._wanted:
            return False
        if len(self.ids) < self._wanted:
            return True
        if not part.entry.dated:
            return bool(self._times[-1] == UNDATED)
        edge = part.entry.last if self._newest else part.entry.first
        return edge is not None and bool(edge >= self._times[-1] if self._newest else edge <= self._times[-1])

    def add(self, part: Slice, rows: Ints) -> None:
        times, ids = part.times[rows], part.ids[rows]
        if len(rows) > self._wanted:
            inside = _leading(times, self._wanted, self._newest) if part.entry.dated else slice(None)
            times, ids = times[inside], ids[inside]
        times, ids = np.concatenate((self._times, times)), np.concatenate((self.ids, ids))
        sign = -1 if self._newest else 1
        order = np.lexsort((sign * ids, sign * times, times == UNDATED))[: self._wanted]
        self._times, self.ids = times[order], ids[order]


def _sized(rows: Ints) -> tuple[Ints, int]:
    """Rows and their bytes."""
    return rows, rows.nbytes


@cache
def _workers() -> ThreadPoolExecutor:
    """Threads that all searches of a process share."""
    return ThreadPoolExecutor(min(8, cpu_count() or 1), "search")


def _by_twos(parts: Sequence[Slice]) -> Iterator[Sequence[Slice]]:
    """The newest slice alone, which mostly is enough, then two at a time."""
    yield parts[:1]
    for start in range(1, len(parts), 2):
        yield parts[start : start + 2]


def _leading(times: Ints, wanted: int, newest: bool) -> npt.NDArray[np.bool_]:
    """The first ``wanted`` in the order of time, with all that share the time of the last of them."""
    place = len(times) - wanted if newest else wanted - 1
    edge = np.partition(times, place)[place]
    inside: npt.NDArray[np.bool_] = times >= edge if newest else times <= edge
    return inside


def _in_time(parts: Sequence[Slice], newest: bool) -> list[Slice]:
    def key(part: Slice) -> tuple[bool, int]:
        edge = part.entry.last if newest else part.entry.first
        return edge is None, (-edge if newest else edge) if edge is not None else part.entry.number

    return sorted(parts, key=key)


def _from_engine(part: Slice, query: Any, wanted: int, newest: bool) -> Ints:
    """The first rows by time as the index orders them, with all that share the time of the last of them."""
    order = tantivy.Order.Desc if newest else tantivy.Order.Asc
    limit = wanted + 64
    while True:
        hits = part.searcher.search(query, limit=limit, count=False, order_by_field="time", order=order).hits
        if len(hits) < limit or hits[-1][0] != hits[wanted - 1][0]:
            return np.fromiter((address.doc for _, address in hits), np.int32, len(hits))
        limit *= 4
