"""The cells of a stripe by the places of a mapping, each column looked at once and as a whole."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import compress
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from filon.evidence.rows import Cell, Stripe
from filon.model.columns import LOCATOR
from filon.readers.tables.cells import handle_of, is_rounded, text_of, whole_number
from filon.readers.tables.composing import Composer
from filon.readers.tables.instants import Instants, read_instants, read_typed

__all__ = ["Grid", "Truths"]

Truths = npt.NDArray[np.bool_]
_Places = npt.NDArray[np.int64]
_NUMBERS = frozenset({int, type(None)})
_LOWEST = -(1 << 63)
_EXACT_BELOW = 1e15
_MOST_GROUPS = 1 << 62
_HANDLE = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_.:@#/-"
_DIGITS = b"0123456789"
_LONGEST_NUMBER = 18


class Grid:
    """The cells of one stripe. ``keep`` says which rows the columns of messages are made of."""

    def __init__(self, stripe: Stripe, composer: Composer) -> None:
        self._stripe = stripe
        self._composer = composer
        self.count = len(stripe.numbers)
        self.clashes = False
        """Whether two columns stand for the same thing, so that their order decides."""
        self._at = self._places()
        self._texts: dict[int, pa.Array[Any] | None] = {}
        self._filled: dict[int, Truths] = {}
        self._instants: dict[int, Instants] = {}
        self._plain: Truths | None = None
        self._kept = self.count

    def _places(self) -> dict[int, int]:
        """Columns of the stripe by the places of the mapping."""
        names = self._stripe.names
        if names is None:
            return {place: place for place in range(len(self._stripe.columns))}
        wanted = [self._composer.placing.wanted_place(name) for name in names]
        taken = [place for place in wanted if place >= 0]
        self.clashes = len(taken) > len(set(taken))
        return {place: column for column, place in enumerate(wanted) if place >= 0}

    def keep(self, plain: Truths) -> None:
        """Only these rows count from now on."""
        self._kept = int(plain.sum())
        self._plain = None if self._kept == self.count else plain

    def groups(self, places: Sequence[int]) -> tuple[npt.NDArray[np.int64], _Places]:
        """Rows alike at all ``places``: the number of its group for each row, and the first row of each, in their order."""
        combined, size = np.zeros(self.count, np.int64), 1
        for place in places:
            column = self._at.get(place)
            if column is None:
                continue
            codes, many = self._codes(column)
            if size * (many + 1) > _MOST_GROUPS:
                combined, firsts = _numbered(combined)
                size = len(firsts)
            combined = combined * (many + 1) + codes + 1
            size *= many + 1
        return _numbered(combined)

    def pick(self, place: int, rows: _Places) -> list[Cell]:
        """The cells of a few rows at a place of the mapping."""
        column = self._at.get(place)
        if column is None:
            return [None] * len(rows)
        cells = self._stripe.columns[column]
        if isinstance(cells, pa.Array):
            return cells.take(rows).to_pylist()
        return [cells[row] for row in rows.tolist()]

    def kept(self, place: int) -> list[Cell]:
        """The cells of all rows that are kept."""
        column = self._at.get(place)
        if column is None:
            return [None] * self._kept
        cells = self._stripe.columns[column]
        if isinstance(cells, pa.Array):
            return self._of_kept(cells).to_pylist()
        return list(cells) if self._plain is None else list(compress(cells, self._plain.tolist()))

    def equals(self, column: int, wanted: Cell) -> Truths:
        """Which rows hold a certain cell in a column of the stripe."""
        cells = self._stripe.columns[column]
        if isinstance(cells, pa.Array):
            cells = cells.to_pylist() if not isinstance(wanted, str) or cells.type != pa.string() else cells
        if isinstance(cells, pa.Array):
            return np.asarray(pc.equal(cells, pa.scalar(wanted, pa.string())).fill_null(False))
        return np.fromiter((cell == wanted for cell in cells), np.bool_, self.count)

    def filled_at(self, column: int) -> Truths:
        """Which rows hold something in a column of the stripe."""
        if column not in self._filled:
            array = self._array_at(column)
            if array is not None:
                self._filled[column] = _valid(array)
            else:
                cells = self._stripe.columns[column]
                self._filled[column] = np.fromiter((cell not in (None, "") for cell in cells), np.bool_, self.count)
        return self._filled[column]

    def filled(self, place: int) -> Truths:
        """Which rows hold something at a place of the mapping."""
        column = self._at.get(place)
        return np.zeros(self.count, np.bool_) if column is None else self.filled_at(column)

    def filled_rows(self, *places: int) -> tuple[_Places, _Places]:
        """The kept rows that hold something at all places: counted among all rows, and among those that are kept."""
        filled = np.ones(self.count, np.bool_)
        for place in places:
            filled &= self.filled(place)
        if self._plain is not None:
            return np.flatnonzero(filled & self._plain), np.flatnonzero(filled[self._plain])
        rows = np.flatnonzero(filled)
        return rows, rows

    def rounded(self, place: int) -> Truths:
        """Where an identifier lost digits."""
        column = self._at.get(place)
        none: Truths = np.zeros(self.count, np.bool_)
        if column is None:
            return none
        cells = self._stripe.columns[column]
        array = self._text_at(column)
        if array is not None:
            if not (_bytes_of(array) == ord("+")).any():
                return none
            cells = array.to_pylist()
        elif isinstance(cells, pa.Array):
            if cells.type != pa.float64():
                return none
            lost: Truths = np.abs(cells.fill_null(0).to_numpy()) >= _EXACT_BELOW
            return lost
        return np.fromiter(map(is_rounded, cells), np.bool_, self.count)

    def words(self, place: int) -> "tuple[npt.NDArray[np.int64], list[Cell]] | None":
        """Cells of few values in the kept rows: for each row the number of its value, -1 where empty, and the values."""
        column = self._at.get(place)
        if column is None:
            return None
        array = self._array_at(column)
        if array is None:
            known: dict[tuple[type, Cell], int] = {}
            return np.array(_coded(self.kept(place), known), np.int64), [cell for _, cell in known]
        encoded = self._of_kept(array).dictionary_encode()
        numbers = encoded.indices.fill_null(-1).to_numpy().astype(np.int64)
        return numbers, encoded.dictionary.to_pylist()

    def texts(self, place: int) -> "pa.Array[Any]":
        """Cells as text."""
        column = self._at.get(place)
        if column is None:
            return pa.nulls(self._kept, pa.string())
        return self._text(place, column, text_of, None)

    def handles(self, place: int) -> "pa.Array[Any] | None":
        """Cells as identifiers."""
        column = self._at.get(place)
        return None if column is None else self._text(place, column, handle_of, _HANDLE)

    def _text(
        self, place: int, column: int, read: Callable[[Cell], str | None], signs: bytes | None
    ) -> "pa.Array[Any]":
        array = self._text_at(column)
        if array is not None:
            array = self._of_kept(array)
            if signs is None or _made_of(array, signs):
                return array
        return pa.array([read(cell) for cell in self.kept(place)], pa.string())

    def counters(self, place: int) -> "pa.Array[Any] | None":
        """Cells as whole numbers."""
        column = self._at.get(place)
        if column is None:
            return None
        given = self._stripe.columns[column]
        if isinstance(given, pa.Array) and given.type == pa.int64():
            numbers = self._of_kept(given)
            lowest = pc.equal(numbers, pa.scalar(_LOWEST, pa.int64()))
            return pc.if_else(lowest, None, numbers) if pc.any(lowest).as_py() else numbers
        array = self._text_at(column)
        if array is not None:
            array = self._of_kept(array)
            if _made_of(array, _DIGITS) and np.diff(_offsets_of(array)).max(initial=0) <= _LONGEST_NUMBER:
                return array.cast(pa.int64())
        cells = self.kept(place)
        if _NUMBERS.issuperset(map(type, cells)) and _LOWEST not in cells:
            with suppress(OverflowError):
                return pa.array(cells, pa.int64())
        return pa.array([whole_number(cell) for cell in cells], pa.int64())

    def instants(self, place: int, slot: int) -> Instants:
        """The times at a place of the mapping, of all rows."""
        if slot not in self._instants:
            clock = next(clock for clock in self._composer.placing.clocks if clock.slot == slot)
            column = self._at.get(place)
            cells = None if column is None else self._stripe.columns[column]
            if isinstance(cells, pa.Array) and pa.types.is_timestamp(cells.type):
                self._instants[slot] = read_typed(cells, clock.reading, clock.read)
            else:
                texts = pa.nulls(self.count, pa.string()) if column is None else self._text_at(column)
                self._instants[slot] = read_instants(
                    self.count, lambda rows: self.pick(place, rows), texts, clock.reading, clock.read
                )
        return self._instants[slot]

    def stamps(self, place: int, slot: int) -> pa.StructArray:
        """The times at a place of the mapping in the rows that are kept."""
        return self.instants(place, slot).stamps(self._plain)

    def locators(self) -> pa.StructArray:
        """Where the rows that are kept stand."""
        stripe, plain = self._stripe, self._plain
        units = pa.array(np.ones(self._kept, np.int32))
        if stripe.paths is not None:
            nowhere = pa.nulls(self._kept, pa.int64())
            return pa.StructArray.from_arrays(
                [self._of_kept(stripe.paths), nowhere, nowhere, units], fields=list(LOCATOR)
            )
        numbers, offsets, lengths = (
            pa.array(part if plain is None else part[plain])
            for part in (stripe.numbers, stripe.offsets, stripe.lengths)
        )
        written: Any = numbers.cast(pa.string())
        paths = pc.binary_join_element_wise("row", written, " ")
        return pa.StructArray.from_arrays([paths, offsets, lengths, units], fields=list(LOCATOR))

    def count_unread(self) -> None:
        """Tell the filled cells of columns that nobody reads."""
        placing, names = self._composer.placing, self._stripe.names
        if names is None:
            unread = [(column, placing.name_of(column)) for column in placing.unused]
        else:
            read = set(self._at.values())
            unread = [(column, name) for column, name in enumerate(names) if column not in read]
        for column, name in unread:
            filled = self.filled_at(column)
            count = int((filled if self._plain is None else filled & self._plain).sum())
            if count:
                placing.pass_column(name, count)

    def _codes(self, column: int) -> tuple[npt.NDArray[np.int64], int]:
        """A number for each cell, alike for those that are alike, -1 for an empty one; and how many there are."""
        array = self._array_at(column)
        if array is not None:
            encoded = array.dictionary_encode()
            return encoded.indices.fill_null(-1).to_numpy().astype(np.int64), len(encoded.dictionary)
        known: dict[tuple[type, Cell], int] = {}
        return np.array(_coded(self._stripe.columns[column], known), np.int64), len(known)

    def _array_at(self, column: int) -> "pa.Array[Any] | None":
        """A column of the stripe as Arrow, empty cells null; None where its cells are of several types."""
        cells = self._stripe.columns[column]
        return cells if isinstance(cells, pa.Array) else self._text_at(column)

    def _text_at(self, column: int) -> "pa.Array[Any] | None":
        """A column of the stripe as Arrow text, empty cells null; None where a cell is no text."""
        if column not in self._texts:
            cells = self._stripe.columns[column]
            if isinstance(cells, pa.Array):
                self._texts[column] = cells if cells.type == pa.string() else None
                return self._texts[column]
            try:
                plain = [cell or None for cell in cells] if "" in cells else cells
                self._texts[column] = pa.array(plain, pa.string())
            except (TypeError, pa.ArrowException):
                self._texts[column] = None
        return self._texts[column]

    def _of_kept(self, array: "pa.Array[Any]") -> "pa.Array[Any]":
        return array if self._plain is None else array.filter(pa.array(self._plain))


def _coded(cells: "Sequence[Cell] | pa.Array[Any]", known: dict[tuple[type, Cell], int]) -> list[int]:
    return [-1 if cell is None or cell == "" else known.setdefault((type(cell), cell), len(known)) for cell in cells]


def _numbered(values: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], _Places]:
    """Numbers from 0 in the order of appearance for values of any size, and where each appears first."""
    encoded = pa.array(values).dictionary_encode()
    numbers = encoded.indices.to_numpy().astype(np.int64)
    first = np.zeros(len(encoded.dictionary), np.int64)
    first[numbers[::-1]] = np.arange(len(numbers), dtype=np.int64)[::-1]
    return numbers, first


def _valid(array: "pa.Array[Any]") -> Truths:
    if not array.null_count:
        return np.ones(len(array), np.bool_)
    return np.asarray(array.is_valid())


def _offsets_of(array: "pa.Array[Any]") -> npt.NDArray[np.int32]:
    offsets = np.frombuffer(memoryview(array.buffers()[1] or b""), np.int32)
    return offsets[array.offset : array.offset + len(array) + 1]


def _bytes_of(array: "pa.Array[Any]") -> npt.NDArray[np.uint8]:
    """The bytes of all texts of a column, one after the other."""
    offsets = _offsets_of(array)
    if not len(offsets):
        return np.empty(0, np.uint8)
    return np.frombuffer(memoryview(array.buffers()[2] or b""), np.uint8)[offsets[0] : offsets[-1]]


def _made_of(array: "pa.Array[Any]", signs: bytes) -> bool:
    """Whether the texts of a column hold no other signs. Texts that are empty hold none."""
    allowed = np.zeros(256, np.bool_)
    allowed[np.frombuffer(signs, np.uint8)] = True
    return bool(allowed[_bytes_of(array)].all())
