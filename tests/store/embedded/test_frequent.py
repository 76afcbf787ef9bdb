"""The rows of frequent words come back as the index has them."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import tantivy
from hypothesis import given
from hypothesis import strategies as st

from filon.store.embedded import frequent, text
from filon.store.embedded.frequent import Frequent

SIZE = 3000


@given(
    st.one_of(
        st.sets(st.integers(0, SIZE - 1), min_size=1, max_size=20),
        st.sets(
            st.sampled_from([255 * n + m for n in range(11) for m in (-1, 0, 1) if 0 <= 255 * n + m < SIZE]), min_size=1
        ),
        st.sets(st.integers(0, SIZE - 1), max_size=20).map(lambda without: set(range(SIZE)) - without),
    )
)
def test_rows_survive_packing(rows: set[int]) -> None:
    wanted = np.array(sorted(rows), np.int32)
    gaps, run = frequent._packed(wanted, SIZE)
    assert len(run) <= -(-SIZE // 8)
    table = pa.table([["word"], [gaps], [run]], schema=frequent._KEPT)
    found = Frequent(table, SIZE).rows("word")
    assert found.dtype == np.int32
    assert found.tolist() == wanted.tolist()


@given(
    st.integers(1, 2000),
    st.sampled_from([[1], [254, 255, 256], [700, 65_534, 65_535, 65_536], [131_070, 131_071]]),
)
def test_long_gaps_survive_packing(many: int, steps: list[int]) -> None:
    wanted = np.cumsum(np.resize(np.array(steps, np.int32), many), dtype=np.int32) - 1
    size = int(wanted[-1]) + 1 + 40 * many
    width, run = frequent._packed(wanted, size)
    assert len(run) <= 8 * many
    assert width == 2 or steps[0] != 700 or many < 4
    table = pa.table(
        [["odd", "word"], [1, width], [b"x", run]], schema=frequent._KEPT
    )  # its bytes begin at an odd place
    assert Frequent(table, size).rows("word").tolist() == wanted.tolist()


def test_rows_of_slices_with_one_byte_gaps_are_read() -> None:
    before = pa.schema({"word": pa.string(), "gaps": pa.bool_(), "bytes": pa.large_binary()})
    table = pa.table([["gaps", "bits"], [True, False], [bytes([1, 255, 5]), bytes([0b10100000])]], schema=before)
    kept = Frequent(table, 8)
    assert kept.rows("gaps").tolist() == [0, 260]
    assert kept.rows("bits").tolist() == [0, 2]


def test_keeps_the_words_that_stand_in_many_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frequent, "LEAST", 20)
    texts = [
        " ".join(word for word, every in (("all", 1), ("third", 3), ("many", 40), ("few", 50)) if row % every == 0)
        for row in range(900)
    ]
    index = text._with_tokenizer(tantivy.Index(text.schema(), path=str(tmp_path)))
    writer = index.writer(num_threads=1)
    for words in texts:
        writer.add_document(tantivy.Document(text=words))
    writer.commit()
    writer.wait_merging_threads()
    searcher = text.open_index(tmp_path)
    kept = Frequent(frequent.frequent_rows(searcher, text.vocabulary(searcher), 900), 900)
    assert [word in kept for word in ("all", "third", "many", "few")] == [True, True, True, False]
    assert kept.rows("all").tolist() == list(range(900))
    assert kept.rows("third").tolist() == list(range(0, 900, 3))
    assert kept.rows("many").tolist() == list(range(0, 900, 40))


def test_a_slice_may_keep_none() -> None:
    assert "word" not in Frequent(None, 10)
