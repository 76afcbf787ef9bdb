"""Counts of hits by one field, summed over slices. Exact: every hit is counted, by its integer columns.

Where a question of many hits is for the full-text index alone, the index counts: what it returns is one number for each
value, and for each quarter of an hour, instead of every hit.
"""

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

_MOST = 60_000
"""Values and quarters of an hour that the index is asked for at once; it refuses more than 65,000."""
_QUARTER = 900 * 1_000_000
_NAMED = {"sender": "account", "conversation": "conversation"}
_ASK: dict[str, Any] = {
    name: {"terms": {"field": name, "size": _MOST, "segment_size": _MOST}}
    for name in ("sender", "conversation", "group")
}

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


def count_in_index(part: Slice, query: Any, fields: Iterable[str], zone: str, items: dict[int, int]) -> Counts | None:
    """The same for all hits of an index query, without seeing them; None where that would not be exact."""
    fields = tuple(fields)
    by_time = any(field in zones.CALENDAR for field in fields)
    ask = {name: _ASK[name] for name in ("sender", "conversation") if _NAMED[name] in fields}
    ask["group"] = _ASK["group"]
    span = ((part.entry.last or 0) - (part.entry.first or 0)) // _QUARTER
    exact = max(abs(part.entry.first or 0), abs(part.entry.last or 0)) < 1 << 53  # the index counts in floats
    if by_time and (part.meta.walls or not part.entry.dated or span > _MOST or not exact):
        return None
    if by_time:
        ask["time"] = {"histogram": {"field": "time", "interval": float(_QUARTER), "min_doc_count": 1}}
    found = part.searcher.aggregate(query, ask)
    if any(found[name].get("sum_other_doc_count") for name in ask):
        return None
    groups = np.zeros(part.groups.num_rows, np.int64)
    for bucket in found["group"]["buckets"]:
        groups[int(bucket["key"])] = bucket["doc_count"]
    counts: Counts = {}
    walls, weights = _quarters(found["time"]["buckets"], zone) if by_time else (None, None)
    for field in fields:
        if field in zones.CALENDAR:
            if walls is None:
                return None
            counts[field] = _labels(walls, field, weights)
        elif field in ("account", "conversation"):
            buckets = found["sender" if field == "account" else field]["buckets"]
            counts[field] = Counter({str(int(bucket["key"])): bucket["doc_count"] for bucket in buckets})
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


def _quarters(buckets: list[dict[str, Any]], zone: str) -> tuple[Ints | None, Ints]:
    """Wall times of quarters of an hour and how many hits each has; None where a clock is changed inside one."""
    starts = np.array([round(bucket["key"]) for bucket in buckets], np.int64)
    weights = np.array([bucket["doc_count"] for bucket in buckets], np.int64)
    utc = np.zeros(len(starts), np.bool_)
    walls = zones.wall(starts, utc, zone)
    even = (walls % _QUARTER == 0) & (zones.wall(starts + _QUARTER - 1, utc, zone) - walls == _QUARTER - 1)
    return walls if even.all() else None, weights


def _labels(walls: Ints, field: str, weights: Ints | None = None) -> Counter[str]:
    place, names = zones.labels(walls, field)
    found = np.bincount(place, weights, minlength=len(names))
    return Counter({names[at]: int(found[at]) for at in np.flatnonzero(found).tolist()})


def _grouped(part: Slice, groups: Ints, field: str, items: dict[int, int]) -> Counter[str]:
    """From hits by group to hits by one of the values that make a group."""
    present = np.flatnonzero(groups)
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
