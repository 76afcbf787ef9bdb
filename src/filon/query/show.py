"""Tree → search text: the canonical way to write it, so that ``parse(show(tree)) == tree``."""

import re

from filon.query.lexer import QUOTES, is_invisible
from filon.query.tree import (
    All,
    And,
    Date,
    Field,
    Fuzzy,
    Infix,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Regex,
    Rows,
    TextRegex,
    Word,
)

__all__ = ["show"]

_ENDS_BARE = re.compile(rf"[\s()\\{QUOTES}]")
_LOOKS_LIKE_FIELD = re.compile(r"[A-Za-z][A-Za-z-]*:(?!//)")
_LOOKS_FUZZY = re.compile(r".~\d*\Z", re.ASCII | re.DOTALL)


def show(node: Node) -> str:
    """The search text of a tree. ValueError for ``Rows``, which only a case can make."""
    match node:
        case All():
            return "*"
        case Word(text):
            return _word(text)
        case Prefix(text):
            return f"{_part(text, first=True)}*"
        case Infix(text):
            return f"*{_part(text, first=False)}*"
        case Fuzzy(text, distance):
            return f"{_part(text, first=True)}~{distance}"
        case Phrase(words, slop):
            return _quoted(" ".join(words)) + (f"~{slop}" if slop else "")
        case Regex(pattern):
            return _slashed(pattern)
        case TextRegex(pattern):
            return f"text:{_slashed(pattern)}"
        case Field(name, value):
            return f"{name}:{_value(value)}"
        case Date(since, until):
            return f"date:{since}" if since == until else f"date:{since or ''}..{until or ''}"
        case Not(child):
            return f"NOT {_bracketed(child, (And, Or))}"
        case And(children):
            return " ".join(_bracketed(child, (And, Or)) for child in children)
        case Or(children):
            return " OR ".join(_bracketed(child, (Or,)) for child in children)
        case Rows(why=why):
            raise ValueError(f"a set of messages cannot be written as a search: {why}")


def _bracketed(node: Node, kinds: tuple[type, ...]) -> str:
    shown = show(node)
    return f"({shown})" if isinstance(node, kinds) else shown


def _word(text: str) -> str:
    shown = _part(text, first=True)
    if shown in ("AND", "OR", "NOT"):
        return "\\" + shown
    if _LOOKS_FUZZY.search(text):
        at = shown.rindex("~")
        return f"{shown[:at]}\\{shown[at:]}"
    return shown


def _part(text: str, *, first: bool) -> str:
    """Text with a backslash before every character that would mean something else there."""
    shown = []
    field = _LOOKS_LIKE_FIELD.match(text) if first else None
    for at, character in enumerate(text):
        special = (
            character == "*"
            or _ENDS_BARE.match(character)
            or is_invisible(character, text[max(at - 1, 0) : at])
            or (first and at == 0 and character in "-/")
            or (field is not None and at == field.end() - 1)
        )
        shown.append("\\" + character if special else character)
    return "".join(shown)


def _value(value: str) -> str:
    plain = not _ENDS_BARE.search(value) and not any(map(is_invisible, value, " " + value))
    return value if plain else _quoted(value)


def _quoted(text: str) -> str:
    return '"' + re.sub(rf"[\\{QUOTES}]", r"\\\g<0>", text) + '"'


def _slashed(pattern: str) -> str:
    return "/" + pattern.replace("/", "\\/") + "/"
