"""What connections ask of a store, what it answers, and the sheet on which one batch is worked out.

A store never sees a connection, an address or a clock: it gets asks and the hour. What it keeps is in ``Box`` and
``Door``, in the blobs and bundles, and in the serials of spent invites; there is no place for anything else.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable
from typing import TypeAlias

import msgspec

from filon_net.wire import Token
from filon_net.wire.frames import (
    Ack,
    Acked,
    Admit,
    Claim,
    Claimed,
    Deliver,
    Done,
    Grant,
    Open,
    Opened,
    Post,
    Posted,
    Refused,
    Revoke,
    Stock,
)

__all__ = ["Answer", "Ask", "Box", "Door", "Look", "Outcome", "Page", "Sheet", "Wanted", "door", "door_of"]

Answer: TypeAlias = Opened | Posted | Claimed | Done | Acked | Refused
"""A frame that ``RelayEnd.answer`` takes."""


class Ask(msgspec.Struct, frozen=True):
    """One request for one mailbox.

    ``Token`` is an invite that was checked; ``Admit`` is one whose invite was not accepted: it opens what is there
    already, so that a phone whose admission was lost on the way may simply repeat it.
    """

    mailbox: bytes
    what: Open | Admit | Token | Ack | Grant | Revoke | Stock | Post | Claim


class Outcome(msgspec.Struct, frozen=True):
    """What became of an ask. ``kept`` is what a post will be delivered as, None for all else."""

    answer: Answer
    kept: Deliver | None = None


class Look(msgspec.Struct, frozen=True):
    """A phone's wish to read on: at most ``limit`` blobs numbered above ``after``."""

    mailbox: bytes
    after: int
    limit: int


class Page(msgspec.Struct):
    """What lies in a mailbox behind a number. ``last`` is the highest number it had given out when it was read."""

    found: list[Deliver]
    last: int


class Box(msgspec.Struct):
    """One mailbox. ``last`` is the highest number given out, ``slots`` the highest place of a bundle, ``month`` the one in which
    its owner last did something here (whole times of 30 days since 1970, UTC)."""

    id: int
    quota_messages: int
    quota_bytes: int
    last: int = 0
    messages: int = 0
    bytes: int = 0
    doors: int = 0
    bundles: int = 0
    slots: int = 0
    month: int = 0


class Door(msgspec.Struct):
    """One capability. ``posts`` and ``claims`` are those of ``day`` (days since 1970, UTC)."""

    mailbox: int
    daily: int
    day: int = 0
    posts: int = 0
    claims: int = 0


def door(mailbox: bytes, digest: bytes) -> bytes:
    """The 32 bytes a capability is found by. Where it is not found the mailbox is not looked for: one that does not exist and one
    that does not know the capability are refused after the same work, and so in the same time."""
    return hashlib.sha256(mailbox + digest).digest()


def door_of(mailbox: bytes, capability: bytes) -> bytes:
    """The door of a capability as a sender shows it."""
    return door(mailbox, hashlib.sha256(capability).digest())


class Wanted(msgspec.Struct):
    """What has to be loaded before a batch can be decided."""

    names: set[bytes]
    """Mailboxes whose owner asks."""
    doors: set[bytes]
    ways: dict[bytes, bytes]
    """Of the doors that senders show, the mailboxes behind them: to be loaded where the door is found, and only there."""
    serials: dict[bytes, tuple[bytes, int]]
    """Of each invite: the mailbox it shall make, and its last hour."""
    claims: Counter[bytes]
    """How many bundles are asked for, by door."""
    acks: list[tuple[bytes, tuple[int, ...]]]

    @staticmethod
    def by(asks: Iterable[Ask]) -> "Wanted":
        """What these asks touch."""
        wanted = Wanted(set(), set(), {}, {}, Counter(), [])
        for ask in asks:
            what = ask.what
            if isinstance(what, Post | Claim):
                name = door_of(ask.mailbox, what.capability)
                wanted.doors.add(name)
                wanted.ways[name] = ask.mailbox
                if isinstance(what, Claim):
                    wanted.claims[name] += 1
                continue
            wanted.names.add(ask.mailbox)
            if isinstance(what, Grant | Revoke):
                wanted.doors.add(door(ask.mailbox, what.capability))
            elif isinstance(what, Token):
                wanted.serials.setdefault(what.serial, (ask.mailbox, what.not_after))
            elif isinstance(what, Ack):
                wanted.acks.append((ask.mailbox, what.numbers))
        return wanted

    def claimed(self, doors: Iterable[bytes]) -> Counter[bytes]:
        """How many bundles are asked for by mailbox, through doors that are there."""
        found: Counter[bytes] = Counter()
        for name in doors:
            if count := self.claims[name]:
                found[self.ways[name]] += count
        return found


class Sheet(msgspec.Struct):
    """What a batch was given, and what is to be written when it is decided."""

    boxes: dict[bytes, Box]
    doors: dict[bytes, Door]
    unspent: set[bytes]
    bundles: dict[int, list[tuple[int, bytes]]]
    """For each mailbox with claims, as many bundles as there are claims; the last resort has slot 0 and stands last."""
    made: set[bytes] = msgspec.field(default_factory=set)
    """Mailboxes that are new; they are among the touched."""
    touched: set[bytes] = msgspec.field(default_factory=set)
    turned: set[bytes] = msgspec.field(default_factory=set)
    """Doors that are new or were used."""
    shut: set[bytes] = msgspec.field(default_factory=set)
    """Doors to be removed."""
    spent: dict[bytes, int] = msgspec.field(default_factory=dict)
    kept: list[tuple[bytes, int, Deliver]] = msgspec.field(default_factory=list)
    """Mailbox, its id, the blob."""
    stocked: dict[tuple[int, int], bytes] = msgspec.field(default_factory=dict)
    handed: set[tuple[int, int]] = msgspec.field(default_factory=set)
