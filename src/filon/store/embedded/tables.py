"""Rows by number, by conversation and by named query, in one snapshot."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import Lock

import numpy as np
import pyarrow as pa

from filon.errors import NotHeld
from filon.model.columns import MESSAGES, TABLES
from filon.model.ids import show
from filon.model.progress import Report, silent
from filon.query.tree import Node
from filon.store.embedded import bounds
from filon.store.embedded.build import native_keys
from filon.store.embedded.columns import Ints
from filon.store.embedded.gather import gather
from filon.store.embedded.given import given_by_readings
from filon.store.embedded.index import EmbeddedIndex
from filon.store.embedded.slices import Slice
from filon.store.embedded.snapshot import Snapshot, every_visible
from filon.store.embedded.sql import Sql
from filon.store.embedded.thread import EmbeddedThread
from filon.store.embedded.views import attachment_view, message_view, summary_view
from filon.store.ports import Addition, Numbers
from filon.store.queries import named

__all__ = ["EmbeddedTables"]

_THREADS = 8
"""Conversations whose merged order is kept; 28 bytes a message each."""
_ANSWERS, _KEPT_ROWS = 256, 10_000
"""Answers of named queries that are kept, and how long one may be."""


class EmbeddedTables:
    """``filon.store.ports.Tables`` over a snapshot; ``index`` answers what bounds a view."""

    def __init__(
        self,
        snapshot: Snapshot,
        index: EmbeddedIndex,
        sql: Sql,
        write: Callable[[Addition, Report], None],
        before: "EmbeddedTables | None" = None,
    ) -> None:
        self._snapshot = snapshot
        self._index = index
        self._sql = sql
        self._write = write
        self._threads: OrderedDict[tuple[object, ...], EmbeddedThread] = OrderedDict()
        self._earlier: dict[int, EmbeddedThread] = before._still_true(snapshot) if before else {}
        self._answers: OrderedDict[tuple[object, ...], pa.Table] = OrderedDict()
        self._lock = Lock()

    def messages(self, ids: Numbers, names: Sequence[str] | None = None) -> pa.Table:
        names = MESSAGES.names if names is None else names
        ids = np.asarray(ids, np.int64)
        missing = np.ones(len(ids), np.bool_)
        found: list[tuple[Slice, Ints, Ints]] = []
        for part in reversed(self._snapshot.slices):  # what is asked for is mostly new
            inside = np.flatnonzero(missing & (ids >= part.meta.first_id) & (ids <= part.meta.last_id))
            if not len(inside):
                continue
            rows = part.find_rows(ids[inside])
            inside, rows = inside[rows >= 0], rows[rows >= 0]
            if len(rows):
                missing[inside] = False
                found.append((part, rows, inside))
        if missing.any():
            raise NotHeld("there is no message {number}", number=show(int(ids[missing][0])))
        return gather(found, names)

    def thread(self, conversation: int, within: Node | None = None, zone: str = "UTC") -> EmbeddedThread:
        key = (conversation, within, zone)
        with self._lock:
            if key in self._threads:
                self._threads.move_to_end(key)
                return self._threads[key]
        thread = self._merged(conversation, within, zone)
        with self._lock:
            self._threads[key] = thread
            while len(self._threads) > _THREADS:
                self._threads.popitem(last=False)
        return thread

    def numbers_of(self, conversation: int, native_ids: Sequence[str]) -> dict[str, tuple[int, ...]]:
        keys = native_keys(pa.array([native.encode("utf-8", "surrogatepass") for native in native_ids], pa.binary()))
        wanted = set(native_ids)
        found: dict[str, list[int]] = {}
        for part in self._snapshot.slices:
            rows = part.native_rows(part.conversation_rows(conversation), keys)
            rows = rows if part.visible is None else rows[part.visible[rows]]
            natives = part.take(rows, ("native_id",))["native_id"].to_pylist() if len(rows) else []
            for native, number in zip(natives, part.ids[rows].tolist(), strict=True):
                if native in wanted:
                    found.setdefault(native, []).append(number)
        return {native: tuple(sorted(numbers)) for native, numbers in found.items()}

    def table(self, kind: str, *, withdrawn: bool = False) -> pa.Table:
        return self._snapshot.table(kind, withdrawn=withdrawn)

    def given(self) -> dict[int, dict[str, int]]:
        return given_by_readings(self._snapshot)

    def run(self, name: str, within: Node | None = None, zone: str = "UTC", **values: object) -> pa.Table:
        """A snapshot never changes, so an answer is good for as long as the snapshot is shown."""
        key = (name, within, zone, tuple(sorted(values.items())))
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]
        answer = self._run(name, within, zone, values)
        if answer.num_rows <= _KEPT_ROWS:
            with self._lock:
                self._answers[key] = answer
                while len(self._answers) > _ANSWERS:
                    self._answers.popitem(last=False)
        return answer

    def _run(self, name: str, within: Node | None, zone: str, values: dict[str, object]) -> pa.Table:
        query = named(name)
        rows = every_visible if within is None else self._chosen(within, zone)
        views = {kind: self.table(kind) for kind in query.tables if kind in TABLES}
        if within is not None and views:
            seen = self._snapshot.seen_in(rows)
            views = {kind: bounds.within(kind, table, seen) for kind, table in views.items()}
        if "attachments" in query.tables:
            views["attachments"] = attachment_view(self._snapshot.slices, rows)
        if query.summary:
            whole = within is None
            views["summary"] = self._snapshot.totals.table() if whole else summary_view(self._snapshot.slices, rows)
        if query.messages:
            views["messages"] = message_view(self._snapshot.slices, query.messages, rows)
        return self._sql.run(query, views, values)

    def write(self, addition: Addition, report: Report = silent) -> None:
        self._write(addition, report)

    def _merged(self, conversation: int, within: Node | None, zone: str) -> EmbeddedThread:
        """A conversation; the one of an earlier state where none of its slices has changed."""
        held = [(part, part.conversation_rows(conversation)) for part in self._snapshot.slices]
        held = [(part, bounds) for part, bounds in held if bounds[0] < bounds[1]]
        keys = frozenset(part.key for part, _ in held)
        known = self._earlier.get(conversation) if within is None else None
        if known is not None and known.keys == keys:
            return known
        return EmbeddedThread(conversation, [self._stretch(part, bounds, within, zone) for part, bounds in held])

    def _still_true(self, after: Snapshot) -> dict[int, EmbeddedThread]:
        """Whole conversations merged so far of which every slice is still shown: no other slice is kept from being removed."""
        shown = frozenset(part.key for part in after.slices)
        with self._lock:
            whole = {thread.number: thread for key, thread in self._threads.items() if key[1] is None}
        found = {**self._earlier, **whole}
        return {number: found[number] for number in list(found)[-_THREADS:] if found[number].keys <= shown}

    def _stretch(self, part: Slice, bounds: tuple[int, int], within: Node | None, zone: str) -> tuple[Slice, Ints]:
        """The rows of a slice that belong to a conversation and may be seen."""
        start, stop = bounds
        if within is not None:
            chosen = self._index.chosen(within, zone, part)
            return part, chosen[np.searchsorted(chosen, start) : np.searchsorted(chosen, stop)].astype(np.int64)
        rows = np.arange(start, stop)
        return part, rows if part.visible is None else rows[part.visible[rows]]

    def _chosen(self, within: Node, zone: str) -> Callable[[Slice], Ints | None]:
        return lambda part: self._index.chosen(within, zone, part)
