"""Who talks to whom and how much: communities of one trade, brokers between them, and the work cut into blocks.

A block is what one process makes at once: about 24,000 messages. It follows from the world and its own conversations alone,
so blocks can be made in any order and by any number of processes; joined in order they are the same bytes.
"""

from collections.abc import Iterator
from random import Random

import msgspec
import numpy as np

from filon.synth.chance import chance, pick, zipf
from filon.synth.people import COMMUNITY, DAYS, LAWYER, Person, person
from filon.synth.talk.lexicon import LANGUAGES, names

__all__ = ["Block", "Conversation", "Stretch", "World", "network", "one_phone", "single"]

BLOCK = 24_000
_PAIRS, _GROUPS, _DETAILS, _WEIGHT = 11, 12, 13, 14
_LONGEST_SHARE, _LONGEST = 0.12, 40_000
_KEYS = 1_000
"""Keys of conversations set aside for one community."""
_PHONES = 1_000_000
"""Where the keys of conversations on one phone's own platform begin, counted as communities."""


class World(msgspec.Struct, frozen=True, kw_only=True):
    """What a synthetic network follows from."""

    seed: int
    messages: int
    both_sides: bool = True
    """Every phone's copy of a message, or one copy of each."""
    faults: tuple[str, ...] = ()
    """Kinds of planted faults."""
    first: int = 0
    """Number of the first community: worlds of one seed share nobody where their communities differ."""
    phone: int | None = None
    """The only phone that is at hand: the number of its person."""


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """Two or more people who write to each other. ``begin`` and ``end`` are shares of the period, by traffic."""

    key: int
    members: tuple[int, ...]
    """Numbers of persons; the first one opened the conversation."""
    kind: str
    language: str
    group: str | None = None
    """Id of a group; None between two."""
    title: str | None = None
    spans: tuple[tuple[float, float], ...] = ()
    """For each member of a group, the share of its messages at which they joined and left."""
    begin: float = 0.0
    end: float = 1.0
    days: int = DAYS
    burn: int | None = None
    """Seconds after which a message burns."""
    steady: bool = False
    """Nobody changes handle and no phone fails: for conversations cut into several blocks."""


class Stretch(msgspec.Struct, frozen=True):
    """Messages ``first`` to ``first + count`` of the ``total`` of one conversation."""

    conversation: Conversation
    first: int
    count: int
    total: int


class Block(msgspec.Struct, frozen=True):
    """Stretches made together, and the persons that are introduced here in the truth."""

    number: int
    stretches: tuple[Stretch, ...]
    people: tuple[int, ...]
    before: int = 0
    """Messages in the blocks before."""


def network(world: World, *, longest: int | None = None) -> Iterator[Block]:
    """The whole network: one long conversation, then community after community.

    ``longest``: its messages; None: an eighth of all and no more than 40,000, and none where there are below 20,000 in all.
    """
    usual = min(int(world.messages * _LONGEST_SHARE), _LONGEST) if world.messages >= 20_000 else 0
    long = usual if longest is None else min(longest, world.messages - 1)
    rest = world.messages - long
    communities = max(1, round(rest / BLOCK))
    number = 0
    for stretches in _cut([(_longest(world), long)] if long else []):
        yield Block(number, stretches, ())
        number += 1
    for place in range(communities):
        community = world.first + place
        count = rest * (place + 1) // communities - rest * place // communities
        size = _size(count)
        pairs = _shared_out(_conversations(world, community, communities, size), count)
        people = tuple(range(community * COMMUNITY, community * COMMUNITY + size))
        yield Block(number, tuple(Stretch(c, 0, n, n) for c, n in pairs), people)
        number += 1


def single(world: World) -> Iterator[Block]:
    """One conversation with all messages, over as many days as 1,500 messages a day need."""
    conversation = msgspec.structs.replace(_longest(world), days=max(DAYS, world.messages // 1_500))
    for number, stretches in enumerate(_cut([(conversation, world.messages)])):
        yield Block(number, stretches, conversation.members if number == 0 else ())


def one_phone(world: World, phone: int) -> Iterator[Block]:
    """What one phone holds: its conversations one after the other; it knows everybody of its community."""
    size = max(_size(world.messages), phone % COMMUNITY + 1)
    community = phone // COMMUNITY
    mine = [
        (c, weight)
        for c, weight in _conversations(world, community, 1, size, star=phone)
        if phone in c.members and (c.group is None or c.members[0] == phone)
    ]
    people = tuple(range(community * COMMUNITY, community * COMMUNITY + size))
    before = 0
    for number, stretches in enumerate(_cut(_shared_out(mine, world.messages))):
        yield Block(number, stretches, people if number == 0 else (), before)
        before += sum(stretch.count for stretch in stretches)


def _size(messages: int) -> int:
    return max(10, min(COMMUNITY, messages // 120))


def _cut(counted: "list[tuple[Conversation, int]]") -> "Iterator[tuple[Stretch, ...]]":
    """Stretches of whole conversations, filled up to a block; a longer conversation is cut."""
    waiting: list[Stretch] = []
    for conversation, total in counted:
        for first in range(0, total, BLOCK):
            count = min(BLOCK, total - first)
            if sum(s.count for s in waiting) + count > BLOCK and waiting:
                yield tuple(waiting)
                waiting = []
            whole = conversation if total <= BLOCK else msgspec.structs.replace(conversation, steady=True)
            waiting.append(Stretch(whole, first, count, total))
    if waiting:
        yield tuple(waiting)


def _shared_out(weighted: "list[tuple[Conversation, float]]", count: int) -> "list[tuple[Conversation, int]]":
    """``count`` messages over conversations by weight; those that get none are left out."""
    weights = np.array([weight for _, weight in weighted])
    bounds = np.floor(np.cumsum(weights) / weights.sum() * count + 0.5).astype(int)
    bounds[-1] = count
    counts = np.diff(bounds, prepend=0).tolist()
    return [(c, n) for (c, _), n in zip(weighted, counts, strict=True) if n]


def _longest(world: World) -> Conversation:
    """The two people who never stop: the boss and the first broker of the first community."""
    language = person(world.seed, 0).language
    return Conversation(key=0, members=(0, 1), kind="trade", language=language, burn=7 * 86_400, steady=True)


def _conversations(
    world: World, community: int, communities: int, size: int, star: int | None = None
) -> "list[tuple[Conversation, float]]":
    """Every conversation that is counted to a community, with its weight. ``star`` knows everybody."""
    seed, base = world.seed, community * COMMUNITY
    draws = chance(seed, _PAIRS, community)
    found: dict[tuple[int, int], None] = {}
    for member in range(size):
        mine = person(seed, base + member)
        for _ in range(7 if mine.role in {"boss", "broker"} else 3):
            other = int(draws.random() * size)
            if other != member and draws.random() < _affinity(mine.role, person(seed, base + other).role):
                found[base + min(member, other), base + max(member, other)] = None
    if star is not None:
        found.update({(min(star, base + i), max(star, base + i)): None for i in range(size) if base + i != star})
    if communities > 1:
        after = (world.first + (community - world.first + 1) % communities) * COMMUNITY
        found[base + 1, after + 1] = None
        found[base, after + 6] = None
    lawyer = community // 10 * 10 * COMMUNITY + LAWYER
    found.update({(lawyer, base + i): None for i in (0, 1, 2, 6) if base + i != lawyer})
    if community == 0:
        found.setdefault((0, 1), None)
    pairs = [(a, b) for a, b in found if star is not None or person(seed, a).held or person(seed, b).held]
    first_key = 1 + (community if star is None else _PHONES + star) * _KEYS
    weighted = [_pair(seed, first_key + i, a, b) for i, (a, b) in enumerate(pairs)]
    groups = [_group(seed, community, i, size, star) for i in range(max(2, size // 8))]
    return weighted + groups


def _affinity(mine: str, other: str) -> float:
    roles = {mine, other}
    if "lawyer" in roles:
        return 0.0
    if "family" in roles:
        return 0.35 if roles & {"boss", "broker", "friend", "customer", "seller"} else 0.1
    if roles & {"boss", "broker"}:
        return 0.9
    return {"courier": 0.35, "customer": 0.5, "seller": 0.8, "friend": 0.6}.get(other, 0.3)


def _weight(draws: Random, cap: float) -> float:
    """Heavy-tailed: a Pareto draw of shape 0.9, capped."""
    return min(float((1.0 - draws.random()) ** (-1 / 0.9)), cap)


def _pair(seed: int, key: int, one: int, other: int) -> tuple[Conversation, float]:
    draws = chance(seed, _WEIGHT, key)
    members = (one, other) if person(seed, one).held else (other, one)
    a, b = (person(seed, m) for m in members)
    kind = _kind({a.role, b.role})
    weight = _weight(draws, 60.0) * (1.5 if "broker" in {a.role, b.role} else 1.0)
    begin = 0.7 * draws.random() ** 3
    conversation = Conversation(
        key=key,
        members=members,
        kind=kind,
        language=_common_language(draws, a, b),
        begin=begin,
        end=1.0 - 0.5 * (1.0 - begin) * draws.random() ** 3,
        burn=pick(draws, (None, 86_400, 3 * 86_400, 7 * 86_400, 7 * 86_400)),
    )
    return conversation, max(0.4, weight) if kind == "law" else weight


def _kind(roles: "set[str]") -> str:
    for role, kind in (("lawyer", "law"), ("family", "family"), ("courier", "road"), ("friend", "friends")):
        if role in roles:
            return kind
    return "trade"


def _common_language(draws: Random, a: Person, b: Person) -> str:
    if a.language == b.language:
        return a.language
    chosen = draws.random()
    return "en" if chosen < 0.3 else a.language if chosen < 0.65 else b.language


def _group(seed: int, community: int, number: int, size: int, star: int | None) -> tuple[Conversation, float]:
    """A group: whoever began it stays from first to last, some others join late or leave early."""
    key = (community if star is None else _PHONES + star) * _KEYS + _KEYS - 100 + number
    draws = chance(seed, _GROUPS, key)
    base = community * COMMUNITY
    first = star if star is not None else base + (0 if number == 0 else int(draws.random() * size))
    while star is None and not person(seed, first).held:
        first = base + (first - base + 1) % size
    others = {base + int(draws.random() * size) for _ in range(2 + int(draws.random() * 7))} - {first}
    if len(others) < 2:
        others = {base + (first - base + step) % size for step in (1, 2)}
    spans = [(0.0, 1.0)]
    for _ in others:
        joined = 0.6 * draws.random() if draws.random() < 0.25 else 0.0
        spans.append((joined, 1.0 - (1.0 - joined) * 0.6 * draws.random() if draws.random() < 0.15 else 1.0))
    if all(joined > 0 for joined, _ in spans[1:]):
        spans[1] = (0.0, 1.0)
    languages = [person(seed, m).language for m in (first, *sorted(others))]
    group = Conversation(
        key=key,
        members=(first, *sorted(others)),
        kind="group",
        language=max(LANGUAGES, key=languages.count),
        group=f"g{key}",
        title=_title(draws),
        spans=tuple(spans),
        burn=pick(draws, (None, 7 * 86_400)),
    )
    return group, 1.5 * _weight(draws, 25.0)


def _title(draws: Random) -> str:
    word = zipf(draws, names("handle_second")).capitalize()
    return pick(draws, ("{0}", "Team {0}", "{0} {1}", "{0} FC", "the {0}s")).format(word, 1 + int(9 * draws.random()))
