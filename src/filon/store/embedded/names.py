"""Which accounts, conversations or items a name in a search means: the rule of ``filon.query.names``, over the tables."""

import numpy as np

from filon.model.words import cut_joined
from filon.query.names import Wanted, is_name, wanted
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
        for name, numbers in _named(snapshot, table, column, number).items():
            if _may_be(asked, name) and is_name(asked, name):
                found.update(numbers)
    return np.array(sorted(found), np.int32)


def _named(snapshot: Snapshot, table: str, column: str, number: str) -> dict[str, list[int]]:
    """The numbers of everything that bears a name, by the name's words; made once for a snapshot."""
    key = (table, column)
    if key not in snapshot.names:
        rows = snapshot.table(table)
        named: dict[str, list[int]] = {}
        for name, bearer in zip(rows[column].to_pylist(), rows[number].to_pylist(), strict=True):
            if name is not None and bearer is not None:
                named.setdefault(cut_joined(name), []).append(bearer)
        snapshot.names[key] = named
    return snapshot.names[key]


def _may_be(asked: Wanted, name: str) -> bool:
    """A quick look that leaves few names for the rule itself."""
    return asked.words in name or (asked.digits is not None and asked.digits in name.replace(" ", ""))
