from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from filon.model.words import cut
from filon.query.match import Row, match
from filon.query.parse import parse
from filon.query.snippet import snippet, spans
from filon.query.tree import Node, Phrase, Word
from query.trees import some_text, trees, wordy

TEXT = "Été 👍🏽: don’t go to Łódź with the green old bag, j'arrive at six"


@pytest.mark.parametrize(
    ("query", "hits"),
    [
        ("ete", ["Été"]),
        ("don't", ["don’t"]),
        ('"green bag"~1', ["green", "bag"]),
        ('"green old bag"', ["green old bag"]),
        ("👍", ["👍🏽"]),
        ("lod* *rriv* lodza~1", ["Łódź", "arrive"]),
        ("/ba./ OR text:/w.th/", ["with", "bag"]),
        ("green -bag", ["green"]),
        ("NOT (green NOT bag)", ["bag"]),
        ('"the green" "green old"', ["the green old"]),
        ("from:green is:edited", []),
        ("text:/q*/", []),
        ("*", []),
    ],
)
def test_what_is_marked(query: str, hits: list[str]) -> None:
    assert [TEXT[start:end] for start, end in spans(parse(query), TEXT)] == hits


texts = st.lists(some_text, max_size=12).map(" ".join)


@given(trees, texts, st.integers(3, 60))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_spans_and_passages_stay_inside_the_text(tree: Node, text: str, width: int) -> None:
    found = spans(tree, text)
    assert all(0 <= a < b <= len(text) for a, b in found)
    assert all(before[1] <= after[0] for before, after in pairwise(found))
    passage, inside = snippet(tree, text, width)
    assert len(passage) <= max(width, 0)
    assert passage.strip("…") in text
    assert all(0 <= a < b <= len(passage) for a, b in inside)
    assert bool(inside) == bool(found)


@given(st.one_of(st.builds(Word, wordy), st.builds(lambda w: Phrase(tuple(w.split())), wordy)), texts)
@settings(max_examples=250, deadline=None)
def test_a_text_is_marked_where_and_only_where_it_is_found(leaf: Word | Phrase, text: str) -> None:
    assert bool(spans(leaf, text)) == match(leaf, Row(id=1, text=text), "UTC")


@given(st.lists(wordy, min_size=1, max_size=5))
@settings(max_examples=200, deadline=None)
def test_every_word_of_a_text_is_marked_as_itself(words: list[str]) -> None:
    text = ", ".join(words)
    for word in cut(text):
        marked = [text[a:b] for a, b in spans(Word(word), text)]
        assert marked
        assert all(word in " ".join(cut(piece)) for piece in marked)


def test_a_passage_begins_near_its_first_hit() -> None:
    text = "word " * 100 + "needle " + "word " * 100
    passage, inside = snippet(parse("needle"), text, 60)
    assert [passage[a:b] for a, b in inside] == ["needle"]
    assert len(passage) == 60
    assert passage[:5] == "…word"
    assert passage[-1] == "…"
    last, inside = snippet(parse("end"), "word " * 100 + "end", 40)
    assert last.endswith("word end")
    assert 35 < len(last) <= 40
    assert inside == [(len(last) - 3, len(last))]
    assert snippet(parse("nothing"), text, 20) == ("word word word word…", [])
    with pytest.raises(ValueError, match="3 characters"):
        snippet(parse("a"), text, 2)
