"""What a backend must do. Two backends at most: embedded, cluster.

Rows of messages are always given as Arrow tables of ``filon.model.columns.MESSAGES``; message numbers as numpy
int64. A query tree that reaches a backend is already bound to what the view allows: ``tag:``, ``is:one-sided`` and
scope have become ``Rows`` or fields that a backend knows. What a backend cannot do raises ``Unsupported`` before it
starts; it never answers something near. Times are microseconds, zones are names such as ``Europe/Paris``.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from filon.model.progress import Report, silent
from filon.query.tree import Node

__all__ = [
    "Addition",
    "Backend",
    "Bucket",
    "Capabilities",
    "Compacted",
    "Facet",
    "Fault",
    "Found",
    "Index",
    "Ints",
    "Numbers",
    "Order",
    "Piece",
    "Tables",
    "Thread",
]

Numbers = npt.NDArray[np.int64]
"""Message numbers."""
Ints = npt.NDArray[Any]
"""Accounts, conversations, items or readings."""
Order = Literal["newest", "oldest", "relevance"]
"""``oldest``: by time, then by number; ``newest``: the reverse. Undated messages come last in both. ``relevance``: best
match of the words first, then newest; backends may weigh words differently."""


class Capabilities(msgspec.Struct, frozen=True, kw_only=True):
    """What a backend can answer. ``fields``: names that may stand in ``Field`` nodes; ``facets``: what can be counted by."""

    name: str
    fields: frozenset[str]
    facets: frozenset[str]


class Found(msgspec.Struct, frozen=True):
    """One page of hits. ``total`` is exact."""

    ids: Numbers
    total: int


class Bucket(msgspec.Struct, frozen=True):
    """``count`` hits share ``value`` (an ordinal as text for accounts and conversations, ``2020-04`` for months)."""

    value: str
    count: int


class Facet(msgspec.Struct, frozen=True):
    """The biggest buckets of one field, biggest first; ``distinct`` buckets in all, ``exact`` or labelled about."""

    field: str
    buckets: tuple[Bucket, ...]
    distinct: int
    exact: bool = True


class Fault(msgspec.Struct, frozen=True):
    """A file of the store that is not as it was written. ``where``: path inside the case."""

    where: str
    what: str


Piece = Callable[[], Iterable[pa.RecordBatch]]
"""Batches of messages. Picklable: it may be called several times, and in another process."""


class Addition(msgspec.Struct):
    """What one intake adds: messages in pieces, each of batches of any order, and one table for each other kind."""

    intake: int
    messages: tuple[Piece, ...]
    rows: int
    tables: Mapping[str, pa.Table]


class Compacted(msgspec.Struct, frozen=True, kw_only=True):
    """Small pieces of a store that were merged into larger ones with the same rows.

    ``generation`` is the state it made and names it. ``slices`` and ``parts`` are (before, after), in the whole store.
    """

    generation: int
    messages: int
    rows: int
    slices: tuple[int, int]
    parts: tuple[int, int]


class Thread(Protocol):
    """One conversation in reading order: by time, undated last, then by number."""

    @property
    def ids(self) -> Numbers:
        """All its messages, by place."""

    def __len__(self) -> int: ...

    def page(self, offset: int, limit: int, names: Sequence[str] | None = None) -> pa.Table:
        """Messages at these places. ``names``: columns, None for all."""

    def place_of(self, number: int) -> int | None:
        """Where a message stands."""

    def place_at(self, time: int) -> int:
        """The first place at or after a time in microseconds."""

    def days(self, zone: str) -> pa.Table:
        """One row a day: ``day`` date32, ``place`` of its first message, ``count``."""

    def strip(self, ids: Numbers, bins: int) -> list[int]:
        """How many of ``ids`` fall into each of ``bins`` equal stretches of the conversation."""


class Index(Protocol):
    """Finding messages. ``zone`` is the view's: ``date:`` is read in it."""

    def find(self, query: Node, order: Order, offset: int, limit: int, zone: str = "UTC") -> Found:
        """One page of hits and the exact total."""

    def first(self, query: Node, order: Order, offset: int, limit: int, zone: str = "UTC") -> Numbers:
        """The same page without the total: by time, slices are read only until the page is full."""

    def count(self, query: Node, zone: str = "UTC") -> int:
        """The exact total."""

    def facets(self, query: Node, fields: Iterable[str], top: int, zone: str = "UTC") -> dict[str, Facet]:
        """Fields: account (who sent), conversation, month, day, hour, weekday, platform, device, item, reading, kind."""

    def ids(self, query: Node, zone: str = "UTC") -> Iterator[Numbers]:
        """All hits, oldest first, in pieces; for exports and tagging."""

    def words(self, prefix: str, limit: int) -> list[tuple[str, int]]:
        """Words of the case that begin so, most frequent first, with in how many messages they stand."""

    def resolve(self, field: str, value: str) -> Ints:
        """The accounts that ``from: to: with:`` take for a value, or the conversations that ``in:`` takes, ascending."""


class Tables(Protocol):
    """Rows by number, by conversation, and named relational queries."""

    def messages(self, ids: Numbers, names: Sequence[str] | None = None) -> pa.Table:
        """The rows of these numbers, in this order; a number that is not there is an error. ``names``: columns, None for all."""

    def thread(self, conversation: int, within: Node | None = None, zone: str = "UTC") -> Thread:
        """One conversation; with ``within``, of the messages that match it only."""

    def numbers_of(self, conversation: int, native_ids: Sequence[str]) -> dict[str, tuple[int, ...]]:
        """Message numbers by native id within a conversation; several where several devices hold the message."""

    def table(self, kind: str, *, withdrawn: bool = False) -> pa.Table:
        """A whole table other than messages (accounts, names, readings ...).

        With ``withdrawn`` also the rows of withdrawn readings: for numbering what is new, never for showing.
        """

    def given(self) -> dict[int, dict[str, int]]:
        """How many messages, attachments, events and defects each reading gave, withdrawn ones included; what is 0 is left out."""

    def run(self, name: str, within: Node | None = None, zone: str = "UTC", **values: object) -> pa.Table:
        """A named query of ``filon.store.queries``; with ``within``, over the messages that match it only."""

    def write(self, addition: Addition, report: Report = silent) -> None:
        """Make an addition visible, whole or not at all. Doing it again with the same ``intake`` changes nothing."""


class Backend(Protocol):
    """One opened store: what it showed when it was opened or last reloaded, whatever a writer does meanwhile."""

    @property
    def index(self) -> Index: ...

    @property
    def tables(self) -> Tables: ...

    @property
    def capabilities(self) -> Capabilities: ...

    @property
    def generation(self) -> int:
        """Grows with every change; equal generations show the same."""

    def intakes(self) -> int:
        """Number of the last addition that is visible, 0 where there is none."""

    def withdrawn_items(self) -> tuple[int, ...]:
        """Items all of whose readings are withdrawn."""

    @property
    def withdrawn(self) -> tuple[int, ...]:
        """Readings that appear nowhere."""

    def set_withdrawn(self, readings: Iterable[int]) -> None:
        """From now on exactly these readings appear nowhere. Nothing is deleted; the empty set brings all back."""

    def compaction_due(self) -> bool:
        """Whether there are so many small pieces that merging them is worth while."""

    def compact(self, folder: Path, report: Report = silent) -> Callable[[], Compacted | None] | None:
        """Merge small pieces into larger ones below ``folder``, which is new; None where nothing is due.

        Needs no lock and changes nothing that is visible. What comes back makes it visible, under the lock of the case;
        it gives None where somebody else has merged the same pieces meanwhile.
        """

    @property
    def compacted(self) -> Compacted | None:
        """The last compaction that is visible."""

    def sweep(self, aside: Path) -> None:
        """Move what compactions have replaced and nobody reads any more into the folder ``aside``, which the caller takes away:
        that takes longer, and needs not the lock of the case, under which this is."""

    def reload(self) -> bool:
        """Show what a writer has made visible since; False where nothing changed."""

    def verify(self, report: Report = silent) -> list[Fault]:
        """Every file of the store that is missing, differs or should not be there."""

    def digests(self) -> dict[str, str]:
        """One SHA-256 a table over its rows in the order of their numbers, however they are stored; withdrawn included."""

    def close(self) -> None: ...
