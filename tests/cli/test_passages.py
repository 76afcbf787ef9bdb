"""Messages in a terminal: shown, never obeyed."""

import json
import re

import pytest

from cli.running import in_terminal, told
from filon.cli.passages import moment

STYLE = re.compile(r"\x1b\[[0-9;]*m")
ACTS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069]")


@pytest.mark.parametrize(
    "words",
    [
        ["search", "livraison"],
        ["info"],
        ["conversations"],
        ["accounts"],
        ["search", "--facets"],
        ["read", "1:1"],
        ["read", "1:4"],
    ],
)
def test_hostile_evidence_is_shown_and_not_obeyed(hostile, words):
    command, *rest = words
    code, shown = in_terminal(command, hostile, *rest, columns=120)
    assert code == 0, shown
    assert not ACTS.search(STYLE.sub("", shown)), repr(shown)
    piped = told(command, hostile, *rest)
    assert not ACTS.search(piped.out + piped.err)


def test_marks_stand_for_what_would_act(hostile):
    shown = told("search", hostile, "number", "--limit", 1)
    assert "a␛[2J␛]0;owned␇ hello number" in shown.out
    assert "⟨U+202E⟩gpj.exe⟨U+200B⟩ ⟨U+009B⟩31m\n    livraison␉second" in shown.out
    assert "al⟨U+202E⟩ice  [" in shown.out
    assert "evil␛[31m␊name ⟨U+202E⟩.jsonl" in told("info", hostile).out


def test_machines_get_the_text_itself(hostile):
    rows = [json.loads(line) for line in told("search", hostile, "livraison", "--json").lines]
    assert len(rows) == 4
    assert any("\x1b[2J\x1b]0;owned\x07" in row["text"] for row in rows)
    assert all(re.sub("[\ud800-\udfff]", "", row["text"]) == row["text"] for row in rows)


def test_hits_are_marked_and_marks_can_be_left_out(read_only):
    code, shown = in_terminal("search", read_only, "livraison", "--limit", 1)
    assert code == 0
    assert "\x1b[1m\x1b[7mlivraison\x1b[0m" in shown
    for plain in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert "\x1b" not in in_terminal("search", read_only, "livraison", "--limit", 1, environment=plain)[1]
    assert "\x1b" not in told("search", read_only, "livraison", "--limit", 1).out


def test_a_time_says_its_zone_or_that_it_has_none():
    at = 1_593_465_352_000_000
    assert moment(at, True, "UTC") == "2020-06-29 21:15:52 UTC"
    assert moment(at, True, "Europe/Paris") == "2020-06-29 23:15:52 CEST"
    assert moment(at, True, "+02:00") == "2020-06-29 23:15:52 UTC+02:00"
    assert moment(at, False, "Europe/Paris") == "2020-06-29 21:15:52 zone?"
    assert moment(None, True, "UTC") == "no time"


def test_a_message_without_text_says_what_it_is(read_only):
    shown = told("search", read_only, "has:photo")
    assert shown.code == 0
    assert shown.lines[1:] == ["    no text: image", "    [image: IMG-20200413-WA0001.jpg]"]
