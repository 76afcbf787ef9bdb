"""What one run of the bench found."""

from dataclasses import dataclass
from datetime import datetime

from browser import FirstPage, Scrolled
from machine import Cost
from questions import Timed

__all__ = ["Demo", "Long", "Run"]


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
