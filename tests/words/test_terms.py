"""Every code that people are shown has its word: the source is walked for codes, and none may be left without one."""

import ast
import re
from pathlib import Path

import pytest

from filon.readers import all_readers
from filon.words import LANGUAGES, translator
from filon.words.terms import TERMS, wording

SOURCE = Path(__file__).parents[2] / "src" / "filon"
FLOORS = ("readers", "evidence", "case", "desk", "store")
HYPHENATED = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)+")
NO_CODES = {"excel-1904", "id-name", "json-lines", "latin-1", "one-sided"}
"""Hyphenated texts that nobody is shown as a code: ways a table is written, names of encodings, a word of the search."""
ENCODINGS = re.compile(r"utf-(8|16|32).*|windows-\d+|iso-8859-\d+")


def trees():
    for floor in FLOORS:
        for path in sorted((SOURCE / floor).rglob("*.py")):
            yield path, ast.parse(path.read_text("utf-8"))


def text_of(node):
    """A constant, or an f-string with ``…`` where values stand; nothing for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        return ["".join(part.value if isinstance(part, ast.Constant) else "…" for part in node.values)]
    if isinstance(node, ast.IfExp):
        return [*text_of(node.body), *text_of(node.orelse)]
    return []


def worded(kind, code):
    """A shape of our own is worded where it fits one of ours, or where a known code fits it."""
    if wording(kind, code):
        return True
    fits = re.compile(re.escape(code).replace("…", ".+"))
    return "…" in code and any(fits.fullmatch(known) for known in TERMS[kind])


def name_of(call):
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def codes():
    """(kind, code, where) of everything that stands where a code belongs."""
    places = {"Skipped": ("skipped", 0), "Unread": ("unread", 0), "log_action": ("action", 2), "append": ("custody", 0)}
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                where = f"{path.relative_to(SOURCE)}:{node.lineno}"
                kind, at = places.get(name_of(node), ("", 0))
                if name_of(node) != "append" or "custody" in ast.unparse(node.func):
                    for code in text_of(node.args[at]) if kind and len(node.args) > at else ():
                        yield kind, code, where
                for keyword in node.keywords:
                    if keyword.arg == "code":
                        yield from (("defect", code, where) for code in text_of(keyword.value))
                if name_of(node) == "Progress":
                    yield from (("stage", code, where) for code in text_of(node.args[0]))
                    yield from (("unit", code, where) for arg in node.args[3:4] for code in text_of(arg))
                if name_of(node) == "Event":
                    kinds = (k.value for k in node.keywords if k.arg == "kind")
                    yield from (("event", code, where) for value in kinds for code in text_of(value))


def test_codes_are_found_where_they_stand():
    found = {(kind, code) for kind, code, _ in codes()}
    assert {("defect", "reader-failed"), ("skipped", "blank line"), ("action", "untag")} <= found
    assert {("custody", "item-withdrawn"), ("stage", "hash"), ("unread", "table …"), ("event", "reaction")} <= found


def test_every_code_has_a_word():
    nameless = sorted({(kind, code, where) for kind, code, where in codes() if not worded(kind, code)})
    assert nameless == [], "give each a wording in filon/words/codes.py or terms.py"


def test_no_hyphenated_code_is_left_without_a_word():
    """Codes also travel in variables: whatever looks like one is known, or named here as something else."""
    formats = {loaded.name for loaded in all_readers()}
    nameless = {
        f"{node.value} in {path.relative_to(SOURCE)}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and HYPHENATED.fullmatch(node.value)
        and not ENCODINGS.fullmatch(node.value)
        and node.value not in NO_CODES | formats
        and not any(wording(kind, node.value) for kind in TERMS)
    }
    assert nameless == set()


def test_formats_are_called_as_their_readers_call_them():
    for loaded in all_readers():
        assert loaded.reader is not None, loaded.error
        told = loaded.reader.format
        assert TERMS["format"][told.name] == told.title
        assert told.unit in TERMS["unit"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_reads_as_words(language):
    words = translator(language)
    for kind, known in TERMS.items():
        for code in known:
            said = words.term(kind, code.format(value="value", column="column", name="name"))
            assert said
            assert "{" not in said
            assert HYPHENATED.fullmatch(said) is None, said


def test_a_shape_words_the_value_in_it():
    french = translator("fr")
    assert french.term("assumption", "zone:Europe/Paris") == "heures dans le fuseau Europe/Paris"
    assert french.term("unread", "table a: rows without a message") == "table a\u00a0: lignes sans message"
    assert french.term("unread", "value {x} of column kind") == "valeur {x} de la colonne kind"
    assert translator("en").term("assumption", "charset:latin-1") == "text written in latin-1"


def test_a_code_nobody_knows_is_shown_as_it_is():
    assert translator("fr").term("defect", "brought-by-a-plugin") == "brought-by-a-plugin"
    assert translator("fr").term("no such kind", "x") == "x"
