"""Words of a slice are found in the mapped file as they would be in a list."""

import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filon.model.columns import strings
from filon.store.embedded.text import SORTED
from filon.store.embedded.vocabulary import Vocabulary, frequent

_WORDS = st.sets(st.text(alphabet="abé東1", min_size=1, max_size=5), max_size=40)


def written(path: Path, counts: dict[str, int], *, ordered: bool = True) -> Vocabulary:
    words = sorted(counts) if ordered else sorted(counts, reverse=True)
    table = pa.table({"word": pa.array(words, pa.string()), "rows": pa.array([counts[w] for w in words], pa.int64())})
    table = table.replace_schema_metadata(SORTED) if ordered else table
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)
    return Vocabulary(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("words")


@settings(max_examples=150, deadline=None)
@given(words=_WORDS, part=st.text(alphabet="abé東1", max_size=3), ordered=st.booleans())
def test_finds_words_by_part_and_beginning(folder: Path, words: set[str], part: str, ordered: bool) -> None:
    known = written(folder / "words.arrow", dict.fromkeys(words, 1), ordered=ordered)
    assert known.holding(part) == sorted(word for word in words if part in word)
    assert known.words(known.starting(part)) == sorted(word for word in words if word.startswith(part))
    assert known.matching(".{2}|a.*") == sorted(word for word in words if len(word) == 2 or word.startswith("a"))


def test_a_match_across_two_words_is_none(folder: Path) -> None:
    known = written(folder / "joined.arrow", {"aab": 1, "xa": 1, "xaa": 1})
    assert known.holding("aax") == []
    assert known.holding("aa") == ["aab", "xaa"]


def test_adds_up_words_of_several_slices(folder: Path) -> None:
    parts = [
        written(folder / "one.arrow", {"boat": 3, "boats": 9, "cash": 50}),
        written(folder / "two.arrow", {"boat": 8, "bo": 1}),
    ]
    assert frequent(parts, "bo", 2) == [("boat", 11), ("boats", 9)]
    assert frequent(parts, "bo", None) == [("boat", 11), ("boats", 9), ("bo", 1)]
    assert frequent([], "bo", 2) == []


@pytest.mark.slow
def test_five_million_words_are_searched_in_time(folder: Path) -> None:
    """Words of eight random letters; the bars are for a whole search at twenty million messages, in processor time."""
    letters = np.frombuffer(b"abcdefghijklmnoprstuvwxyz0123456", np.uint8)
    numbers = np.arange(5_000_000, dtype=np.uint64) * np.uint64(0x9E3779B97F) % np.uint64(1 << 40)
    spelled = letters[(numbers[:, None] >> (np.arange(8, dtype=np.uint64) * np.uint64(5))) & np.uint64(31)]
    made = pa.array(np.unique(spelled.view("S8").ravel()).astype(str), pa.string())
    table = pa.table({"word": made, "rows": np.ones(len(made), np.int64)}).replace_schema_metadata(SORTED)
    path = folder / "many.arrow"
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table, max_chunksize=len(made))
    known = Vocabulary(path)
    assert len(known) == len(made)
    random = np.random.default_rng(3)
    spent: dict[str, list[float]] = {"holding": [], "starting": []}
    for word in strings(made.take(random.integers(0, len(made), 40))):
        part = word[2:6]
        begin = time.process_time()
        found = known.holding(part)
        spent["holding"].append(time.process_time() - begin)
        assert word in found
        begin = time.process_time()
        started = known.words(known.starting(word[:4]))
        spent["starting"].append(time.process_time() - begin)
        assert word in started
    for name, bar in (("holding", 0.150), ("starting", 0.020)):
        assert sorted(spent[name])[-3] < bar, (name, sorted(spent[name])[-3])
