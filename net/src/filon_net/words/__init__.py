"""Every word a person reads, in their language, and how texts of others are made safe to look at.

English is written where it is said; every other language is a table from the English sentence to its own (``french``).
A sentence without a translation is said in English: nothing is ever missing from a screen.
"""

from filon_net.words.catalogue import LANGUAGES, Words, words
from filon_net.words.visible import visible, visible_line

__all__ = ["LANGUAGES", "Words", "visible", "visible_line", "words"]
