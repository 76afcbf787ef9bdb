"""Small plays: a few turns on one topic, said by A, B (C), with variants to choose from.

The notation of the TOML files, one play per paragraph:

    A: hello | hi there          A says one of the variants
    B?: how are you              a turn that is left out half of the time
    A: one line / another        a message of two lines
    A: [photo] look at this      with a photo; [photo] [video] [audio] [file] may stand alone
    B: [place] here, {town}      with the coordinates of the town

``{name}`` and the like are filled by ``lexicon.Slots``, the same value through the whole play.
"""

from functools import cache
from random import Random

import msgspec

from filon.synth.talk.lexicon import Slots, load

__all__ = ["SMALL_TALK", "Line", "mix", "perform", "topics"]

_MARKS = ("photo", "video", "audio", "file", "place")

SMALL_TALK: dict[str, int] = {
    "hello": 4,
    "food": 14,
    "football": 13,
    "family": 12,
    "weather": 8,
    "traffic": 8,
    "sleep": 9,
    "photos": 7,
    "plans": 12,
    "fun": 14,
    "health": 7,
    "virus": 8,
    "phone": 6,
    "games": 5,
    "shopping": 6,
    "car": 6,
    "story": 26,
    "nods": 16,
}
"""Topics with nothing to them, and how often each comes up."""

_BUSINESS: dict[str, dict[str, int]] = {
    "trade": {"deal": 24, "quality": 8, "meet": 9, "cash": 8, "worry": 5, "threat": 1},
    "road": {"drive": 24, "meet": 12, "stash": 10, "cash": 5, "worry": 4},
    "family": {"money": 3},
    "friends": {"deal": 2, "meet": 3, "money": 5, "worry": 2},
    "law": {"law": 110},
    "group": {"drive": 5, "meet": 9, "worry": 6, "deal": 3},
}


class Line(msgspec.Struct, frozen=True, gc=False):
    """One variant of a turn: what ``format_map`` fills, and what goes with it."""

    form: str
    attachment: str | None
    place: bool


class Turn(msgspec.Struct, frozen=True):
    """Who speaks (0: A), whether it may be left out, and what can be said."""

    speaker: int
    optional: bool
    lines: tuple[Line, ...]


@cache
def mix(kind: str) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Topics of a kind of conversation, and the bounds in [0, 1] up to which a draw means each."""
    shares = {**SMALL_TALK, **_BUSINESS[kind]}
    total = sum(shares.values())
    bounds, reached = [], 0
    for share in shares.values():
        reached += share
        bounds.append(reached / total)
    return tuple(shares), tuple(bounds)


@cache
def topics(language: str) -> dict[str, tuple[tuple[Turn, ...], ...]]:
    """Every play of a language by topic."""
    told: dict[str, str] = {**load(f"{language}_plays"), "story": load("stories")[language]}
    return {topic: tuple(map(_play, text.strip().split("\n\n"))) for topic, text in told.items()}


def perform(language: str, topic: str, slots: Slots, draws: Random, most: int) -> "list[tuple[int, Line, str]]":
    """One play of the topic as it is said this time, broken off after ``most`` turns: speaker, line, text."""
    plays = topics(language)[topic]
    said = []
    for turn in plays[int(draws.random() * len(plays))]:
        if turn.optional and draws.random() < 0.5:
            continue
        line = turn.lines[int(draws.random() * len(turn.lines))]
        said.append((turn.speaker, line, line.form.format_map(slots)))
        if len(said) == most:
            break
    return said


def _play(paragraph: str) -> tuple[Turn, ...]:
    return tuple(map(_turn, paragraph.splitlines()))


def _turn(line: str) -> Turn:
    who, _, text = line.partition(":")
    return Turn("ABCD".index(who[0]), who.endswith("?"), tuple(_line(variant.strip()) for variant in text.split("|")))


def _line(variant: str) -> Line:
    if variant.startswith("["):
        mark, _, rest = variant[1:].partition("]")
        if mark in _MARKS:
            return Line(_lines(rest), None if mark == "place" else mark, mark == "place")
    return Line(_lines(variant), None, False)


def _lines(variant: str) -> str:
    return variant.strip().replace(" / ", "\n")
