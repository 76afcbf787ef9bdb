"""Counts of hits by one field, summed over slices. Exact: every hit is counted, by its integer columns."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np

from filon.errors import Unsupported
from filon.store.embedded import zones
from filon.store.embedded.columns import Ints
from filon.store.embedded.slices import Slice
from filon.store.ports import Bucket, Facet

__all__ = ["FIELDS", "Counts", "check", "count", "facet"]

_BY_GROUP = {"platform": "platform", "device": "device", "kind": "kind", "reading": "reading"}
FIELDS = ("account", "conversation", "item", *_BY_GROUP, *zones.CALENDAR)
"""Fields that can be counted by."""

Counts = dict[str, Counter[str]]
"""How many hits by value, by field. What the source does not say is in no bucket."""


def check(fields: Iterable[str]) -> None:
    """``Unsupported`` where one of the fields cannot be counted by."""
    for field in fields:
        if field not in FIELDS:
            raise Unsupported("messages cannot be counted by {field}", field=field)


def count(part: Slice, rows: Ints, fields: Iterable[str], zone: str, items: dict[int, int]) -> Counts:
    """Counts of these rows of one slice. ``items``: the item of every reading."""
    groups = np.bincount(part.group[rows], minlength=part.groups.num_rows)
    walls = None
    counts: Counts = {}
    for field in fields:
        if field == "account":
            counts[field] = _ordinals(part.senders[rows])
        elif field == "conversation":
            counts[field] = _ordinals(part.conversations[rows])
        elif field in zones.CALENDAR:
            if walls is None and part.entry.dated:
                walls = zones.wall(part.times[rows], part.walls[rows], zone)
            counts[field] = Counter() if walls is None else _labels(walls, field)
        else:
            counts[field] = _grouped(part, groups, field, items)
    return counts


def facet(field: str, parts: Iterable[Counts], top: int) -> Facet:
    """The biggest buckets over all slices; equal ones in the order of their values."""
    counts: Counter[str] = Counter()
    for part in parts:
        counts.update(part[field])
    ranked = sorted(counts.items(), key=lambda entry: (-entry[1], len(entry[0]), entry[0]))
    return Facet(field, tuple(Bucket(value, number) for value, number in ranked[:top]), len(counts))


def _ordinals(values: Ints) -> Counter[str]:
    if not len(values):
        return Counter()
    low = int(values.min())
    found = np.bincount(values - low)
    return Counter({str(low + at): int(found[at]) for at in np.flatnonzero(found).tolist() if low + at >= 0})


def _labels(walls: Ints, field: str) -> Counter[str]:
    place, names = zones.labels(walls, field)
    found = np.bincount(place, minlength=len(names))
    return Counter({names[at]: int(found[at]) for at in np.flatnonzero(found).tolist()})


def _grouped(part: Slice, groups: Ints, field: str, items: dict[int, int]) -> Counter[str]:
    """From hits by group to hits by one of the values that make a group."""
    present = np.flatnonzero(groups).tolist()
    if field == "item":
        readings = part.groups["reading"].to_numpy()
        values: list[Any] = [items.get(int(readings[at])) for at in present]
    else:
        values = part.groups[field].take(present).to_pylist()
    counts: Counter[str] = Counter()
    for value, at in zip(values, present, strict=True):
        if value is not None:
            counts[str(value)] += int(groups[at])
    return counts
