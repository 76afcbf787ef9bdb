"""Do the custody log and the store say the same? Items, readings and their accounts, rows that are there, what is withdrawn.

The hashes of the store say that its files are as they were written; nobody signs them. The log is signed, and it holds the
account of every reading: rows that were taken out of the store, or put in, do not come to it.
"""

from collections.abc import Iterator

import msgspec

from filon.case.answers import Problem
from filon.case.state import State
from filon.errors import CustodyError, StoreError
from filon.evidence.custody import Entry
from filon.model.items import Item, Reading

__all__ = ["disagreements"]

_KINDS = ("messages", "attachments", "events", "defects")
_TRIES = 20


def disagreements(state: State, count: bool) -> Iterator[Problem]:
    """What the log and the store do not say alike, one line each. ``count``: the rows, too, of a store that is whole."""
    # The store is looked at between two looks into the log: what another process takes in meanwhile is no difference.
    before = list(state.site.custody.entries())
    held = _held(state, count)
    after = list(state.site.custody.entries())
    if before and msgspec.json.decode(state.site.layout.case.read_bytes()) != before[0].values:
        yield Problem(where="case.json", what="it differs from the first entry of the custody log")
    logged = {taken.item: taken for taken in _taken(after)}
    for number, item in held.items.items():
        yield from _item(item, logged.get(number))
    told = {reading.number: reading for taken in logged.values() for reading in taken.readings}
    for number, reading in held.readings.items():
        yield from _reading(reading, told.get(number), None if held.rows is None else held.rows.get(number, {}))
    for number in sorted(_numbers(before, "item-added") - held.items.keys()):
        yield Problem(where=f"item {number}", what="the custody log took it in, the case does not hold it")
    for number, rows in sorted((held.rows or {}).items()):
        if number not in held.readings:
            yield Problem(where=f"reading {number}", what=f"the case does not know it and holds {_shown(rows)} of it")
    yield from _withdrawn(held, _numbers(before, "item-withdrawn"), _numbers(after, "item-withdrawn"))


class _Held(msgspec.Struct, frozen=True):
    """One state of the store. ``rows``: how many of each kind by reading, where they were counted; ``hidden``: withdrawn
    readings."""

    items: dict[int, Item]
    readings: dict[int, Reading]
    rows: dict[int, dict[str, int]] | None
    hidden: frozenset[int]


def _held(state: State, count: bool) -> _Held:
    """The present state. In an open reading room another thread may go on to a later one meanwhile."""
    store = state.site.store
    store.reload()
    for _ in range(_TRIES):
        tables, generation, hidden = store.tables, store.generation, frozenset(store.withdrawn)
        items, readings = state.items, state.readings
        if store.generation == generation:
            return _Held(items, readings, tables.given() if count else None, hidden)
    raise StoreError("the store changes faster than it can be checked", hint="try again")


class _Taken(msgspec.Struct, frozen=True):
    """What an entry of the log says of an item."""

    item: int
    sha256: str
    size: int
    readings: tuple[Reading, ...]


def _taken(entries: list[Entry]) -> Iterator[_Taken]:
    for entry in entries:
        if entry.what == "item-added":
            try:
                yield msgspec.convert(entry.values, _Taken)
            except msgspec.ValidationError as error:
                raise CustodyError(
                    "line {number} of the custody log cannot be read: {reason}",
                    hint="run filon verify to see what else differs",
                    number=entry.n,
                    reason=str(error),
                ) from error


def _numbers(entries: list[Entry], what: str) -> set[int]:
    """The items that entries of a kind name; those that can be read have one, or the ledger had refused the log."""
    return {int(entry.values["item"]) for entry in entries if entry.what == what}


def _item(item: Item, told: _Taken | None) -> Iterator[Problem]:
    where = f"item {item.number}"
    if told is None:
        yield Problem(where=where, what="the custody log has no entry that took it in")
    elif (told.sha256, told.size) != (item.sha256, item.size):
        yield Problem(where=where, what="its entry in the custody log gives another hash or size")


def _reading(reading: Reading, told: Reading | None, rows: dict[str, int] | None) -> Iterator[Problem]:
    where = f"reading {reading.number}"
    if told is not None and told != reading:
        yield Problem(where=where, what="the custody log gives another account of it")
    tally = (told or reading).tally
    wanted = {kind: count for kind in _KINDS if (count := getattr(tally, kind, 0))}
    if rows is not None and rows != wanted:
        yield Problem(where=where, what=f"the case holds {_shown(rows)} of it, its account says {_shown(wanted)}")


def _shown(rows: dict[str, int]) -> str:
    return ", ".join(f"{rows[kind]} {kind}" for kind in _KINDS if kind in rows) or "nothing"


def _withdrawn(held: _Held, before: set[int], after: set[int]) -> Iterator[Problem]:
    """Exactly the readings of items that the log says were withdrawn are hidden."""
    hidden = {r.item for r in held.readings.values() if r.number in held.hidden}
    shown = {r.item for r in held.readings.values() if r.number not in held.hidden}
    for number in sorted(hidden - after):
        yield Problem(
            where=f"item {number}", what="it is hidden, and the custody log does not say that it was withdrawn"
        )
    for number in sorted(shown & before):
        what = "the custody log says that it was withdrawn, and it is still shown: the next add or withdrawal hides it"
        yield Problem(where=f"item {number}", what=what)
