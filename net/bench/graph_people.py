"""People who write to each other: a made network whose true contacts are known.

Teams are small worlds (Watts and Strogatz), a few people know somebody of another team. How much a pair talks, and how
long a talk is, has a heavy tail. People are awake and near their phone at times; what they are written then waits.
Times are seconds from the first midnight.
"""

import bisect
from dataclasses import dataclass

import numpy as np

__all__ = ["DAY", "Presence", "Said", "World", "made"]

DAY = 86_400
_TALKS = 2.6
"""Talks each person begins on a day, in the mean."""
_LENGTH = 5.0
"""Messages of one talk, in the mean."""


@dataclass(frozen=True)
class Said:
    """One message as a person wrote it: when, who to whom, characters."""

    at: float
    writer: int
    reader: int
    length: int


@dataclass(frozen=True)
class Presence:
    """When each person is near their phone: spans of each, rising and apart."""

    spans: list[list[tuple[float, float]]]

    def next(self, person: int, at: float) -> float | None:
        """The first moment from ``at`` on at which this person is there, None where there is none any more."""
        own = self.spans[person]
        place = bisect.bisect_right(own, (at, float("inf"))) - 1
        if place >= 0 and at < own[place][1]:
            return at
        return own[place + 1][0] if place + 1 < len(own) else None


@dataclass(frozen=True)
class World:
    """``contacts`` are pairs (low, high); ``said`` in order of time."""

    people: int
    days: int
    team: list[int]
    contacts: list[tuple[int, int]]
    presence: Presence
    said: list[Said]


def made(draw: np.random.Generator, people: int, teams: int, days: int) -> World:
    """A network and its talk."""
    team = [person * teams // people for person in range(people)]
    contacts = _contacts(draw, team)
    presence = Presence([_spans(draw, days) for _ in range(people)])
    return World(people, days, team, contacts, presence, _talk(draw, contacts, presence, people, days))


def _contacts(draw: np.random.Generator, team: list[int]) -> list[tuple[int, int]]:
    pairs: set[tuple[int, int]] = set()
    for one in sorted(set(team)):
        members = [person for person, theirs in enumerate(team) if theirs == one]
        for at, person in enumerate(members):
            for step in (1, 2):
                other = members[(at + step) % len(members)]
                if draw.random() < 0.25:
                    other = int(draw.choice(members))
                if other != person:
                    pairs.add((min(person, other), max(person, other)))
    across = len(team) // 4
    while across:
        first, second = (int(one) for one in draw.integers(len(team), size=2))
        if team[first] != team[second] and (min(first, second), max(first, second)) not in pairs:
            pairs.add((min(first, second), max(first, second)))
            across -= 1
    return sorted(pairs)


def _spans(draw: np.random.Generator, days: int) -> list[tuple[float, float]]:
    """Awake from about 7:30 to about 22:00, away for a while a few times."""
    spans: list[tuple[float, float]] = []
    for day in range(days):
        at = day * DAY + draw.uniform(6.5, 9.0) * 3_600
        end = day * DAY + draw.uniform(20.5, 23.5) * 3_600
        while at < end:
            there = min(end, at + 120 + draw.exponential(2.2 * 3_600))
            spans.append((at, there))
            at = there + 60 + draw.exponential(0.6 * 3_600)
    return spans


def _talk(
    draw: np.random.Generator, contacts: list[tuple[int, int]], presence: Presence, people: int, days: int
) -> list[Said]:
    weights = draw.pareto(1.3, len(contacts)) + 0.1
    weights /= weights.sum()
    said: list[Said] = []
    for place in draw.choice(len(contacts), size=int(people * days * _TALKS), p=weights):
        writer, reader = contacts[place] if draw.random() < 0.5 else contacts[place][::-1]
        spans = presence.spans[writer]
        begin, end = spans[draw.integers(len(spans))]
        at = draw.uniform(begin, end)
        for _ in range(1 + draw.geometric(1 / _LENGTH)):
            said.append(Said(at, writer, reader, 1 + int(draw.lognormal(3.6, 1.0))))
            if draw.random() < 0.7:  # else the same person goes on
                writer, reader = reader, writer
            heard = presence.next(writer, at + 1)
            later = None if heard is None else presence.next(writer, heard + draw.lognormal(4.2, 1.2))
            if later is None or later >= days * DAY:
                break
            at = later
    return sorted(said, key=lambda one: one.at)
