"""What is true about a synthetic network: written to a file of its own, never into the export.

One JSON object a line; ``truth`` says what it tells of: ``world`` first, then for each block its persons, conversations,
messages and faults, ``totals`` last. docs/reference/synthetic.md describes every key.
"""

import msgspec
import numpy as np

from filon.synth.copies import Copies, Said
from filon.synth.people import nickname, person
from filon.synth.table import clock_text, instants
from filon.synth.world import Block, World

__all__ = [
    "ContactTruth",
    "ConversationTruth",
    "Fault",
    "MessageTruth",
    "PersonTruth",
    "Totals",
    "WorldTruth",
    "contacts",
    "conversations",
    "messages",
    "people",
]


class WorldTruth(msgspec.Struct, frozen=True, tag_field="truth", tag="world", kw_only=True):
    """What the files were made from."""

    seed: int
    messages: int
    format: str
    both_sides: bool
    faults: tuple[str, ...]
    phone: int | None


class PersonTruth(msgspec.Struct, frozen=True, tag_field="truth", tag="person", kw_only=True):
    """One person. ``changed_utc`` is when the second handle took over from the first."""

    number: int
    role: str
    name: str
    language: str
    hours: int
    skew: int
    held: bool
    telephone: str
    handles: tuple[str, ...]
    changed_utc: str | None


class ConversationTruth(msgspec.Struct, frozen=True, tag_field="truth", tag="conversation", kw_only=True):
    """One conversation; ``spans`` are shares of its messages between which each member of a group was there."""

    key: int
    kind: str
    members: tuple[int, ...]
    language: str
    group: str | None
    title: str | None
    spans: tuple[tuple[float, float], ...]
    messages: int


class ContactTruth(msgspec.Struct, frozen=True, tag_field="truth", tag="contact", kw_only=True):
    """What a person is called in the contact list of another; None where no name was given."""

    owner: int
    contact: int
    nickname: str | None


class MessageTruth(msgspec.Struct, frozen=True, tag_field="truth", tag="message", gc=False):
    """One message; ``copies`` are (device, sequence) of every phone that held it before anything was lost."""

    id: str
    sent_utc: str | None
    sender: int
    conversation: int
    language: str
    topic: str
    copies: list[tuple[str, int]]


class Fault(msgspec.Struct, frozen=True, tag_field="truth", tag="fault", kw_only=True, omit_defaults=True):
    """One planted fault: of a single row (``message_id`` is set), of a stretch (``gap``) or of a phone (``wrong_zone``)."""

    kind: str
    device: str
    contact: str | None = None
    conversation: str | None = None
    message_id: str | None = None
    sequence: int | None = None
    last_sequence: int | None = None
    rows: int = 1
    was: str | None = None
    became: str | None = None
    from_utc: str | None = None
    to_utc: str | None = None
    hours: int | None = None


class Totals(msgspec.Struct, frozen=True, tag_field="truth", tag="totals", kw_only=True):
    """``rows == copies + duplicated - lost``."""

    messages: int
    copies: int
    rows: int
    lost: int
    faults: dict[str, int]


def people(world: World, block: Block) -> list[PersonTruth]:
    """The persons a block introduces."""
    found = (person(world.seed, number) for number in block.people)
    return [
        PersonTruth(
            number=p.number,
            role=p.role,
            name=p.name,
            language=p.language,
            hours=p.hours,
            skew=p.skew,
            held=p.held,
            telephone=p.telephone,
            handles=p.handles,
            changed_utc=None if p.changed is None else clock_text(p.changed),
        )
        for p in found
    ]


def conversations(block: Block) -> list[ConversationTruth]:
    """The conversations that begin in a block."""
    return [
        ConversationTruth(
            key=s.conversation.key,
            kind=s.conversation.kind,
            members=s.conversation.members,
            language=s.conversation.language,
            group=s.conversation.group,
            title=s.conversation.title,
            spans=s.conversation.spans,
            messages=s.total,
        )
        for s in block.stretches
        if s.first == 0
    ]


def contacts(seed: int, block: Block) -> list[ContactTruth]:
    """The contact lists of the phones, as far as the conversations that begin in a block need them."""
    pairs: dict[tuple[int, int], None] = {}
    for stretch in block.stretches:
        members = stretch.conversation.members if stretch.first == 0 else ()
        pairs.update(((a, b), None) for a in members for b in members if a != b)
    return [ContactTruth(owner=a, contact=b, nickname=nickname(seed, a, b)) for a, b in pairs]


def messages(spoken: Said, rows: Copies) -> list[MessageTruth]:
    """Every message of a block with all its copies, in the order of conversations."""
    copies: list[list[tuple[str, int]]] = [[] for _ in spoken.utterances]
    devices = rows.words.table()[rows.device].tolist()
    for message, device, sequence in zip(rows.message.tolist(), devices, rows.sequence.tolist(), strict=True):
        copies[message].append((device, sequence))
    told = [s.stretch.conversation for s in spoken.speeches]
    places = np.asarray(spoken.stretch).tolist()
    return [
        MessageTruth(i, sent, told[c].members[u.speaker], told[c].key, u.language, u.topic, held)
        for i, sent, c, u, held in zip(
            spoken.ids, instants(spoken.times), places, spoken.utterances, copies, strict=True
        )
    ]
