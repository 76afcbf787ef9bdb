"""Sentences looked up by their English text."""

import os
from collections.abc import Mapping

from filon_net.errors import FilonNetError
from filon_net.words.french import FRENCH
from filon_net.words.visible import visible_line

__all__ = ["LANGUAGES", "Words", "words"]

LANGUAGES = {"en": "English", "fr": "Français"}
"""Every language there is, in its own name."""
_TABLES: dict[str, Mapping[str, str]] = {"en": {}, "fr": FRENCH}
_LONGEST = 120


class Words:
    """Wording in one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._table = _TABLES[language]

    def say(self, english: str, **values: object) -> str:
        """A sentence with its ``{names}`` filled. Values must be safe to show already (``visible``)."""
        sentence = self._table.get(english, english)
        return sentence.format(**values) if values else sentence

    def many(self, one: str, more: str, count: int, **values: object) -> str:
        """A sentence that depends on a number, which is ``{count}`` in it. In French 0 and 1 are both singular."""
        single = count < 2 if self.language == "fr" else count == 1
        return self.say(one if single else more, count=self.number(count), **values)

    def number(self, count: int) -> str:
        """A number in groups of three."""
        return f"{count:,}".replace(",", "\u202f") if self.language == "fr" else f"{count:,}"

    def error(self, error: FilonNetError) -> tuple[str, str | None]:
        """What went wrong, and what to do next where that is known."""
        return self._filled(error.message, error), self._filled(
            error.hint_message, error
        ) if error.hint_message else None

    def _filled(self, template: str, error: FilonNetError) -> str:
        sentence = self._table.get(template, template)
        if not error.values:
            return sentence
        return sentence.format(**{name: _shown(value) for name, value in error.values.items()})


def _shown(value: object) -> object:
    """A value in a sentence: numbers as they are, the rest cut short and harmless."""
    return value if isinstance(value, int) else visible_line(str(value), _LONGEST)


def words(language: str | None = None) -> Words:
    """Wording in this language; None for that of ``FILON_LANGUAGE``, ``LC_ALL``, ``LC_MESSAGES`` or ``LANG``; else English."""
    names = ("FILON_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    wanted = language or next((os.environ[name] for name in names if os.environ.get(name)), "en")
    code = wanted[:2].lower()
    return Words(code if code in LANGUAGES else "en")
