"""Text from evidence made safe to look at: what would act on a terminal, hide or reorder is shown as a mark."""

import unicodedata

__all__ = ["visible"]

_PICTURES = 0x2400
_JOINERS = "\u200c\u200d\ufe0e\ufe0f"
"""Joiners and variation selectors belong to emoji and to Persian and Indic words: they stay after a visible character."""
_BLANK = "\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
"""Letters and symbols by category, nothing to see by shape."""


def visible(text: str, keep: str = "") -> str:
    """The text with every character that cannot be seen, or that changes how others are seen, as a visible mark.

    Control characters become their pictures (``␛`` for escape, ``␊`` for a line end); other controls, marks and
    overrides of direction, zero-width and tag characters, spaces that are not U+0020 and lone surrogates become
    ``⟨U+202E⟩``. ``keep`` names characters to leave as they are, such as the line ends of a transcript. Letters of
    every script stay. For showing only: two different texts may come to look alike.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character if _plain(character, before) or character in keep else _mark(character)
        for before, character in zip(" " + text, text, strict=False)
    )


def _plain(character: str, before: str) -> bool:
    if character in _JOINERS:
        return unicodedata.category(before)[0] in "LMS"
    category = unicodedata.category(character)
    return character == " " or not (category[0] in "CZ" or character in _BLANK or 0xE0100 <= ord(character) <= 0xE01EF)


def _mark(character: str) -> str:
    number = ord(character)
    if number < 0x20:
        return chr(_PICTURES + number)
    return "␡" if number == 0x7F else f"⟨U+{number:04X}⟩"
