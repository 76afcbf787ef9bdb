"""Where the values of a mapping stand in the rows of one sheet, and what of each row stays unread."""

from collections import Counter
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

import msgspec

from filon.evidence.reading import Given
from filon.evidence.rows import Cell, Row
from filon.model.time import Stamp
from filon.readers.tables.fitting import ColumnNames
from filon.readers.tables.header import heading
from filon.readers.tables.mapping import TIMES, Columns, Mapping, Time
from filon.readers.tables.times import Reading, stamp_reader

__all__ = ["OF_MESSAGES", "OF_PARTIES", "Clock", "Placing", "reading_of"]

OF_MESSAGES = ("text", "native_id", "sequence", "status", "deleted", "kind", "reply_to", "latitude", "longitude")
"""What ``Placing.take`` gives, from the left."""
OF_PARTIES = (
    *("device", "owner", "platform", "direction", "contact", "nickname"),
    *("sender", "sender_name", "recipients", "recipient_names", "participants", "conversation", "title"),
)
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
        self._columns = ColumnNames(names or ())
        self._wanted: list[str | None] = []
        self._known: dict[str, int] = {}
        columns = mapping.columns
        named = {
            **{role: getattr(columns, role) for role in Columns.__struct_fields__},
            "device": mapping.device.column,
        }
        places = [self._place(named[role]) for role in (*OF_MESSAGES, *OF_PARTIES)]
        self.of_messages, self.of_parties = places[: len(OF_MESSAGES)], places[len(OF_MESSAGES) :]
        self.take: Callable[[list[Cell]], tuple[Any, ...]] = itemgetter(*places[: len(OF_MESSAGES)])
        self.take_parties: Callable[[list[Cell]], tuple[Any, ...]] = itemgetter(*places[len(OF_MESSAGES) :])
        """Of ``OF_PARTIES``."""
        self.attachments = [self._place(name) for name in columns.attachments]
        self.clocks = [
            self._clock(slot, mapping.times[name], given) for slot, name in enumerate(TIMES) if name in mapping.times
        ]
        used = {*places, *self.attachments}
        for clock in self.clocks:
            used.update(place for place in (clock.column, clock.clock, clock.zone) if place is not None)
        self.unused = [place for place in range(len(names or ())) if place not in used]
        self._keys = ColumnNames([name or "" for name in self._wanted])
        self.unread: Counter[str] = Counter()

    def cells(self, row: Row) -> list[Cell]:
        """The cells of a row so that the places fit; filled cells of unused columns are counted as unread."""
        cells = row.cells
        if isinstance(cells, dict):
            return self._by_name(cells)
        for place in self.unused:
            if cells[place] is not None:
                assert self._names is not None
                self.pass_column(self._names[place])
        return [*cells, None]

    def _by_name(self, cells: dict[str, Cell]) -> list[Cell]:
        known = self._known
        found: list[Cell] = [None] * len(self._wanted)
        for name, cell in cells.items():
            place = known.get(name)
            if place is None:
                if len(known) >= _MOST_NAMES:
                    known.clear()
                place = known[name] = self.wanted_place(name)
            if place >= 0:
                found[place] = cell
            elif cell is not None:
                self.pass_column(name)
        return found

    def wanted_place(self, name: str) -> int:
        """Place of the wanted column that a key names, or -1."""
        place = self._keys.find(name)
        if place is None:
            place = self._keys.find(heading(name).words)
        return -1 if place is None or self._wanted[place] is None else place

    def name_of(self, column: int) -> str:
        """What a column is called, where cells come by position."""
        assert self._names is not None
        return self._names[column]

    def pass_column(self, name: str, count: int = 1) -> None:
        """Count so many filled cells of a column as unread."""
        what = "column " + name[:_LONGEST_NAME]
        self.unread[what if what in self.unread or len(self.unread) < _MOST_NAMES else "further columns"] += count

    def _place(self, name: str | None) -> int:
        """Place of a column in what ``cells`` gives; a column that is not there gets a place that is always empty."""
        if self._names is None:
            if name not in self._wanted:
                self._wanted.append(name)
            return self._wanted.index(name)
        place = self._columns.find(name)
        return len(self._names) if place is None else place

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
