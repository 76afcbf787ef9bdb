"""What a backend must do. Two backends at most: embedded, cluster.

Rows of messages are always given as Arrow tables of ``filon.model.columns.MESSAGES``; message numbers as numpy
int64. A query tree that reaches a backend is already bound to what the view allows. What a backend cannot do
raises ``Unsupported`` before it starts; it never answers something near.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal, Protocol

import msgspec
import numpy as np
import pyarrow as pa

from filon.model.progress import Report
from filon.query.tree import Node

__all__ = ["Addition", "Bucket", "Facet", "Found", "Index", "Order", "Tables", "Thread"]

Order = Literal["newest", "oldest", "relevance"]


class Found(msgspec.Struct, frozen=True):
    """One page of hits. ``total`` is exact."""

    ids: "np.ndarray[tuple[int], np.dtype[np.int64]]"
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


class Addition(msgspec.Struct):
    """What one intake adds: message batches of any order (read more than once) and one table for each other kind."""

    intake: int
    messages: Callable[[], Iterable[pa.RecordBatch]]
    rows: int
    tables: Mapping[str, pa.Table]


class Thread(Protocol):
    """One conversation in reading order: by time, undated last, then by number."""

    def __len__(self) -> int: ...

    def page(self, offset: int, limit: int) -> pa.Table:
        """Messages at these places."""

    def place_of(self, number: int) -> int | None:
        """Where a message stands."""

    def place_at(self, time: int) -> int:
        """The first place at or after a time in microseconds."""

    def days(self, zone: str) -> pa.Table:
        """One row a day: ``day`` date32, ``place`` of its first message, ``count``."""

    def strip(self, ids: "np.ndarray[tuple[int], np.dtype[np.int64]]", bins: int) -> list[int]:
        """How many of ``ids`` fall into each of ``bins`` equal stretches of the conversation."""


class Index(Protocol):
    """Finding messages."""

    def find(self, query: Node, order: Order, offset: int, limit: int) -> Found:
        """One page of hits and the exact total."""

    def count(self, query: Node) -> int:
        """The exact total."""

    def facets(self, query: Node, fields: Iterable[str], top: int, zone: str) -> dict[str, Facet]:
        """Fields: account, conversation, month, day, platform, device, item, kind, hour, weekday."""

    def ids(self, query: Node) -> Iterator["np.ndarray[tuple[int], np.dtype[np.int64]]"]:
        """All hits, oldest first, in pieces; for exports and tagging."""

    def words(self, prefix: str, limit: int) -> list[tuple[str, int]]:
        """Words of the case that begin so, most frequent first, with in how many messages they stand."""


class Tables(Protocol):
    """Rows by number, by conversation, and named relational queries."""

    def messages(self, ids: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> pa.Table:
        """The rows of these numbers, in this order; a number that is not there is an error."""

    def thread(self, conversation: int) -> Thread:
        """One conversation."""

    def table(self, kind: str) -> pa.Table:
        """A whole table other than messages (accounts, conversations, names, readings ...)."""

    def run(self, name: str, **values: object) -> pa.Table:
        """A named query of ``filon.store.queries``."""

    def write(self, addition: Addition, report: Report) -> None:
        """Make an addition visible, whole or not at all. Doing it again with the same ``intake`` changes nothing."""
