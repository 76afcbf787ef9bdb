"""What is said in a stretch of a conversation: sessions, each filled with plays, typed by whoever speaks."""

from bisect import bisect
from collections.abc import Iterator
from random import Random

import msgspec
import numpy as np
from numpy.typing import NDArray

from filon.synth.chance import chance, key_of, pick, uniform
from filon.synth.people import Person, person
from filon.synth.rhythm import Times, session_times
from filon.synth.talk.hand import Writer, writer
from filon.synth.talk.lexicon import LANGUAGES, Slots, towns
from filon.synth.talk.plays import Line, mix, perform
from filon.synth.world import Stretch

__all__ = ["Speech", "Utterance", "speak"]

_TIMES, _SESSIONS, _WORDS = 21, 22, 23


class Utterance(msgspec.Struct, frozen=True, gc=False):
    """One message as it was meant. ``speaker`` is a place in ``Conversation.members``."""

    speaker: int
    text: str
    topic: str
    language: str
    attachment: str | None
    """photo, video, audio or file."""
    place: tuple[float, float] | None
    """Latitude and longitude in degrees."""


class Speech(msgspec.Struct, frozen=True):
    """A stretch with its messages in order: ``times`` in seconds UTC, one for each utterance."""

    stretch: Stretch
    times: Times
    utterances: list[Utterance]


def speak(seed: int, stretch: Stretch) -> Speech:
    """Everything said in a stretch."""
    conversation = stretch.conversation
    key = key_of(seed, conversation.key, stretch.first)
    sizes = _session_sizes(key_of(key, _SESSIONS), stretch.count)
    width = conversation.end - conversation.begin
    bounds = (
        conversation.begin + width * stretch.first / stretch.total,
        conversation.begin + width * (stretch.first + stretch.count) / stretch.total,
    )
    people = [person(seed, member) for member in conversation.members]
    ahead = people[0].hours - people[0].owl
    times = session_times(key_of(key, _TIMES), sizes, bounds, conversation.days, ahead)
    talk = _Talk(stretch, people, int(times[0]), chance(key, _WORDS))
    return Speech(stretch, times, list(talk.sessions(sizes.tolist(), times)))


def _session_sizes(key: int, count: int) -> "NDArray[np.int64]":
    """Sizes of sessions that add up to ``count``: mostly a few messages, at times many."""
    sizes = 2 + np.floor(16 * uniform(key, count // 2 + 1) ** 2.5).astype(np.int64)
    used = int(np.searchsorted(np.cumsum(sizes), count)) + 1
    sizes = sizes[:used]
    sizes[-1] -= int(sizes.sum()) - count
    return sizes


class _Talk:
    """Fills the sessions of one stretch with plays."""

    def __init__(self, stretch: Stretch, people: list[Person], began: int, draws: Random) -> None:
        self._stretch = stretch
        self._conversation = stretch.conversation
        self._people = people
        self._writers: list[Writer] = [writer(p.hand) for p in people]
        self._draws = draws
        self._topics, self._bounds = mix(self._conversation.kind)
        self._news = [] if self._conversation.steady else self._changes(began)

    def sessions(self, sizes: list[int], times: Times) -> Iterator[Utterance]:
        """The utterances of all sessions, exactly as many as the sizes say."""
        at = 0
        for size in sizes:
            left = size
            first = True
            while left > 0:
                share = (self._stretch.first + at) / self._stretch.total
                said = self._play(share, first, int(times[at]), left)
                yield from said
                left -= len(said)
                at += len(said)
                first = False

    def _changes(self, began: int) -> "list[tuple[int, int]]":
        """When which member got a new handle, latest first; who had it from the beginning has nothing to tell."""
        changes = [(p.changed, i) for i, p in enumerate(self._people) if p.changed is not None and p.changed > began]
        return sorted(changes, reverse=True)

    def _play(self, share: float, first: bool, second: int, most: int) -> list[Utterance]:
        draws = self._draws
        given, topic = None, self._topics[bisect(self._bounds, draws.random())]
        speakers = self._speakers(share)
        if first and self._news and second >= self._news[-1][0]:
            _, mover = self._news.pop()
            if mover in speakers:
                old, new = self._people[mover].handles
                given, topic = {"newhandle": new, "oldhandle": old}, "newhandle"
                speakers = [mover, *(s for s in speakers if s != mover)]
        elif first and draws.random() < 0.3:
            topic = "hello"
        language = self._language(self._people[speakers[0]])
        slots = Slots(language, draws, given)
        said = perform(language, topic, slots, draws, most)
        return [
            self._utterance(speakers[s % len(speakers)], line, text, topic, slots, language) for s, line, text in said
        ]

    def _speakers(self, share: float) -> list[int]:
        """Members who are there at this share of the conversation, in an order drawn anew."""
        spans = self._conversation.spans
        if not spans:
            return [0, 1] if self._draws.random() < 0.5 else [1, 0]
        there = [i for i, (joined, left) in enumerate(spans) if joined <= share < left]
        keyed = sorted((self._draws.random() / (1 + 3 * (i % 3 == 0)), i) for i in there)
        return [i for _, i in keyed]

    def _language(self, speaker: Person) -> str:
        drawn = self._draws.random()
        if drawn < 0.93 or self._conversation.kind == "law":
            return self._conversation.language
        return speaker.language if drawn < 0.98 else pick(self._draws, LANGUAGES)

    def _utterance(self, speaker: int, line: Line, text: str, topic: str, slots: Slots, language: str) -> Utterance:
        written = self._writers[speaker](text, language, self._draws)
        return Utterance(speaker, written, topic, language, line.attachment, self._place(slots) if line.place else None)

    def _place(self, slots: Slots) -> tuple[float, float]:
        latitude, longitude = towns()[slots["town"]]
        return (
            round(latitude + 0.03 * (self._draws.random() - 0.5), 5),
            round(longitude + 0.05 * (self._draws.random() - 0.5), 5),
        )
