"""A mapping fitted to the columns of one sheet: which it finds, and what the sheet's header states on its own.

Names are compared exactly, then folded (``sent_utc`` is ``sent (UTC)``), then without what a header adds about zone and order
(``Message Sent Date/Time - UTC+00:00 (dd/MM/yyyy)`` is ``Message Sent Date/Time``).
"""

from collections.abc import Sequence

import msgspec

from filon.evidence.rows import Cell, Cut, Row
from filon.readers.tables.header import Heading, heading
from filon.readers.tables.mapping import Mapping, Time, shipped, shipped_names
from filon.readers.tables.shapes import Shape
from filon.readers.tables.words import fold

__all__ = ["ColumnNames", "Head", "Unsettled", "fitting_shipped", "settled"]

_MOST_OF = 0.6
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


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The beginning of one sheet: its columns, where its header stands (0: nowhere), and rows below it in column order."""

    names: tuple[str, ...]
    header: int
    sample: tuple[tuple[Cell, ...], ...]
    rows: tuple[Row, ...]
    cuts: tuple[Cut, ...] = ()
    """Everything that was looked at, above the header too."""
    shapes: dict[int, Shape] = {}
    """What was asked for so far."""

    def shape(self, place: int) -> Shape:
        """The shape of a column's sample."""
        if place not in self.shapes:
            self.shapes[place] = Shape(cells[place] for cells in self.sample)
        return self.shapes[place]


class Unsettled(msgspec.Struct, frozen=True, kw_only=True):
    """What neither mapping, header nor values say: columns of times by name."""

    zones: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()
    suggested: str | None = None
    """The order of day and month under which the days run backwards least, where one does."""


def settled(mapping: Mapping, head: Head, *, old_days: bool = False) -> tuple[Mapping, Unsettled]:
    """The mapping with what header and values say about zone and form, where it leaves them open; and what stays open.

    ``old_days``: the workbook counts its days from 1904.
    """
    columns = ColumnNames(head.names)
    shapes: dict[str, Shape] = {}
    times: dict[str, Time] = {}
    for key, time in mapping.times.items():
        place = columns.find(time.column)
        if place is not None:
            shapes[key] = head.shape(place)
            time = _settled_time(time, heading(head.names[place]), shapes[key])
        times[key] = time
    times = _alike(times, shapes)
    if old_days:
        counted = {key: time for key, time in times.items() if time.form == "excel"}
        times.update({key: msgspec.structs.replace(time, form="excel-1904") for key, time in counted.items()})
    zones = [
        time.column
        for key, time in times.items()
        if time.zone is None and time.zone_column is None and key in shapes and _is_local(shapes[key])
    ]
    orders = [key for key, time in times.items() if time.form == "auto" and key in shapes and shapes[key].open]
    suggested = {shapes[key].suggested for key in orders}
    return msgspec.structs.replace(mapping, times=times), Unsettled(
        zones=tuple(zones),
        orders=tuple(times[key].column for key in orders),
        suggested=suggested.pop() if len(suggested) == 1 else None,
    )


def _is_local(shape: Shape) -> bool:
    return shape.filled > 0 and shape.own_zone < _NEARLY_ALL


def _alike(times: dict[str, Time], shapes: dict[str, Shape]) -> dict[str, Time]:
    """One program wrote all columns: one whose form is open, or whose sample is empty, is read as the others are."""
    forms = [time.form for time in times.values() if time.form != "auto"]
    orders = set(forms) & {"dmy", "mdy", "ymd"}
    known = orders.pop() if len(orders) == 1 else None
    for key, time in times.items():
        if time.form != "auto" or key not in shapes:
            continue
        form = known if shapes[key].open else forms[0] if forms and not shapes[key].filled else None
        if form is not None:
            times[key] = msgspec.structs.replace(time, form=form)
    return times


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


def fitting_shipped(names: Sequence[str]) -> tuple[int, Mapping] | None:
    """The shipped mapping that finds text, time and most of its other columns here, with how many it finds."""
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
    return best
