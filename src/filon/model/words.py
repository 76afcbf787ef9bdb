"""Folding texts and cutting them into words: once, in the same way for messages, queries and the matcher.

The rules, as version ``WORDS_VERSION`` (docs/reference/query.md shows each with an example):

- *Case and shape*: Unicode compatibility forms and case are folded (NFKC, full case folding): ``ﬁ`` is ``fi``, ``ß`` is
  ``ss``, final sigma is sigma, full-width, circled and squared letters are their letters, a digit of any script is its
  ASCII digit. All four Turkish i (``i ı I İ``) are ``i``.
- *Marks*: accents, Hebrew points, Arabic vowel signs and tatweel are dropped; ``ø đ ł ħ ŧ æ œ þ ð`` become ``o d l h t ae
  oe th d``; alef forms are alef, and the Persian and Arabic yeh and kaf are one. Kept, because they are the letter: the
  breve and diaeresis of Cyrillic ``й ў ї ѓ ќ`` (but ``ё`` is ``е``), kana voicing, and Indic vowel signs, virama and nukta.
- *Invisible* characters (bidi controls, zero-width spaces and joiners, variation selectors, soft hyphens, fillers) vanish:
  ``pass<U+200B>word`` is ``password``. Skin tones vanish too: a thumb is a thumb.
- *Words* are runs of letters, marks and digits. All else parts them, apostrophes, ``_``, ``@``, ``#``, ``.`` and ``+`` as well:
  ``j'arrive`` is ``j arrive``, ``don't`` is ``don t``, ``4.900`` is ``4 900``, ``+33 6 12`` is ``33 6 12``, ``@jo_l`` is ``jo l``.
- *Emoji* are words, one for each picture with its joined parts: families, flags, keycaps.
- *Scripts written without spaces* (Han, kana, Thai, Lao, Khmer, Burmese, Tibetan): each character is a word, so that a query
  is a phrase of them. Hangul is written with spaces and cut like Latin.
- A word longer than ``LONGEST`` characters is split there; nothing is dropped.

The character data is that of Python's ``unicodedata`` (``UNICODE`` names its version); code points it does not know yet are
letters, or pictures where Unicode reserves the block for them.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import groupby

__all__ = [
    "ASCII_SPACED",
    "LONGEST",
    "UNICODE",
    "WORDS_VERSION",
    "cut",
    "cut_each",
    "cut_joined",
    "cut_with_offsets",
    "fold",
    "spaced",
]

WORDS_VERSION = 1
LONGEST = 256
UNICODE = unicodedata.unidata_version

_ASCII_FOLD = "".join(chr(c).lower() if chr(c).isalnum() else " " for c in range(128))
ASCII_SPACED = _ASCII_FOLD.encode() + bytes(range(128, 256))
"""For ``bytes.translate``: ASCII texts become their words, with spaces for all that parts them; other bytes stay."""

_PICTURE_BLOCKS = (
    (0x2190, 0x21FF),
    (0x2300, 0x23FF),
    (0x25A0, 0x27BF),
    (0x2900, 0x297F),
    (0x2B00, 0x2BFF),
    (0x3030, 0x303D),
    (0x1F000, 0x1FAFF),
)
_PICTURES = frozenset("‼⁉〰〽↔⤴⤵◽◾")
"""Emoji whose category is not that of a symbol."""

_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x0F00, 0x0FFF),  # Tibetan
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x1950, 0x19DF),  # Tai Le, New Tai Lue
    (0x1A20, 0x1AAF),  # Tai Tham
    (0x2E80, 0x2FDF),  # Han radicals
    (0x3005, 0x3007),
    (0x3021, 0x3029),
    (0x3031, 0x303C),
    (0x3040, 0x30FF),  # kana
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),
    (0xA9E0, 0xA9FF),  # Burmese
    (0xAA60, 0xAADF),  # Burmese, Tai Viet
    (0xF900, 0xFAFF),
    (0x16FE0, 0x18CFF),
    (0x1AFF0, 0x1B16F),
    (0x20000, 0x3FFFF),
)
_INVISIBLE = frozenset(
    map(chr, [0x034F, 0x0640, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), 0x2065, 0x3164, 0xFDD0, 0xFFA0])
) | frozenset(map(chr, [*range(0xFE00, 0xFE10), *range(0xFFF0, 0xFFF9), *range(0xE0000, 0xE1000)]))
"""Beside everything of category Cf. U+0640 is the Arabic tatweel, which only stretches a word."""

_TONES = frozenset(map(chr, range(0x1F3FB, 0x1F400)))
_LETTER_WITH_MARK = frozenset("йўїѓќ")
_PLAIN = {
    **dict(zip("øđłħŧıŋĸſɨʉƶǥɍ", "odlhtinksiuzgr", strict=True)),
    **dict(zip("æœþðĳ™℠", ("ae", "oe", "th", "d", "ij", " ", " "), strict=True)),
    **dict.fromkeys("ٱٲٳ", "ا"),
    **dict.fromkeys("ىیے", "ي"),
    **dict.fromkeys("کڪ", "ك"),
    **dict.fromkeys("ۀۂہھە", "ه"),
}

_JOINER = "\u200d"
_KEYCAP = "\u20e3"
_SIGNS = frozenset((_JOINER, _KEYCAP, *map(chr, [*range(0x1F1E6, 0x1F200), *range(0xE0020, 0xE0080)])))
"""Characters that may belong to an emoji of several code points."""
_HALF_KANA = frozenset(map(chr, range(0xFF66, 0xFFA0)))
"""They become full-width before anything else, so that voicing marks find them."""
_LOOK_AROUND = "\ufdd0"
"""What the fast tables give for a character whose meaning depends on its neighbours; met in a text it is invisible."""

_PICTURE = (
    "(?![\U0001f3fb-\U0001f3ff])["
    + "".join(f"{chr(a)}-{chr(b)}" for a, b in _PICTURE_BLOCKS)
    + "".join(_PICTURES)
    + "]"
    "[\ufe0f\U0001f3fb-\U0001f3ff]{0,2}"
)
_EMOJI = re.compile(
    "((?:[\U0001f1e6-\U0001f1ff]{1,2}"
    "|[0-9#*]\ufe0f?\u20e3"
    f"|{_PICTURE}[\U000e0020-\U000e007f]{{1,16}}"
    f"|{_PICTURE}(?:\u200d{_PICTURE}){{1,15}}))"
)
_ADORNMENT = re.compile("[\ufe0f\U0001f3fb-\U0001f3ff]")


def _ranges(*pairs: tuple[int, int]) -> list[int]:
    return [edge for first, last in pairs for edge in (first, last + 1)]


_UNSPACED_EDGES = _ranges(*_UNSPACED)
_PICTURE_EDGES = _ranges(*_PICTURE_BLOCKS)


def _within(edges: list[int], character: str) -> bool:
    return bisect_right(edges, ord(character)) % 2 == 1


def _is_dropped_mark(character: str) -> bool:
    """Whether a combining mark is an accent, and not a vowel, nukta, voicing or virama (classes 0, 7, 8, 9, 84-132)."""
    kind = unicodedata.combining(character)
    return kind == 1 or 10 <= kind <= 36 or kind >= 200 or unicodedata.category(character) == "Me"


def _is_invisible(character: str) -> bool:
    return character in _INVISIBLE or character in _TONES or unicodedata.category(character) == "Cf"


def _is_picture(character: str) -> bool:
    if character in _PICTURES:
        return True
    return _within(_PICTURE_EDGES, character) and unicodedata.category(character) in ("So", "Cn", "Sk")


def _folded_once(character: str) -> str:
    if _is_invisible(character):
        return ""
    point = ord(character)
    if 0x3131 <= point <= 0x318E or character in _PICTURES:  # Hangul letters typed alone stay as they are typed
        return character
    if 0xFFA1 <= point <= 0xFFDC:
        _, _, wide = unicodedata.decomposition(character).partition(" ")
        return chr(int(wide, 16)) if wide else character
    for squared in (0x1F150, 0x1F170):
        if squared <= point < squared + 26:
            return chr(ord("a") + point - squared)
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    if character in _LETTER_WITH_MARK or character in _PLAIN:
        return _PLAIN.get(character, character)
    whole = unicodedata.normalize("NFKC", character).casefold()
    if whole in _LETTER_WITH_MARK:
        return whole
    parts = unicodedata.normalize("NFKD", whole) if len(whole) == 1 else whole
    kept = "".join(_PLAIN.get(p, p) for p in parts if not (_is_dropped_mark(p) or _is_invisible(p)))
    return unicodedata.normalize("NFC", kept)


def _folded(character: str) -> str:
    """One character, folded until nothing changes."""
    before, after = character, _folded_once(character)
    while after != before:
        before, after = after, "".join(map(_folded_once, after))
    return after


def _spaced(character: str) -> str:
    """One folded character as it stands in a text of words: a word by itself, part of a word, or a gap."""
    if _is_picture(character):
        return f" {character} "
    category = unicodedata.category(character)
    if category[0] not in "LMN" and category not in ("Cn", "Co"):
        return " "
    return f" {character} " if _within(_UNSPACED_EDGES, character) else character


class _Table(dict[int, str]):
    """A table for ``str.translate`` that learns each character when it first meets it."""

    def __init__(self, *, words: bool, alone: bool) -> None:
        super().__init__()
        self._words = words
        self._alone = alone

    def __missing__(self, point: int) -> str:
        character = chr(point)
        if not self._alone and (character in _SIGNS or character in _HALF_KANA):
            made = _LOOK_AROUND
        elif self._words:
            made = "".join(map(_spaced, _folded(character)))
        else:
            made = _folded(character)
        self[point] = made
        return made


_FOLD, _FOLD_ALONE = _Table(words=False, alone=False), _Table(words=False, alone=True)
_CUT, _CUT_ALONE = _Table(words=True, alone=False), _Table(words=True, alone=True)
_BETWEEN = "\x1e"
"""Stands between texts that are cut at once: a gap that nothing composes with or joins across."""
_CUT_EACH = _Table(words=True, alone=False)
_CUT_EACH[ord(_BETWEEN)] = _BETWEEN


def _nfc(text: str) -> str:
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def _apply(text: str, fast: _Table, alone: _Table, around: str) -> str:
    composed = _nfc(text)
    out = composed.translate(fast)
    if _LOOK_AROUND in out:
        if not _HALF_KANA.isdisjoint(composed):
            composed = "".join(unicodedata.normalize("NFKC", c) if c in _HALF_KANA else c for c in composed)
            composed = _nfc(composed)
        pieces = _EMOJI.split(composed)
        pieces[0::2] = [_nfc(p).translate(alone) for p in pieces[0::2]]
        pieces[1::2] = [around + _ADORNMENT.sub("", p) + around for p in pieces[1::2]]
        out = "".join(pieces)
    return _nfc(out)


def fold(text: str) -> str:
    """The text folded by the rules above, not cut: what parts words stays where it is."""
    return text.lower() if text.isascii() else _apply(text, _FOLD, _FOLD_ALONE, "")


def cut(text: str) -> list[str]:
    """The folded words of a text, in order."""
    return _words(text.translate(_ASCII_FOLD) if text.isascii() else _apply(text, _CUT, _CUT_ALONE, " "))


def _words(spaced: str) -> list[str]:
    words = spaced.split()
    if len(spaced) > LONGEST and max(map(len, words), default=0) > LONGEST:
        return [piece for word in words for piece in _split(word)]
    return words


def cut_joined(text: str) -> str:
    """The words of a text with one space between them, for engines that part words at white space."""
    return " ".join(cut(text))


def spaced(point: int) -> str:
    """What a code point becomes in a text of words: itself folded, nothing, or with spaces around it."""
    return _CUT_EACH[point]


def cut_each(
    texts: Sequence[str], translate: Callable[[str], str] = lambda text: text.translate(_CUT_EACH)
) -> list[str]:
    """For each text its words with spaces between and around them, one or several: ``cut`` for many texts at once.

    ``translate`` puts ``spaced`` in the place of every character.
    """
    joined = _BETWEEN.join(texts)
    if joined.count(_BETWEEN) >= max(1, len(texts)):
        joined = _BETWEEN.join(text.replace(_BETWEEN, " ") for text in texts)
    found = _nfc(translate(_nfc(joined))).split(_BETWEEN) if texts else []
    return [
        cut_joined(text) if _LOOK_AROUND in words else words if len(words) <= LONGEST else " ".join(_words(words))
        for text, words in zip(texts, found, strict=True)
    ]


def _split(word: str) -> list[str]:
    return [word[i : i + LONGEST] for i in range(0, len(word), LONGEST)]


_CHUNK = re.compile("[^ \n]+")
_ASCII_WORD = re.compile("[A-Za-z0-9]+")
_CLUSTER = re.compile(f"{_EMOJI.pattern}|(.)", re.DOTALL)


def _clusters(text: str) -> list[tuple[int, int]]:
    """Stretches of the original text that can be folded apart from each other: a character with what composes with it."""
    found: list[tuple[int, int]] = []
    for match in _CLUSTER.finditer(text):
        character = match[2]
        if character is not None and found and _extends(character):
            found[-1] = (found[-1][0], match.end())
        else:
            found.append(match.span())
    return found


@lru_cache(1 << 14)
def _extends(character: str) -> bool:
    return (
        unicodedata.category(character)[0] == "M"
        or character in "\uff9e\uff9f"
        or "\u1160" <= character <= "\u11ff"
        or _is_invisible(character)
    )


def cut_with_offsets(text: str) -> list[tuple[str, int, int]]:
    """The words of ``cut`` with the stretch of the original text each stands for: code points, end excluded.

    One character that stands for several words (``½``) gives each of them the same stretch.
    """
    return [
        (word, chunk.start() + start, chunk.start() + end)
        for chunk in _CHUNK.finditer(text)
        for word, start, end in (_placed_again if len(chunk[0]) < _SHORT else _placed)(chunk[0])
    ]


def _placed(chunk: str) -> list[tuple[str, int, int]]:
    """The words of a stretch without plain spaces; nothing composes or joins across one."""
    if chunk.isascii():
        return [
            (piece, match.start() + i * LONGEST, match.start() + i * LONGEST + len(piece))
            for match in _ASCII_WORD.finditer(chunk)
            for i, piece in enumerate(_split(match[0].lower()))
        ]
    units = [
        (character, start, end)
        for start, end in _clusters(chunk)
        for character in (
            _CUT_ALONE[ord(chunk[start])] if end - start == 1 else _apply(chunk[start:end], _CUT, _CUT_ALONE, " ")
        )
    ]
    return [
        piece
        for is_gap, word in groupby(units, key=lambda unit: unit[0] == " ")
        if not is_gap
        for piece in _joined(list(word))
    ]


_SHORT = 64
_placed_again = lru_cache(1 << 14)(_placed)
"""Texts repeat their words; long stretches are not worth the memory."""


def _joined(units: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    word = _nfc("".join(unit[0] for unit in units))
    if len(word) != len(units):  # letters met across an invisible character: each stands for the whole stretch
        units = [(character, units[0][1], units[-1][2]) for character in word]
    chunks = (range(i, min(i + LONGEST, len(word))) for i in range(0, len(word), LONGEST))
    return [(word[c.start : c.stop], units[c.start][1], units[c.stop - 1][2]) for c in chunks]
