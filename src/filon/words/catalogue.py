"""Catalogues: English is written in the source, every other language is a ``.po`` file beside this module.

A ``.po`` is read once per process and kept, so a change of wording needs no compiling step and no binary file
lies in the repository.
"""

from collections.abc import Mapping
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from filon.errors import FilonError
from filon.words.terms import wording

__all__ = ["LANGUAGES", "Translator", "translator"]

HERE = Path(__file__).parent
LANGUAGES = {"en": "English", "fr": "Français"}
"""Every language there is, in its own name."""


class Translator:
    """Wording in one language. Sentences are looked up by their English text."""

    def __init__(self, language: str, catalogue: NullTranslations) -> None:
        self.language = language
        self._catalogue = catalogue

    def gettext(self, message: str) -> str:
        """A sentence."""
        return str(self._catalogue.gettext(message)) if message else ""

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """A sentence that depends on a number."""
        return str(self._catalogue.ngettext(singular, plural, number))

    def pgettext(self, context: str, message: str) -> str:
        """A word that means different things in different places."""
        return str(self._catalogue.pgettext(context, message))

    def term(self, kind: str, code: str) -> str:
        """The word for a code (``kind``: message, event, defect, assumption …); the code itself where none is known."""
        found = wording(kind, code)
        return code if found is None else self.gettext(found[0]).format(**found[1])

    def filled(self, message: str, values: Mapping[str, object]) -> str:
        """A sentence with ``{names}``, filled in."""
        return self.gettext(message).format(**values)

    def error(self, error: FilonError) -> tuple[str, str | None]:
        """What went wrong and what to do next."""
        hint = self.filled(error.hint_message, error.values) if error.hint_message else None
        return self.filled(error.message, error.values), hint


@cache
def translator(language: str) -> Translator:
    """The wording of a language; English where there is no catalogue for it."""
    known = language if language in LANGUAGES else "en"
    path = HERE / f"{known}.po"
    if not path.exists():
        return Translator(known, NullTranslations())
    with path.open("rb") as file:
        catalogue = read_po(file, locale=known, domain="filon")
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translator(known, Translations(compiled, domain="filon"))
