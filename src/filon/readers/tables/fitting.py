"""A mapping fitted to the columns of one sheet: which it finds, and what the sheet's header states on its own.

Names are compared exactly, then folded (``sent_utc`` is ``sent (UTC)``), then without what a header adds about zone and order
(``Message Sent Date/Time - UTC+00:00 (dd/MM/yyyy)`` is ``Message Sent Date/Time``).
"""

from collections.abc import Sequence

import msgspec

from filon.evidence.rows import Cell
from filon.readers.tables.header import Heading, heading
from filon.readers.tables.mapping import Mapping, Time, shipped, shipped_names
from filon.readers.tables.shapes import Shape, shape_of
from filon.readers.tables.words import fold

__all__ = ["ColumnNames", "Unsettled", "fitting_shipped", "settled"]

_MOST_OF = 0.8
_NEARLY_ALL = 0.99
_WRITTEN = frozenset({None, "auto", "dmy", "mdy", "ymd"})


class ColumnNames:
    """Finds columns by name."""

    def __init__(self, names: Sequence[str]) -> None:
        self._exact: dict[str, int] = {}
        self._folded: dict[str, int] = {}
        self._bare: dict[str, int] = {}
        for place, name in enumerate(names):
            self._exact.setdefault(name, place)
            self._folded.setdefault(fold(name), place)
            self._bare.setdefault(heading(name).words, place)

    def find(self, name: str | None) -> int | None:
        """Place of the column called so, or None."""
        if not name:
            return None
        if name in self._exact:
            return self._exact[name]
        folded = fold(name)
        if not folded:
            return None
        return self._folded.get(folded, self._bare.get(folded))


class Unsettled(msgspec.Struct, frozen=True, kw_only=True):
    """What neither mapping, header nor values say: columns of times by name."""

    zones: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()
    suggested: str | None = None
    """The order of day and month under which the days run backwards least, where one does."""


def settled(mapping: Mapping, names: Sequence[str], sample: Sequence[Sequence[Cell]]) -> tuple[Mapping, Unsettled]:
    """The mapping with what header and values say about zone and form, where it leaves them open; and what stays open."""
    columns = ColumnNames(names)
    times: dict[str, Time] = {}
    zones: list[str] = []
    orders: list[str] = []
    suggested: set[str | None] = set()
    for key, time in mapping.times.items():
        place = columns.find(time.column)
        times[key] = time
        if place is None:
            continue
        shape = shape_of(cells[place] for cells in sample)
        times[key] = time = _settled_time(time, heading(names[place]), shape)
        if time.zone is None and time.zone_column is None and shape.filled and shape.own_zone < _NEARLY_ALL:
            zones.append(names[place])
        if time.form == "auto" and shape.open:
            orders.append(names[place])
            suggested.add(shape.suggested)
    forms = [time.form for time in times.values() if time.form != "auto"]
    for key, time in times.items():
        place = columns.find(time.column)
        # a column that is empty in the sample is read like the others: one program wrote them all
        if forms and time.form == "auto" and place is not None and all(cells[place] is None for cells in sample):
            times[key] = msgspec.structs.replace(time, form=forms[0])
    one = suggested.pop() if len(suggested) == 1 else None
    return msgspec.structs.replace(mapping, times=times), Unsettled(
        zones=tuple(zones), orders=tuple(orders), suggested=one
    )


def _settled_time(time: Time, head: Heading, shape: Shape) -> Time:
    if time.zone is None and time.zone_column is None and head.zone:
        time = msgspec.structs.replace(time, zone=head.zone, zone_basis="source")
    if time.form != "auto":
        return time
    if head.unit:
        return msgspec.structs.replace(time, form=head.unit)
    if head.order and shape.form in _WRITTEN:
        return msgspec.structs.replace(time, form=head.order)
    return msgspec.structs.replace(time, form=shape.form or "auto")


def fitting_shipped(names: Sequence[str]) -> Mapping | None:
    """The shipped mapping that finds text, times and nearly all its other columns here; the one that finds most."""
    columns = ColumnNames(names)
    best: tuple[int, Mapping] | None = None
    for name in shipped_names():
        mapping = shipped(name)
        needed = {mapping.columns.text, *(time.column for key, time in mapping.times.items() if key == "sent")}
        if any(columns.find(one) is None for one in needed):
            continue
        wanted = mapping.used() - set(mapping.columns.attachments)
        found = sum(1 for one in wanted if columns.find(one) is not None)
        if found >= _MOST_OF * len(wanted) and (best is None or found > best[0]):
            best = (found, mapping)
    return best[1] if best else None
