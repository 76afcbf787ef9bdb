"""Search text → tree. The grammar, loosest binding first:

query  = [ or ]                       nothing stands for every message
or     = and { "OR" and }
and    = not { [ "AND" ] not }
not    = { "NOT" | "-" } atom
atom   = "(" or ")" | word | phrase | pattern | field
word   = text | text"*" | "*"text"*" | text"~1" | text"~2" | "*"
phrase = '"' words '"' [ "~" number ]
pattern = "/" re2 "/"                 inside one folded word
field  = name ":" ( text | '"' text '"' ) | "text:/" re2 "/"
"""

import re
from difflib import get_close_matches

from filon.errors import QueryError
from filon.model.words import cut
from filon.query.dates import bound
from filon.query.fields import CHOICES, FIELDS, HAS, NUMBERED
from filon.query.lexer import Bare, Kind, Token, tokens
from filon.query.patterns import text_pattern, word_pattern
from filon.query.tree import All, And, Date, Field, Fuzzy, Infix, Node, Not, Or, Phrase, Prefix, Regex, TextRegex, Word

__all__ = ["DEEPEST", "LONGEST", "QUERY_VERSION", "WIDEST", "parse"]

QUERY_VERSION = 1
LONGEST = 10_000
"""Characters of a search text."""
DEEPEST = 100
"""Brackets and NOTs inside each other."""
WIDEST = 100
"""Slop of a phrase."""

_FUZZY = re.compile(r"~(\d*)\Z", re.ASCII)
_NUMBER = re.compile(r"#\d{1,9}", re.ASCII)


def parse(text: str) -> Node:
    """The tree of a search text; QueryError with the character position where it cannot be understood."""
    if len(text) > LONGEST:
        raise QueryError("the search is longer than {limit:,} characters", position=LONGEST, limit=LONGEST)
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = list(tokens(text))
        self._next = 0
        self._depth = 0
        self._end = len(text)

    def whole(self) -> Node:
        if not self._tokens:
            return All()
        node = self._or()
        if self._next < len(self._tokens):
            raise QueryError("a bracket closes that was never opened", position=self._tokens[self._next].position)
        return node

    def _peek(self) -> Kind | None:
        return self._tokens[self._next].kind if self._next < len(self._tokens) else None

    def _take(self) -> Token:
        self._next += 1
        return self._tokens[self._next - 1]

    def _or(self) -> Node:
        children = [self._and()]
        while self._peek() == "OR":
            self._take()
            children.append(self._and())
        return children[0] if len(children) == 1 else Or(tuple(children))

    def _and(self) -> Node:
        children = [self._not()]
        while self._peek() not in (None, "OR", ")"):
            if self._peek() == "AND":
                self._take()
            children.append(self._not())
        return children[0] if len(children) == 1 else And(tuple(children))

    def _not(self) -> Node:
        if self._peek() == "NOT":
            self._deeper(self._take())
            node: Node = Not(self._not())
            self._depth -= 1
            return node
        return self._atom()

    def _deeper(self, token: Token) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise QueryError("brackets and NOTs stand more than {limit} deep", position=token.position, limit=DEEPEST)

    def _atom(self) -> Node:
        if self._peek() is None:
            raise QueryError(
                "the search ends where a word is missing", position=self._end, hint="finish or remove the end"
            )
        token = self._take()
        if token.kind == "(":
            return self._bracket(token)
        if token.kind in ("AND", "OR", ")"):
            raise QueryError(
                "a word is missing before {sign!r}",
                position=token.position,
                hint="operators are written in capitals; to search for one as a word, put it in quotes",
                sign=token.kind,
            )
        return _leaf(token)

    def _bracket(self, opened: Token) -> Node:
        self._deeper(opened)
        if self._peek() == ")":
            raise QueryError("there is nothing between the brackets", position=opened.position)
        node = self._or()
        if self._peek() != ")":
            raise QueryError("a bracket is not closed", position=opened.position, hint="add ) or put it in quotes")
        self._take()
        self._depth -= 1
        return node


def _leaf(token: Token) -> Node:
    if token.kind == "phrase":
        return _phrase(token)
    if token.kind == "regex":
        word_pattern(token.value.text, token.position)
        return Regex(token.value.text)
    return _field(token) if token.kind == "field" else _word(token.value, token.position)


def _need_word(text: str, position: int) -> list[str]:
    words = cut(text)
    if not words:
        raise QueryError(
            "{text!r} holds no letter, digit or emoji", position=position, hint="punctuation is not searched", text=text
        )
    return words


def _one_word(text: str, position: int) -> str:
    words = _need_word(text, position)
    if len(words) > 1:
        raise QueryError(
            "{text!r} is several words ({words}), and * and ~ work inside one",
            position=position,
            hint="use them on one of these words, or search for the phrase without them",
            text=text,
            words=" ".join(words),
        )
    return words[0]


def _phrase(token: Token) -> Phrase:
    slop = token.slop or 0
    if slop > WIDEST:
        raise QueryError("{slop} is more than {limit}", position=token.position, slop=slop, limit=WIDEST)
    _need_word(token.value.text, token.position)
    return Phrase(tuple(token.value.text.split()), slop)


def _word(bare: Bare, position: int) -> Node:
    text = bare.text
    stars = [i for i, c in enumerate(text) if c == "*" and i not in bare.literal]
    if stars:
        return _starred(text, stars, position)
    fuzzy = _FUZZY.search(text)
    if fuzzy and fuzzy.start() and fuzzy.start() not in bare.literal:
        return _fuzzy(text[: fuzzy.start()], fuzzy[1], position)
    _need_word(text, position)
    return Word(text)


def _starred(text: str, stars: list[int], position: int) -> Node:
    last = len(text) - 1
    if text == "*":
        return All()
    if stars == [last]:
        _one_word(text[:-1], position)
        return Prefix(text[:-1])
    if stars == [0, last]:
        _one_word(text[1:-1], position)
        return Infix(text[1:-1])
    raise QueryError(
        "* stands where it means nothing",
        position=position,
        hint="write begin* or *inside*; for other shapes a pattern, /b.*n/",
    )


def _fuzzy(text: str, distance: str, position: int) -> Fuzzy:
    if distance not in ("1", "2"):
        raise QueryError(
            "a word may be 1 or 2 letters off",
            position=position,
            hint="write {text}~1 or {text}~2",
            text=text,
        )
    if len(_one_word(text, position)) <= int(distance):
        raise QueryError(
            "{text!r} is so short that {distance} letters off would be any word",
            position=position,
            hint="use a longer word or a smaller number",
            text=text,
            distance=distance,
        )
    return Fuzzy(text, int(distance))


def _field(token: Token) -> Node:
    name, value, place = token.name, token.value.text, token.place
    if name not in FIELDS:
        raise _unknown_field(name, token.position)
    if name == "text":
        if not token.pattern:
            raise QueryError(
                "text: takes a pattern", position=place, hint="write text:/pattern/, or words without a field"
            )
        text_pattern(value, place)
        return TextRegex(value)
    if not value.strip():
        raise QueryError("{name}: has no value", position=place, hint="write it right after the colon", name=name)
    if name == "date":
        return _date(value.strip(), place)
    return Field(name, _choice(name, value, place) if name in CHOICES else _value(name, value, place))


def _value(name: str, value: str, place: int) -> str:
    if not (name in NUMBERED and _NUMBER.fullmatch(value)):
        _need_word(value, place)
    return value


def _choice(name: str, value: str, place: int) -> str:
    wanted = "-".join(cut(value))
    if wanted not in CHOICES[name]:
        raise _unknown_choice(name, value, get_close_matches(wanted, CHOICES[name], 1, 0.5), place)
    return HAS[wanted] if name == "has" else wanted


def _unknown_field(name: str, position: int) -> QueryError:
    near = get_close_matches(name, FIELDS, 1, 0.5)
    if near:
        return QueryError(
            "there is no field {name!r}",
            position=position,
            hint="did you mean {near}:? To search for it as it stands, put it in quotes",
            name=name,
            near=near[0],
        )
    return QueryError(
        "there is no field {name!r}",
        position=position,
        hint="fields are {fields}; to search for it as it stands, put it in quotes",
        name=name,
        fields=", ".join(FIELDS),
    )


def _unknown_choice(name: str, value: str, near: list[str], position: int) -> QueryError:
    values = ", ".join(CHOICES[name])
    if near:
        return QueryError(
            "{name}: does not know {value!r}",
            position=position,
            hint="did you mean {near}? Values are {values}",
            name=name,
            value=value,
            near=near[0],
            values=values,
        )
    return QueryError(
        "{name}: does not know {value!r}",
        position=position,
        hint="values are {values}",
        name=name,
        value=value,
        values=values,
    )


def _date(value: str, place: int) -> Date:
    first, dots, last = value.partition("..")
    since, until = (first or None, last or None) if dots else (first, first)
    if since is None and until is None:
        raise QueryError(
            "a stretch of time needs a beginning or an end", position=place, hint="write date:2020-04..2020-05"
        )
    begin = bound(since, place)[0] if since is not None else None
    end = bound(until, place + (len(first) + 2 if dots else 0))[1] if until is not None else None
    if begin is not None and end is not None and end <= begin:
        raise QueryError("the stretch of time ends before it begins", position=place, hint="swap the two dates")
    return Date(since, until)
