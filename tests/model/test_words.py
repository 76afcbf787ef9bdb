import sys
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filon.model.words import LONGEST, cut, cut_joined, cut_with_offsets, fold

HARD = [
    ("j'arrive", ["j", "arrive"]),
    ("J’ARRIVE", ["j", "arrive"]),
    ("don't o'clock", ["don", "t", "o", "clock"]),
    ("+33 6 12", ["33", "6", "12"]),
    ("4.900 €", ["4", "900"]),
    ("18h30 3x", ["18h30", "3x"]),
    ("@jo_l #Tag", ["jo", "l", "tag"]),
    ("max.muster@example.org", ["max", "muster", "example", "org"]),
    ("https://example.org/a?b=1", ["https", "example", "org", "a", "b", "1"]),
    ("ı i I İ", ["i", "i", "i", "i"]),
    ("ΟΔΥΣΣΕΎΣ ς σ", ["οδυσσευσ", "σ", "σ"]),
    ("Straße STRASSE", ["strasse", "strasse"]),
    ("ﬁn Œuvre Łódź Ønske", ["fin", "oeuvre", "lodz", "onske"]),
    ("Việt e\u0301te\u0301", ["viet", "ete"]),
    ("йод Ёлка ї и\u0306", ["йод", "елка", "ї", "й"]),
    ("שָׁלוֹם", ["שלום"]),
    ("مُحَمَّد أحمد محـــمد", ["محمد", "احمد", "محمد"]),
    ("یک ك", ["يك", "ك"]),
    ("می\u200cخواهم", ["ميخواهم"]),
    ("٤٫٩٠٠ ۴ ४ ４", ["4", "900", "4", "4", "4"]),
    ("नमस्ते क़", ["नमस्ते", "क़"]),
    ("漢字カナ", ["漢", "字", "カ", "ナ"]),
    ("ｶﾞ か\u3099", ["ガ", "が"]),
    ("안녕하세요 ㅋㅋ", ["안녕하세요", "ㅋㅋ"]),
    ("กิน", ["ก", "ิ", "น"]),
    ("👍🏽👍 ❤️", ["👍", "👍", "❤"]),
    ("👨‍👩‍👧x", ["👨\u200d👩\u200d👧", "x"]),
    ("🇫🇷🇩🇪", ["🇫🇷", "🇩🇪"]),
    ("1️⃣ 1", ["1\u20e3", "1"]),
    ("‼️ → ©", ["‼"]),
    ("𝓱𝓮𝓵𝓵𝓸 🅷🅴🅻🅻🅾 ⓗⓔⓛⓛⓞ", ["hello", "hello", "hello"]),
    ("pass\u200bword so\u00adft \u202eabc\u202c", ["password", "soft", "abc"]),
    ("a\x00b\u2028c\ud800d", ["a", "b", "c", "d"]),
    ("½ Ⅻ m²", ["1", "2", "xii", "m2"]),
    ("... – ¿?", []),
    ("", []),
]

TATWEEL_AND_FILLERS = "\u0640\u115f\u1160\u3164\uffa0"

hard_text = st.lists(
    st.one_of(
        st.sampled_from([text for text, _ in HARD]),
        st.sampled_from(
            ["\u200d", "\u200c", "\ufe0f", "🏽", "👩", "🇫", "\u20e3", "1", "\uff9e", "ｶ", "か", "\u3099", "и", "\u0306"]
        ),
        st.sampled_from(
            ["ᄀ", "ᅡ", "ᆨ", "가", "ﾡ", "\u0cc6", "\u0cd5", "\u093c", "न", "\U000e0067", "🏴", "ß", "ſ", "\u0345"]
        ),
        st.text(max_size=6),
    ),
    max_size=8,
).map("".join)


@pytest.mark.parametrize(("text", "words"), HARD)
def test_hard_words(text: str, words: list[str]) -> None:
    assert cut(text) == words
    assert cut(fold(text)) == words


@given(hard_text)
@settings(max_examples=250, deadline=None)
def test_words_of_words_are_the_same(text: str) -> None:
    words = cut(text)
    assert cut(cut_joined(text)) == words
    assert cut_joined(text).split(" ") == (words or [""])
    assert fold(fold(text)) == fold(text)


@given(hard_text)
@settings(max_examples=250, deadline=None)
def test_offsets_lead_back_to_the_original(text: str) -> None:
    pieces = cut_with_offsets(text)
    assert [word for word, _, _ in pieces] == cut(text)
    assert [start for _, start, _ in pieces] == sorted(start for _, start, _ in pieces)
    for word, start, end in pieces:
        assert 0 <= start < end <= len(text)
        assert word in cut(text[start:end])


@given(st.text(st.characters(codec="ascii")))
@settings(max_examples=200, deadline=None)
def test_the_quick_way_for_ascii_agrees_with_the_long_one(text: str) -> None:
    assert cut(text) == cut(text + "\u00b7")
    assert cut_with_offsets(text) == cut_with_offsets(text + "\u00b7")


def test_every_code_point_is_stable() -> None:
    for point in [
        *range(0x3400),
        *range(0x3400, 0xD7A0, 61),
        *range(0xD7A0, 0x20000),
        *range(0x20000, sys.maxunicode, 1009),
    ]:
        character = chr(point)
        words = cut(character)
        assert cut(" ".join(words)) == words, hex(point)
        assert [word for word, _, _ in cut_with_offsets(character)] == words, hex(point)
        assert not any(c.isspace() for word in words for c in word), hex(point)
        if any(c.isalnum() and c not in TATWEEL_AND_FILLERS for c in unicodedata.normalize("NFKD", character)):
            assert words or character in "™℠ﾠㅤ", hex(point)


def test_long_words_are_split_and_kept() -> None:
    text = "a" * (2 * LONGEST + 3) + " é" + "b" * LONGEST
    words = cut(text)
    assert [len(word) for word in words] == [LONGEST, LONGEST, 3, LONGEST, 1]
    assert "".join(words) == text.replace(" é", "e")
    assert [text[start:end].replace("é", "e") for _, start, end in cut_with_offsets(text)] == words
    assert len(cut("👩" + "\u200d👩" * 1000)) > 1


def test_what_folding_keeps() -> None:
    assert fold("L'Été, à 5 €!") == "l'ete, a 5 €!"
