"""What the full-text index of a slice holds: the words of every text at their places, and its integer columns."""

from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import tantivy

from filon.model.words import cut
from filon.store.embedded import text
from model.test_words import HARD

TEXTS = [None, "", *(one.encode("utf-8", "replace").decode() for one, _ in HARD), 'say "no"\\\n\t{}', "  far   apart "]
MANY = len(TEXTS)
TIMES = np.arange(MANY) * 7 + (1 << 53) + 1
"""Too large for a float to tell apart."""
TIMES[:3] = -(1 << 62) - 1, -1, (1 << 62) + 1
SENDERS = np.where(np.arange(MANY) % 3, np.arange(MANY) % 5, -1).astype(np.int32)


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("index") / "words"
    columns = {"time": TIMES, "sender": SENDERS, "conversation": np.full(MANY, -1), "group": np.arange(MANY)}
    pieces = [pa.array(TEXTS[:5], pa.string()), pa.array([], pa.string()), pa.array(TEXTS[5:], pa.string())]
    assert text.write_index(folder, iter(pieces), columns)
    return text.open_index(folder)


def rows(searcher: Any, query: Any) -> list[int]:
    return sorted(address.doc for _, address in searcher.search(query, limit=MANY).hits)


def test_every_word_stands_at_its_place(searcher: Any) -> None:
    words = [cut(one or "") for one in TEXTS]
    known = dict(searcher.terms_with_prefix("text", ""))
    assert known == {word: sum(word in one for one in words) for word in {word for one in words for word in one}}
    for one in words:
        for pair in pairwise(one):
            phrase = tantivy.Query.phrase_query(text.schema(), "text", list(pair))
            assert rows(searcher, phrase) == [row for row, other in enumerate(words) if pair in set(pairwise(other))]


def test_numbers_are_kept_exactly(searcher: Any) -> None:
    for row, time in enumerate(TIMES.tolist()):
        assert rows(searcher, text.between("time", time, time + 1)) == [row]
        assert rows(searcher, text.one_of("group", np.array([row]))) == [row]
    for sender in range(5):
        sent = np.flatnonzero(np.isin(SENDERS, sender)).tolist()
        assert rows(searcher, text.one_of("sender", np.array([sender]))) == sent
    assert rows(searcher, text.between("sender", 0, None)) == np.flatnonzero(SENDERS >= 0).tolist()
    assert rows(searcher, text.between("conversation", 0, None)) == []
