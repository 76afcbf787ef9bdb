"""What would be read from a table, before it is read: mapping, first messages, and what must be asked."""

from collections.abc import Iterator, Sequence
from itertools import islice

import msgspec

from filon.evidence.reading import Given, Question, question
from filon.evidence.rows import Cut, Row, Sheet, Table, Written, is_guess, open_table
from filon.evidence.source import Source
from filon.model.records import Message, Record
from filon.readers.tables.composing import Composer, Surroundings
from filon.readers.tables.fitting import ColumnNames, Head, Unsettled, fitting_shipped, settled
from filon.readers.tables.header import LOOKED_AT, best_header, find_header, names_of
from filon.readers.tables.mapping import Mapping, Rows
from filon.readers.tables.proposing import Guess, Guessed, by_mapping, guess
from filon.readers.tables.shown import shown

__all__ = [
    "PREVIEW",
    "SURE",
    "Head",
    "Proposal",
    "around",
    "fitted",
    "head_of",
    "propose",
    "propose_for",
    "proposed",
    "questions",
    "written_as",
]

PREVIEW = 20
SURE = 0.7
"""A proposal below this is asked about."""
_SAMPLE = 1000
"""Rows that are looked at where fewer leave something open."""
_FIRST = 250
"""Rows that are looked at first."""
_TELLING = 20
"""Times in a column that show how it is written."""
_MOST_COLUMNS = 20_000


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A proposed mapping of one table.

    ``columns``: what each column is taken for, how sure (0 to 1) and why. ``records``: the first messages as they would be
    read; ``preview``: the same as text by name.
    """

    mapping: Mapping
    confidence: float
    columns: tuple[Guess, ...]
    sheet: str | None
    unsettled: Unsettled
    records: tuple[Message, ...]
    preview: tuple[dict[str, str | None], ...]


def head_of(
    sheet: Sheet,
    wanted: set[str] | None = None,
    header: int | None = None,
    seen: Head | None = None,
    rows: int = _SAMPLE,
) -> Head | None:
    """Look at the first rows of a sheet; None where no row of cells is found, or none that holds ``wanted``.

    ``seen``: what was seen of the same sheet before; its rows are not cut again. Where rows name their columns themselves,
    all ``_SAMPLE`` are looked at: a name may stand in few of them.
    """
    cuts = seen.cuts if seen else tuple(islice(sheet.rows(), _SAMPLE if sheet.keyed else rows))
    if sheet.keyed:
        return seen or _keyed_head(cuts)
    number = header if header is not None else find_header(cuts, wanted) if wanted else best_header(cuts)
    if number is None and wanted:
        return None
    return seen if seen and seen.header == (number or 0) else _placed_head(cuts, number or 0)


def _placed_head(cuts: tuple[Cut, ...], number: int) -> Head | None:
    rows = [row for row in cuts if isinstance(row, Row) and isinstance(row.cells, list)]
    above = next((row for row in rows if row.number == number), None)
    below = [row for row in rows if row.number > number and any(cell is not None and cell != "" for cell in row.cells)]
    width = len(above.cells) if above else max((len(row.cells) for row in below[:LOOKED_AT]), default=0)
    if not width or width > _MOST_COLUMNS:
        return None
    names = names_of(list(above.cells) if above else [None] * width)
    sample = [
        tuple(row.cells) if len(row.cells) == width else tuple(islice((*row.cells, *[None] * width), width))
        for row in below
    ]
    return Head(names=tuple(names), header=number, sample=tuple(sample), rows=tuple(below), cuts=cuts)


def _keyed_head(cuts: tuple[Cut, ...]) -> Head | None:
    rows = [row for row in cuts if isinstance(row, Row) and row.cells]
    filled = [row.cells for row in rows if isinstance(row.cells, dict)]
    names: dict[str, None] = {}
    for cells in filled:
        if len(names) < _MOST_COLUMNS:
            names.update(dict.fromkeys(cells))
    if not names:
        return None
    sample = tuple(tuple(cells.get(name) for name in names) for cells in filled)
    return Head(names=tuple(names), header=0, sample=sample, rows=tuple(rows), cuts=cuts)


def fitted(
    sheet: Sheet, mapping: Mapping, seen: Head | None = None, *, old_days: bool = False
) -> tuple[Head, Mapping, Unsettled] | None:
    """The head of a sheet that has the columns of a mapping, and the mapping settled on it; None where it has not.

    No more rows are looked at than it takes.
    """
    for rows in (_FIRST, _SAMPLE):
        head = head_of(sheet, mapping.used(), mapping.rows.header, seen, rows)
        if head is None:
            return None
        found = settled(mapping, head, old_days=old_days)
        open_ = {key: time for key, time in mapping.times.items() if time.form == "auto"}
        if seen is not None or rows == _SAMPLE or _tells(head, msgspec.structs.replace(mapping, times=open_)):
            return head, *found
    return None


def _tells(head: Head, mapping: Mapping) -> bool:
    """Whether the rows that were looked at show how all times of a mapping are written; so do all rows there are."""
    if len(head.cuts) < _FIRST:
        return True
    columns = ColumnNames(head.names)
    places = [columns.find(time.column) for time in mapping.times.values()]
    shapes = [head.shape(place) for place in places if place is not None]
    return all(shape.filled >= _TELLING and not shape.open for shape in shapes)


def propose(source: Source, given: Given | None = None) -> Proposal | None:
    """The mapping that fits best over all sheets, or None where the source is no table or has no rows."""
    table = open_table(source)
    return propose_for(source, table, given or Given()) if table else None


def propose_for(source: Source, table: Table, given: Given) -> Proposal | None:
    """The same for a table that is open already: a workbook is laid out once."""
    found = proposed(table)
    if found is None:
        return None
    messages = tuple(
        _first_messages(found.head, found.mapping, given, around(source, table, found.sheet), found.sheet.keyed)
    )
    return Proposal(
        mapping=found.mapping,
        confidence=found.confidence,
        columns=found.columns,
        sheet=found.sheet.name,
        unsettled=found.unsettled,
        records=messages,
        preview=tuple(shown(message) for message in messages),
    )


class Proposed(msgspec.Struct, frozen=True, kw_only=True):
    """A mapping and the sheet it fits best, before anything is read by it."""

    mapping: Mapping
    confidence: float
    columns: tuple[Guess, ...]
    unsettled: Unsettled
    sheet: Sheet
    head: Head


def proposed(table: Table) -> Proposed | None:
    """The mapping that fits best over all sheets, or None where no sheet has rows."""
    found = _best(table)
    if found is None:
        return None
    sheet, head, guessed = found
    mapping, unsettled = settled(guessed.mapping, head, old_days=table.days_from_1904)
    return Proposed(
        mapping=mapping,
        confidence=guessed.confidence,
        columns=guessed.columns,
        unsettled=unsettled,
        sheet=sheet,
        head=head,
    )


def around(source: Source, table: Table, sheet: Sheet) -> Surroundings:
    """What the composer is told of the file and the archive it lies in."""
    beside: dict[str, str] = {}
    for name in source.beside():
        beside.setdefault(name.rpartition("/")[2], name)
        beside[name] = name
    charset = table.written.charset
    return Surroundings(
        file=source.name, sheet=sheet.name, beside=beside, charset=charset if charset and is_guess(charset) else None
    )


def written_as(mapping: Mapping) -> Written:
    """How the mapping says the file is written."""
    rows = mapping.rows
    return Written(charset=rows.charset, delimiter=rows.delimiter, path=rows.path)


def questions(source: Source, given: Given) -> tuple[tuple[Question, ...], Mapping | None]:
    """What must be told: mapping, zone, order of dates, owner; only what neither the table nor a person states.

    Also the mapping that is proposed, where none is given.
    """
    asked: list[Question] = []
    if given.mapping is None:
        table = open_table(source)
        found = proposed(table) if table else None
        if found is None:
            return (question("no column could be recognised in this table", name="mapping"),), None
        if found.confidence < SURE:
            asked.append(_unsure(found))
        mapping, unsettled = found.mapping, found.unsettled
    else:
        mapping, unsettled = _settled_first(source, Mapping.from_dict(given.mapping))
    if unsettled.zones and given.zone is None:
        columns = _listed(unsettled.zones)
        asked.append(
            question(
                "the times in {columns} state no zone; without one they stay local times", name="zone", columns=columns
            )
        )
    if unsettled.orders and given.date_order is None:
        asked.append(_day_or_month(unsettled))
    if mapping.columns.contact and not mapping.columns.sender and given.owner is None and not _names_owner(mapping):
        asked.append(
            question("rows name only the contact; the table does not say whose device it comes from", name="owner")
        )
    return tuple(asked), mapping if given.mapping is None else None


def _settled_first(source: Source, mapping: Mapping) -> tuple[Mapping, Unsettled]:
    """A given mapping settled on the first sheet that has its columns."""
    table = open_table(source, written_as(mapping))
    for sheet in table.sheets if table else ():
        found = fitted(sheet, mapping, old_days=table is not None and table.days_from_1904)
        if found is not None:
            return found[1:]
    return mapping, Unsettled()


def _names_owner(mapping: Mapping) -> bool:
    device = mapping.device
    return bool(device.column or device.constant or device.sheet or device.file or mapping.columns.owner)


def _unsure(found: Proposed) -> Question:
    taken = [f"{guess.column[:60]!r} → {guess.role} ({guess.confidence:.0%})" for guess in found.columns if guess.role]
    return question(
        "the columns are not clear; taken would be {taken}" if taken else "no column was recognised",
        name="mapping",
        proposal=found.mapping.to_toml(),
        taken=", ".join(taken[:20]),
    )


def _day_or_month(unsettled: Unsettled) -> Question:
    return question(
        "in {columns} no number above 12 decides which one is the day; read as {order} the days run backwards least often; "
        "without an answer these times stay unread"
        if unsettled.suggested
        else "in {columns} no number above 12 decides which one is the day; without an answer these times stay unread",
        name="date_order",
        proposal=unsettled.suggested,
        choices=("dmy", "mdy", "ymd"),
        columns=_listed(unsettled.orders),
        order=unsettled.suggested,
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(repr(name[:80]) for name in names[:8])


def _best(table: Table) -> tuple[Sheet, Head, Guessed] | None:
    best: tuple[tuple[float, int], Sheet, Head, Guessed] | None = None
    for sheet in table.sheets:
        head = head_of(sheet, rows=_FIRST)
        if head is None:
            continue
        guessed = _guessed(head, _rows_of(sheet, head, table.written))
        if guessed.confidence < SURE or not _tells(head, guessed.mapping):
            head = head_of(sheet) or head
            guessed = _guessed(head, _rows_of(sheet, head, table.written))
        rank = (guessed.confidence + 0.01 * sum(1 for one in guessed.columns if one.role), len(head.sample))
        if best is None or rank > best[0]:
            best = (rank, sheet, head, guessed)
    return best[1:] if best else None


def _guessed(head: Head, rows: Rows) -> Guessed:
    """A shipped mapping where it reads as many columns as the guess does, else the guess."""
    guessed = guess(head, "proposed", rows)
    known = fitting_shipped(head.names)
    if known is None or known[0] < len(guessed.mapping.used() - set(guessed.mapping.columns.attachments)):
        return guessed
    mapping = msgspec.structs.replace(known[1], rows=rows)
    return Guessed(mapping=mapping, columns=by_mapping(head.names, mapping), confidence=1.0)


def _rows_of(sheet: Sheet, head: Head, written: Written) -> Rows:
    """How the rows stand; short rows are padded only where most rows of the sample are short."""
    if sheet.keyed:
        return Rows(path=written.path)
    short = sum(1 for row in head.rows if len(row.cells) < len(head.names))
    return Rows(
        header=0 if head.header == 0 else None,
        charset=written.charset,
        delimiter=written.delimiter,
        short="pad" if short > len(head.rows) // 2 else "defect",
    )


def _first_messages(head: Head, mapping: Mapping, given: Given, around: Surroundings, keyed: bool) -> Iterator[Message]:
    composer = Composer(mapping, given, None if keyed else head.names, around)
    count = 0
    for row in head.rows:
        if not keyed and len(row.cells) != len(head.names):
            continue
        records: list[Record] = composer.compose(row)
        if isinstance(records[-1], Message):
            yield records[-1]
            count += 1
        if count == PREVIEW:
            return
