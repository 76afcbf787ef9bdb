"""Texts of others made safe to look at."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from filon_net.words import visible, visible_line

ALL = st.text(st.characters(codec=None), max_size=60)


def test_what_acts_is_shown():
    assert visible("a\x1b[31mb\x07\x7f") == "a␛[31mb␇␡"
    assert visible("\x9b2J") == "⟨U+009B⟩2J"
    assert visible("evil\u202etxt.exe") == "evil⟨U+202E⟩txt.exe"
    assert visible("\u2066x\u2069 \u200b\ufeff") == "⟨U+2066⟩x⟨U+2069⟩ ⟨U+200B⟩⟨U+FEFF⟩"
    assert visible("\U000e0041\ue000\ud800") == "⟨U+E0041⟩⟨U+E000⟩⟨U+D800⟩"
    assert visible("\u00a0\u2028") == "⟨U+00A0⟩⟨U+2028⟩"


def test_writing_of_all_scripts_stays():
    for text in ("Chloé", "Привет", "שלום", "سلام", "می\u200cخواهم", "नमस्ते", "你好", "a\nb", "한국어"):
        assert visible(text) == text


def test_joiners_and_selectors_of_emoji_go():
    assert visible("👩\u200d👧 ❤\ufe0f") == "👩👧 ❤"


def test_a_tower_of_marks_is_cut():
    assert visible("a" + "\u0301" * 40 + "b") == "a\u0301\u0301\u0301⟨+37⟩b"
    assert visible("a" + "\u0301" * 9) == "a\u0301\u0301\u0301⟨+6⟩"


def test_one_line_stays_one_line_and_short():
    assert visible_line("a\nb\r\nc", 0) == "a␊b␊c"
    assert visible_line("x" * 1_000_000, 10) == "x" * 9 + "…"
    assert len(visible_line("\u202e" * 100, 20)) == 20


@given(ALL)
def test_nothing_that_acts_or_hides_is_left(text):
    shown = visible(text)
    for character in shown.replace("\n", "").replace("\u200c", "").replace("\u200d", ""):
        assert unicodedata.category(character)[0] not in "C" or character == "\t", hex(ord(character))
        assert character == " " or unicodedata.category(character)[0] != "Z"
    assert "\n" not in visible_line(text)


@given(st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"]), max_size=60))
def test_plain_ascii_is_not_touched(text):
    assert visible(text) == text
