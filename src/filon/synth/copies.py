"""The copies of messages that phones hold: one row for each phone that saw a message, by that phone's clock."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from filon.synth.chance import hashes, key_of, uniform
from filon.synth.people import Person, nickname, person
from filon.synth.rhythm import Times
from filon.synth.speech import Speech, Utterance, speak
from filon.synth.world import Block, Conversation, World

__all__ = ["ABSENT", "Copies", "Said", "Words", "copies", "holders", "said"]

ABSENT = -1
"""Stands for "no time" among seconds."""
_IDS, _HOLDER, _DELAYS = 31, 32, 33

Ints = NDArray[np.int64]


class Words:
    """Strings by number: columns of names are numbers until they are written. Number 0 is None."""

    def __init__(self) -> None:
        self._numbers: dict[str | None, int] = {None: 0}

    def number(self, word: str | None) -> int:
        """The number of a word, new or known."""
        return self._numbers.setdefault(word, len(self._numbers))

    def table(self) -> "NDArray[np.object_]":
        """The words, in the order of their numbers."""
        return np.array(list(self._numbers), dtype=object)


class Said(msgspec.Struct, frozen=True):
    """Every message of a block in the order of its conversations."""

    speeches: list[Speech]
    utterances: list[Utterance]
    times: Times
    ids: list[str]
    """Hexadecimal, 16 digits, given by the sending phone."""
    stretch: Ints
    """Which of the block's stretches a message belongs to."""


class Copies(msgspec.Struct, kw_only=True):
    """Rows side by side, in the order of true times. All arrays have one value per row."""

    words: Words
    message: Ints
    """Place in ``Said``."""
    owner: Ints
    """Number of the person whose phone it is."""
    device: Ints
    contact: Ints
    nickname: Ints
    group: Ints
    out: "NDArray[np.bool_]"
    sequence: Ints
    stretch: Ints
    sent: Times
    received: Times
    read: Times
    burn: Times

    def take(self, rows: "Ints | NDArray[np.bool_]") -> "Copies":
        """The named rows, in the named order."""
        columns = {name: getattr(self, name)[rows] for name in self.__struct_fields__ if name != "words"}
        return Copies(words=self.words, **columns)


def said(world: World, block: Block) -> Said:
    """All that is said in a block."""
    speeches = [speak(world.seed, stretch) for stretch in block.stretches]
    counts = np.array([s.stretch.count for s in speeches], dtype=np.int64)
    ids = [
        hashes(
            key_of(world.seed, _IDS, s.stretch.conversation.key),
            np.arange(s.stretch.first, s.stretch.first + s.stretch.count, dtype=np.uint64),
        )
        for s in speeches
    ]
    return Said(
        speeches=speeches,
        utterances=[u for s in speeches for u in s.utterances],
        times=np.concatenate([s.times for s in speeches]),
        ids=[f"{number:016x}" for number in np.concatenate(ids).tolist()],
        stretch=np.repeat(np.arange(len(speeches)), counts),
    )


def holders(world: World, conversation: Conversation) -> list[int]:
    """Places of the members whose phone's copy is at hand: the only one, all, or one for each."""
    if world.phone is not None:
        return [conversation.members.index(world.phone)]
    held = [
        i for i, member in enumerate(conversation.members) if conversation.steady or person(world.seed, member).held
    ]
    if world.both_sides:
        return held
    whole = [i for i in held if not conversation.spans or conversation.spans[i] == (0.0, 1.0)]
    return [whole[key_of(world.seed, _HOLDER, conversation.key) % len(whole)]]


def copies(world: World, block: Block, spoken: Said) -> Copies:
    """The rows of every phone for a block, in the order of true times; equal times keep the order of the conversation."""
    words = Words()
    parts: list[dict[str, Ints]] = []
    offset = 0
    for number, speech in enumerate(spoken.speeches):
        for holder in holders(world, speech.stretch.conversation):
            part = _copy(world, speech, holder, words)
            part["message"] += offset
            part["stretch"] = np.full(len(part["message"]), number)
            parts.append(part)
        offset += speech.stretch.count
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    out = columns.pop("out").astype(np.bool_)
    burns = columns.pop("burns")
    skew = columns.pop("skew")
    true = spoken.times[columns["message"]]
    clocks = _clocks(key_of(world.seed, _DELAYS, block.number), true, skew, burns, out)
    rows = Copies(words=words, out=out, **columns, **clocks)
    return rows.take(np.argsort(true, kind="stable"))


def _clocks(key: int, true: Times, skew: Ints, burns: Ints, out: "NDArray[np.bool_]") -> dict[str, Times]:
    """The four times of a row by the clock of its phone. One in thirty was off and received hours later."""
    late, slow, unread = (uniform(key + i, len(true)) for i in range(3))
    arrived = true + 1 + (3 * slow).astype(np.int64) + np.where(late > 0.97, (30_000 * slow).astype(np.int64), 0)
    opened = arrived + 2 + (20_000 * slow**2 * late**6).astype(np.int64)
    return {
        "sent": true + skew,
        "received": np.where(out, ABSENT, arrived + skew),
        "read": np.where(out | (unread < 0.06), ABSENT, opened + skew),
        "burn": np.where(burns > 0, true + burns + skew, ABSENT),
    }


def _copy(world: World, speech: Speech, holder: int, words: Words) -> dict[str, Ints]:
    """The rows of one member's phone for one stretch."""
    stretch, conversation = speech.stretch, speech.stretch.conversation
    speakers = np.array([u.speaker for u in speech.utterances])
    seen = _seen(stretch.first, stretch.count, stretch.total, conversation, holder)
    times = speech.times[seen]
    speakers = speakers[seen]
    people = [person(world.seed, member) for member in conversation.members]
    owner = people[holder]
    fixed = conversation.steady
    handles = np.stack([_handles(p, times, words, fixed) for p in people])
    called = np.array([words.number(nickname(world.seed, owner.number, p.number)) for p in people])
    device = handles[holder]
    out = speakers == holder
    if conversation.group is None:
        contact = handles[1 - holder]
        names = np.full(len(seen), called[1 - holder])
        sequence = _sequence(device * (1 << 32) + contact, stretch.first)
    else:
        contact = np.where(out, 0, handles[speakers, np.arange(len(seen))])
        names = np.where(out, 0, called[speakers])
        sequence = _sequence(device, stretch.first)
    return {
        "message": seen.copy(),
        "owner": np.full(len(seen), owner.number),
        "device": device,
        "contact": contact,
        "nickname": names,
        "group": np.full(len(seen), words.number(conversation.group)),
        "out": out,
        "sequence": sequence,
        "burns": np.full(len(seen), conversation.burn or 0),
        "skew": np.full(len(seen), owner.skew),
    }


def _seen(first: int, count: int, total: int, conversation: Conversation, holder: int) -> Ints:
    """Which messages of a stretch the member was there for."""
    if not conversation.spans:
        return np.arange(count)
    joined, left = conversation.spans[holder]
    shares = (first + np.arange(count)) / total
    return np.flatnonzero((joined <= shares) & (shares < left))


def _handles(someone: Person, times: Times, words: Words, fixed: bool) -> Ints:
    """The number of the handle a person used at each time."""
    first = words.number(someone.handles[0])
    if fixed or someone.changed is None:
        return np.full(len(times), first)
    return np.where(times >= someone.changed, words.number(someone.handles[-1]), first)


def _sequence(keys: Ints, before: int) -> Ints:
    """1, 2, 3… within a conversation of two handles; a new handle on either side begins a new one."""
    count = np.arange(len(keys))
    starts = np.zeros(len(keys), dtype=np.int64)
    changed = np.flatnonzero(np.diff(keys)) + 1
    starts[changed] = changed
    fresh = np.maximum.accumulate(starts) if len(keys) else starts
    return count - fresh + 1 + np.where(fresh == 0, before, 0)
