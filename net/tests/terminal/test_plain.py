"""The phone line by line."""

import asyncio

import pytest

from filon_net.phone.terminal.commands import COMMANDS
from filon_net.phone.terminal.moments import seconds_of
from filon_net.phone.terminal.plain import PlainPhone
from terminal.seats import Sitting


@pytest.fixture
def sitting(table, pair):
    return [Sitting(table, seat) for seat in pair]


def test_a_talk_line_by_line(sitting):
    ada, bob = sitting
    ada.plain.begin()
    assert "1. Bob (not verified)" in ada.text
    ada.say("/open 1", "hello Bob", "   and more")
    assert ada.text.count("handed to relay)") == 2
    bob.hear()
    assert "[new] Ada: hello Bob" in bob.text
    bob.say("/open Ada", "hello Ada")
    assert "Ada:    and more [" in bob.text
    ada.hear()
    assert "Bob: hello Ada [" in ada.text


def test_emoji_are_compared_line_by_line(sitting):
    ada, bob = sitting
    ada.say("/open 1", "/verify")
    bob.hear()
    ada.hear()
    named = [[line for line in one.lines if line.startswith("  ")] for one in (ada, bob)]
    assert len(named[0]) == 7
    assert named[0] == named[1]
    ada.say("/yes")
    bob.say("/yes")
    assert "-- Bob is verified --" in ada.text
    assert "-- Ada is verified --" in bob.text


def test_every_command_answers_and_none_breaks(table, sitting):
    ada, _ = sitting
    ada.say("/open 1")
    for name in COMMANDS:
        if name != "invite":  # waits for a relay on a clock of its own
            for rest in ("", " 1", " nonsense", " \x1b[2J"):
                ada.say(f"/{name}{rest}")
    ada.say("/nothing")
    assert "There is no such command" in ada.text
    assert "\x1b" not in ada.text
    assert not [line for line in ada.lines if "\n" in line]


def test_what_is_said_in_french_is_french(table, pair):
    ada = Sitting(table, pair[0], "fr")
    ada.plain.begin()
    ada.say("/open 7", "/timer 0", "/help")
    assert "0 contacts s’appellent 7" in ada.text
    assert "Aucune conversation n’est ouverte" in ada.text
    assert "/verify: comparer les émojis avec le contact" in ada.text


def test_hostile_texts_are_one_harmless_line_each(table, sitting):
    ada, bob = sitting
    bob.say("/open 1", "\x1b[2Jcleared\u202e\x07")
    ada.hear()
    assert "␛[2Jcleared⟨U+202E⟩␇" in ada.text
    assert all(ord(character) >= 32 for character in "".join(ada.lines))


def test_alarms_are_said_once_and_acknowledged(table, sitting):
    ada, _ = sitting
    ada.seat.wired.online = False
    ada.seat.wired.cut()
    ada.say("/open 1", "lost")
    ada.seat.engine.tick(table.network.now + 3_600_000)
    ada.hear()
    ada.hear()
    assert ada.text.count("*** WARNING: Your message to Bob is not delivered: the relay has not taken it. ***") == 1
    ada.say("/ack 1", "/alarms")
    assert ada.lines[-1] == "No alarms"


def test_leaving():
    assert asyncio.run(PlainPhone.do(object.__new__(PlainPhone), "/quit")) is False


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [("30s", 30), ("5m", 300), ("12h", 43_200), ("7d", 604_800), ("7j", 604_800), ("4w", 2_419_200), ("0", 0)]
    + [(bad, None) for bad in ("", "x", "-5m", "5 y", "400d", "1e9", "999999999999w", "٣d٣")],
)
def test_lengths_of_time_as_typed(typed, seconds):
    assert seconds_of(typed) == seconds
