"""The best matches of a slice, by how well the words match, then newest: as few as a page needs out of the index.

Short messages often match equally well: of those that share the score of the last one wanted, the newest are found by asking
for ever shorter stretches of time up to the end of the slice.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import tantivy

from filon.store.embedded import text as index
from filon.store.embedded.columns import Ints
from filon.store.embedded.slices import Slice

__all__ = ["best_matches"]

_EQUAL = 8192
"""Hits that are taken out of the index at once to find which of equally good ones are the newest."""
_BEYOND = 64
"""Hits taken out beyond those wanted, since some match equally well."""

Scores = npt.NDArray[np.float64]
Matches = tuple[Ints, Scores]
"""Rows, and how well the words match in each."""


def best_matches(part: Slice, query: Any, words: Any, wanted: int) -> Matches:
    """Rows among the hits of ``query`` that hold the ``wanted`` best matches of ``words``, and possibly more."""
    limit = wanted + _BEYOND
    rows, scores = _asked(part, query, words, None, limit)
    if _all_there(scores, wanted, limit):
        return rows, scores
    limit = max(_EQUAL, 2 * wanted)
    rows, scores = _asked(part, query, words, None, limit)
    if _all_there(scores, wanted, limit):
        return rows, scores
    least = float(scores[wanted - 1])
    better = scores > least
    equal = _newest(part, query, words, least, wanted - int(better.sum()), limit)
    return np.concatenate((rows[better], equal)), np.concatenate((scores[better], np.full(len(equal), least)))


def _newest(part: Slice, query: Any, words: Any, score: float, wanted: int, limit: int) -> Ints:
    """Rows that match exactly so well, the ``wanted`` newest among them. ``limit``: more than match better and those."""
    low, high = part.entry.first, part.entry.last
    while low is not None and high is not None and low < high:
        since = (low + high + 1) // 2
        rows, scores = _asked(part, query, words, since, limit)
        equal: Ints = rows[scores == score]
        if len(equal) >= wanted and (len(rows) < limit or scores[-1] < score):
            return equal
        low, high = (since, high) if len(equal) >= wanted else (low, since - 1)
    rows, scores = _asked(part, query, words, low, part.rows)
    found: Ints = rows[scores == score]
    return found


def _asked(part: Slice, query: Any, words: Any, since: int | None, limit: int) -> Matches:
    """The first rows by score; ``since``: only those from this time on."""
    must = [tantivy.Query.const_score_query(query, 0.0)]
    if (later := index.between("time", since, None)) is not None:
        must.append(tantivy.Query.const_score_query(later, 0.0))
    asked = [*((tantivy.Occur.Must, one) for one in must), (tantivy.Occur.Should, words)]
    hits = part.searcher.search(tantivy.Query.boolean_query(asked), limit=max(1, limit), count=False).hits
    rows = np.fromiter((address.doc for _, address in hits), np.int64, len(hits))
    return rows, np.fromiter((score for score, _ in hits), np.float64, len(hits))


def _all_there(scores: Scores, wanted: int, limit: int) -> bool:
    """Whether no hit that was not taken out matches as well as the last one wanted."""
    return len(scores) < limit or not wanted or bool(scores[-1] < scores[wanted - 1])
