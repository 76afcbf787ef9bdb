"""Rows of one sheet composed into records under a mapping.

Sender and recipients are set as the table says them; what the table leaves open stays None. A row that shows neither a
text, a file, a readable time nor an account cannot be a message and becomes a defect with its cells.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec

from filon.errors import ReadingError
from filon.evidence.reading import Given
from filon.evidence.rows import Cell, Row, excerpt
from filon.model.records import Attachment, Defect, Locator, Message, Place, Record, Unread
from filon.model.time import Stamp
from filon.readers.tables.cells import attachments_of, degrees, handle_of, is_rounded, text_of, whole_number
from filon.readers.tables.mapping import TIMES, Mapping
from filon.readers.tables.parties import Met, Naming, Parties
from filon.readers.tables.placing import Clock, Placing
from filon.readers.tables.times import Reading, stamp_reader
from filon.readers.tables.words import DIRECTIONS, KINDS, STATES, YES, fold
from filon.words.sentence import sentence

__all__ = ["FORMAT_NAME", "Composer", "Fault", "Surroundings", "raw_of", "tell"]

FORMAT_NAME = "table"
_MOST_WORDS = 1000
_KEPT = 500_000
_ID = "native_id"
_DETAILS = {
    "number-rounded": sentence("digits were lost before the file was written; the number as shown identifies nobody"),
    "charset-differs": sentence("the row is written in another charset than the rest of the file, and was read in it"),
    "direction-unknown": sentence("the word is neither incoming nor outgoing in this mapping"),
    "unreadable-time": sentence(
        "the cell cannot be read as a time in the form of this mapping; what is written is kept"
    ),
}
_FAULT = sentence("{why}; {column}: {count} rows, this is the first")


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What stands around the rows."""

    file: str
    sheet: str | None = None
    beside: dict[str, str] = {}
    """Members of the same archive, by name and by the last part of it."""
    charset: str | None = None
    """Set where the charset of the file was guessed."""


class Fault(msgspec.Struct):
    """A fault that many rows may share: told once per column, with its count and its first row."""

    code: str
    where: str
    count: int
    locator: Locator
    raw: str | None


class Composer:
    """Composes the rows of one sheet. ``names``: its columns from the left, or None where cells come by name."""

    def __init__(self, mapping: Mapping, given: Given, names: Sequence[str] | None, around: Surroundings) -> None:
        self.mapping = mapping
        self.around = around
        self.placing = Placing(mapping, given, names)
        self._parties = Parties(mapping)
        self._device = given.owner or _device_of(mapping, around)
        self._owner = given.owner
        self.assumptions = self._stated(given)
        """Those of every row."""
        self._words: dict[str, dict[str, str | None]] = {"direction": {}, "status": {}, "kind": {}}
        self._clocks = [
            (one.slot, one.column, one.read, one if one.clock is not None or one.zone is not None else None)
            for one in self.placing.clocks
        ]
        self._met: dict[object, tuple[Met, str]] = {}
        self._zoned: dict[tuple[int, str], Any] = {}
        self._faults: dict[tuple[str, str], Fault] = {}

    def compose(self, row: Row) -> list[Record]:
        """The records of one row: what it newly says about accounts and conversations, then its message or a defect."""
        cells = self.placing.cells(row)
        text, native_id, sequence, status, deleted, kind, reply_to, latitude, longitude = self.placing.take(cells)
        locator = Locator(row.path or f"row {row.number}", row.offset, row.length)
        met, network, records = self.meet(self.placing.take_parties(cells), locator)
        sides = met.sides
        stamps = self._stamps(cells, locator)
        files: tuple[Attachment, ...] = ()
        for place in self.placing.attachments:
            if cells[place] is not None:
                files += attachments_of(cells[place], self.mapping.separator, self.around.beside)
        if text is None and not files and not sides.strangers and not any(map(_is_time, stamps)):
            detail = "the row shows no text, no file, no readable time and no account"
            return [*records, Defect(locator=locator, code="not-a-message", detail=detail, raw=raw_of(row))]
        state = self._word("status", status, locator) if status is not None else None
        if deleted is not None and fold(str(deleted)) in YES:
            state = "deleted"
        rounded = native_id is not None and is_rounded(native_id)
        if row.charset:
            self._fault("charset-differs", row.charset, locator, raw_of(row))
        lost = self._lost(met, native_id if rounded else None, locator) if rounded or met.lost else ()
        records.append(
            Message(
                locator=locator,
                platform=network,
                conversation=met.conversation,
                device=met.label,
                account_from=sides.origin,
                accounts_to=sides.targets,
                direction=sides.direction,
                native_id=None if native_id is None or rounded else handle_of(native_id),
                sequence=None if sequence is None else whole_number(sequence),
                sent=stamps[0],
                received=stamps[1],
                read=stamps[2],
                edited=stamps[3],
                deleted=stamps[4],
                expires=stamps[5],
                text=text if type(text) is str else text_of(text),
                kind=self._kind(kind, text, files, locator),
                state=state,
                reply_to=None if reply_to is None else handle_of(reply_to),
                attachments=files,
                place=None if latitude is None or longitude is None else place_of(latitude, longitude),
                assumptions=self._assumed(row, lost) if lost or row.charset or row.mended else self.assumptions,
            )
        )
        return records

    def meet(self, cells: tuple[Any, ...], locator: Locator) -> tuple[Met, str, list[Record]]:
        """Who the row is between. Most rows name whom an earlier one named: then one look-up answers."""
        try:
            known = self._met.get(cells)
        except TypeError:  # lists, which JSON has, cannot be looked up
            known, hashable = None, False
        else:
            hashable = True
        device, owner, platform, direction, contact, nickname, sender = cells[:7]
        if known is not None:
            if direction is not None and known[0].sides.direction is None:
                self._word("direction", direction, locator)
            return known[0], known[1], []
        sender_name, recipients, names, people, place, title = cells[7:]
        network = (fold(text_of(platform) or "").replace(" ", "-") or None) if platform is not None else None
        network = network or self.mapping.platform or FORMAT_NAME
        label = self._device or handle_of(device)
        own = self._owner or owner
        way = self._word("direction", direction, locator) if direction is not None else None
        naming = Naming(label, own, contact, nickname, sender, sender_name, recipients, names, people, place, title)
        met, records = self._parties.meet(network, naming, way, locator)
        if hashable:
            if len(self._met) >= _KEPT:
                self._met.clear()
            self._met[cells] = (met, network)
        return met, network, records

    def _kind(self, cell: Cell, text: Cell, files: tuple[Attachment, ...], locator: Locator) -> str:
        said = self._word("kind", cell, locator) if cell is not None else None
        return said or (files[0].kind if files and text is None else "text")

    def closing(self) -> Iterator[Record]:
        """What was seen but not read, and the faults that rows share; to be told once, after the last row."""
        for what, count in self.placing.unread.items():
            yield Unread(what, count)
        yield from tell(self.faults)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults that rows share, in the order of their first rows."""
        return tuple(self._faults.values())

    def _stated(self, given: Given) -> tuple[str, ...]:
        """The assumptions that hold for every row."""
        found = [f"mapping:{self.mapping.name}"]
        for clock in self.placing.clocks:
            if clock.reading.zone and clock.reading.basis == "user":
                found.append(f"zone:{clock.reading.zone}")
            if clock.reading.form in {"dmy", "mdy"}:
                found.append(f"date-order:{clock.reading.form}")
            elif clock.reading.form.startswith("excel"):
                found.append(f"time-form:{clock.reading.form}")
        if given.owner:
            found.append(f"owner:{given.owner}")
        if self.around.charset:
            found.append(f"charset:{self.around.charset}")
        return tuple(dict.fromkeys(found))

    def _assumed(self, row: Row, lost: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
        rounded = [f"number-rounded:{name}" for name, _ in lost]
        if not row.charset:
            return (*self.assumptions, *rounded, *row.mended)
        stated = (one for one in self.assumptions if one != f"charset:{self.around.charset}")
        return (*stated, *rounded, f"charset:{row.charset}", *row.mended)

    def _lost(self, met: Met, native_id: Cell, locator: Locator) -> tuple[tuple[str, str], ...]:
        """Columns of this row in which digits of an identifier were lost, and what they show."""
        lost = met.lost if native_id is None else (*met.lost, (_ID, str(native_id)))
        for name, shown in lost:
            self._fault("number-rounded", name, locator, shown)
        return lost

    def _word(self, column: str, cell: Cell, locator: Locator) -> str | None:
        """What a word of the table means. A direction nobody knows is a fault; another unknown word is counted unread."""
        found = self.meaning(column, cell)
        if found is None and column == "direction":
            self._fault("direction-unknown", "direction", locator, cell)
        elif found is None:
            self.pass_word(column, cell)
        return found

    def meaning(self, column: str, cell: Cell) -> str | None:
        """What a word of the table means, None where nobody knows."""
        word = cell if isinstance(cell, str) else str(cell)
        known = self._words[column]
        if word not in known:
            if len(known) >= _MOST_WORDS:
                known.clear()
            known[word] = self._meaning(column, fold(word))
        return known[word]

    def pass_word(self, column: str, cell: Cell, count: int = 1) -> None:
        """Count a word that nobody knows as unread in so many rows."""
        what = f"value {str(cell)[:100]} of column {column}"
        unread = self.placing.unread
        unread[what if what in unread or len(unread) < _MOST_WORDS else f"further values of column {column}"] += count

    def _meaning(self, column: str, word: str) -> str | None:
        words = self.mapping.words
        if column == "direction":
            if word in {fold(one) for one in words.incoming}:
                return "in"
            return "out" if word in {fold(one) for one in words.outgoing} else DIRECTIONS.get(word)
        own, shipped = (words.states, STATES) if column == "status" else (words.kinds, KINDS)
        return {fold(key): value for key, value in own.items()}.get(word) or shipped.get(word)

    def _stamps(self, cells: list[Cell], locator: Locator) -> list[Stamp | None]:
        stamps: list[Stamp | None] = [None] * len(TIMES)
        for slot, column, read, clock in self._clocks:
            cell = cells[column]
            if cell is None:
                continue
            stamp = read(cell) if clock is None else self._read_beside(clock, cell, cells)
            if stamp is not None and stamp.at is None and stamp.local is None:
                self._fault("unreadable-time", TIMES[slot], locator, stamp.raw)
            stamps[slot] = stamp
        return stamps

    def _read_beside(self, clock: Clock, cell: Cell, cells: list[Cell]) -> Stamp | None:
        """A time of which other columns hold the time of day or the zone."""
        if clock.clock is not None and cells[clock.clock] is not None:
            cell = f"{_day_text(cell)} {_clock_text(cells[clock.clock])}"
        read = clock.read if clock.zone is None else self._zoned_reader(clock, cells[clock.zone])
        return read(cell)

    def _zoned_reader(self, clock: Clock, cell: Cell) -> Any:
        """The reader for the zone that a row names itself."""
        key = (clock.slot, str(cell))
        if key not in self._zoned:
            if len(self._zoned) >= _MOST_WORDS:
                self._zoned.clear()
            self._zoned[key] = _reader_in_zone(clock, text_of(cell))
        return self._zoned[key]

    def _fault(self, code: str, where: str, locator: Locator, cell: Cell) -> None:
        fault = self._faults.get((code, where))
        if fault is None:
            self._faults[code, where] = Fault(code, where, 1, locator, text_of(cell))
        else:
            fault.count += 1


def tell(faults: Iterable[Fault]) -> Iterator[Defect]:
    """One defect a code and column, counting all rows; in the order of the first rows."""
    summed: dict[tuple[str, str], Fault] = {}
    for fault in faults:
        first = summed.setdefault((fault.code, fault.where), fault)
        if first is not fault:
            summed[fault.code, fault.where] = msgspec.structs.replace(first, count=first.count + fault.count)
    for fault in summed.values():
        at = Locator(fault.locator.path, fault.locator.offset, fault.locator.length, 0)
        detail = _FAULT.format(why=_DETAILS[fault.code], column=fault.where, count=fault.count)
        yield Defect(locator=at, code=fault.code, detail=detail, raw=excerpt(fault.raw) if fault.raw else None)


def raw_of(row: Row) -> str:
    """The filled cells of a row on one line, for a defect."""
    cells = row.cells
    if isinstance(cells, dict):
        return excerpt("; ".join(f"{name}: {text_of(cell)}" for name, cell in cells.items() if cell is not None))
    return excerpt(" | ".join(text_of(cell) or "" for cell in cells))


def _device_of(mapping: Mapping, around: Surroundings) -> str | None:
    """The device where it is one for the whole sheet."""
    device = mapping.device
    if device.constant or device.sheet:
        return device.constant or around.sheet
    if device.file and "{device}" in device.file:
        before, _, after = device.file.partition("{device}")
        name = around.file.rpartition("/")[2]
        if name.startswith(before) and name.endswith(after) and len(name) > len(before) + len(after):
            return name[len(before) : len(name) - len(after)]
    return None


def _reader_in_zone(clock: Clock, name: str | None) -> Any:
    try:
        return stamp_reader(Reading(form=clock.reading.form, zone=name, basis="source"))
    except ReadingError:
        return clock.read


def _day_text(cell: Cell) -> str:
    """The day of a cell whose time of day stands in another column."""
    return cell.date().isoformat() if isinstance(cell, datetime) else str(cell)


def _clock_text(cell: Cell) -> str:
    """A time of day; a spreadsheet may hold it as a part of a day."""
    if isinstance(cell, float) and 0 <= cell < 1:
        seconds = round(cell * 86_400)
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return cell.time().isoformat() if isinstance(cell, datetime) else str(cell)


def _is_time(stamp: Stamp | None) -> bool:
    return stamp is not None and (stamp.at is not None or stamp.local is not None)


def place_of(latitude: Cell, longitude: Cell) -> Place | None:
    north, east = degrees(latitude, 90), degrees(longitude, 180)
    return Place(north, east) if north is not None and east is not None else None
