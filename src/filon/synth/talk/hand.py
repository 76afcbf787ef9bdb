"""How a person types: typos, abbreviations, emoji, letters without their accents, capitals."""

import unicodedata
from collections.abc import Callable
from functools import cache
from random import Random

from filon.synth.chance import zipf
from filon.synth.talk.lexicon import load, names

__all__ = ["Writer", "writer"]

Writer = Callable[[str, str, Random], str]
"""From the text, its language and draws to the text as it was typed."""


class _Plain(dict[int, str]):
    """A table for ``str.translate`` that takes the accent off a letter and leaves all else."""

    def __missing__(self, point: int) -> str:
        plain = unicodedata.normalize("NFD", chr(point))
        self[point] = plain[0] if len(plain) > 1 and plain[0].isascii() else chr(point)
        return self[point]


_PLAIN = _Plain()


def writer(hand: tuple[float, float, float, float, float]) -> Writer:
    """The way of writing of one person, from the shares of ``Person.hand``."""
    typos, short, emoji, plain, capitals = hand

    def write(text: str, language: str, draws: Random) -> str:
        if not text:
            return text
        if short and draws.random() < short:
            text = _abbreviated(text, language)
        if plain and not text.isascii():
            text = text.translate(_PLAIN)
        if capitals:
            text = text[0].upper() + text[1:]
        chosen = draws.random()
        if chosen < typos:
            return _mistyped(text, draws)
        if chosen > 1.0 - emoji:
            return f"{text} {zipf(draws, names('emoji'))}"
        return text

    return write


@cache
def _short_forms(language: str) -> dict[str, str]:
    forms: dict[str, str] = load(language)["short"]
    return forms


def _abbreviated(text: str, language: str) -> str:
    forms = _short_forms(language)
    return " ".join([forms.get(word, word) for word in text.split(" ")])


def _mistyped(text: str, draws: Random) -> str:
    """One slip: two letters swapped, one left out, one doubled."""
    if len(text) < 4:
        return text
    at = int(draws.random() * (len(text) - 1))
    if not text[at : at + 2].isalpha():
        return text
    kind = draws.random()
    if kind < 0.4:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + text[at + 1 :] if kind < 0.75 else text[: at + 1] + text[at:]
