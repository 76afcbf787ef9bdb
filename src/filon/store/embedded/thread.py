"""One conversation in reading order over all slices: merged once, then any page at once."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from filon.model.columns import MESSAGES
from filon.store.embedded import zones
from filon.store.embedded.columns import UNDATED, Ints
from filon.store.embedded.gather import gather
from filon.store.embedded.slices import Bits, Slice

__all__ = ["EmbeddedThread"]


class EmbeddedThread:
    """The conversation ``number``: ``ids`` and ``times`` by place, and where each row lies; ``keys``: slices that hold some of it.

    ``parts``: for every slice that holds some of it, the rows to show, ascending.
    """

    def __init__(self, number: int, parts: Sequence[tuple[Slice, Ints]]) -> None:
        self.number = number
        parts = sorted(parts, key=lambda held: held[0].entry.first if held[0].entry.first is not None else UNDATED)
        self._slices = [part for part, _ in parts]
        self.keys = frozenset(part.key for part in self._slices)
        rows = [rows for _, rows in parts]
        ids = _joined([part.ids[rows] for part, rows in parts])
        times = _joined([part.times[rows] for part, rows in parts])
        order = _merged(times, ids)
        self.ids = ids if order is None else ids[order]
        self._times = times if order is None else times[order]
        placed = np.repeat(
            np.arange(len(rows), dtype=np.int16 if len(rows) < 1 << 15 else np.int32), [len(r) for r in rows]
        )
        joined = _joined(rows).astype(np.int32)
        self._rows = joined if order is None else joined[order]
        self._part = placed if order is None else placed[order]
        self._dated = int(np.searchsorted(self._times, UNDATED))

    def __len__(self) -> int:
        return len(self.ids)

    def page(self, offset: int, limit: int, names: Sequence[str] | None = None) -> pa.Table:
        """Messages at these places. ``names``: columns, None for all."""
        names = MESSAGES.names if names is None else names
        parts, rows = self._part[offset : offset + limit], self._rows[offset : offset + limit]
        if not len(rows):
            return MESSAGES.empty_table().select(names)
        places = [(int(number), np.flatnonzero(parts == number)) for number in np.unique(parts)]
        return gather([(self._slices[number], rows[place], place) for number, place in places], names)

    def place_of(self, number: int) -> int | None:
        """Where a message stands."""
        found = np.flatnonzero(self.ids == number)
        return int(found[0]) if len(found) else None

    def place_at(self, time: int) -> int:
        """The first place at or after a time in microseconds."""
        return int(np.searchsorted(self._times[: self._dated], time))

    def days(self, zone: str) -> pa.Table:
        """One row a day: ``day`` date32, ``place`` of its first message, ``count``. Undated messages are on none."""
        walls = zones.wall(self._times[: self._dated], self._walls(), zone)
        days, place, count = np.unique(walls // (86400 * 1_000_000), return_index=True, return_counts=True)
        limit = np.iinfo(np.int32)
        day = pa.array(np.clip(days, limit.min, limit.max).astype(np.int32)).cast(pa.date32())
        return pa.table({"day": day, "place": pa.array(place), "count": pa.array(count)})

    def _walls(self) -> Bits | None:
        """Which of the dated messages have a time without a zone; None where none has."""
        if not any(part.meta.walls for part in self._slices):
            return None
        walls = np.zeros(len(self.ids), np.bool_)
        for number, part in enumerate(self._slices):
            if part.meta.walls:
                here = np.flatnonzero(self._part == number)
                walls[here] = part.group_marks("wall")[part.group[self._rows[here]]]
        return walls[: self._dated]

    def strip(self, ids: Ints, bins: int) -> list[int]:
        """How many of ``ids`` fall into each of ``bins`` equal stretches of the conversation."""
        places = np.flatnonzero(np.isin(self.ids, ids))
        counts: list[int] = np.bincount(places * bins // max(1, len(self.ids)), minlength=bins).tolist()
        return counts


def _joined(arrays: "list[Ints]") -> Ints:
    return np.concatenate([np.zeros(0, np.int64), *arrays])


def _merged(times: Ints, ids: Ints) -> Ints | None:
    """The order by time, then by number; None where they stand in it. Slices are sorted and mostly follow each other, so a
    stable sort by time is nearly a merge."""
    if ((times[1:] > times[:-1]) | ((times[1:] == times[:-1]) & (ids[1:] > ids[:-1]))).all():
        return None
    order = np.argsort(times, kind="stable")
    time, number = times[order], ids[order]
    if ((time[1:] == time[:-1]) & (number[1:] < number[:-1])).any():
        return np.lexsort((ids, times))
    return order
