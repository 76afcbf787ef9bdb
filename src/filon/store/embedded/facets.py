"""Counts of hits by one field, summed over slices. Exact: every hit is counted, by its integer columns.

Where a question of many hits is for the full-text index alone, the index counts: what it returns is one number for each
value, and for each day or quarter of an hour, instead of every hit.
"""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import msgspec
import numpy as np

from filon.errors import Unsupported
from filon.store.embedded import zones
from filon.store.embedded.columns import Ints
from filon.store.embedded.slices import Slice
from filon.store.ports import Bucket, Facet

__all__ = ["FIELDS", "Count", "check", "count", "count_in_index", "count_together", "facet"]

_IN_ORDER = ("month", "day")
"""Fields of which later times have no smaller value."""
_WORDS = ("platform", "device", "kind")
_BY_GROUP = (*_WORDS, "reading", "item")
FIELDS = ("account", "conversation", *_BY_GROUP, *zones.CALENDAR)
"""Fields that can be counted by."""

_MOST = 60_000
"""Values and stretches of time that the index is asked for at once; it refuses more than 65,000."""
_FILLED = 8
"""Values are counted side by side where they lie at most so many times as far apart as there are."""
_QUARTER = 900 * 1_000_000
_DAY = 96 * _QUARTER
_NAMED = {"sender": "account", "conversation": "conversation"}
_ASK: dict[str, Any] = {
    name: {"terms": {"field": name, "size": _MOST, "segment_size": _MOST}}
    for name in ("sender", "conversation", "group")
}


class Count(msgspec.Struct, frozen=True):
    """Hits of one slice by one field. ``values``: ordinals as ``zones`` and the store number them, or words; each once.

    What the source does not say is in none.
    """

    values: Ints | list[str]
    hits: Ints

    @property
    def size(self) -> int:
        """Bytes, about."""
        return len(self.values) * 16 if isinstance(self.values, np.ndarray) else len(self.values) * 100


def check(fields: Iterable[str]) -> None:
    """``Unsupported`` where one of the fields cannot be counted by."""
    for field in fields:
        if field not in FIELDS:
            raise Unsupported("messages cannot be counted by {field}", field=field)


def count(part: Slice, rows: Ints | None, fields: Sequence[str], zone: str, items: dict[int, int]) -> dict[str, Count]:
    """Counts of these rows (None: of all) of one slice. ``items``: the item of every reading."""
    chosen: Any = slice(None) if rows is None else rows
    groups = None
    calendar = [field for field in fields if field in zones.CALENDAR]
    counts = _by_time(part, chosen, calendar, zone)
    for field in fields:
        if field == "account":
            counts[field] = _distinct(part.senders[chosen])
        elif field == "conversation":
            values, hits = part.conversations.counted(rows)
            found = np.flatnonzero((hits > 0) & (values >= 0))
            counts[field] = Count(values[found].astype(np.int64), hits[found])
        elif field in _BY_GROUP:
            if groups is None:
                groups = np.bincount(part.group[chosen], minlength=part.group_count)
            counts[field] = _grouped(part, groups, field, items)
    return counts


def count_together(
    found: Sequence[tuple[Slice, Ints]], fields: Sequence[str], zone: str, items: dict[int, int]
) -> list[dict[str, Count]]:
    """Counts of a few rows of each of many slices: in one where that can be, which takes as long as it does for one slice."""
    counts: dict[str, Count] = {}
    if "account" in fields:
        counts["account"] = _distinct(_of_all(part.senders[rows] for part, rows in found))
    if "conversation" in fields:
        counts["conversation"] = _distinct(_of_all(part.conversations[rows] for part, rows in found))
    if calendar := [field for field in fields if field in zones.CALENDAR]:
        dated = [(part, rows) for part, rows in found if part.entry.dated]
        floating = _of_all(
            part.walls[rows] if part.meta.walls else np.zeros(len(rows), np.bool_) for part, rows in dated
        )
        walls = zones.wall(_of_all(part.times[rows] for part, rows in dated), floating.astype(np.bool_), zone)
        counts |= {field: _distinct(zones.ordinals(walls, field), least=None) for field in calendar}
    grouped = [field for field in fields if field in _BY_GROUP]
    return [counts, *(count(part, rows, grouped, zone, items) for part, rows in found if grouped)]


def _of_all(columns: Iterable[Ints]) -> Ints:
    """Values of several slices, one after the other."""
    return np.concatenate([np.zeros(0, np.int64), *columns])


def count_in_index(
    part: Slice, query: Any, fields: Sequence[str], zone: str, items: dict[int, int]
) -> dict[str, Count] | None:
    """The same for all hits of an index query, without seeing them; None where that would not be exact."""
    calendar = [field for field in fields if field in zones.CALENDAR]
    ask = {name: _ASK[name] for name in ("sender", "conversation") if _NAMED[name] in fields}
    if any(field in _BY_GROUP for field in fields):
        ask["group"] = _ASK["group"]
    step, offset = _QUARTER, 0
    if calendar:
        stretch = _stretches(part, zone, by_day="hour" not in calendar)
        if stretch is None:
            return None
        step, offset = stretch
        ask["time"] = {
            "histogram": {"field": "time", "interval": float(step), "offset": float(-offset % step), "min_doc_count": 1}
        }
    found = part.searcher.aggregate(query, ask)
    if any(found[name].get("sum_other_doc_count") for name in ask):
        return None
    counts: dict[str, Count] = {}
    starts, hits = _buckets(found["time"]["buckets"]) if calendar else (np.zeros(0, np.int64), np.zeros(0, np.int64))
    walls = _even(starts, step, zone) if calendar else starts
    if walls is None:
        return None
    for field in calendar:
        counts[field] = _distinct(zones.ordinals(walls, field), hits, least=None)
    for name, field in _NAMED.items():
        if field in fields:
            counts[field] = Count(*_buckets(found[name]["buckets"]))
    if "group" in ask:
        groups = np.zeros(part.group_count, np.int64)
        at, hits = _buckets(found["group"]["buckets"])
        groups[at] = hits
        counts |= {field: _grouped(part, groups, field, items) for field in fields if field in _BY_GROUP}
    return counts


def facet(field: str, parts: Iterable[Count], top: int) -> Facet:
    """The biggest buckets over all slices; equal ones in the order of their values."""
    counts = list(parts)
    if field in _WORDS:
        hits = np.concatenate([np.zeros(0, np.int64), *(part.hits for part in counts)])
        words = [str(word) for part in counts for word in part.values]
        names: Any = sorted(set(words), key=lambda word: (len(word), word))
        number = {name: at for at, name in enumerate(names)}
        summed = np.bincount([number[word] for word in words], hits, len(names)).astype(np.int64) if words else hits
    else:
        joined = _summed([(np.asarray(part.values, np.int64), part.hits) for part in counts])
        names, summed = joined.values, joined.hits
    order = _biggest(summed, top).tolist()
    label = partial(zones.label, field=field) if field in zones.CALENDAR else str
    return Facet(field, tuple(Bucket(label(names[at]), int(summed[at])) for at in order), len(names))


def _summed(counts: "Sequence[tuple[Ints, Ints]]") -> Count:
    """Values and hits of several slices, each value of a slice once, as one."""
    counts = [(values, hits) for values, hits in counts if len(values)]
    low = min((int(values.min()) for values, _ in counts), default=0)
    size = max((int(values.max()) for values, _ in counts), default=0) - low + 1
    if size > _FILLED * sum(len(values) for values, _ in counts) + 1024:
        values, hits = (np.concatenate(some) for some in zip(*counts, strict=True))
        return _distinct(values, hits, least=None)
    sums = np.zeros(size, np.int64)
    for values, hits in counts:
        sums[values - low] += hits
    found = np.flatnonzero(sums > 0)
    return Count(found + low, sums[found])


def _biggest(hits: Ints, top: int) -> Ints:
    """The places of the biggest numbers, biggest first, equal ones in their order."""
    if not 0 < top < len(hits):
        return np.argsort(-hits, kind="stable")[:top]
    found = np.flatnonzero(hits >= np.partition(hits, -top)[-top])
    return found[np.argsort(-hits[found], kind="stable")[:top]]


def _distinct(values: Ints, hits: Ints | None = None, *, least: int | None = 0) -> Count:
    """Each value once with how often it stands there, ``hits`` times each; those below ``least`` are in no bucket."""
    if not len(values):
        return Count(values.astype(np.int64), np.zeros(0, np.int64))
    low, high = int(values.min()), int(values.max())
    if high - low < _FILLED * len(values) + 1024:
        summed = np.bincount(values - values.dtype.type(low), hits)
        found = np.flatnonzero(summed > 0)
        distinct, summed = found + low, summed[found].astype(np.int64)
    elif hits is None:
        distinct, summed = np.unique(values, return_counts=True)
    else:
        distinct, which = np.unique(values, return_inverse=True)
        summed = np.bincount(which, hits).astype(np.int64)
    if least is not None and low < least:
        distinct, summed = distinct[distinct >= least], summed[distinct >= least]
    return Count(distinct.astype(np.int64), summed)


def _by_time(part: Slice, chosen: Any, calendar: list[str], zone: str) -> dict[str, Count]:
    """Counts by calendar fields: stretches of time first, which are few, then what each of them falls into."""
    spans = {field: only for field in calendar if (only := _only(part, field, zone)) is not None}
    hits = part.rows if isinstance(chosen, slice) else len(chosen)
    counts = {field: _counted_once(only, hits) for field, only in spans.items()}
    calendar = [field for field in calendar if field not in spans]
    if not calendar:
        return counts
    times = part.times[chosen] if part.entry.dated else np.zeros(0, np.int64)
    stretch = _stretches(part, zone, by_day="hour" not in calendar)
    if stretch is not None:
        step, offset = stretch
        found = _distinct((times + offset) // step, least=None)
        walls = _even(np.asarray(found.values) * step - offset, step, zone)
        if walls is not None:
            spread = {field: _distinct(zones.ordinals(walls, field), found.hits, least=None) for field in calendar}
            return counts | spread
    walls = zones.wall(times, part.walls[chosen] if part.meta.walls and len(times) else None, zone)
    return counts | {field: _distinct(zones.ordinals(walls, field), least=None) for field in calendar}


def _counted_once(value: int, hits: int) -> Count:
    return Count(np.array([value][:hits], np.int64), np.array([hits][:hits], np.int64))


def _only(part: Slice, field: str, zone: str) -> int | None:
    """The one month or day that a whole slice lies in; None where there are several, or that is not told."""
    first, last = part.entry.first, part.entry.last
    if field not in _IN_ORDER or first is None or last is None or part.meta.walls:
        return None
    offset = zones.steady(first, last, zone)
    if offset is None:
        return None
    begin, end = zones.ordinals(np.array([first + offset, last + offset]), field).tolist()
    return begin if begin == end else None


def _stretches(part: Slice, zone: str, *, by_day: bool) -> tuple[int, int] | None:
    """How long the stretches are that a slice is counted by, and how far the first is from UTC's; None: none would do.

    Days where a zone's clock is never changed within the slice, else quarters of an hour.
    """
    first, last = part.entry.first, part.entry.last
    if first is None or last is None or part.meta.walls or max(abs(first), abs(last)) >= 1 << 53:
        return None  # the index counts in floats
    offset = zones.steady(first - _DAY, last + _DAY, zone) if by_day else None
    if offset is not None:
        return (_DAY, offset) if (last - first) // _DAY < _MOST else None
    return (_QUARTER, 0) if (last - first) // _QUARTER < _MOST else None


def _buckets(buckets: list[dict[str, Any]]) -> tuple[Ints, Ints]:
    """Keys and counts of what the index gives."""
    keys = np.fromiter((round(bucket["key"]) for bucket in buckets), np.int64, len(buckets))
    return keys, np.fromiter((bucket["doc_count"] for bucket in buckets), np.int64, len(buckets))


def _even(starts: Ints, step: int, zone: str) -> Ints | None:
    """Wall times at which these stretches begin; None where a clock is changed inside one, or a day begins elsewhere."""
    walls = zones.wall(starts, None, zone)
    even = (walls % step == 0) & (zones.wall(starts + step - 1, None, zone) - walls == step - 1)
    return walls if even.all() else None


def _grouped(part: Slice, groups: Ints, field: str, items: dict[int, int]) -> Count:
    """From hits by group to hits by one of the values that make a group."""
    codes, values = part.group_values("reading" if field == "item" else field)
    summed = np.bincount(codes, groups, minlength=len(values)).astype(np.int64)
    if field == "item":
        values = [items.get(reading) for reading in values]
    kept = [at for at in np.flatnonzero(summed).tolist() if values[at] is not None]
    if field in _WORDS:
        return Count([values[at] for at in kept], summed[kept])
    return _distinct(np.array([values[at] for at in kept], np.int64), summed[kept])
