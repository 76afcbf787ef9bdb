"""Does the index answer what the oracle says, over millions of messages? Run by hand: some minutes, and 2 GB of memory.

    python bench/parity.py CASE [SEED [PER_CLASS]]

Draws searches of every class of ``questions.py``. The rows of the case are read once and held as columns of their own;
every leaf of a search is decided by the oracle (``filon.query.match`` and its parts): once for each different word, sender
and month, where that decides it, and for each text or candidate row where it does not. Leaves are joined with NumPy.
Nothing of the index takes part. Compared are the total, all numbers of messages, the newest 50, and three facets in full.
Leaves with 1 where anything differs, and names it.
"""

import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import chain

import numpy as np
import numpy.typing as npt
import questions
from questions import draw

from filon.case import Case, open_case
from filon.model.words import cut
from filon.query import tree
from filon.query.dates import interval
from filon.query.match import Named, Row, matcher
from filon.query.parse import parse
from filon.query.patterns import text_pattern
from filon.query.texts import phrase_places, phrase_words, word_test
from filon.settings import load

FACETS = ("account", "conversation", "month")
_ROWS = 1 << 16
_PAGE = 50
Mask = npt.NDArray[np.bool_]


class Held:
    """Every message of a case in columns, by number, and its text as numbers of words."""

    def __init__(self, case: Case) -> None:
        store = case._site.store
        numbers = np.sort(np.concatenate(list(store.index.ids(tree.All()))))
        if len(numbers) != case.counts(case.view()).messages or (np.diff(numbers) == 0).any():
            raise SystemExit("the index does not hold every message once")
        pieces = (store.tables.messages(numbers[at : at + _ROWS]) for at in range(0, len(numbers), _ROWS))
        ids, times, walls, senders, rooms = [], [], [], [], []
        self.texts: list[str | None] = []
        self.vocabulary: dict[str, int] = {}
        words, self.ends = [np.zeros(0, np.int32)], [np.zeros(1, np.int64)]
        for piece in pieces:
            ids.append(piece["id"].to_numpy())
            times.append(piece["time"].fill_null(_UNDATED).to_numpy())
            walls.append(np.array([sent is None or sent["at"] is None for sent in piece["sent"].to_pylist()]))
            senders.append(piece["sender"].fill_null(-1).to_numpy())
            rooms.append(piece["conversation"].fill_null(-1).to_numpy())
            texts = piece["text"].to_pylist()
            self.texts += texts
            found = [self._cut(text) for text in texts]
            words.append(np.fromiter(chain.from_iterable(found), np.int32))
            self.ends.append(self.ends[-1][-1] + np.cumsum([len(some) for some in found]))
        self.ids, self.time = np.concatenate(ids), np.concatenate(times)
        self.walled, self.sender, self.room = np.concatenate(walls), np.concatenate(senders), np.concatenate(rooms)
        self.words = np.concatenate(words)
        self.bounds = np.concatenate([self.ends[0], *self.ends[1:]])
        self.owner = np.repeat(np.arange(len(self.ids)), np.diff(self.bounds))
        self.spelled = list(self.vocabulary)
        self.named = _accounts(case)

    def _cut(self, text: str | None) -> list[int]:
        return [self.vocabulary.setdefault(word, len(self.vocabulary)) for word in cut(text)] if text else []

    def words_of(self, row: int) -> list[str]:
        """The words of one text."""
        return [self.spelled[word] for word in self.words[self.bounds[row] : self.bounds[row + 1]]]

    def holding(self, wanted: Iterable[int]) -> Mask:
        """Rows whose text has any of these words."""
        known = np.zeros(len(self.spelled), np.bool_)
        known[list(wanted)] = True
        mask = np.zeros(len(self.ids), np.bool_)
        mask[self.owner[known[self.words]]] = True
        return mask


_UNDATED = np.iinfo(np.int64).max


def found_by(held: Held, node: tree.Node, zone: str) -> Mask:
    """Which rows a search means, leaf by leaf."""
    match node:
        case tree.All():
            return np.ones(len(held.ids), np.bool_)
        case tree.Not(child):
            return ~found_by(held, child, zone)
        case tree.And(children):
            return np.logical_and.reduce([found_by(held, child, zone) for child in children])
        case tree.Or(children):
            return np.logical_or.reduce([found_by(held, child, zone) for child in children])
        case tree.Word() | tree.Phrase():
            return _phrase(held, node)
        case tree.Prefix() | tree.Infix() | tree.Fuzzy() | tree.Regex():
            test = word_test(node)
            return held.holding(at for at, word in enumerate(held.spelled) if test(word))
        case tree.TextRegex(pattern):
            search = text_pattern(pattern).search
            return np.array([text is not None and search(text) is not None for text in held.texts])
        case tree.Date():
            stretch = interval(node, zone)
            pairs = zip(held.time.tolist(), held.walled.tolist(), strict=True)
            return np.array(
                [at != _UNDATED and stretch.holds(None if wall else at, at if wall else None) for at, wall in pairs]
            )
        case tree.Field("from", _):
            test_row = matcher(node, zone)
            meant = [number for number, named in held.named.items() if test_row(Row(id=0, sender=named))]
            return np.isin(held.sender, meant)
    raise SystemExit(f"this comparison does not know {node}")


def _phrase(held: Held, node: tree.Word | tree.Phrase) -> Mask:
    phrase, slop = phrase_words(node), node.slop if isinstance(node, tree.Phrase) else 0
    if any(word not in held.vocabulary for word in phrase):
        return np.zeros(len(held.ids), np.bool_)
    mask = np.logical_and.reduce([held.holding([held.vocabulary[word]]) for word in phrase])
    if len(phrase) > 1:
        for row in np.flatnonzero(mask).tolist():
            mask[row] = next(phrase_places(phrase, held.words_of(row), slop), None) is not None
    return mask


def _accounts(case: Case) -> dict[int, Named]:
    """Every account with all its names."""
    names: dict[int, list[str]] = {}
    tables = case._site.store.tables
    for row in tables.table("accounts").select(["account", "native_id", "name"]).to_pylist():
        names.setdefault(row["account"], []).extend(filter(None, (row["native_id"], row["name"])))
    for row in tables.table("names").select(["account", "text"]).to_pylist():
        names.setdefault(row["account"], []).append(row["text"])
    return {number: Named(number, tuple(filter(None, some))) for number, some in names.items()}


def _facets(held: Held, mask: Mask) -> dict[str, dict[str, int]]:
    dated = mask & (held.time != _UNDATED)
    months = np.array(held.time[dated], "datetime64[us]").astype("datetime64[M]")
    counted = {
        "account": held.sender[mask & (held.sender >= 0)],
        "conversation": held.room[mask & (held.room >= 0)],
        "month": months,
    }
    parts = {name: np.unique(values, return_counts=True) for name, values in counted.items()}
    return {
        name: dict(zip(map(str, values.tolist() if name != "month" else values), counts.tolist(), strict=True))
        for name, (values, counts) in parts.items()
    }


def differences(case: Case, held: Held, text: str) -> list[str]:
    """What the index and the oracle do not agree on for one search, read in UTC."""
    view = case.view()
    mask = found_by(held, parse(text), view.zone)
    order = np.lexsort((held.ids[mask], held.time[mask]))  # the undated come last
    expected, dated = held.ids[mask][order], held.time[mask][order] != _UNDATED
    bound, index = case._sight(view).bound(text), case._site.store.index
    found = np.concatenate([np.zeros(0, np.int64), *index.ids(bound, view.zone)])
    wrong = []
    if (total := index.count(bound, view.zone)) != len(expected):
        wrong.append(f"total {total:,} instead of {len(expected):,}")
    if not np.array_equal(found, expected):
        odd = np.setxor1d(found, expected)
        wrong.append(f"{len(odd):,} messages are in one only, {odd[:3].tolist()}" if len(odd) else "another order")
    newest = np.concatenate([expected[dated][::-1], expected[~dated][::-1]])[:_PAGE]
    if not np.array_equal(index.find(bound, "newest", 0, _PAGE, view.zone).ids, newest):
        wrong.append("the newest 50 differ")
    told = index.facets(bound, FACETS, len(held.ids), view.zone)
    for name, wanted in _facets(held, mask).items():
        if {bucket.value: bucket.count for bucket in told[name].buckets} != wanted:
            wrong.append(f"facet {name} differs")
    return wrong


def main() -> int:
    """Draw, ask both, compare; 1 where anything differs."""
    name, seed, per_class = [*sys.argv[1:], "20200401", "5"][:3] if len(sys.argv) > 1 else sys.exit(__doc__)
    questions.PER_CLASS = int(per_class)
    with open_case(name, load()) as case:
        began = time.monotonic()
        drawn = draw(case, case.view(), int(seed))
        print(f"{sum(map(len, drawn.values()))} searches drawn in {time.monotonic() - began:.0f} s", flush=True)
        began = time.monotonic()
        held = Held(case)
        print(f"{len(held.ids):,} messages held in {time.monotonic() - began:.0f} s", flush=True)
        bad = 0
        for kind, texts in drawn.items():
            for text in texts:
                began = time.monotonic()
                wrong = differences(case, held, text)
                bad += bool(wrong)
                verdict = "; ".join(wrong) or "same"
                print(f"{verdict:<8}  {kind:<14}  {time.monotonic() - began:6.1f} s  {text}", flush=True)
        print(f"{bad} of {sum(map(len, drawn.values()))} differ; {datetime.now(UTC):%Y-%m-%d %H:%M} UTC")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
