"""Rows of a table composed into messages many at once; the same messages as ``filon.readers.tables.composing`` makes.

Rows that are not plain messages (titles, totals, rounded numbers, unreadable times, nothing that makes a message) go
through the composer one by one, in their place.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from filon.evidence.rows import Cell, Cut, Stripe
from filon.model import columns
from filon.model.bulk import Bulk, Columns, Party, Reserved
from filon.model.records import Attachment, Locator, Record
from filon.readers.tables.cells import attachments_of, is_rounded, pieces_of
from filon.readers.tables.composing import Composer, place_of
from filon.readers.tables.grid import Grid, Truths
from filon.readers.tables.mapping import TIMES
from filon.readers.tables.placing import OF_MESSAGES, OF_PARTIES
from filon.readers.tables.words import YES, fold

__all__ = ["Columnar"]

_DIRECTION = OF_PARTIES.index("direction")
_FEW = 2
_TEXT, _DELETED = "text", "deleted"


class Columnar:
    """Composes the rows of one sheet. ``single`` gives the records of one row; ``above``: the cells of the header.

    ``parties`` numbers the parties, where other sheets have given some.
    """

    def __init__(
        self,
        composer: Composer,
        single: Callable[[Cut], list[Record]],
        header: int,
        above: Sequence[Cell] | None,
        parties: Iterator[int] | None = None,
    ) -> None:
        self._composer = composer
        self._single = single
        self._header = header
        self._above = above
        self._known: dict[tuple[Cell, ...], int] = {}
        self._parties = parties if parties is not None else count()

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
        grid = Grid(stripe, self._composer)
        alone = self._alone(stripe, grid) if not grid.clashes else np.ones(grid.count, np.bool_)
        groups, firsts = grid.groups(self._composer.placing.of_parties)
        keys = self._keys(grid, firsts)
        self._judge(keys)
        alone |= np.array([self._known.get(key, 0) < 0 for key in keys], np.bool_)[groups]
        plain = ~alone
        yield from self._in_order(stripe, plain, self._fresh(plain, groups, keys, grid))
        if plain.any():
            grid.keep(plain)
            parties = np.array([self._known.get(key, -1) for key in keys], np.int32)[groups]
            yield self._columns(stripe, grid, parties if plain.all() else parties[plain])

    def _keys(self, grid: Grid, rows: npt.NDArray[np.int64]) -> list[tuple[Cell, ...]]:
        """Whom some rows are between."""
        return list(zip(*(grid.pick(place, rows) for place in self._composer.placing.of_parties), strict=True))

    def _fresh(
        self, plain: Truths, groups: npt.NDArray[np.int64], keys: list[tuple[Cell, ...]], grid: Grid
    ) -> dict[int, tuple[Cell, ...]]:
        """The rows that first name a party nobody knows yet."""
        places = np.flatnonzero(plain)
        first = np.full(len(keys), grid.count, np.int64)
        first[groups[places][::-1]] = places[::-1]
        found: dict[tuple[Cell, ...], int] = {}
        for group in np.argsort(first, kind="stable").tolist():
            if first[group] < grid.count and keys[group] not in self._known:
                found.setdefault(keys[group], int(first[group]))
        return {place: key for key, place in found.items()}

    def _alone(self, stripe: Stripe, grid: Grid) -> Truths:
        """Rows that are looked at one by one."""
        placing = self._composer.placing
        full = np.zeros(grid.count, np.int32)
        for column in range(len(stripe.columns)):
            full += grid.filled_at(column)
        alone: Truths = full <= _FEW
        alone |= stripe.numbers <= self._header
        if self._above is not None:
            named = [(place, cell) for place, cell in enumerate(self._above) if cell is not None]
            for place, head in named[:1]:
                alone |= grid.equals(place, head)
        native = placing.of_messages[OF_MESSAGES.index("native_id")]
        alone |= grid.rounded(native)
        empty = ~grid.filled(placing.of_messages[0])
        for clock in placing.clocks:
            instants = grid.instants(clock.column, clock.slot)
            alone |= instants.unreadable
            empty &= ~instants.known
        return alone | empty

    def _judge(self, keys: list[tuple[Cell, ...]]) -> None:
        """Mark whom only the composer can tell: words of direction nobody knows, and numbers that lost digits."""
        composer = self._composer
        for key in keys:
            if key in self._known:
                continue
            direction = key[_DIRECTION] or None
            strange = direction is not None and composer.meaning("direction", direction) is None
            if strange or any(is_rounded(part) for cell in key for part in pieces_of(cell, None)):
                self._known[key] = -1

    def _in_order(self, stripe: Stripe, plain: Truths, fresh: dict[int, tuple[Cell, ...]]) -> Iterator[Bulk]:
        """Single rows and new parties in their places between the messages that columns will hold."""
        done = 0
        total = int(plain.sum())
        before: npt.NDArray[np.int64] = np.cumsum(plain) - plain
        stops: list[tuple[int, int, Cut | None]] = [
            (place, 1, stripe.row(place)) for place in np.flatnonzero(~plain).tolist()
        ]
        stops += [(place, 1, None) for place in fresh]
        stops += [(place, 0, cut) for place, cut in stripe.others]
        # rows that are not alike stand before the place they name
        for place, _, cut in sorted(stops, key=lambda stop: stop[:2]):
            behind = int(before[place]) if place < len(before) else total
            if behind > done:
                yield Reserved(behind - done)
                done = behind
            if cut is not None:
                yield from self._single(cut)
            else:
                yield from self._meet(stripe, place, fresh[place])
        if total > done:
            yield Reserved(total - done)

    def _meet(self, stripe: Stripe, place: int, key: tuple[Cell, ...]) -> Iterator[Bulk]:
        where = _where(stripe, place)
        met, network, records = self._composer.meet(tuple(cell if cell != "" else None for cell in key), where)
        yield from records
        sides = met.sides
        yield Party(network, met.label, met.conversation, sides.origin, sides.targets, sides.direction)
        self._known[key] = next(self._parties)

    def _columns(self, stripe: Stripe, grid: Grid, parties: npt.NDArray[np.int32]) -> Columns:
        composer, placing = self._composer, self._composer.placing
        grid.count_unread()
        places = dict(zip(OF_MESSAGES, placing.of_messages, strict=True))
        text = grid.texts(places["text"])
        lists, kinds = self._attachments(grid, text)
        return Columns(
            parties=parties,
            locator=grid.locators(),
            reached=int(stripe.offsets[-1] + stripe.lengths[-1]),
            text=text,
            kind=self._kinds(grid, places["kind"], kinds, len(parties)),
            state=self._states(grid, places["status"], places["deleted"], len(parties)),
            native_id=grid.handles(places["native_id"]),
            sequence=grid.counters(places["sequence"]),
            reply_to=grid.handles(places["reply_to"]),
            attachments=lists,
            place=_positions(grid, places["latitude"], places["longitude"], len(parties)),
            stamps={TIMES[c.slot]: grid.stamps(c.column, c.slot) for c in placing.clocks},
            assumptions=composer.assumptions,
        )

    def _attachments(self, grid: Grid, text: "pa.Array[Any]") -> "tuple[pa.ListArray[Any] | None, dict[int, str]]":
        """The files of every row, and the kind of the messages that are nothing but a file."""
        composer = self._composer
        some: dict[int, tuple[Attachment, ...]] = {}
        for place in composer.placing.attachments:
            rows, kept = grid.filled_rows(place)
            for row, cell in zip(kept.tolist(), grid.pick(place, rows), strict=True):
                files = attachments_of(cell, composer.mapping.separator, composer.around.beside)
                some[row] = some.get(row, ()) + files
        if not some:
            return None, {}
        offsets = np.zeros(len(text) + 1, np.int32)
        for row, files in some.items():
            offsets[row + 1] = len(files)
        flat = [file for _, files in sorted(some.items()) for file in files]
        values = pa.StructArray.from_arrays(
            [pa.array([getattr(file, field.name) for file in flat], field.type) for field in columns.ATTACHMENT],
            fields=list(columns.ATTACHMENT),
        )
        lists: pa.ListArray[Any] = pa.ListArray.from_arrays(pa.array(np.cumsum(offsets), pa.int32()), values)
        bare = np.asarray(text.is_null())
        return lists, {row: files[0].kind for row, files in some.items() if files and bare[row]}

    def _kinds(self, grid: Grid, place: int, files: dict[int, str], count: int) -> "pa.Array[Any]":
        """What each message is: as the table says; else the kind of its file where it is nothing but a file; else a text."""
        numbers, said = self._meanings("kind", grid, place, count)
        kinds = list(dict.fromkeys([_TEXT, *filter(None, said), *files.values()]))
        known = {kind: number for number, kind in enumerate(kinds)}
        of_said = np.array([*(known[one] if one else -1 for one in said), -1], np.int32)
        found = of_said[numbers]
        for row, kind in files.items():
            if found[row] < 0:
                found[row] = known[kind]
        return pa.DictionaryArray.from_arrays(pa.array(np.maximum(found, 0), pa.int32()), pa.array(kinds, pa.string()))

    def _states(self, grid: Grid, status: int, deleted: int, count: int) -> "pa.Array[Any]":
        numbers, said = self._meanings("status", grid, status, count)
        states = list(dict.fromkeys([_DELETED, *filter(None, said)]))
        known = {state: number for number, state in enumerate(states)}
        found = np.array([*(known[one] if one else -1 for one in said), -1], np.int32)[numbers]
        words = grid.words(deleted)
        if words is not None:
            gone = np.array([*(fold(str(cell)) in YES for cell in words[1]), False], np.bool_)[words[0]]
            found[gone] = known[_DELETED]
        return pa.DictionaryArray.from_arrays(
            pa.array(found, pa.int32(), mask=found < 0), pa.array(states, pa.string())
        )

    def _meanings(
        self, column: str, grid: Grid, place: int, count: int
    ) -> "tuple[npt.NDArray[np.int64], list[str | None]]":
        """What the words of a column mean, and which of them each row has, -1 for none. Words that nobody knows are counted."""
        found = grid.words(place)
        if found is None:
            return np.full(count, -1, np.int64), []
        numbers, cells = found
        composer = self._composer
        said = [composer.meaning(column, cell) for cell in cells]
        for number, (cell, meaning) in enumerate(zip(cells, said, strict=True)):
            if meaning is None:
                composer.pass_word(column, cell, int((numbers == number).sum()))
        return numbers, said


def _where(stripe: Stripe, place: int) -> Locator:
    if stripe.paths is not None:
        return Locator(stripe.paths[place].as_py())
    return Locator(f"row {stripe.numbers[place]}", int(stripe.offsets[place]), int(stripe.lengths[place]))


def _positions(grid: Grid, latitude: int, longitude: int, count: int) -> "pa.Array[Any] | None":
    rows, kept = grid.filled_rows(latitude, longitude)
    if not len(rows):
        return None
    found: list[dict[str, Any] | None] = [None] * count
    cells = zip(grid.pick(latitude, rows), grid.pick(longitude, rows), strict=True)
    for row, (north, east) in zip(kept.tolist(), cells, strict=True):
        place = place_of(north, east)
        if place is not None:
            found[row] = {"latitude": place.latitude, "longitude": place.longitude, "label": None}
    return pa.array(found, columns.PLACE)
