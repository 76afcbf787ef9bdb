"""One finished slice, opened: columns mapped into memory, rows by number, the index when it is asked for.

Nothing here changes; what a slice shows depends only on which readings are withdrawn, given when it is opened.
"""

from collections.abc import Hashable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import tantivy

from filon.errors import StoreError
from filon.model import columns as schemas
from filon.store.embedded import arrow, shape, text
from filon.store.embedded.build import BATCH_ROWS, SliceMeta
from filon.store.embedded.columns import GROUPS, MARKS, NONE, Ints
from filon.store.embedded.frequent import Frequent
from filon.store.embedded.integers import Runs, Scale, Scaled
from filon.store.embedded.lease import Lease
from filon.store.embedded.manifest import SliceEntry
from filon.store.embedded.summary import SUMMARY, summarised
from filon.store.embedded.vocabulary import Vocabulary

__all__ = ["Bits", "Slice"]

_SPREAD = 64
"""Rows taken out of a batch on average, below which each batch is looked at alone."""

_FEW_WORDS = 32
"""Words of a dictionary that is not worth being made smaller."""

_LISTS = frozenset(field.name for field in GROUPS if pa.types.is_list(field.type))

Bits = npt.NDArray[np.bool_]
"""One boolean a row of a slice, or a group of it."""


class Slice:
    """The slice in ``folder``. Row numbers count from 0 in the order (conversation, time, id)."""

    def __init__(self, folder: Path, entry: SliceEntry, withdrawn: Sequence[int] = ()) -> None:
        self.folder = folder
        self.entry = entry
        self.rows = entry.rows
        try:
            self._lease = Lease(folder)
            self.meta = msgspec.json.decode((folder / "meta.json").read_bytes(), type=SliceMeta)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise self._damaged("meta.json") from error
        self.withdrawn = tuple(reading for reading in self.meta.readings if reading in withdrawn)
        self._readers: dict[tuple[str, ...], Any] = {}
        self._columns: dict[str, Ints] = {}
        self._values: dict[str, tuple[Ints, list[Any]]] = {}
        self._groups: dict[str, Any] = {}
        self._lock = Lock()

    def _column(self, name: str) -> Ints:
        if name not in self._columns:
            try:
                mapped = np.load(self.folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
            except (OSError, ValueError) as error:
                raise self._damaged(f"{name}.npy") from error
            self._columns[name] = np.asarray(mapped)
        return self._columns[name]

    def _scaled(self, name: str, kind: Any) -> Scaled:
        return Scaled(self._column(name), self.meta.scales.get(name, Scale(0, 1)), kind)

    def _table(self, name: str, schema: pa.Schema | None = None, *, only: Sequence[str] = ()) -> pa.Table:
        """A table of the slice, or some of its columns; in this schema where it may be kept in narrower types."""
        try:
            with pa.memory_map(str(self.folder / f"{name}.arrow")) as file:
                reader = pa.ipc.open_file(file)
                if only:
                    included = [reader.schema.get_field_index(column) for column in only]
                    options = pa.ipc.IpcReadOptions(included_fields=included, use_threads=False)
                    reader = pa.ipc.open_file(file, options=options)
                found = reader.read_all()
                return found if schema is None or found.schema == schema else found.cast(schema)
        except (OSError, pa.ArrowException) as error:
            raise self._damaged(f"{name}.arrow") from error

    def _damaged(self, name: str) -> StoreError:
        return StoreError(
            "{name} of slice {number} is missing or damaged",
            hint="run `filon verify`",
            name=name,
            number=self.entry.number,
        )

    @cached_property
    def ids(self) -> Scaled:
        """int64, message numbers."""
        return self._scaled("id", np.int64)

    @cached_property
    def times(self) -> Scaled:
        """int64, microseconds; ``UNDATED`` throughout an undated slice."""
        return self._scaled("time", np.int64)

    @cached_property
    def conversations(self) -> Runs:
        """int32, ascending; ``NONE`` first."""
        values = self._column("conversation")
        if "id" in self.meta.scales:
            return Runs(values, self._column("conversation_starts"), self.rows)
        starts = np.flatnonzero(np.diff(values, prepend=values[0] - 1))  # as slices of format 2 keep it
        return Runs(values[starts], starts, self.rows)

    @cached_property
    def senders(self) -> Scaled:
        """int32."""
        return self._scaled("sender", np.int32)

    @property
    def group(self) -> Ints:
        """Ordinal into ``groups``."""
        return self._column("group")

    @cached_property
    def groups(self) -> pa.Table:
        """One row a group, see ``columns.GROUPS``."""
        return self._table("groups", GROUPS)

    @cached_property
    def group_count(self) -> int:
        """How many groups there are."""
        return len(self.group_column("marks"))

    def group_column(self, name: str) -> Any:
        """One column of ``groups`` as it is kept: words as a dictionary, integers in a narrow type."""
        with self._lock:
            return self._group_column(name)

    def _group_column(self, name: str) -> Any:
        if name not in self._groups:  # reading one costs nearly what reading all costs, lists apart
            names = (name,) if name in _LISTS else [name for name in GROUPS.names if name not in _LISTS]
            table = self._table("groups", only=names)
            self._groups.update((name, table[name].combine_chunks()) for name in names)
        return self._groups[name]

    @cached_property
    def key(self) -> tuple[object, ...]:
        """What this slice shows: equal keys show the same rows, whichever snapshot they are part of."""
        return self.entry.number, self.entry.meta.sha256, self.withdrawn

    def group_values(self, name: str) -> tuple[Ints, list[Any]]:
        """For every group the ordinal of its value of one column, and the values: distinct, lists as tuples."""
        with self._lock:
            if name not in self._values:
                self._values[name] = _coded(self._group_column(name))
            return self._values[name]

    def group_combinations(self, names: tuple[str, ...]) -> tuple[Ints, list[dict[str, Any]]]:
        """The same for several columns at once: every distinct combination with every mark by name, and ``dated``."""
        coded = [self.group_values(name) for name in names]
        key = np.zeros(self.group_count, np.int64)
        for codes, values in coded:
            key = key * max(1, len(values)) + codes
        _, first, ordinal = np.unique(key, return_index=True, return_inverse=True)
        rows = [{name: v[c[at]] for name, (c, v) in zip(names, coded, strict=True)} for at in first.tolist()]
        for row in rows:
            row |= {mark: bool(row.get("marks", 0) >> bit & 1) for bit, mark in enumerate(MARKS)}
            row["dated"] = self.entry.dated
        return ordinal, rows

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words of the index."""
        try:
            return Vocabulary(self.folder / "vocabulary.arrow")
        except (OSError, ValueError, pa.ArrowException) as error:
            raise self._damaged("vocabulary.arrow") from error

    @cached_property
    def frequent(self) -> Frequent:
        """The rows of the words that stand in many; a slice built before they were kept has none."""
        kept = any(file.path == "frequent.arrow" for file in self.meta.files)
        return Frequent(self._table("frequent") if kept else None, self.rows)

    @cached_property
    def attachments(self) -> pa.Table:
        """One row an attachment: ``row`` of its message, ``place`` there, and the fields of ``ATTACHMENT``; as it is kept."""
        return self._table("attachments")

    @cached_property
    def _carriers(self) -> Ints:
        """The row of every attachment, in a type that holds every row: numpy would copy it for each search otherwise."""
        return self.attachments["row"].to_numpy().astype(np.int32)

    @cached_property
    def summary(self) -> pa.Table:
        """What the rows of all its readings add up to, see ``summary.SUMMARY``; a slice built before there were any is read."""
        if any(file.path == "summary.arrow" for file in self.meta.files):
            return self._table("summary", SUMMARY)
        return self.summary_of(None)

    def summary_of(self, rows: Ints | None) -> pa.Table:
        """What these rows add up to; None: all of them."""
        names: dict[str, Any] = {
            "time": self.times,
            "conversation": self.conversations,
            "sender": self.senders,
            "group": self.group,
        }
        columns = {name: values[:] for name, values in names.items()}
        return summarised(columns, self.groups, self.attachments["row"].to_numpy(), rows)

    @cached_property
    def searcher(self) -> Any:
        """The index."""
        try:
            return text.open_index(self.folder / "words")
        except (OSError, ValueError) as error:
            raise self._damaged("words") from error

    @cached_property
    def visible(self) -> Bits | None:
        """Rows whose reading is not withdrawn; None where that is all of them."""
        if not self.withdrawn:
            return None
        return self.where_group(~np.isin(self.group_column("reading").to_numpy(), self.withdrawn))

    @cached_property
    def seen(self) -> Any | None:
        """What asks the index for the rows whose reading is not withdrawn; None where that is all of them."""
        if not self.withdrawn:
            return None
        groups = np.flatnonzero(~np.isin(self.group_column("reading").to_numpy(), self.withdrawn))
        return tantivy.Query.term_set_query(text.schema(), "group", groups.tolist())

    @cached_property
    def walls(self) -> Bits:
        """Rows whose time stands without a zone."""
        return self.where_group(self.group_marks("wall"))

    def group_marks(self, mark: str) -> Bits:
        """Groups that carry a mark of ``columns.MARKS``."""
        bits: Bits = (self.group_column("marks").to_numpy() >> MARKS.index(mark)) & 1 == 1
        return bits

    def where_group(self, groups: Bits) -> Bits:
        """Rows whose group is among ``groups``."""
        rows: Bits = groups[self.group]
        return rows

    def where_recipient(self, accounts: Ints) -> Bits:
        """Rows with one of these accounts among the recipients."""
        starts, values = self._column("list_starts"), self._column("lists")
        hit = np.concatenate(([0], np.cumsum(np.isin(values, accounts))))
        rows: Bits = (hit[starts[1:]] > hit[starts[:-1]])[self._column("list")]
        return rows

    def recipient_values(self, rows: Ints | None) -> Ints:
        """Every account that is a recipient in one of these rows (None: in any row)."""
        values, starts = self._column("lists"), self._column("list_starts")
        if rows is None:
            return values
        chosen = np.zeros(len(starts), np.bool_)
        chosen[self._column("list")[rows]] = True
        return values[np.repeat(chosen[:-1], np.diff(starts))]

    def conversation_rows(self, conversation: int) -> tuple[int, int]:
        """First row of a conversation, and the row after its last."""
        return self.conversations.stretch(conversation)

    def native_rows(self, bounds: tuple[int, int], keys: Ints) -> Ints:
        """Rows within ``bounds`` whose native id may be one of those that ``keys`` stand for."""
        return bounds[0] + np.flatnonzero(np.isin(self._column("native")[slice(*bounds)], keys))

    def find_rows(self, numbers: Ints) -> Ints:
        """The row of every message number, -1 where it is not in this slice. Withdrawn ones are not there."""
        by_id, low = self._column("by_id"), np.zeros(len(numbers), np.int64)
        high = np.full(len(numbers), len(by_id), np.int64)
        for _ in range(len(by_id).bit_length()):
            middle = np.minimum((low + high) // 2, len(by_id) - 1)
            below = (low < high) & (self.ids[by_id[middle]] <= numbers)
            low, high = np.where(below, middle + 1, low), np.where(below, high, np.minimum(high, middle))
        begins = by_id[np.maximum(low - 1, 0)].astype(np.int64)
        rows = np.clip(begins + (numbers - self.ids[begins]), 0, self.rows - 1)
        there = self.ids[rows] == numbers
        if self.visible is not None:
            there &= self.visible[rows]
        return np.where(there, rows, -1)

    def take(self, rows: Ints, names: Sequence[str] = tuple(schemas.MESSAGES.names)) -> pa.Table:
        """Columns of these rows, in this order."""
        packed = self.packed(rows, names)
        return shape.unpack(packed.leaves, self.notes, packed.rows, names)

    def packed(self, rows: Ints, names: Sequence[str]) -> shape.Packed:
        """What ``shape.unpack`` makes columns of these rows from, with ``notes``."""
        elsewhere = shape.HELD | ({"attachments"} if self.notes.apart else set())
        leaves = tuple(leaf for name in names if name not in elsewhere for leaf in shape.leaves(name))
        held = {name: self._held(name, rows) for name in names if name in elsewhere}
        return shape.Packed(self._leaves(leaves, rows), shape.Rows(self.ids[rows], self.times[rows], held))

    @cached_property
    def _kept(self) -> pa.Schema:
        """The leaves there are."""
        with pa.memory_map(str(self.folder / "messages.arrow")) as file:
            return pa.ipc.open_file(file).schema

    @cached_property
    def way(self) -> Hashable:
        """See ``shape.way``."""
        return shape.way(self._kept)

    @cached_property
    def notes(self) -> shape.Notes:
        """How the rows of this slice lie in its file."""
        return shape.notes(self._kept)

    def texts(self, rows: Ints | None) -> Iterator[Any]:
        """The texts of these rows (None: of all), ascending, as Arrow arrays of a few thousand at a time."""
        if rows is None:
            rows = np.arange(self.rows)
        step = 16 * BATCH_ROWS
        for start in range(0, len(rows), step):
            found = self._leaves(("text",), rows[start : start + step])
            yield (
                found["text"]
                if "text" in found.column_names
                else pa.nulls(len(rows[start : start + step]), pa.string())
            )

    def _leaves(self, names: tuple[str, ...], rows: Ints) -> pa.Table:
        """Leaves of these rows; each batch is decoded once."""
        names = tuple(name for name in names if name in self._kept.names)
        if not names:
            return self._kept.empty_table().select([])
        reader = self._reader(names)
        wanted = np.unique(rows // BATCH_ROWS)
        with self._lock:
            batches = [reader.get_batch(int(number)) for number in wanted]
        if len(rows) < _SPREAD * len(wanted):  # few rows of each batch: take them before anything is put together
            order = np.argsort(rows, kind="stable")
            ends = np.searchsorted(rows[order], (wanted + 1) * BATCH_ROWS)
            places = np.split(rows[order] % BATCH_ROWS, ends[:-1])
            batches = [batch.take(pa.array(at)) for batch, at in zip(batches, places, strict=True)]
            joined: pa.Table = pa.Table.from_batches(batches, reader.schema).combine_chunks()
            return joined.take(np.argsort(order, kind="stable"))
        joined = pa.Table.from_batches(batches, reader.schema)
        return joined.take(np.searchsorted(wanted, rows // BATCH_ROWS) * BATCH_ROWS + rows % BATCH_ROWS)

    def _reader(self, names: tuple[str, ...]) -> Any:
        """A reader of these leaves."""
        with self._lock:
            if names not in self._readers:
                file = pa.memory_map(str(self.folder / "messages.arrow"))
                included = [self._kept.names.index(name) for name in names]
                # Threads cost more than they give on batches this small: three times as long, measured.
                options = pa.ipc.IpcReadOptions(included_fields=included, use_threads=False)
                self._readers[names] = pa.ipc.open_file(file, options=options)
            return self._readers[names]

    def _held(self, name: str, rows: Ints) -> Any:
        """A column of ``MESSAGES`` that is held as integers, for these rows."""
        match name:
            case "id":
                return pa.array(self.ids[rows])
            case "time":
                return pa.array(self.times[rows]) if self.entry.dated else pa.nulls(len(rows), pa.int64())
            case "conversation" | "sender":
                values = (self.conversations if name == "conversation" else self.senders)[rows]
                return pa.array(values, mask=values == NONE)
            case "recipients":
                return self._recipients(rows)
            case "attachments":
                return self._attachments(rows)
            case _:
                return self._words(name, rows)

    def _words(self, name: str, rows: Ints) -> Any:
        """A column of few words for these rows; the dictionary holds no null."""
        found = self.group_column(name).take(pa.array(self.group[rows]))
        if not isinstance(found, pa.DictionaryArray):  # where most differ, and in slices of format 2
            return found.dictionary_encode()
        if len(found.dictionary) <= max(len(rows), _FEW_WORDS):
            return found.cast(pa.dictionary(pa.int32(), pa.string()))
        # Of many words those of these rows: dictionaries of slices are put together.
        codes = arrow.numbers(found.indices, NONE).astype(np.int32)
        given = codes != NONE
        used, codes[given] = np.unique(codes[given], return_inverse=True)
        indices: Any = pa.array(codes, mask=~given)
        return pa.DictionaryArray.from_arrays(indices, found.dictionary.take(used))

    def _attachments(self, rows: Ints) -> Any:
        first, last = (np.searchsorted(self._carriers, rows.astype(np.int32), side) for side in ("left", "right"))
        offsets, places = _stretches(first, last)
        if not len(places):
            return pa.ListArray.from_arrays(offsets, pa.array([], schemas.ATTACHMENT))
        flat = self.attachments.take(places).select(schemas.ATTACHMENT.names).cast(pa.schema(list(schemas.ATTACHMENT)))
        return pa.ListArray.from_arrays(offsets, flat.to_struct_array().combine_chunks())

    def _recipients(self, rows: Ints) -> Any:
        starts, values, lists = self._column("list_starts"), self._column("lists"), self._column("list")[rows]
        offsets, places = _stretches(starts[lists], starts[1:][lists])
        flat: Any = pa.array(values[places])
        return pa.ListArray.from_arrays(offsets, flat)


def _stretches(first: Ints, last: Ints) -> tuple[Any, Ints]:
    """Offsets of lists, and the places of their values one after the other, of stretches from ``first`` to ``last``."""
    lengths = last - first
    offsets = np.concatenate(([0], np.cumsum(lengths))).astype(np.int32)
    places = np.arange(offsets[-1]) - np.repeat(offsets[:-1] - first, lengths)
    return pa.array(offsets, pa.int32()), places


def _coded(column: Any) -> tuple[Ints, list[Any]]:
    """Ordinals of the distinct values of a column, null being one of them, and the values; of lists, those of their words."""
    if isinstance(column, pa.DictionaryArray):
        kept = column.dictionary.to_pylist()
        return arrow.numbers(column.indices.cast(pa.int64()), len(kept)), [
            *kept,
            *([None] if column.null_count else []),
        ]
    listed = pa.types.is_list(column.type)
    plain: Any = pc.binary_join(column, "\0") if listed else column
    coded = plain.dictionary_encode(null_encoding="encode")
    values = coded.dictionary.to_pylist()
    return coded.indices.to_numpy(), [tuple(v.split("\0")) if v else () for v in values] if listed else values
