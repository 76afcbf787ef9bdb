"""Everything a person reads is there in French, with the same values in it."""

import ast
import string
from pathlib import Path

import pytest

import filon_net.words.catalogue as catalogue
from filon_net.errors import FilonNetError
from filon_net.phone import words as notice_words
from filon_net.phone.emoji import EMOJI
from filon_net.phone.state import State
from filon_net.words import words
from filon_net.words.french import FRENCH

SOURCE = Path(catalogue.__file__).parents[1]
SAYING = [*sorted((SOURCE / "phone" / "terminal").rglob("*.py")), SOURCE / "cli" / "phone.py"]
REFUSING = [*sorted((SOURCE / "phone").glob("*.py")), *SAYING]


def texts(node):
    """The constants an argument can be."""
    if isinstance(node, ast.IfExp):
        return texts(node.body) + texts(node.orelse)
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def said():
    found = set()
    for path in SAYING:
        if path.name == "pipe.py":  # speaks to programs
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                taken = {"say": node.args[:1], "many": node.args[:2], "Command": node.args[1:2]}.get(name, [])
                found.update(text for one in taken for text in texts(one))
    return found


def refused():
    found = set()
    for path in REFUSING:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                hints = [one.value for one in node.exc.keywords if one.arg == "hint"]
                found.update(text for one in [*node.exc.args[:1], *hints] for text in texts(one))
    return found


def told():
    return {*notice_words._SENTENCES.values(), *notice_words._STEPS.values()}


@pytest.mark.parametrize("collect", [said, refused, told, lambda: {word for _, word in EMOJI}])
def test_every_sentence_has_its_french(collect):
    sentences = collect()
    assert len(sentences) > 20
    assert not sorted(sentences - FRENCH.keys())


def test_both_hold_the_same_values():
    def names(text):
        return sorted({name for _, name, _, _ in string.Formatter().parse(text) if name})

    assert not [english for english, french in FRENCH.items() if names(english) != names(french)]


def test_states_of_own_messages_are_said():
    source = (SOURCE / "phone" / "terminal" / "view.py").read_text()
    for state in (State.WAITING, State.HELD, State.SENT, State.DELIVERED, State.READ, State.NOT_DELIVERED):
        assert f"State.{state.name}:" in source


def test_an_error_is_worded_with_harmless_values():
    error = FilonNetError("{count} contacts are called {name}", hint="give each its own name", count=2, name="a\x1b[2J")
    assert words("fr").error(error) == ("2 contacts s’appellent a␛[2J", "donnez à chacun son nom")
    assert words("en").error(error) == ("2 contacts are called a␛[2J", "give each its own name")


def test_plurals_and_numbers():
    french, english = words("fr"), words("en")
    assert [english.many("{count} day", "{count} days", count) for count in (0, 1, 2)] == ["0 days", "1 day", "2 days"]
    assert [french.many("{count} day", "{count} days", count) for count in (0, 1, 2)] == ["0 jour", "1 jour", "2 jours"]
    assert english.number(12_345) == "12,345"
    assert french.number(12_345) == "12\u202f345"


def test_the_language_is_that_of_the_machine(monkeypatch):
    for name in ("FILON_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    assert words().language == "en"
    monkeypatch.setenv("LANG", "fr_FR.UTF-8")
    assert words().language == "fr"
    monkeypatch.setenv("FILON_LANGUAGE", "en")
    assert words().language == "en"
    assert words("xx").language == "en"
