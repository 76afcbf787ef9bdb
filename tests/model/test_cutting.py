"""Whole columns are cut as their texts are one by one."""

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from filon.model.cutting import cut_column
from filon.model.words import LONGEST, cut, cut_each
from model.test_words import HARD, hard_text

text = st.one_of(
    st.lists(
        st.one_of(
            hard_text,
            st.sampled_from(["\x1e", "\x1f", "\x00", " ", "\ufdd0", "\u0301", "\u1161", "\u11a8", "\uff9e", "\u3099"]),
            st.sampled_from(["\n", "\t", '"', "\\", "\ufdfa", "a" * LONGEST, "é" * LONGEST, "Plain words 12"]),
        ),
        max_size=4,
    ).map("".join),
    st.text(st.characters(codec="ascii")),
)
column = st.lists(text.map(lambda one: one.encode("utf-8", "replace").decode()) | st.none(), max_size=12)


@settings(max_examples=120, deadline=None)
@given(texts=st.lists(text, max_size=12))
def test_many_texts_are_cut_like_each(texts: list[str]) -> None:
    assert [words.split() for words in cut_each(texts)] == [cut(one) for one in texts]


@settings(max_examples=120, deadline=None)
@given(texts=column, start=st.integers(0, 3))
def test_a_column_is_cut_like_its_texts(texts: list[str | None], start: int) -> None:
    rows = pa.array(texts, pa.string()).slice(start)
    words = cut_column(rows)
    words.validate(full=True)
    assert [one.split() for one in words.to_pylist()] == [cut(one or "") for one in texts[start:]]
    assert not any(c.isspace() and c != " " for one in words.to_pylist() for c in one)


def test_hard_texts_beside_each_other() -> None:
    texts = [one.encode("utf-8", "replace").decode() for one, _ in HARD for _ in range(2)]
    assert [one.split() for one in cut_column(pa.array(texts)).to_pylist()] == [cut(one) for one in texts]
    assert cut_each([]) == []


def test_every_code_point_in_a_column() -> None:
    points = [chr(point) for point in [*range(0x80, 0x3400, 3), *range(0x3400, 0xD800, 61), *range(0xE000, 0x20000, 7)]]
    for words in (cut_column(pa.array(points)), cut_column(pa.array(points))):
        assert [one.split() for one in words.to_pylist()] == [cut(one) for one in points]


def test_an_empty_column_has_no_words() -> None:
    assert cut_column(pa.array([], pa.string())).to_pylist() == []
