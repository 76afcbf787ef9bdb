"""Where the values of a mapping stand in the rows of one sheet, and what of each row stays unread."""

from collections import Counter
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

import msgspec

from filon.evidence.reading import Given
from filon.evidence.rows import Cell, Row
from filon.model.time import Stamp
from filon.readers.tables.mapping import TIMES, Columns, Mapping, Time
from filon.readers.tables.times import Reading, stamp_reader
from filon.readers.tables.words import fold

__all__ = ["ROLES_IN_ORDER", "Clock", "Placing", "reading_of"]

ROLES_IN_ORDER = (*(name for name in Columns.__struct_fields__ if name != "attachments"), "device")
"""What ``Placing.take`` gives, from the left."""
_DATE_FORMS = ("auto", "dmy", "mdy", "ymd")
_MOST_NAMES = 10_000
"""Names of unread columns told one by one; the rest is counted together."""
_LONGEST_NAME = 200


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """One time of the mapping, ready to read: its slot in ``TIMES``, places in the row, and the reader."""

    slot: int
    column: int
    clock: int | None
    zone: int | None
    read: Callable[[Cell], Stamp | None]
    reading: Reading


def reading_of(time: Time, given: Given) -> Reading:
    """How a column of times is read, once what a person stated about the item is taken in.

    A zone that the table itself states is not overruled: it is evidence.
    """
    form = given.date_order if given.date_order in _DATE_FORMS and time.form in _DATE_FORMS else time.form
    if time.zone and (time.zone_basis == "source" or not given.zone):
        return Reading(form=form or "auto", zone=time.zone, basis=time.zone_basis)
    return Reading(form=form or "auto", zone=given.zone)


class Placing:
    """Places of one sheet. ``names``: its columns from the left, or None where cells come by name."""

    def __init__(self, mapping: Mapping, given: Given, names: Sequence[str] | None) -> None:
        self._names = names
        self._folded = [fold(name) for name in names or ()]
        self._keys: list[str] = []
        columns = mapping.columns
        places = [self._place(getattr(columns, role)) for role in ROLES_IN_ORDER[:-1]]
        places.append(self._place(mapping.device.column))
        self.take: Callable[[list[Cell]], tuple[Any, ...]] = itemgetter(*places)
        self.attachments = [self._place(name) for name in columns.attachments]
        self.clocks = [
            self._clock(slot, mapping.times[name], given) for slot, name in enumerate(TIMES) if name in mapping.times
        ]
        used = {*places, *self.attachments}
        for clock in self.clocks:
            used.update(place for place in (clock.column, clock.clock, clock.zone) if place is not None)
        self._unused = [place for place in range(len(names or ())) if place not in used]
        self._used = frozenset(self._keys)
        self.unread: Counter[str] = Counter()

    def cells(self, row: Row) -> list[Cell]:
        """The cells of a row so that the places fit; filled cells of unused columns are counted as unread."""
        cells = row.cells
        if isinstance(cells, dict):
            for name in cells.keys() - self._used:
                if cells[name] is not None:
                    self._pass(name)
            return [cells.get(key) for key in self._keys]
        for place in self._unused:
            if cells[place] is not None:
                assert self._names is not None
                self._pass(self._names[place])
        return [*cells, None]

    def _pass(self, name: str) -> None:
        what = "column " + name[:_LONGEST_NAME]
        self.unread[what if what in self.unread or len(self.unread) < _MOST_NAMES else "further columns"] += 1

    def _place(self, name: str | None) -> int:
        """Place of a column in what ``cells`` gives; the place after the last cell is always empty."""
        if self._names is None:
            if (name or "") not in self._keys:
                self._keys.append(name or "")
            return self._keys.index(name or "")
        if name is None:
            return len(self._names)
        if name in self._names:
            return self._names.index(name)
        return self._folded.index(fold(name)) if fold(name) in self._folded else len(self._names)

    def _clock(self, slot: int, time: Time, given: Given) -> Clock:
        reading = reading_of(time, given)
        return Clock(
            slot=slot,
            column=self._place(time.column),
            clock=self._place(time.clock) if time.clock else None,
            zone=self._place(time.zone_column) if time.zone_column else None,
            read=stamp_reader(reading),
            reading=reading,
        )
