"""What the log and the tables of a case say about what it holds, brought up to date by what came since it was last asked.

An open case that takes in a few hundred messages a second cannot read its whole past for each of them. The log and the
tables only ever grow, so reading on from the last place is enough.
"""

from threading import Lock
from typing import TypeVar

import msgspec
import pyarrow as pa

from filon.case.numbers import Numbers
from filon.errors import CustodyError, StoreError
from filon.evidence.custody import Custody, Entry
from filon.model.columns import strings
from filon.model.items import Item, Reading
from filon.store import Backend

__all__ = ["Ledger"]

_T = TypeVar("_T")


class Ledger:
    """Items, readings and numbers of one open case. Its dictionaries are replaced and never changed."""

    def __init__(self, store: Backend, custody: Custody) -> None:
        self._store = store
        self._custody = custody
        self._generation = -1
        self._place = 0
        self._numbers = Numbers()
        self._lock = Lock()
        self.items: dict[int, Item] = {}
        """Every item by number, withdrawn ones marked with the reason."""
        self.readings: dict[int, Reading] = {}
        """Every reading by number, those of withdrawn items included."""
        self.lines: dict[int, int] = {}
        """By item, the entry of the custody log that took it in."""
        self.compactions: frozenset[int] = frozenset()
        """Compactions that the log has, by the state of the store they made."""
        self._reasons: dict[int, str] = {}

    def freshen(self) -> "Ledger":
        """Take in what the store shows and the log says now."""
        with self._lock:
            entries, self._place = self._custody.since(self._place)
            generation = self._store.generation
            if not entries and generation == self._generation:
                return self
            lines, reasons, compactions = {}, {}, set()
            for entry in entries:
                if entry.what == "item-added":
                    lines[_number(entry, "item")] = entry.n
                elif entry.what == "item-withdrawn":
                    reasons[_number(entry, "item")] = str(entry.values.get("reason", ""))
                elif entry.what == "compacted":
                    compactions.add(_number(entry, "generation"))
            tables = self._store.tables
            items = _decoded(tables.table("items", withdrawn=True), len(self.items), Item)
            readings = _decoded(tables.table("readings", withdrawn=True), len(self.readings), Reading)
            if lines:
                self.lines = self.lines | lines
            self.compactions |= compactions
            self._reasons |= reasons
            if items or reasons:
                self.items = self._marked(self.items | {item.number: item for item in items}, reasons)
            if readings:
                self.readings = self.readings | {reading.number: reading for reading in readings}
            self._generation = generation
            return self

    def held(self) -> dict[str, Item]:
        """Items by hash that are not withdrawn: what was withdrawn may be added again."""
        return {item.sha256: item for item in self.freshen().items.values() if item.withdrawn is None}

    def numbers(self) -> Numbers:
        """The case's numbers of accounts and conversations, for the writer alone. What an add that failed gave is forgotten."""
        tables = self._store.tables
        # Withdrawn ones included: a number that was once given is never given to another.
        self._numbers.catch_up(tables.table("accounts", withdrawn=True), tables.table("conversations", withdrawn=True))
        return self._numbers

    def _marked(self, items: dict[int, Item], new: dict[int, str]) -> dict[int, Item]:
        """Items with the reasons for which they were withdrawn; an item may come to light after its reason."""
        changed = {n: r for n, r in self._reasons.items() if n in items and (n in new or items[n].withdrawn is None)}
        return items | {n: msgspec.structs.replace(items[n], withdrawn=reason) for n, reason in changed.items()}


def _decoded(table: pa.Table, start: int, kind: type[_T]) -> list[_T]:
    """The values in a table of items or readings, from this row on."""
    try:
        return [msgspec.json.decode(body, type=kind) for body in strings(table["body"].slice(start))]
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise StoreError(
            "the table of items or of readings is damaged: {reason}", hint="run `filon verify`", reason=str(error)
        ) from error


def _number(entry: Entry, key: str) -> int:
    value = entry.values.get(key)
    if not isinstance(value, int):
        raise CustodyError(
            "line {number} of the custody log cannot be read: {reason}",
            hint="run filon verify to see what else differs",
            number=entry.n,
            reason=f"it names no {key}",
        )
    return value
