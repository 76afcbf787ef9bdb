"""Which rows of the other tables belong to the messages that may be seen.

An account or conversation is first met in one reading and may appear in others: when that reading is withdrawn, the row
stays for the others' sake, without the names the withdrawn one gave. Within a query nothing is shown that does not hang on
a message the query matches; of defects nobody can say what they would have been, so none is shown.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from filon.model.columns import TABLES
from filon.store.embedded import arrow
from filon.store.embedded.columns import UNDATED, Ints
from filon.store.embedded.slices import Bits, Slice

__all__ = ["Seen", "seen", "still_met", "within"]

_SAID = {"accounts": ("name", "device"), "conversations": ("title", "kind")}
"""What the reading that first met an account or conversation said about it beside its identity."""


class Seen(msgspec.Struct, frozen=True):
    """What some messages name: booleans by number for accounts and conversations, and the span of time of each
    conversation (microseconds; the first is after the last where it has no dated message), and the readings."""

    accounts: Bits
    conversations: Bits
    first: Ints
    last: Ints
    readings: Ints


def seen(parts: Sequence[Slice], rows: Callable[[Slice], Ints | None], accounts: int, conversations: int) -> Seen:
    """What the rows that may be seen name, for numbers of accounts and conversations below these."""
    found = Seen(
        np.zeros(accounts, np.bool_),
        np.zeros(conversations, np.bool_),
        np.full(conversations, UNDATED),
        np.full(conversations, -UNDATED),
        np.unique(np.concatenate([np.zeros(0, np.int32), *(_readings(part, rows(part)) for part in parts)])),
    )
    for part in parts:
        chosen: Any = slice(None) if (some := rows(part)) is None else some
        for named in (part.senders[chosen], part.recipient_values(some)):
            found.accounts[named[named >= 0]] = True
        here = part.conversations[chosen]
        known = here >= 0
        found.conversations[here[known]] = True
        if part.entry.dated:
            np.minimum.at(found.first, here[known], part.times[chosen][known])
            np.maximum.at(found.last, here[known], part.times[chosen][known])
    return found


def within(kind: str, table: pa.Table, of: Seen) -> pa.Table:
    """The rows of a table that hang on the messages seen."""
    match kind:
        case "defects":
            return table.slice(0, 0)
        case "accounts" | "names":
            keep = of.accounts[table["account"].to_numpy()]
        case "conversations":
            keep = of.conversations[table["conversation"].to_numpy()]
        case "participants":
            keep = of.conversations[table["conversation"].to_numpy()] & of.accounts[table["account"].to_numpy()]
        case "readings":
            keep = np.isin(table["reading"].to_numpy(), of.readings)
        case "events":
            place = arrow.numbers(table["conversation"], -1)
            time = arrow.numbers(table["time"], UNDATED)
            keep = (place >= 0) & of.conversations[place] & (time >= of.first[place]) & (time <= of.last[place])
        case _:
            return table
    return table.filter(pa.array(keep))


def still_met(kind: str, everything: Mapping[str, pa.Table], hidden: Bits, of: Seen) -> pa.Table:
    """Accounts or conversations when readings are withdrawn. ``everything``: the visible rows of the other tables, and
    all rows of this one; ``hidden``: which of these a withdrawn reading gave."""
    table, number = everything[kind], TABLES[kind].names[0]
    met = (of.accounts if kind == "accounts" else of.conversations).copy()
    for other, column in _mentions(kind):
        named = arrow.numbers(everything[other][column], -1)
        met[named[named >= 0]] = True
    if kind == "accounts":
        also = arrow.list_values(everything["events"]["accounts"]).to_numpy()
        met[also] = True
    table = table.filter(pa.array(keep := ~hidden | met[table[number].to_numpy()]))
    silent = pa.array(hidden[keep])
    for name in _SAID[kind]:
        at = table.schema.get_field_index(name)
        nothing = pa.nulls(table.num_rows, pa.string())
        table = table.set_column(at, table.field(at), arrow.either(silent, nothing, table[name]))
    return table


def _mentions(kind: str) -> tuple[tuple[str, str], ...]:
    if kind == "accounts":
        return (("names", "account"), ("participants", "account"), ("events", "actor"))
    return (("participants", "conversation"), ("events", "conversation"))


def _readings(part: Slice, rows: Ints | None) -> Ints:
    groups = np.unique(part.group if rows is None else part.group[rows])
    readings: Ints = part.group_column("reading").to_numpy()[groups]
    return readings
