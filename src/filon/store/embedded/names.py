"""Which accounts, conversations or items a name in a search means: the rule of ``filon.query.names``, over the tables."""

import numpy as np

from filon.query.names import Wanted, is_name, wanted
from filon.store.embedded.bearers import Bearers
from filon.store.embedded.columns import Ints
from filon.store.embedded.snapshot import Snapshot

__all__ = ["resolve"]

_ACCOUNT = (("accounts", "native_id"), ("accounts", "name"), ("names", "text"))
_SOURCES = {
    "from": ("account", _ACCOUNT),
    "to": ("account", _ACCOUNT),
    "with": ("account", _ACCOUNT),
    "in": ("conversation", (("conversations", "title"), ("conversations", "native_id"))),
    "item": ("item", (("items", "path"), ("items", "sha256"))),
}
"""By field: the column of numbers, and the columns of names (table, column)."""
_KEPT = 512
"""Names looked up lately that are kept with a snapshot: a search asks for each of its names more than once."""


def resolve(snapshot: Snapshot, field: str, value: str) -> Ints:
    """The accounts (for ``in`` conversations, for ``item`` items) that a name means, ascending."""
    asked = wanted(value, numbered=True)
    if asked.number is not None:
        return np.array([asked.number], np.int32)
    key = (_SOURCES[field], value)
    known = snapshot.meant.get(key)
    if known is None:
        known = _meant(snapshot, field, asked)
        known.flags.writeable = False
        if len(snapshot.meant) >= _KEPT:
            snapshot.meant.clear()
        snapshot.meant[key] = known
    return known


def _meant(snapshot: Snapshot, field: str, asked: Wanted) -> Ints:
    number, sources = _SOURCES[field]
    found: set[int] = set()
    for table, column in sources:
        bearers = _bearers(snapshot, table, column, number)
        likely = list(bearers.holding(asked.words))
        if asked.digits is not None:
            likely += bearers.holding_digits(asked.digits)
        for name, numbers in likely:
            if is_name(asked, name):
                found.update(numbers)
    return np.array(sorted(found), np.int32)


def _bearers(snapshot: Snapshot, table: str, column: str, number: str) -> Bearers:
    """Who bears a name in a column; made once for a snapshot."""
    key = (table, column)
    if key not in snapshot.names:
        rows = snapshot.table(table)
        snapshot.names[key] = Bearers(zip(rows[column].to_pylist(), rows[number].to_pylist(), strict=True))
    return snapshot.names[key]
