"""What is being typed at the cursor of a search, so that a page can offer how it may go on."""

import re
from typing import Literal

import msgspec

from filon.errors import QueryError
from filon.query.fields import CHOICES, FIELDS
from filon.query.lexer import QUOTES, Token, tokens

__all__ = ["Typing", "completions"]

_BEFORE_VALUE = re.compile(r"([A-Za-z][A-Za-z-]*):\Z")
_LAST_WORD = re.compile(r"\S*\Z")


class Typing(msgspec.Struct, frozen=True):
    """``typed`` stands from ``start`` to the cursor and is what a choice would replace.

    ``kind``: ``word`` (a word of the texts, or the name of a field), ``value`` (of ``field``), ``phrase`` (a word inside
    quotes), ``pattern``. ``choices`` are those the language itself knows, written as they would be inserted.
    """

    kind: Literal["word", "value", "phrase", "pattern"]
    typed: str
    start: int
    field: str | None = None
    choices: tuple[str, ...] = ()


def completions(text: str, cursor: int) -> Typing:
    """What stands before the cursor; never raises, whatever the text."""
    before = text[: max(cursor, 0)]
    last: Token | None = None
    try:
        for token in tokens(before):
            last = token
    except QueryError as error:
        return _unfinished(before, error.position)
    if last is None or last.end < len(before) or last.kind in ("(", ")", "NOT", "phrase"):
        return _word("", len(before))
    if last.kind == "regex":
        return Typing("pattern", before[last.position :], last.position)
    if last.kind == "field":
        return _value(last.name, before[last.place :], last.place)
    return _word(before[last.position :], last.position)


def _unfinished(before: str, position: int) -> Typing:
    """A quote or pattern opens at ``position`` and is still being typed, or the text ends in a backslash."""
    named = _BEFORE_VALUE.search(before[:position])
    sign = before[position]
    if sign == "/":
        return Typing("pattern", before[position + 1 :], position + 1, named[1].lower() if named else None)
    if sign in QUOTES and named:
        return _value(named[1].lower(), before[position + 1 :], position + 1)
    found = _LAST_WORD.search(before, position + 1 if sign in QUOTES else 0)
    start = found.start() if found else len(before)
    return Typing("phrase" if sign in QUOTES else "word", before[start:], start)


def _word(typed: str, start: int) -> Typing:
    fields = tuple(f"{name}:" for name in FIELDS if name.startswith(typed.lower()))
    return Typing("word", typed, start, choices=fields)


def _value(field: str, typed: str, start: int) -> Typing:
    wanted = typed.strip(QUOTES).lower()
    choices = tuple(choice for choice in CHOICES.get(field, ()) if choice.startswith(wanted))
    return Typing("value", typed, start, field, choices)
