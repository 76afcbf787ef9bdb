"""The shipped words of tables: over columns, for directions, states and kinds; and how a word is folded for comparing."""

import re
import tomllib
import unicodedata
from functools import cache, lru_cache
from importlib import resources
from typing import Any

__all__ = ["DIRECTIONS", "KINDS", "ROLES", "STATES", "YES", "fold"]

_NOT_WORD = re.compile(r"[\W_]+")
_STROKES = str.maketrans({"ß": "ss", "ø": "o", "œ": "oe", "æ": "ae", "ı": "i", "ł": "l", "#": " "})
_LONGEST = 300


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Small letters without accents, one blank for everything that is neither letter nor digit."""
    if text.isascii():
        return _NOT_WORD.sub(" ", text[:_LONGEST].lower()).strip()
    plain = unicodedata.normalize("NFKD", text[:_LONGEST].casefold().translate(_STROKES))
    return _NOT_WORD.sub(" ", "".join(c for c in plain if not unicodedata.combining(c))).strip()


@cache
def _shipped() -> dict[str, Any]:
    return tomllib.loads((resources.files("filon.readers.tables") / "headers.toml").read_text(encoding="utf-8"))


def _phrases(section: dict[str, list[str]]) -> frozenset[str]:
    return frozenset(phrase for phrases in section.values() for phrase in phrases)


def _by_word(sections: dict[str, dict[str, list[str]]]) -> dict[str, str]:
    return {phrase: name for name, section in sections.items() for phrase in _phrases(section)}


ROLES: dict[str, frozenset[str]] = {role: _phrases(section) for role, section in _shipped()["roles"].items()}
"""Phrases over a column by what the column holds. ``day``, ``clock`` and ``zone`` are parts of a time."""
DIRECTIONS: dict[str, str] = _by_word(_shipped()["words"])
"""``in`` or ``out`` by folded word."""
STATES: dict[str, str] = _by_word(_shipped()["states"])
KINDS: dict[str, str] = _by_word(_shipped()["kinds"])
YES: frozenset[str] = _phrases(_shipped()["yes"])
