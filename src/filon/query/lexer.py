"""Search text into tokens, each with its place in the text.

Invisible characters (bidi controls, zero-width spaces, soft hyphens) outside quotes and patterns do not count, so that a
pasted ``A<U+200B>ND`` is ``AND``. A backslash makes the next character an ordinary letter. Typographic quotes are quotes.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Literal

import msgspec

from filon.errors import QueryError

__all__ = ["QUOTES", "Bare", "Kind", "Token", "is_invisible", "tokens"]

Kind = Literal["(", ")", "AND", "OR", "NOT", "word", "phrase", "regex", "field"]
QUOTES = '"“”„«»'
_OPERATORS: dict[str, Kind] = {"AND": "AND", "OR": "OR", "NOT": "NOT"}
_FIELD = re.compile("[A-Za-z][A-Za-z-]*")
_SLOP = re.compile(r"~(\d*)")
_SELECTORS = re.compile("[\u034f\u115f\u1160\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
_EMOJI_PARTS = re.compile("[\u200d\ufe0f\U000e0020-\U000e007f]")


class Bare(msgspec.Struct, frozen=True):
    """Text without quotes; ``literal`` are the places in it that a backslash made ordinary."""

    text: str
    literal: frozenset[int] = frozenset()


class Token(msgspec.Struct, frozen=True):
    """One token. ``name`` is a field's; ``value`` its text or the word, phrase or pattern itself; ``slop`` a phrase's.

    ``place`` is where the value begins; ``quoted`` tells ``from:"a"`` from ``from:a``, and ``pattern`` ``text:/a/``.
    """

    kind: Kind
    position: int
    end: int
    value: Bare = Bare("")
    name: str = ""
    place: int = 0
    slop: int | None = None
    quoted: bool = False
    pattern: bool = False


def is_invisible(character: str, before: str) -> bool:
    """Whether nobody sees this character of a query, so that it is skipped.

    What joins an emoji counts as seen behind a character that is not ASCII; ``before`` is that character, or nothing.
    """
    if character.isascii() or not (unicodedata.category(character) == "Cf" or _SELECTORS.match(character)):
        return False
    return before.isascii() or not _EMOJI_PARTS.match(character)


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a search text; QueryError with the place where it stops making sense."""
    at = 0
    while at < len(text):
        character = text[at]
        if character.isspace() or is_invisible(character, ""):
            at += 1
            continue
        token = _token(text, at)
        yield token
        at = token.end


def _token(text: str, at: int) -> Token:
    character = text[at]
    if character == "(" or character == ")":
        return Token(character, at, at + 1)  # type: ignore[arg-type]  # narrowed by the line above
    if character == "-":
        return Token("NOT", at, at + 1)
    if character in QUOTES:
        value, end = _quoted(text, at)
        slop, end = _slop(text, end)
        return Token("phrase", at, end, value, slop=slop)
    if character == "/":
        value, end = _regex(text, at)
        return Token("regex", at, end, value)
    name, value, end = _bare(text, at)
    if name is not None:
        return _field(text, at, name, end)
    if not value.literal and value.text in _OPERATORS:
        return Token(_OPERATORS[value.text], at, end)
    return Token("word", at, end, value, place=at)


def _field(text: str, at: int, name: str, place: int) -> Token:
    """``name:`` was read up to ``place``; its value follows at once."""
    character = text[place : place + 1]
    if character and character in QUOTES:
        value, end = _quoted(text, place)
    elif character == "/" and name == "text":
        value, end = _regex(text, place)
    else:
        _, value, end = _bare(text, place, may_be_field=False)
    return Token(
        "field", at, end, value, name, place, quoted=bool(character) and character in QUOTES, pattern=character == "/"
    )


def _bare(text: str, at: int, *, may_be_field: bool = True) -> tuple[str | None, Bare, int]:
    """Text up to a gap, bracket or quote; or the field name it begins with, and where its value does."""
    kept: list[str] = []
    literal: set[int] = set()
    start = at
    while at < len(text):
        character = text[at]
        if character == "\\":
            if at + 1 == len(text):
                raise QueryError(
                    "a backslash stands at the end", position=at, hint="write two of them to search for one"
                )
            literal.add(len(kept))
            kept.append(text[at + 1])
            at += 2
            continue
        if character.isspace() or character in "()" or character in QUOTES:
            break
        if character == ":" and may_be_field:
            may_be_field = False
            name = "".join(kept)
            if not literal and _FIELD.fullmatch(name) and text[at + 1 : at + 3] != "//":
                return name.lower(), Bare(""), at + 1
        if not is_invisible(character, "".join(kept[-1:])):
            kept.append(character)
        at += 1
    assert at > start or not may_be_field  # a token has at least one character
    return None, Bare("".join(kept), frozenset(literal)), at


def _quoted(text: str, at: int) -> tuple[Bare, int]:
    kept: list[str] = []
    place = at + 1
    while place < len(text):
        character = text[place]
        if character == "\\" and text[place + 1 : place + 2] and text[place + 1] in QUOTES + "\\":
            place += 1
            kept.append(text[place])
        elif character in QUOTES:
            return Bare("".join(kept)), place + 1
        else:
            kept.append(character)
        place += 1
    raise QueryError(
        "the quote is not closed", position=at, hint='end it with ", or write \\" to search for a quote sign'
    )


def _slop(text: str, at: int) -> tuple[int | None, int]:
    found = _SLOP.match(text, at)
    if not found:
        return None, at
    if not found[1] or len(found[1]) > 3:
        raise QueryError(
            "how far apart the words may stand is missing or too much",
            position=at,
            hint='write "two words"~3 with a number from 0 to 100',
        )
    return int(found[1]), found.end()


def _regex(text: str, at: int) -> tuple[Bare, int]:
    kept: list[str] = []
    place = at + 1
    while place < len(text):
        character = text[place]
        if character == "/":
            return Bare("".join(kept)), place + 1
        if character == "\\" and place + 1 < len(text):
            place += 1
            kept.append(text[place] if text[place] == "/" else "\\" + text[place])
        else:
            kept.append(character)
        place += 1
    raise QueryError(
        "the pattern is not closed",
        position=at,
        hint="end it with /; to search for a word that begins with /, write \\/word",
    )
