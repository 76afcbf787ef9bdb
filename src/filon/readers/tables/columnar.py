"""Rows of a table composed into messages many at once; the same messages as ``filon.readers.tables.composing`` makes.

Rows that are not plain messages (titles, totals, rounded numbers, unreadable times, nothing that makes a message) go
through the composer one by one, in their place.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import compress
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from filon.evidence.rows import Cell, Cut, Stripe
from filon.model import columns
from filon.model.bulk import Bulk, Columns, Party, Reserved
from filon.model.records import Attachment, Locator, Record
from filon.readers.tables.cells import attachments_of, handle_of, is_rounded, pieces_of, text_of, whole_number
from filon.readers.tables.composing import Composer, place_of
from filon.readers.tables.instants import Instants, read_instants
from filon.readers.tables.mapping import TIMES
from filon.readers.tables.placing import OF_MESSAGES, OF_PARTIES
from filon.readers.tables.words import YES, fold

__all__ = ["Columnar"]

_WORD = pa.dictionary(pa.int32(), pa.string())
_DIRECTION = OF_PARTIES.index("direction")
_PLAIN_HANDLE = r"^[0-9A-Za-z_.:@#/-]*$"
_PLAIN_NUMBER = r"^[0-9]{1,18}$"
_NUMBERS = frozenset({int, type(None)})
_LOWEST = -(1 << 63)
_FEW = 2
_Truths = npt.NDArray[np.bool_]


class Columnar:
    """Composes the rows of one sheet. ``single`` gives the records of one row; ``above``: the cells of the header."""

    def __init__(
        self, composer: Composer, single: Callable[[Cut], list[Record]], header: int, above: Sequence[Cell] | None
    ) -> None:
        self._composer = composer
        self._single = single
        self._header = header
        self._above = above
        self._known: dict[tuple[Cell, ...], int] = {}
        self._parties = 0

    @staticmethod
    def fits(composer: Composer) -> bool:
        """Whether the mapping is of the kind that is read in columns: no time stands in two columns."""
        return all(clock.clock is None and clock.zone is None for clock in composer.placing.clocks)

    def compose(self, stripe: Stripe) -> Iterator[Bulk]:
        """Everything that the rows of a stripe come to, in their order."""
        if not len(stripe.numbers):
            for _, cut in stripe.others:
                yield from self._single(cut)
            return
        table = _Table(stripe, self._composer)
        alone = self._alone(stripe, table) if not table.clashes else np.ones(len(stripe.numbers), np.bool_)
        keys = list(zip(*(table.cells(place) for place in self._composer.placing.of_parties), strict=True))
        self._judge(keys)
        known = self._known
        alone |= np.fromiter((known.get(key, 0) < 0 for key in keys), np.bool_, len(keys))
        plain = ~alone
        first: dict[tuple[Cell, ...], int] = {}
        for place in np.flatnonzero(plain).tolist():
            key = keys[place]
            if key not in known and key not in first:
                first[key] = place
        yield from self._in_order(stripe, plain, keys, {place: key for key, place in first.items()})
        if plain.any():
            parties = np.fromiter(map(known.__getitem__, compress(keys, plain)), np.int32, int(plain.sum()))
            yield self._columns(stripe, table, plain, parties)

    def _alone(self, stripe: Stripe, table: "_Table") -> _Truths:
        """Rows that are looked at one by one."""
        placing = self._composer.placing
        count = len(stripe.numbers)
        full = np.zeros(count, np.int32)
        for place in range(len(stripe.columns)):
            full += table.filled_at(place)
        alone: _Truths = full <= _FEW
        alone |= stripe.numbers <= self._header
        if self._above is not None:
            named = [(place, cell) for place, cell in enumerate(self._above) if cell is not None]
            for place, head in named[:1]:
                alone |= np.fromiter((cell == head for cell in stripe.columns[place]), np.bool_, count)
        native = placing.of_messages[OF_MESSAGES.index("native_id")]
        alone |= table.rounded(native)
        empty = ~table.filled(placing.of_messages[0])
        for clock in placing.clocks:
            instants = table.instants(clock.column, clock.slot)
            alone |= instants.unreadable
            empty &= ~instants.known
        return alone | empty

    def _judge(self, keys: list[tuple[Cell, ...]]) -> None:
        """Mark whom only the composer can tell: words of direction nobody knows, and numbers that lost digits."""
        composer = self._composer
        for key in dict.fromkeys(keys):
            if key in self._known:
                continue
            direction = key[_DIRECTION] or None
            strange = direction is not None and composer.meaning("direction", direction) is None
            if strange or any(is_rounded(part) for cell in key for part in pieces_of(cell, None)):
                self._known[key] = -1

    def _in_order(
        self, stripe: Stripe, plain: _Truths, keys: list[tuple[Cell, ...]], fresh: dict[int, tuple[Cell, ...]]
    ) -> Iterator[Bulk]:
        """Single rows and new parties in their places between the messages that columns will hold."""
        done = 0
        before: npt.NDArray[np.int64] = np.cumsum(plain) - plain
        single = [(int(place), True, stripe.row(int(place))) for place in np.flatnonzero(~plain)]
        stops: list[tuple[int, int, Cut | None]] = [(place, 1, row) for place, _, row in single]
        stops += [(place, 1, None) for place in fresh]
        stops += [(place, 0, cut) for place, cut in stripe.others]
        # rows that are not alike stand before the place they name
        for place, _, cut in sorted(stops, key=lambda stop: stop[:2]):
            behind = int(before[place]) if place < len(before) else int(plain.sum())
            if behind > done:
                yield Reserved(behind - done)
                done = behind
            if cut is not None:
                yield from self._single(cut)
            else:
                yield from self._meet(stripe, place, fresh[place])
        if plain.sum() > done:
            yield Reserved(int(plain.sum()) - done)

    def _meet(self, stripe: Stripe, place: int, key: tuple[Cell, ...]) -> Iterator[Bulk]:
        where = Locator(f"row {stripe.numbers[place]}", int(stripe.offsets[place]), int(stripe.lengths[place]))
        met, network, records = self._composer.meet(tuple(cell if cell != "" else None for cell in key), where)
        yield from records
        sides = met.sides
        yield Party(network, met.label, met.conversation, sides.origin, sides.targets, sides.direction)
        self._known[key] = self._parties
        self._parties += 1

    def _columns(self, stripe: Stripe, table: "_Table", plain: _Truths, parties: npt.NDArray[np.int32]) -> Columns:
        composer, placing = self._composer, self._composer.placing
        table.count_unread(plain)
        places = dict(zip(OF_MESSAGES, placing.of_messages, strict=True))
        text = table.texts(places["text"], plain)
        lists, kinds = self._attachments(table, plain, text)
        return Columns(
            parties=parties,
            locator=_locators(stripe, plain),
            reached=int(stripe.offsets[-1] + stripe.lengths[-1]),
            text=text,
            kind=self._kinds(table, plain, places["kind"], kinds),
            state=self._states(table, plain, places["status"], places["deleted"]),
            native_id=table.handles(places["native_id"], plain),
            sequence=table.counters(places["sequence"], plain),
            reply_to=table.handles(places["reply_to"], plain),
            attachments=lists,
            place=_positions(table, plain, places["latitude"], places["longitude"]),
            stamps={TIMES[c.slot]: table.instants(c.column, c.slot).stamps(plain) for c in placing.clocks},
            assumptions=composer.assumptions,
        )

    def _attachments(
        self, table: "_Table", plain: _Truths, text: "pa.Array[Any]"
    ) -> "tuple[pa.ListArray[Any] | None, dict[int, str]]":
        """The files of every row, and the kind of the messages that are nothing but a file."""
        composer = self._composer
        some: dict[int, tuple[Attachment, ...]] = {}
        for place in composer.placing.attachments:
            cells = table.kept(place, plain)
            for row in np.flatnonzero(table.filled(place)[plain]).tolist():
                files = attachments_of(cells[row], composer.mapping.separator, composer.around.beside)
                some[row] = some.get(row, ()) + files
        if not some:
            return None, {}
        count = int(plain.sum())
        offsets = np.zeros(count + 1, np.int32)
        for row, files in some.items():
            offsets[row + 1] = len(files)
        flat = [files for _, row in sorted(some.items()) for files in row]
        values = pa.array(
            [{f.name: getattr(one, f.name) for f in columns.ATTACHMENT} for one in flat], columns.ATTACHMENT
        )
        lists: pa.ListArray[Any] = pa.ListArray.from_arrays(pa.array(np.cumsum(offsets), pa.int32()), values)
        bare = np.asarray(text.is_null())
        return lists, {row: files[0].kind for row, files in some.items() if files and bare[row]}

    def _kinds(self, table: "_Table", plain: _Truths, place: int, files: dict[int, str]) -> "pa.Array[Any]":
        said = self._meanings("kind", table.kept(place, plain))
        kinds = [said_one or "text" for said_one in said]
        for row, kind in files.items():
            kinds[row] = said[row] or kind
        return pa.array(kinds, pa.string()).dictionary_encode().cast(_WORD)

    def _states(self, table: "_Table", plain: _Truths, status: int, deleted: int) -> "pa.Array[Any]":
        states = self._meanings("status", table.kept(status, plain))
        cells = table.kept(deleted, plain)
        yes = {cell for cell in set(cells) if cell is not None and fold(str(cell)) in YES}
        if yes:
            states = ["deleted" if cell in yes else state for cell, state in zip(cells, states, strict=True)]
        return pa.array(states, pa.string()).dictionary_encode().cast(_WORD)

    def _meanings(self, column: str, cells: Sequence[Cell]) -> list[str | None]:
        """What words mean; those that nobody knows are counted."""
        composer = self._composer
        known: dict[Cell, str | None] = {None: None, "": None}
        for cell in dict.fromkeys(cells):
            if cell not in known:
                known[cell] = composer.meaning(column, cell)
                if known[cell] is None:
                    composer.pass_word(column, cell, sum(1 for one in cells if one == cell))
        return list(map(known.__getitem__, cells))


class _Table:
    """The cells of a stripe by the places of a mapping, each column looked at once."""

    def __init__(self, stripe: Stripe, composer: Composer) -> None:
        self._stripe = stripe
        self._composer = composer
        self._count = len(stripe.numbers)
        self._none: tuple[Cell, ...] = (None,) * self._count
        self.clashes = False
        """Whether two columns stand for the same thing, so that their order decides."""
        self._at = self._places()
        self._arrays: dict[int, pa.Array[Any] | None] = {}
        self._filled: dict[int, _Truths] = {}
        self._instants: dict[int, Instants] = {}

    def _places(self) -> dict[int, int]:
        """Columns of the stripe by the places of the mapping."""
        names = self._stripe.names
        if names is None:
            return {place: place for place in range(len(self._stripe.columns))}
        wanted = [self._composer.placing.wanted_place(name) for name in names]
        taken = [place for place in wanted if place >= 0]
        self.clashes = len(taken) > len(set(taken))
        return {place: column for column, place in enumerate(wanted) if place >= 0}

    def cells(self, place: int) -> Sequence[Cell]:
        """All cells at a place of the mapping."""
        column = self._at.get(place)
        return self._none if column is None else self._stripe.columns[column]

    def kept(self, place: int, plain: _Truths) -> list[Cell]:
        """The cells of some rows."""
        return list(compress(self.cells(place), plain.tolist()))

    def array(self, column: int) -> "pa.Array[Any] | None":
        """A column of the stripe as Arrow text, empty cells null; None where a cell is no text."""
        if column not in self._arrays:
            cells = self._stripe.columns[column]
            try:
                plain = [cell or None for cell in cells] if "" in cells else cells
                self._arrays[column] = pa.array(plain, pa.string())
            except (TypeError, pa.ArrowException):
                self._arrays[column] = None
        return self._arrays[column]

    def filled_at(self, column: int) -> _Truths:
        """Which rows hold something in a column of the stripe."""
        if column not in self._filled:
            array = self.array(column)
            if array is not None:
                self._filled[column] = np.asarray(array.is_valid())
            else:
                cells = self._stripe.columns[column]
                self._filled[column] = np.fromiter((cell not in (None, "") for cell in cells), np.bool_, self._count)
        return self._filled[column]

    def filled(self, place: int) -> _Truths:
        """Which rows hold something at a place of the mapping."""
        column = self._at.get(place)
        return np.zeros(self._count, np.bool_) if column is None else self.filled_at(column)

    def rounded(self, place: int) -> _Truths:
        """Where an identifier lost digits."""
        column = self._at.get(place)
        none: _Truths = np.zeros(self._count, np.bool_)
        if column is None:
            return none
        array = self.array(column)
        if array is not None and not pc.any(pc.match_substring(array, "+")).as_py():
            return none
        return np.fromiter(map(is_rounded, self._stripe.columns[column]), np.bool_, self._count)

    def texts(self, place: int, plain: _Truths) -> "pa.Array[Any]":
        """Cells as text."""
        return self._text(place, plain, text_of, None)

    def handles(self, place: int, plain: _Truths) -> "pa.Array[Any] | None":
        """Cells as identifiers."""
        if place not in self._at:
            return None
        return self._text(place, plain, handle_of, _PLAIN_HANDLE)

    def _text(
        self, place: int, plain: _Truths, read: Callable[[Cell], str | None], form: str | None
    ) -> "pa.Array[Any]":
        column = self._at.get(place)
        if column is None:
            return pa.nulls(int(plain.sum()), pa.string())
        array = self.array(column)
        if array is not None:
            array = array.filter(pa.array(plain))
            if form is None or pc.all(pc.match_substring_regex(array, form)).as_py() is not False:
                return array
        return pa.array([read(cell) for cell in self.kept(place, plain)], pa.string())

    def counters(self, place: int, plain: _Truths) -> "pa.Array[Any] | None":
        """Cells as whole numbers."""
        column = self._at.get(place)
        if column is None:
            return None
        array = self.array(column)
        if array is not None:
            array = array.filter(pa.array(plain))
            if pc.all(pc.match_substring_regex(array, _PLAIN_NUMBER)).as_py() is not False:
                return array.cast(pa.int64())
        cells = self.kept(place, plain)
        if _NUMBERS.issuperset(map(type, cells)) and _LOWEST not in cells:
            with suppress(OverflowError):
                return pa.array(cells, pa.int64())
        return pa.array([whole_number(cell) for cell in cells], pa.int64())

    def instants(self, place: int, slot: int) -> Instants:
        """The times at a place of the mapping."""
        if slot not in self._instants:
            clock = next(clock for clock in self._composer.placing.clocks if clock.slot == slot)
            column = self._at.get(place)
            texts = pa.nulls(self._count, pa.string()) if column is None else self.array(column)
            self._instants[slot] = read_instants(self.cells(place), texts, clock.reading, clock.read)
        return self._instants[slot]

    def count_unread(self, plain: _Truths) -> None:
        """Tell the filled cells of columns that nobody reads."""
        placing, names = self._composer.placing, self._stripe.names
        if names is None:
            unread = [(column, placing.name_of(column)) for column in placing.unused]
        else:
            read = set(self._at.values())
            unread = [(column, name) for column, name in enumerate(names) if column not in read]
        for column, name in unread:
            count = int((self.filled_at(column) & plain).sum())
            if count:
                placing.pass_column(name, count)


def _locators(stripe: Stripe, plain: _Truths) -> pa.StructArray:
    numbers = pa.array(stripe.numbers[plain], pa.int64()).cast(pa.string())
    count = len(numbers)
    return pa.StructArray.from_arrays(
        [
            pc.replace_substring_regex(numbers, "^", "row "),
            pa.array(stripe.offsets[plain], pa.int64()),
            pa.array(stripe.lengths[plain], pa.int64()),
            pa.array(np.ones(count, np.int32)),
        ],
        fields=list(columns.LOCATOR),
    )


def _positions(table: _Table, plain: _Truths, latitude: int, longitude: int) -> "pa.Array[Any] | None":
    both = np.flatnonzero((table.filled(latitude) & table.filled(longitude))[plain]).tolist()
    if not both:
        return None
    north, east = table.kept(latitude, plain), table.kept(longitude, plain)
    rows: list[dict[str, Any] | None] = [None] * int(plain.sum())
    for row in both:
        place = place_of(north[row], east[row])
        if place is not None:
            rows[row] = {"latitude": place.latitude, "longitude": place.longitude, "label": None}
    return pa.array(rows, columns.PLACE)
