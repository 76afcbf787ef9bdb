"""Letters that a pattern needs are in a word of every text it is found in."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filon.errors import QueryError
from filon.model.words import LONGEST, cut
from filon.query.patterns import text_pattern
from filon.store.embedded.literals import inside_a_word


@pytest.mark.parametrize(
    ("pattern", "letters"),
    [
        ("boat", "boa"),
        ("bo.ting", "tin"),
        ("Boats?ing", "boa"),
        ("(?i)MERCI beaucoup", "beaucou"),
        ("[a-z]+cash", "cas"),
        ("(no|yes)tonight", "tonigh"),
        (r"\bparcel\b", "parce"),
        ("harbou+r", "harbo"),
        ("x{3}parcel", "parce"),
    ],
)
def test_takes_the_longest_run_but_its_last_letter(pattern: str, letters: str) -> None:
    assert inside_a_word(pattern) == letters


@pytest.mark.parametrize(
    "pattern", ["bo", "boats|cars", r"\Qboats\E", r"\x62oats", "(boats)?", "b.a.t", r"[\]]boats", "bo*at"]
)
def test_takes_nothing_that_is_not_sure(pattern: str) -> None:
    assert inside_a_word(pattern) is None


_PIECES = st.sampled_from(
    (
        "boat",
        "cash",
        "tonight",
        ".",
        "s?",
        "(?:at|on)",
        "[a-z]",
        r"\d",
        "+",
        " ",
        "é",
        "(?i)",
        "x{0,2}",
        "x{2}",
        "^",
        "o*",
        "|",
        "-",
        "(a)",
    )
)
_TEXTS = st.lists(
    st.sampled_from(
        ("boat", "Cash", "TONIGHT", "s", "at", "on", "7", " ", "e\u0301", "\u200b", "xx", "o", "-", "a", "x" * 250)
    ),
    max_size=8,
).map("".join)


@settings(max_examples=400, deadline=None)
@given(pieces=st.lists(_PIECES, min_size=1, max_size=5), text=_TEXTS)
def test_no_text_that_matches_is_left_out(pieces: list[str], text: str) -> None:
    pattern = "".join(pieces)
    try:
        found = text_pattern(pattern).search(text)
    except QueryError:
        return
    letters = inside_a_word(pattern)
    if found is not None and letters is not None:
        assert any(letters in word or len(word) >= LONGEST for word in cut(text))
