"""Lists of texts as a dictionary: exact for every list, or left as they are."""

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from filon.store.embedded import arrow

TEXTS = st.text(alphabet="ab\x1f", max_size=2)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.none() | st.lists(st.none() | TEXTS, max_size=3), max_size=8))
def test_lists_come_back_as_they_were(lists: list[list[str | None] | None]) -> None:
    column = pa.array(lists, pa.list_(pa.string()))
    packed = arrow.joined(column, "\x1f")
    if pa.types.is_dictionary(packed.type):
        packed = arrow.parted(packed, "\x1f")
    assert packed.to_pylist() == lists


def test_repeated_lists_are_kept_once() -> None:
    packed = arrow.joined(pa.array([["a", "b"], [], ["a", "b"]] * 50), "\x1f")
    assert packed.dictionary.to_pylist() == ["a\x1fb"]
    assert arrow.parted(packed, "\x1f").to_pylist() == [["a", "b"], [], ["a", "b"]] * 50
