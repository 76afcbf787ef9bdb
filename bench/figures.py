"""What one run of the bench found, and the folder where results are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import quantiles
from typing import Self

import msgspec
from browser import FirstPage, Scrolled
from machine import Cost, Memory
from questions import Timed

__all__ = [
    "RESULTS",
    "Answers",
    "Asked",
    "Demo",
    "Long",
    "Original",
    "Originals",
    "Pages",
    "Peer",
    "PeerAnswers",
    "Profile",
    "Run",
    "Scale",
    "Spread",
    "Subject",
    "keep",
]

RESULTS = Path(__file__).with_name("results")
"""One JSON file for every run that is worth keeping."""


@dataclass(frozen=True)
class Spread:
    """How values lie: how many, the middle one, those that 95 and 99 in 100 do not exceed, the largest."""

    count: int
    p50: float
    p95: float
    p99: float
    largest: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """The spread of at least one value."""
        if len(values) == 1:
            return cls(1, values[0], values[0], values[0], values[0])
        cuts = quantiles(values, n=100, method="inclusive")
        return cls(len(values), *(round(value, 3) for value in (cuts[49], cuts[94], cuts[98], max(values))))


@dataclass(frozen=True)
class Answers:
    """One class: hits of each question, milliseconds of the first ask and of the second, processor time of the first."""

    hits: list[int]
    first: Spread
    again: Spread
    cpu: Spread


@dataclass(frozen=True)
class Asked:
    """Answers by class, and what the process that gave them held resident at most.

    ``opening``: milliseconds of the first question of all, which no class holds.
    """

    classes: dict[str, Answers]
    peak: int
    opening: float = 0.0


@dataclass(frozen=True)
class Pages:
    """The longest conversation: its messages, milliseconds until its first page, and of pages at drawn places."""

    messages: int
    opened: float
    pages: Spread
    again: Spread


@dataclass(frozen=True)
class Subject:
    """filon on one corpus. ``held``: bytes of the case by kind of file, without items; ``native``: those for ids of sources.

    ``pages`` None and no classes: nothing was asked. ``reread`` None: the items were not read again.
    """

    add: Cost
    held: dict[str, int]
    native: int
    opened: list[float]
    overview: float
    newest: Asked
    facets: Asked
    pages: Pages | None
    rest: Memory
    verify: Cost
    reread: Cost | None


@dataclass(frozen=True)
class PeerAnswers:
    """One class asked of a peer: hits of each question; milliseconds of the newest 50, the count, the count with three facets."""

    hits: list[int]
    newest: Spread
    count: Spread
    facets: Spread


@dataclass(frozen=True)
class Peer:
    """What a peer cost to build, its bytes on disk with the texts, and its answers by class."""

    cost: Cost
    held: int
    classes: dict[str, PeerAnswers]


@dataclass(frozen=True)
class Original:
    """Records read back from an item of one format: milliseconds of the first record of a process, when nothing was made for it
    before and later, and of further ones; ``there``: every one of them came."""

    messages: int
    bytes: int
    first: float
    first_later: float
    others: Spread
    there: bool


@dataclass(frozen=True)
class Originals:
    """What ``originals.py`` found, by format and size."""

    machine: list[tuple[str, str]]
    began: datetime
    busy: bool
    formats: dict[str, Original]


@dataclass(frozen=True)
class Demo:
    """The demo case: making and adding it, searching it, its first page."""

    cost: Cost
    messages: int
    evidence: int
    held: int
    opened: list[float]
    overview: float
    searches: dict[str, Timed]
    page: FirstPage


@dataclass(frozen=True)
class Long:
    """One conversation of many messages: adding it, pages of it, moving through it in a browser."""

    messages: int
    evidence: int
    held: int
    synth: float
    cost: Cost
    pages: list[float]
    opened: float
    moves: list[Scrolled]


@dataclass(frozen=True)
class Run:
    """Everything one run found."""

    demo: Demo
    long: Long
    machine: list[tuple[str, str]]
    began: datetime
    loads: tuple[str, str]
    busy: bool
    """Whether the machine had other work when it began."""
    minutes: float


@dataclass(frozen=True)
class Scale:
    """One run of ``scale.py`` on one corpus."""

    messages: int
    form: str
    real: bool
    evidence: int
    seed: int
    command: str
    machine: list[tuple[str, str]]
    began: datetime
    loads: tuple[str, str]
    busy: bool
    minutes: float
    subject: Subject
    peers: dict[str, Peer]
    run: int = 1
    """Counted from 1: the same again."""


@dataclass(frozen=True)
class Profile:
    """Where the time goes in ``what``: shares of ``samples`` by module, with its busiest
    functions, and what was learned from them."""

    what: str
    learned: str
    samples: int
    shares: list[tuple[str, list[str], float]]


def keep(path: Path, found: object) -> None:
    """Write a result as JSON, one value a line, for people to compare."""
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")
