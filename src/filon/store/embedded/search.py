"""Answering a plan over all slices: totals, pages by time or relevance, streams of numbers.

Slices are read from the newest; when a page is full and what is left is older, the rest is only counted. The rows
a query matches in a slice never change, so they are kept for the next page, facet or strip of the same query.
"""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt
import tantivy

from filon.store.embedded.columns import UNDATED, Ints
from filon.store.embedded.plan import Engine, Plan, matching_rows
from filon.store.embedded.slices import Slice

__all__ = ["Search", "Searches"]

_FEW = 8192
"""Hits of one slice that are taken out of the index at once; beyond it they are counted and ordered there."""
_KEPT = 128 << 20
"""Bytes of row numbers that are kept for queries asked lately."""


class Searches:
    """Rows found lately, by (question, slice number). Safe to share between threads."""

    def __init__(self) -> None:
        self._rows: OrderedDict[tuple[object, int], Ints] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def get(self, key: tuple[object, int]) -> Ints | None:
        with self._lock:
            if key in self._rows:
                self._rows.move_to_end(key)
            return self._rows.get(key)

    def keep(self, key: tuple[object, int], rows: Ints) -> None:
        if rows.nbytes > _KEPT // 8:
            return
        with self._lock:
            if key not in self._rows:
                self._bytes += rows.nbytes
            self._rows[key] = rows
            while self._bytes > _KEPT:
                self._bytes -= self._rows.popitem(last=False)[1].nbytes


class Search:
    """One question put to slices. ``question`` says what was asked (tree and zone), ``text`` scores for relevance."""

    def __init__(self, question: object, plan: Plan, text: Any, parts: Sequence[Slice], kept: Searches) -> None:
        self._question = question
        self._plan = plan
        self._text = text
        self._kept = kept
        self._parts = parts

    def rows(self, part: Slice) -> Ints:
        """All hits in a slice, ascending."""
        key = (self._question, part.entry.number)
        found = self._kept.get(key)
        if found is None:
            found = matching_rows(self._plan, part)
            if part.visible is not None:
                found = found[part.visible[found]]
            found = found.astype(np.int32)
            self._kept.keep(key, found)
        return found

    def count(self, part: Slice) -> int:
        """How many hits in a slice."""
        if isinstance(self._plan, Engine) and not part.withdrawn and self._held(part) is None:
            return int(part.searcher.search(self._plan.query, limit=1, count=True).count)
        return len(self.rows(part))

    def engine(self, part: Slice) -> Any | None:
        """The index query whose hits in a slice are the answer, where they are too many to be taken out one by one."""
        if isinstance(self._plan, Engine) and not part.withdrawn and self._held(part) is None:
            return self._plan.query if self.count(part) > _FEW else None
        return None

    def total(self) -> int:
        """How many hits in all."""
        return sum(self.count(part) for part in self._parts)

    def page(self, offset: int, limit: int, *, newest: bool) -> tuple[Ints, int]:
        """Message numbers of a page in the order of time, undated last, and the total."""
        wanted = offset + limit
        best = _Best(wanted, newest)
        total = 0
        for part in _in_time(self._parts, newest):
            count = self.count(part)
            total += count
            if count and wanted and best.lacks(part):
                best.add(part, self._first(part, count, wanted, newest))
        return best.ids[offset:], total

    def by_relevance(self, offset: int, limit: int) -> tuple[Ints, int]:
        """Message numbers of a page, best match of the words first, then newest; and the total."""
        scores, ids, times, total = [np.zeros(0)], [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], 0
        for part in self._parts:
            rows = self.rows(part)
            total += len(rows)
            if len(rows):
                scores.append(self._scores(part)[rows])
                ids.append(part.ids[rows])
                times.append(part.times[rows] if part.entry.dated else np.full(len(rows), -UNDATED))
        number, time = np.concatenate(ids), np.concatenate(times)
        order = np.lexsort((number, time, np.concatenate(scores)))[::-1]
        return number[order[offset : offset + limit]], total

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

    def _held(self, part: Slice) -> Ints | None:
        return self._kept.get((self._question, part.entry.number))

    def _first(self, part: Slice, count: int, wanted: int, newest: bool) -> Ints:
        """Rows that hold the first ``wanted`` hits of a slice in the order of time, and possibly more."""
        many = count > max(_FEW, 2 * wanted) and self._held(part) is None
        if many and isinstance(self._plan, Engine) and not part.withdrawn and part.entry.dated:
            return _from_engine(part, self._plan.query, wanted, newest)
        return self.rows(part)

    def _scores(self, part: Slice) -> npt.NDArray[np.float64]:
        """How well the words match, by row; 0 where no word asked for is in the row."""
        scores = np.zeros(part.rows)
        if self._text is not None:
            for score, address in part.searcher.search(self._text, limit=part.rows, count=False).hits:
                scores[address.doc] = score
        return scores


class _Best:
    """The first ``wanted`` messages seen so far, in order."""

    def __init__(self, wanted: int, newest: bool) -> None:
        self._wanted = wanted
        self._newest = newest
        self._times = np.zeros(0, np.int64)
        self.ids = np.zeros(0, np.int64)

    def lacks(self, part: Slice) -> bool:
        """Could the slice still give something? Undated slices come when all others are done."""
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
            return np.fromiter((address.doc for _, address in hits), np.int64, len(hits))
        limit *= 4
