import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filon.model.display import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text.txt", "plain text.txt"),
        ("Éa 你好 שלום مرحبا नमस्ते 👍🏽", "Éa 你好 שלום مرحبا नमस्ते 👍🏽"),
        ("\x1b[2Jgone", "␛[2Jgone"),
        ("a\r\nb\x00\x7f", "a␍␊b␀␡"),
        ("\x9b31m", "⟨U+009B⟩31m"),
        ("photo\u202egpj.exe", "photo⟨U+202E⟩gpj.exe"),
        ("\u2066x\u2069\u200e\u200f\u061c", "⟨U+2066⟩x⟨U+2069⟩⟨U+200E⟩⟨U+200F⟩⟨U+061C⟩"),
        ("a\u200bb\ufeff\u00ad", "a⟨U+200B⟩b⟨U+FEFF⟩⟨U+00AD⟩"),
        ("a\u00a0b\u2028", "a⟨U+00A0⟩b⟨U+2028⟩"),
        ("\U000e0041\U000e0100", "⟨U+E0041⟩⟨U+E0100⟩"),
        ("\udcff\ue000", "⟨U+DCFF⟩⟨U+E000⟩"),
        ("\u3164\u2800", "⟨U+3164⟩⟨U+2800⟩"),
        ("👨\u200d👩\u200d👧 ❤\ufe0f", "👨\u200d👩\u200d👧 ❤\ufe0f"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\u200dx", "⟨U+200D⟩x"),
    ],
)
def test_what_is_shown(text, shown):
    assert visible(text) == shown


def test_what_is_kept():
    assert visible("a\nb\x1b", keep="\n") == "a\nb␛"


@settings(max_examples=300)
@given(st.text(st.characters()))
def test_nothing_that_acts_is_left(text):
    shown = visible(text)
    assert visible(shown) == shown
    assert not any(unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp", "Co", "Cn") for one in shown)
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\ufeff")
    shown.encode("utf-8")


@settings(max_examples=100)
@given(st.text(st.characters(categories=["L", "N", "P", "S"])))
def test_letters_stay(text):
    blank = set("\u115f\u1160\u2800\u3164\uffa0")
    assert visible(text) == text or set(text) & blank
