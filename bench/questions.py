"""Searches drawn from what a case holds, in classes, and how long each takes.

Words, phrases, people and dates come from messages at random places of its conversations, so they are found; the draw
follows from a seed. No text is asked twice within a class, except for the second round, which asks every text again.
"""

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from random import Random

from filon.case import Case
from filon.case.answers import MessageView
from filon.model.time import to_datetime
from filon.model.view import View
from filon.model.words import cut_joined

__all__ = ["CLASSES", "WARM", "Timed", "ask", "draw"]

PER_CLASS = 50
WARM = "warm"
"""Questions that are asked of a process before it is measured, as a class of their own."""
_WARMING = 10
CLASSES = {
    "rare": "a word of at most 1,000 hits",
    "share": "1.5 to 4 % of all messages (a word, or two joined by OR)",
    "frequent": "22 to 34 % of all messages (words joined by OR)",
    "broad": "boolean over 20 % of all messages",
    "both": "two words of one message",
    "phrase": "a phrase of two words",
    "common phrase": "a phrase of two words, over 100,000 hits",
    "slop": 'a phrase with a gap, `"a c"~2`',
    "prefix": "the beginning of a word, `abc*`",
    "infix": "the middle of a word, `*bcd*`",
    "fuzzy": "a word with one letter changed, `abcd~1`",
    "narrowed": "a word with sender and month",
    "sender": "everything one account sent",
    "pattern": "a pattern over whole texts, `text:/a.c/`",
}

_SCARCE = frozenset({"frequent", "common phrase"})
"""Classes of which a small case cannot hold enough."""


@dataclass(frozen=True)
class Timed:
    """Milliseconds of every search of a class: asked first, its processor time, asked again, and its facets."""

    hits: list[int]
    first: list[float]
    cpu: list[float]
    again: list[float]
    facets: list[float]


def draw(case: Case, view: View, seed: int) -> dict[str, list[str]]:
    """``PER_CLASS`` different searches of every class of ``CLASSES``; classes of ``_SCARCE`` may come out shorter or empty.

    ``WARM``: a few more rare words, which no class holds.
    """
    random = Random(seed)
    messages = list(_messages(case, view, random))
    texts = [cut_joined(message.text or "").split() for message in messages]
    known = {word: case.count(view, word) for words in texts for word in words if word.isalpha()}
    total = case.counts(view).messages
    frequent = sorted(known, key=lambda word: (-known[word], word))[:80]
    pairs = [random.sample(frequent, 2) for _ in range(2_000)]
    makers: dict[str, Iterator[str]] = {
        "share": _joined(case, view, known, [*((word,) for word in known), *pairs], total * 0.015, total * 0.04),
        "frequent": _joined(
            case,
            view,
            known,
            [random.sample(frequent[:40], 1 + n % 12) for n in range(3_000)],
            total * 0.22,
            total * 0.34,
        ),
        "broad": _within(
            case, view, map(_broad, (random.sample(frequent[:30], 12) for _ in range(500))), total * 0.2, total
        ),
        "both": (" ".join(random.sample(sorted(set(words)), 2)) for words in texts if len(set(words)) > 2),
        "phrase": (f'"{words[0]} {words[1]}"' for words in texts if len(words) > 1),
        "common phrase": _within(case, view, _side_by_side(texts, known, 100_000), 100_000, total),
        "slop": (f'"{words[0]} {words[2]}"~2' for words in texts if len(words) > 2),
        "prefix": (f"{word[:3]}*" for word in known if len(word) > 3),
        "infix": (f"*{word[1:4]}*" for word in known if len(word) > 4),
        "fuzzy": (f"{word[:2]}x{word[3:]}~1" for word in known if len(word) > 4),
        "narrowed": _narrowed(messages, texts, known),
        "sender": (f"from:{m.sender.label}" for m in messages if m.sender is not None and m.sender.label.isalnum()),
        "pattern": (f"text:/{word[0]}.{word[2:]}/" for word in known if len(word) > 4),
    }
    rare = (word for word in known if 0 < known[word] <= 1_000)
    makers["rare"] = rare
    drawn = {name: _first(makers[name], name) for name in CLASSES}
    return drawn | {WARM: list(islice(rare, _WARMING))}


def ask(case: Case, view: View, searches: list[str]) -> Timed:
    """Ask every search for its exact total and the newest 50 messages with their texts; then again; then its facets."""
    first, cpu, hits = [], [], []
    for text in searches:
        worked = time.process_time()
        milliseconds, total = _time(case, view, text)
        first.append(milliseconds)
        cpu.append((time.process_time() - worked) * 1_000)
        hits.append(total)
    again = [_time(case, view, text)[0] for text in searches]
    facets = []
    for text in searches:
        began = time.perf_counter()
        case.facets(view, text)
        facets.append((time.perf_counter() - began) * 1_000)
    return Timed(hits, first, cpu, again, facets)


def _time(case: Case, view: View, text: str) -> tuple[float, int]:
    began = time.perf_counter()
    found = case.search(view, text, limit=50)
    return (time.perf_counter() - began) * 1_000, found.total


def _messages(case: Case, view: View, random: Random) -> Iterator[MessageView]:
    """Messages at random places, conversations by their size."""
    _, rows = case.conversations(view, limit=10_000)
    for row in random.choices(rows, [row.messages for row in rows], k=2_000):
        yield from case.page(view, row.conversation, random.randrange(row.messages), 1).messages


def _joined(
    case: Case, view: View, known: dict[str, int], groups: Iterable[Sequence[str]], least: float, most: float
) -> Iterator[str]:
    """Words joined by OR with so many hits. Only what can have them by its words is counted."""
    likely = (
        " OR ".join(words)
        for words in groups
        if sum(known[word] for word in words) >= least and max(known[word] for word in words) <= most
    )
    return _within(case, view, likely, least, most)


def _within(case: Case, view: View, texts: Iterator[str], least: float, most: float) -> Iterator[str]:
    return (text for text in texts if least <= case.count(view, text) <= most)


def _side_by_side(texts: list[list[str]], known: dict[str, int], least: int) -> Iterator[str]:
    """Neighbours that are frequent enough each, most frequent first."""
    pairs = Counter(
        pair for words in texts for pair in pairwise(words) if min(known.get(word, 0) for word in pair) >= least
    )
    return (f'"{one} {other}"' for (one, other), _ in pairs.most_common(2 * PER_CLASS))


def _broad(words: list[str]) -> str:
    return f"({' OR '.join(words[:-1])}) NOT {words[-1]}"


def _narrowed(messages: list[MessageView], texts: list[list[str]], known: dict[str, int]) -> Iterator[str]:
    for message, words in zip(messages, texts, strict=True):
        if message.sender is None or not message.sender.label.isalnum() or message.time is None:
            continue
        for word in words:
            if word in known:
                yield f"{word} from:{message.sender.label} date:{to_datetime(message.time):%Y-%m}"
                break


def _first(texts: Iterator[str], name: str) -> list[str]:
    found: dict[str, None] = {}
    for text in texts:
        found[text] = None
        if len(found) == PER_CLASS:
            break
    if len(found) == PER_CLASS or name in _SCARCE:
        return list(found)
    raise SystemExit(f"only {len(found)} different searches of the class {name!r} could be drawn")
