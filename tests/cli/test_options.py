"""Which words are the case, and which case is meant where there is none."""

import pytest

from cli.running import in_terminal, told
from filon.cli.options import case_and


@pytest.fixture
def cases(home):
    """Two empty cases."""
    for name in ("lille", "gent"):
        assert told("new", name).code == 0
    return home


@pytest.mark.parametrize(
    ("words", "least", "most", "taken"),
    [
        ((), 0, 0, (None, ())),
        (("lille",), 0, 0, ("lille", ())),
        ((), 0, 1, (None, ())),
        (("lille",), 0, 1, ("lille", ())),
        (("delivery",), 0, 1, (None, ("delivery",))),
        (("lille", "delivery"), 0, 1, ("lille", ("delivery",))),
        (("gent", "lille"), 0, 1, ("gent", ("lille",))),
        (("7:1",), 1, 1, (None, ("7:1",))),
        (("lille",), 1, 1, (None, ("lille",))),
        (("lille", "7:1"), 1, 1, ("lille", ("7:1",))),
        (("lille", "a", "b", "c"), 0, None, ("lille", ("a", "b", "c"))),
        (("a", "lille"), 0, None, (None, ("a", "lille"))),
        (("7:1", "text"), 2, 2, (None, ("7:1", "text"))),
    ],
)
def test_the_first_word_is_the_case_where_it_is_one(cases, words, least, most, taken):
    assert case_and(words, least, most) == taken


def test_a_word_alone_is_a_case_before_it_is_a_text(cases):
    assert told("search", "lille", "--count").out == "0\n"
    shown = told("search", "delivery", "--count")
    assert shown.code == 5
    assert "which case is meant? There are gent, lille" in shown.err
    assert "set FILON_CASE" in shown.err


def test_the_case_may_be_left_out(cases, monkeypatch):
    monkeypatch.setenv("FILON_CASE", "gent")
    assert told("info", "--json").out.startswith('{"case":"gent"')
    assert told("search", "delivery", "--count").out == "0\n"
    monkeypatch.delenv("FILON_CASE")
    monkeypatch.chdir(cases / "lille")
    assert told("info", "--json").out.startswith('{"case":"lille"')


def test_words_without_quotes_are_no_case(cases):
    shown = told("search", "livraison", "demain")
    assert shown.code == 5
    assert "there is no case 'livraison'; the cases in" in shown.err
    assert "quotes" in shown.err


def test_any_text_may_be_searched_for(cases, monkeypatch):
    monkeypatch.setenv("FILON_CASE", "gent")
    for text in ("x" * 4_000, "/livr.*/", "~nobody", "a" * 300):
        assert told("search", text, "--count").out == "0\n", text


def test_somebody_at_a_terminal_is_told_which_case_is_meant(cases, monkeypatch):
    monkeypatch.setenv("FILON_CASE", "gent")
    code, shown = in_terminal("search", "--count")
    assert code == 1
    assert f"in the case {cases / 'gent'}" in shown
    assert "in the case" not in told("search", "--count").err
