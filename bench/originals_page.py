"""What ``originals.py`` found, as a section of the page about performance, and its figures for the table of goals."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
from figures import RESULTS, Original, Originals
from tables import figure, megabytes, table

__all__ = ["ORIGINALS", "goals", "section"]

ORIGINALS = RESULTS / "originals.json"
_GOALS = {
    "zip": ("the record behind a message, in a compressed member", 1.0),
    "xlsx": ("the same, in a workbook", 10.0),
}
"""Seconds at most."""


def goals(path: Path = ORIGINALS) -> Iterator[tuple[str, ...]]:
    """Rows of the table of goals: the slowest record but the first one ever, and that one."""
    known = _read(path).formats if path.exists() else {}
    for form, (what, must) in _GOALS.items():
        found = [(name, one) for name, one in known.items() if name.split()[0] == form]
        if not found:
            yield what, f"{must:g} s", "–", "–", "–", "not measured"
            continue
        name, one = max(found, key=lambda pair: pair[1].bytes)
        slowest = max(one.first, one.first_later, one.others.largest) / 1_000
        verdict = "reached" if one.there and slowest <= must else "**not reached**"
        yield what, f"{must:g} s", "–", f"{figure(slowest)} s", name.split()[1].upper().replace("M", " M"), verdict


def section(path: Path = ORIGINALS) -> str:
    """One row a format; empty where nothing was kept."""
    if not path.exists():
        return ""
    kept = _read(path)
    warning = "**The machine was busy with other work.** Read the times as upper bounds.\n\n" if kept.busy else ""
    return (
        "## The record behind a message, from its item\n\n"
        f"`bench/originals.py`, {kept.began:%Y-%m-%d}. Milliseconds from a message to its record as it stands in "
        "its item, which is not loaded as a whole. *First ever*: nothing was prepared; *first*: of another process later.\n\n"
        + warning
        + table(
            ("format, messages", "item", "first ever", "first", "others, 50", "95", "largest", "all there"),
            [_row(name, one) for name, one in kept.formats.items()],
            range(1, 7),
        )
    )


def _row(name: str, one: Original) -> tuple[str, ...]:
    others = (one.others.p50, one.others.p95, one.others.largest)
    times = map(figure, (one.first, one.first_later, *others))
    return name, megabytes(one.bytes), *times, "yes" if one.there else "no"


def _read(path: Path) -> Originals:
    return msgspec.json.decode(path.read_bytes(), type=Originals)
