"""How many rows each reading gave, counted over the rows themselves: what a check holds against the accounts in the log."""

from collections import Counter

import numpy as np

from filon.model.ids import RECORD_BITS
from filon.store.embedded.columns import Ints
from filon.store.embedded.snapshot import Snapshot

__all__ = ["given_by_readings"]


def given_by_readings(snapshot: Snapshot) -> dict[int, dict[str, int]]:
    """By reading, how many messages, attachments, events and defects; withdrawn ones included, what is 0 left out."""
    found: dict[str, Counter[int]] = {"messages": Counter(), "attachments": Counter()}
    for part in snapshot.slices:
        found["messages"] += _by_reading(part.ids[:])
        for reading, count in zip(
            *(part.summary[name].to_pylist() for name in ("reading", "attachments")), strict=True
        ):
            found["attachments"][reading] += count
    for kind in ("events", "defects"):
        found[kind] = _by_reading(snapshot.table(kind, withdrawn=True)["id"].to_numpy())
    given: dict[int, dict[str, int]] = {}
    for kind, counted in found.items():
        for reading, count in counted.items():
            if count:
                given.setdefault(reading, {})[kind] = count
    return given


def _by_reading(ids: Ints) -> Counter[int]:
    readings, counts = np.unique(ids >> RECORD_BITS, return_counts=True)
    return Counter(dict(zip(readings.tolist(), counts.tolist(), strict=True)))
