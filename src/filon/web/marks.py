"""Text of evidence made safe to look at: escaped, and what cannot be seen is shown as a mark.

Control characters, bidirectional overrides, zero-width characters, blank letters and lone surrogates are never
handed to the browser: each becomes a small mark with its code point and name. Joiners inside emoji and scripts
that need them are left alone, else such texts would break.
"""

import re
import unicodedata
from collections.abc import Iterable

from markupsafe import Markup, escape

from filon.case.answers import Span

__all__ = ["LONG", "SHOWN", "folded", "hidden", "marked"]

HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
JOINERS = "\u200c\u200d"
LONG = 3_000
"""Characters beyond which a text of a transcript is folded."""
SHOWN = 2_000
"""About so many of them stay in view: to the last blank before."""


def marked(text: str | None, spans: Iterable[Span] = ()) -> Markup:
    """HTML of a text: hits in ``<mark>``, hidden characters as marks. None gives nothing."""
    if not text:
        return Markup()
    parts: list[Markup] = []
    at = 0
    for span in sorted(spans, key=lambda s: s.start):
        if span.start < at:
            continue
        parts += (_plain(text, at, span.start), Markup("<mark>"), _plain(text, span.start, span.end), Markup("</mark>"))
        at = span.end
    parts.append(_plain(text, at, len(text)))
    return Markup("").join(parts)


def folded(text: str) -> tuple[Markup, Markup]:
    """HTML of a text as it stands in a transcript: what is shown, and the rest; the rest of a short text is empty."""
    if len(text) <= LONG:
        return marked(text), Markup()
    blank = max(text.rfind(" ", SHOWN // 2, SHOWN), text.rfind("\n", SHOWN // 2, SHOWN))
    at = blank + 1 if blank > 0 else SHOWN
    while at > 1 and (unicodedata.category(text[at])[0] == "M" or {text[at], text[at - 1]} & set(JOINERS)):
        at -= 1
    return _plain(text, 0, at), _plain(text, at, len(text))


def hidden(text: str | None) -> bool:
    """True where a text holds characters that cannot be seen."""
    return text is not None and any(not _belongs(text, found.start()) for found in HIDDEN.finditer(text))


def _plain(text: str, start: int, end: int) -> Markup:
    if not HIDDEN.search(text, start, end):
        return escape(text[start:end])
    parts: list[Markup] = []
    at = start
    for found in HIDDEN.finditer(text, start, end):
        if _belongs(text, found.start()):
            continue
        parts += (escape(text[at : found.start()]), _mark(found[0]))
        at = found.end()
    parts.append(escape(text[at:end]))
    return Markup("").join(parts)


def _mark(character: str) -> Markup:
    code = f"U+{ord(character):04X}"
    name = unicodedata.name(character, "")
    return Markup('<span class="hidden-char" title="{} {}">{}</span>').format(code, name, code)


def _belongs(text: str, place: int) -> bool:
    """A joiner between two characters that may need it, or a tag letter in an emoji flag."""
    character = text[place]
    if character in JOINERS:
        before, after = text[place - 1 : place], text[place + 1 : place + 2]
        return bool(before and after) and before > "\u0300" and after > "\u0300"
    if "\U000e0020" <= character <= "\U000e007f":
        base = text[:place].rstrip("".join(map(chr, range(0xE0020, 0xE0080))))
        return base.endswith("\U0001f3f4")
    return False
