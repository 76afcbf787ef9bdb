"""Every word a person reads, in their language: gettext catalogues and the terms behind the codes."""

from filon.words.catalogue import LANGUAGES, Translator, translator

__all__ = ["LANGUAGES", "Translator", "translator"]
