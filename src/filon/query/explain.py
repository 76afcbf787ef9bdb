"""Tree → plain words: what a search asks for, one condition a line, so that it can be read aloud and disputed."""

from collections.abc import Callable, Iterator

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
from filon.words.sentence import sentence as _

__all__ = ["explain"]

_WHO = {
    "from": _("the sender is"),
    "to": _("a recipient is"),
    "with": _("the sender, a recipient or a participant of the conversation is"),
    "in": _("the conversation is"),
    "item": _("the item it comes from is"),
    "device": _("the device whose copy it is, is"),
}
_CODES = {
    "platform": _("the platform is {value}"),
    "kind": _("the kind of message is {value}"),
    "state": _("the state is {value}"),
    "lang": _("the language found in the text is {value}"),
    "tag": _("it is tagged {value}"),
    "mention": _("the text was found to mention {value}"),
}
_NUMBERED = {
    "in": _("{who} conversation number {number} of the case"),
    "item": _("{who} item number {number} of the case"),
}
_ACCOUNT = _("{who} account number {number} of the case")
_HAS = {
    "text": _("it has a text"),
    "attachment": _("it has an attachment"),
    "image": _("it has a picture"),
    "video": _("it has a video"),
    "audio": _("it has a sound"),
    "voice": _("it has a voice message"),
    "file": _("it has a file"),
    "sticker": _("it has a sticker"),
    "contact": _("it has a contact card"),
    "location": _("it has a place"),
}


def explain(node: Node, words: Callable[[str], str] = str) -> str:
    """Lines of plain words; what belongs together is indented by two spaces a level.

    ``words`` gives an English sentence in another language, names in ``{}`` kept: ``Translator.gettext``.
    """
    return _Explainer(words).whole(node)


class _Explainer:
    """Explains in one language."""

    def __init__(self, words: Callable[[str], str]) -> None:
        self.gettext = words

    def whole(self, node: Node) -> str:
        if isinstance(node, All):
            return self.gettext("Every message.")
        return "\n".join([self.gettext("Messages for which this holds:"), *self._lines(node, "", 1)])

    def _lines(self, node: Node, lead: str, level: int) -> Iterator[str]:
        pad = "  " * level + "- " + lead
        match node:
            case And(children) | Or(children):
                both = isinstance(node, And)
                yield pad + (self.gettext("all of these:") if both else self.gettext("at least one of these:"))
                for child in children:
                    yield from self._lines(child, "", level + 1)
            case Not(child):
                yield from self._lines(child, lead + self.gettext("not:") + " ", level)
            case _:
                yield pad + self._leaf(node)

    def _leaf(self, node: Node) -> str:
        match node:
            case All():
                return self.gettext("every message")
            case Date(since, until):
                return self._date(since, until)
            case Field(name, value):
                return self._field(name, value)
            case TextRegex(pattern):
                return self.gettext(
                    "the pattern {pattern} is found in the text exactly as written (upper and lower case differ)"
                ).format(pattern=pattern)
            case Rows(why=why):
                return self.gettext("it is one of the messages meant by {why}").format(why=why)
            case _:
                return self._text(node)

    def _text(self, node: Node) -> str:
        match node:
            case Word() | Phrase():
                return self._phrase(node)
            case Prefix(text):
                return self.gettext("the text has a word that begins with {text}").format(text=self._folded(text))
            case Infix(text):
                return self.gettext("the text has a word with {text} in it").format(text=self._folded(text))
            case Fuzzy(text, distance):
                return self._fuzzy(text, distance)
            case Regex(pattern):
                return self.gettext(
                    "the text has a word that matches the pattern {pattern} from end to end "
                    "(case and accents do not count)"
                ).format(pattern=pattern)
        raise TypeError(f"not a text leaf: {node!r}")

    def _fuzzy(self, text: str, distance: int) -> str:
        said = self.gettext(
            "the text has a word at most one letter off {text} (added, missing, other or swapped with its neighbour)"
            if distance == 1
            else "the text has a word at most {distance} letters off {text} "
            "(added, missing, other or swapped with its neighbour)"
        )
        return said.format(text=self._folded(text), distance=distance)

    def _phrase(self, leaf: Word | Phrase) -> str:
        words = phrase_words(leaf)
        written = self._folded(leaf.text if isinstance(leaf, Word) else " ".join(leaf.words))
        slop = leaf.slop if isinstance(leaf, Phrase) else 0
        if len(words) == 1:
            said = self.gettext("the text has the word {words}")
        elif not slop:
            said = self.gettext("the text has the words {words} one after the other")
        else:
            said = self.gettext(
                "the text has the words {words} in this order, with at most {slop} other word between them"
                if slop == 1
                else "the text has the words {words} in this order, with at most {slop} other words between them"
            )
        return said.format(words=written, slop=slop)

    def _folded(self, text: str) -> str:
        """The text in quotes, and the words that are looked for where they read otherwise."""
        words = " ".join(cut(text))
        said = self.gettext("“{text}”" if words == text.lower() else "“{text}” (looked for as {words})")
        return said.format(text=text, words=words)

    def _date(self, since: str | None, until: str | None) -> str:
        if since == until:
            said = self.gettext("the time lies in {since}, {zone}")
        elif since is None:
            said = self.gettext("the time is no later than {until}, all of {until} included, {zone}")
        elif until is None:
            said = self.gettext("the time is no earlier than {since}, {zone}")
        else:
            said = self.gettext("the time lies from {since} to {until}, both included, {zone}")
        zone = self.gettext("in the time zone of the view; messages without a time are left out")
        return said.format(since=since, until=until, zone=zone)

    def _field(self, name: str, value: str) -> str:
        if name == "is":
            return self.gettext("it is {what}").format(what=self.gettext(IS[value]))
        if name == "has":
            return self.gettext(_HAS[value])
        if name in _CODES:
            return self.gettext(_CODES[name]).format(value=self._ends(name, value))
        who = self.gettext(_WHO[name])
        number = wanted(value, numbered=name in NUMBERED).number
        if number is not None:
            return self.gettext(_NUMBERED.get(name, _ACCOUNT)).format(who=who, number=number)
        return self.gettext("{who} known by a name that holds {value}").format(who=who, value=self._ends(name, value))

    def _ends(self, name: str, value: str) -> str:
        asked = wanted(value, numbered=name in NUMBERED)
        shown = f"{'…' * asked.open_start}{asked.words}{'…' * asked.open_end}"
        open_ = asked.open_start or asked.open_end
        return self.gettext("“{text}” (… stands for any letters)" if open_ else "“{text}”").format(text=shown)
