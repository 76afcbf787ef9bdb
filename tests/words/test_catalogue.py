"""Every sentence has its words in every language, and each of them fits the sentence."""

import re
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from filon.errors import EvidenceError, QueryError
from filon.words import LANGUAGES, translator
from filon.words.catalogue import HERE
from filon.words.collect import collect, composed
from filon.words.terms import TERMS

NAMED = re.compile(r"%\(\w+\)s")


def sentences():
    return [m for m in collect() if m.id]


def catalogue(language):
    with (HERE / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language, domain="filon")


def parts(value):
    return (value,) if isinstance(value, str) else tuple(value)


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_every_sentence_is_translated(language):
    known = catalogue(language)
    missing = [m.id for m in sentences() if (found := known.get(m.id)) is None or not all(parts(found.string))]
    assert missing == []


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_translations_name_the_same_values(language):
    for message in catalogue(language):
        if not message.id or not all(parts(message.string)):
            continue
        for said in parts(message.string):
            names = set(NAMED.findall(parts(message.id)[-1]))
            assert set(NAMED.findall(said)) == names or (message.pluralizable and set(NAMED.findall(said)) <= names)
            if not names and "{" in said:
                fields = {field for _, field, _, _ in Formatter().parse(parts(message.id)[0]) if field}
                assert {field for _, field, _, _ in Formatter().parse(said) if field} == fields, message.id


def test_no_sentence_is_put_together_of_pieces():
    assert composed() == [], "write whole sentences with {names}: pieces cannot be translated"


def test_errors_of_every_floor_are_collected(tmp_path):
    (tmp_path / "floor.py").write_text(
        "class Odd(StoreError):\n"
        "    def __init__(self):\n"
        "        super().__init__('it is odd', hint='make it even')\n"
        "raise errors.NotHeld('one' if so else 'two', hint='look again')\n"
        "raise StoreError('there is ' + what)\n"
    )
    assert {m.id for m in collect(tmp_path) if m.id} == {"it is odd", "make it even", "one", "two", "look again"}
    assert composed(tmp_path) == ["floor.py:5"]


def test_the_template_is_up_to_date():
    with (HERE / "messages.pot").open("rb") as file:
        kept = {parts(m.id) for m in read_po(file) if m.id}
    wanted = {parts(m.id) for m in sentences()}
    assert wanted <= kept, "run python -m filon.words.collect"


def test_french_is_french():
    french = translator("fr")
    assert french.gettext("Items") == "Pièces"
    assert french.ngettext("%(shown)s message", "%(shown)s messages", 0) == "%(shown)s message"
    assert french.term("message", "voice") == "message vocal"
    assert french.term("message", "never heard of") == "never heard of"
    error = QueryError("the quote is not closed", position=3, hint="{text!r} is out of range", text="x")
    assert french.error(error) == ("le guillemet n’est pas fermé", "'x' est hors limites")


def test_a_sentence_filled_in_before_is_known_again():
    said = translator("fr").said
    error = EvidenceError("{path} is missing", path="/a/b is here.zip")
    assert said(str(error)) == "/a/b is here.zip manque"
    inside = EvidenceError("{path} was not taken: {why}", path="a {x}", why=str(error))
    assert said(str(inside)) == "a {x} n’a pas été pris\u00a0: /a/b is here.zip manque"
    assert said("the quote is not closed") == "le guillemet n’est pas fermé"
    assert said("some words of somebody else") == "some words of somebody else"
    assert translator("en").said(str(inside)) == str(inside)


def test_an_unknown_language_is_english():
    assert translator("xx").gettext("Items") == "Items"
    assert translator("en").gettext("") == ""


def test_terms_are_words():
    assert all(code and word for kind in TERMS.values() for code, word in kind.items())
