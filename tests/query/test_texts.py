from itertools import combinations
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filon.query.texts import distance, gaps, phrase_places, word_test
from filon.query.tree import Fuzzy, Infix, Prefix, Regex

few = st.lists(st.sampled_from("abc"), min_size=1, max_size=4)
many = st.lists(st.sampled_from("abcx"), max_size=9)


def is_there(phrase: list[str], words: list[str], slop: int) -> bool:
    """The definition, spelt out: some places in order hold the words and span at most ``slop`` words more."""
    return any(
        [words[i] for i in places] == phrase and places[-1] - places[0] - len(phrase) + 1 <= slop
        for places in combinations(range(len(words)), len(phrase))
    )


@given(few, many, st.integers(0, 5))
@settings(max_examples=250, deadline=None)
def test_phrases_in_order_with_words_between(phrase: list[str], words: list[str], slop: int) -> None:
    found = list(phrase_places(phrase, words, slop))
    assert bool(found) == is_there(phrase, words, slop)
    for places in found:
        assert [words[i] for i in places] == phrase
        assert places[-1] - places[0] < len(phrase) + slop


@given(few, many, st.integers(0, 4))
@settings(max_examples=250, deadline=None)
def test_gaps_are_exact_phrases_that_add_up_to_the_slop(phrase: list[str], words: list[str], slop: int) -> None:
    spread = list(gaps(len(phrase), slop))
    assert len(set(spread)) == len(spread) == comb(slop + len(phrase) - 1, slop) or len(phrase) == 1
    one_by_one = any(
        all(start + o < len(words) and words[start + o] == w for o, w in zip(offsets, phrase, strict=True))
        for offsets in spread
        for start in range(len(words))
    )
    assert one_by_one == is_there(phrase, words, slop)


def test_an_empty_phrase_is_nowhere() -> None:
    assert list(phrase_places([], ["a"], 3)) == []


@pytest.mark.parametrize(
    ("left", "right", "edits"),
    [("abc", "abc", 0), ("abc", "acb", 1), ("abc", "ab", 1), ("abc", "abcd", 1), ("ca", "abc", 3), ("", "ab", 2)],
)
def test_edits_between_words(left: str, right: str, edits: int) -> None:
    assert distance(left, right, 5) == edits
    assert distance(right, left, 5) == edits


def within(word: str, edits: int) -> set[str]:
    """Every word that so many single edits make of another, each letter touched once: the plain swap of neighbours aside."""
    made = {word}
    for _ in range(edits):
        made |= {
            made_of
            for w in made
            for i in range(len(w) + 1)
            for made_of in (
                w[:i] + w[i + 1 :],
                *(w[:i] + c + w[i:] for c in "ab"),
                *(w[:i] + c + w[i + 1 :] for c in "ab"),
            )
        }
    return made


@given(st.text("ab", max_size=5), st.text("ab", max_size=5))
@settings(max_examples=250, deadline=None)
def test_edits_agree_with_edits_made_one_by_one(left: str, right: str) -> None:
    swaps = {left[:i] + left[i + 1] + left[i] + left[i + 2 :] for i in range(len(left) - 1)}
    assert (distance(left, right, 2) <= 1) == (right in within(left, 1) | swaps)
    assert right not in within(left, 2) or distance(left, right, 2) <= 2


@pytest.mark.parametrize(
    ("leaf", "word", "meant"),
    [
        (Prefix("Été"), "etes", True),
        (Prefix("Été"), "lete", False),
        (Infix("ßE"), "strasse", True),
        (Infix("x"), "strasse", False),
        (Fuzzy("Łódź", 1), "lodx", True),
        (Fuzzy("Łódź", 1), "ldxz", False),
        (Fuzzy("Łódź", 2), "ldxz", True),
        (Regex("[É]T."), "ete", True),
        (Regex("[É]T"), "ete", False),
        (Regex("\\d+"), "42", True),
    ],
)
def test_leaves_inside_one_word(leaf: Prefix | Infix | Fuzzy | Regex, word: str, meant: bool) -> None:
    assert word_test(leaf)(word) is meant
