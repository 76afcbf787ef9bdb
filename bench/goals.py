"""What is asked of filon at twenty million messages, and what the result files say about it."""

from collections.abc import Callable
from dataclasses import dataclass

from figures import Asked, Scale

__all__ = ["BASE", "GOALS", "SIZES", "Goal", "form_of", "size_of"]

BASE = "lean"
"""The corpus that goals, plot and arithmetic are about: 4 GB of JSON lines at twenty million."""
SIZES = {"100k": 100_000, "200k": 200_000, "1m": 1_000_000, "2m": 2_000_000, "20m": 20_000_000, "120m": 120_000_000}
"""Messages of a corpus by the word for them."""
GIB = 2**30
LARGE = 20_000_000


@dataclass(frozen=True)
class Goal:
    """One figure: at most ``must``, better ``aim``, in ``unit``; read from a result of ``form``, or None where it lacks it."""

    what: str
    must: float
    aim: float
    unit: str
    read: Callable[[Scale], float | None]
    form: str = BASE


def size_of(scale: Scale) -> str:
    """``20 M``, ``200,000``."""
    return f"{scale.messages // 1_000_000} M" if scale.messages >= 1_000_000 else f"{scale.messages:,}"


def form_of(scale: Scale) -> str:
    """The corpus in words."""
    return {
        "lean": "JSON lines",
        "jsonl": "JSON lines with nicknames and five times",
        "csv": "CSV",
        "exports": "small exports",
        "parquet": "Parquet",
        "xlsx": "a workbook",
        "zip": "JSON lines in a zip",
    }[scale.form] + (", real lines" if scale.real else "")


def _p95(asked: Callable[[Scale], Asked], *names: str) -> Callable[[Scale], float | None]:
    def read(scale: Scale) -> float | None:
        found = [asked(scale).classes[name].first.p95 for name in names if name in asked(scale).classes]
        return max(found, default=None)

    return read


def _newest(scale: Scale) -> Asked:
    return scale.subject.newest


def _facets(scale: Scale) -> Asked:
    return scale.subject.facets


def _minutes(scale: Scale) -> float | None:
    return scale.subject.add.seconds / 60


def _memory(scale: Scale) -> float | None:
    return scale.subject.add.peak / GIB


def _disk(scale: Scale) -> float | None:
    return (sum(scale.subject.held.values()) - scale.subject.native) / scale.messages


def _rest(scale: Scale) -> float | None:
    return scale.subject.rest.resident / 1e9


def _opening(scale: Scale) -> float | None:
    return max(scale.subject.opened) / 1_000


def _pages(scale: Scale) -> float | None:
    return scale.subject.pages.pages.p95 if scale.subject.pages else None


_ANY = ("rare", "share", "frequent", "broad", "both", "phrase", "prefix", "infix", "fuzzy", "narrowed", "sender")

GOALS = (
    Goal("read, hashed, stored, indexed, searchable: JSON lines", 4, 2, "min", _minutes),
    Goal("the same, all processes together, resident", 2.5, 1.5, "GiB", _memory),
    Goal("the same as CSV", 5, 3, "min", _minutes, "csv"),
    Goal("the same as small exports of 1,000 messages", 8, 5, "min", _minutes, "exports"),
    Goal("disk beside the evidence, native ids apart", 110, 90, "B a message", _disk),
    Goal("newest 50 with text, slowest class", 60, 10, "ms", _p95(_newest, *_ANY)),
    Goal("exact total and three facets: rare", 10, 5, "ms", _p95(_facets, "rare")),
    Goal("1.5 to 4 % of all", 100, 50, "ms", _p95(_facets, "share")),
    Goal("about 28 % of all", 250, 120, "ms", _p95(_facets, "frequent")),
    Goal("boolean over 20 % of all", 400, 200, "ms", _p95(_facets, "broad")),
    Goal("phrase", 100, 40, "ms", _p95(_facets, "phrase")),
    Goal("phrase over 100,000 hits", 800, 400, "ms", _p95(_facets, "common phrase")),
    Goal("fuzzy", 50, 25, "ms", _p95(_facets, "fuzzy")),
    Goal("infix", 150, 60, "ms", _p95(_facets, "infix")),
    Goal("with date and sender", 40, 20, "ms", _p95(_facets, "narrowed")),
    Goal("a page of the longest conversation, drawn place", 20, 5, "ms", _pages),
    Goal("opening the case", 2, 0.5, "s", _opening),
    Goal("`filon serve` at rest, resident", 1.5, 0.5, "GB", _rest),
)
"""The rows in which a run of ``scale.py`` speaks about; searches are first asks, 95 in 100."""
