"""Text from the network made safe to look at: what would act on a terminal, hide, reorder or flood is shown as a mark."""

import unicodedata
from collections.abc import Iterator

__all__ = ["visible", "visible_line"]

_PICTURES = 0x2400
_JOINERS = "\u200c\u200d"
_SELECTORS = "\ufe0e\ufe0f"
_BLANK = "\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
"""Letters and symbols by category, nothing to see by shape."""
_MOST_MARKS = 3
"""Combining marks on one character; more climb over the lines above."""
_TAB = "    "


def visible(text: str) -> str:
    """The text with line ends kept, and everything else that cannot be seen or changes how others are seen as a mark.

    Control characters become their pictures (``␛`` for escape); other controls, overrides of direction, zero-width
    and tag characters, unassigned and private ones become ``⟨U+202E⟩``; of more than three combining marks on one
    character only the first three stay, and ``⟨+37⟩`` says how many went. Tabs become four spaces. Letters of every
    script stay, and joiners between them; selectors of emoji shapes and joiners of emoji go, because terminals do not agree
    on their width. For showing only: two different texts may come to look alike.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(text.replace("\r\n", "\n").replace("\t", _TAB)))


def visible_line(text: str, most: int = 0) -> str:
    """The same on one line, line ends as ``␊``; at most so many characters, an ellipsis included (0: all)."""
    if most and len(text) > 4 * most:
        text = text[: 4 * most]
    line = visible(text).replace("\n", "␊")
    return line if not most or len(line) <= most else line[: most - 1] + "…"


def _shown(text: str) -> Iterator[str]:
    before, marks = " ", 0
    for character in text:
        category = unicodedata.category(character)
        if category in ("Mn", "Me"):
            marks += 1
            if (
                marks <= _MOST_MARKS
                and character not in _SELECTORS
                and character not in _BLANK
                and not _is_tag(character)
            ):
                yield character
            elif character not in _SELECTORS and marks <= _MOST_MARKS:
                yield _mark(character)
            continue
        if marks > _MOST_MARKS:
            yield f"⟨+{marks - _MOST_MARKS}⟩"
        marks = 0
        if character in _JOINERS and unicodedata.category(before)[0] in "LMS":
            if unicodedata.category(before)[0] in "LM":
                yield character
            continue
        yield character if _plain(character, category) else _mark(character)
        before = character
    if marks > _MOST_MARKS:
        yield f"⟨+{marks - _MOST_MARKS}⟩"


def _is_tag(character: str) -> bool:
    return 0xE0100 <= ord(character) <= 0xE01EF


def _plain(character: str, category: str) -> bool:
    return character in " \n" or not (category[0] in "CZ" or character in _BLANK or _is_tag(character))


def _mark(character: str) -> str:
    number = ord(character)
    if number < 0x20:
        return chr(_PICTURES + number)
    return "␡" if number == 0x7F else f"⟨U+{number:04X}⟩"
