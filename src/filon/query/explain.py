"""Tree → plain English: what a search asks for, one condition a line, so that it can be read aloud and disputed."""

from collections.abc import Iterator

from filon.model.words import cut
from filon.query.fields import IS, NUMBERED
from filon.query.names import wanted
from filon.query.texts import phrase_words
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

__all__ = ["explain"]

_WHO = {
    "from": "the sender is",
    "to": "a recipient is",
    "with": "the sender, a recipient or a participant of the conversation is",
    "in": "the conversation is",
    "item": "the item it comes from is",
    "device": "the device whose copy it is, is",
}
_CODES = {
    "platform": "the platform is",
    "kind": "the kind of message is",
    "state": "the state is",
    "lang": "the language found in the text is",
    "tag": "it is tagged",
    "mention": "the text was found to mention",
}
_NUMBERED_AS = {"in": "conversation", "item": "item"}


def explain(node: Node) -> str:
    """Lines of plain English; what belongs together is indented by two spaces a level."""
    if isinstance(node, All):
        return "Every message."
    return "\n".join(["Messages for which this holds:", *_lines(node, "", 1)])


def _lines(node: Node, lead: str, level: int) -> Iterator[str]:
    pad = "  " * level + "- " + lead
    match node:
        case And(children) | Or(children):
            yield f"{pad}{'all' if isinstance(node, And) else 'at least one'} of these:"
            for child in children:
                yield from _lines(child, "", level + 1)
        case Not(child):
            yield from _lines(child, f"{lead}not: ", level)
        case _:
            yield pad + _leaf(node)


def _leaf(node: Node) -> str:
    match node:
        case All():
            return "every message"
        case Date(since, until):
            return _date(since, until)
        case Field(name, value):
            return _field(name, value)
        case TextRegex(pattern):
            return f"the pattern {pattern} is found in the text exactly as written (upper and lower case differ)"
        case Rows(why=why):
            return f"it is one of the messages meant by {why}"
        case _:
            return f"the text has {_text(node)}"


def _text(node: Node) -> str:
    match node:
        case Word() | Phrase():
            return _phrase(node)
        case Prefix(text):
            return f"a word that begins with {_folded(text)}"
        case Infix(text):
            return f"a word with {_folded(text)} in it"
        case Fuzzy(text, distance):
            letters = "one letter" if distance == 1 else f"{distance} letters"
            return f"a word at most {letters} off {_folded(text)} (added, missing, other or swapped with its neighbour)"
        case Regex(pattern):
            return f"a word that matches the pattern {pattern} from end to end (case and accents do not count)"
    raise TypeError(f"not a text leaf: {node!r}")


def _phrase(leaf: Word | Phrase) -> str:
    words = phrase_words(leaf)
    written = _folded(leaf.text if isinstance(leaf, Word) else " ".join(leaf.words))
    if len(words) == 1:
        return f"the word {written}"
    slop = leaf.slop if isinstance(leaf, Phrase) else 0
    if not slop:
        return f"the words {written} one after the other"
    return (
        f"the words {written} in this order, with at most {slop} other {'word' if slop == 1 else 'words'} between them"
    )


def _folded(text: str) -> str:
    """The text in quotes, and the words that are looked for where they read otherwise."""
    words = " ".join(cut(text))
    return f"“{text}”" if words == text.lower() else f"“{text}” (looked for as {words})"


def _date(since: str | None, until: str | None) -> str:
    zone = "in the time zone of the view; messages without a time are left out"
    if since == until:
        return f"the time lies in {since}, {zone}"
    if since is None:
        return f"the time is no later than {until}, all of {until} included, {zone}"
    if until is None:
        return f"the time is no earlier than {since}, {zone}"
    return f"the time lies from {since} to {until}, both included, {zone}"


def _field(name: str, value: str) -> str:
    if name == "is":
        return f"it is {IS[value]}"
    if name == "has":
        return {"text": "it has a text", "attachment": "it has an attachment"}.get(value, f"it has: {value}")
    if name in _CODES:
        return f"{_CODES[name]} {_ends(name, value)}"
    number = wanted(value, numbered=name in NUMBERED).number
    if number is not None:
        return f"{_WHO[name]} {_NUMBERED_AS.get(name, 'account')} number {number} of the case"
    return f"{_WHO[name]} known by a name that holds {_ends(name, value)}"


def _ends(name: str, value: str) -> str:
    asked = wanted(value, numbered=name in NUMBERED)
    shown = f"“{'…' * asked.open_start}{asked.words}{'…' * asked.open_end}”"
    return shown + (" (… stands for any letters)" if asked.open_start or asked.open_end else "")
