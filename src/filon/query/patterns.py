"""Regular expressions of a search, in RE2 syntax: matched in time linear in the text, whatever the pattern."""

from functools import lru_cache
from typing import Any

import re2

from filon.errors import QueryError
from filon.model.words import fold

__all__ = ["Pattern", "text_pattern", "word_pattern"]

Pattern = Any
"""A compiled ``re2`` pattern; the library is untyped."""


@lru_cache(256)
def _compiled(pattern: str, case_sensitive: bool) -> Pattern:
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = case_sensitive
    return re2.compile(pattern, options)


def _compile(written: str, pattern: str, case_sensitive: bool, position: int) -> Pattern:
    if not written:
        raise QueryError("the pattern is empty", position=position, hint="write something between the slashes")
    try:
        return _compiled(pattern, case_sensitive)
    except (re2.error, UnicodeEncodeError) as error:
        reason = error.args[0] if isinstance(error, re2.error) and error.args else "it holds half a character"
        raise QueryError(
            "the pattern cannot be used: {reason}",
            position=position,
            hint="patterns are RE2: no look-around, no back-references, at most 1,000 repeats",
            reason=reason.decode() if isinstance(reason, bytes) else reason,
        ) from error


def word_pattern(pattern: str, position: int = 0) -> Pattern:
    """A pattern for whole folded words (use ``fullmatch``): its own letters are folded too, and case does not count."""
    folded = "".join(c if c.isascii() else fold(c) for c in pattern)
    return _compile(folded, folded, False, position)


def text_pattern(pattern: str, position: int = 0) -> Pattern:
    """A pattern to be found in original texts (use ``search``): exactly as written, ``(?i)`` ignores case."""
    return _compile(pattern, pattern, True, position)
