"""Catalogues: English is written in the source, every other language is a ``.po`` file beside this module.

A ``.po`` is read once per process and kept, so a change of wording needs no compiling step and no binary file
lies in the repository.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from filon.errors import FilonError
from filon.words.terms import wording

__all__ = ["LANGUAGES", "Translator", "translator"]

_FORM = re.compile(r"\{(\w+)(?:![rsa])?(?::[^}]*)?\}")
_OWN_WORDS = 8
"""Characters of its own by which a filled sentence is known again."""
HERE = Path(__file__).parent
LANGUAGES = {"en": "English", "fr": "Français"}
"""Every language there is, in its own name."""


class Translator:
    """Wording in one language. Sentences are looked up by their English text."""

    def __init__(self, language: str, catalogue: NullTranslations, messages: Iterable[str] = ()) -> None:
        self.language = language
        self._catalogue = catalogue
        self._messages = tuple(messages)

    @cached_property
    def _shapes(self) -> tuple[tuple[re.Pattern[str], str], ...]:
        """Sentences with ``{names}`` as patterns, those with most words of their own first."""
        messages = [m for m in self._messages if _FORM.search(m) and len(_FORM.sub("", m)) >= _OWN_WORDS]
        messages.sort(key=lambda m: -len(_FORM.sub("", m)))
        return tuple((_pattern(m), m) for m in messages)

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

    def said(self, text: str) -> str:
        """An English sentence that was filled in before, as logs and plans keep it; unchanged where it is none of ours."""
        known = self.gettext(text)
        if known != text or not self._shapes:
            return known
        for shape, message in self._shapes:
            if found := shape.fullmatch(text):
                values = {name: self.said(value) for name, value in found.groupdict().items()}
                return _put(self.gettext(message), values)
        return text

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
    messages = (m.id for m in catalogue if isinstance(m.id, str) and m.id)
    return Translator(known, Translations(compiled, domain="filon"), messages)


def _put(message: str, values: Mapping[str, str]) -> str:
    """The values as they were written out before, whatever the form the template asks for."""
    return _FORM.sub(lambda field: values[field[1]], message)


def _pattern(message: str) -> re.Pattern[str]:
    """What a template looks like once it is filled in; a name that comes twice must stand for the same."""
    parts, names, at = [], set[str](), 0
    for field in _FORM.finditer(message):
        parts.append(re.escape(message[at : field.start()]))
        parts.append(f"(?P={field[1]})" if field[1] in names else f"(?P<{field[1]}>.+)")
        names.add(field[1])
        at = field.end()
    return re.compile("".join(parts) + re.escape(message[at:]), re.DOTALL)
