"""Which accounts, conversations, devices or items a name in a search means: the rule of ``filon.query.match``, over the tables."""

from collections.abc import Iterable

import numpy as np

from filon.model.words import cut
from filon.store.embedded.columns import Ints
from filon.store.embedded.snapshot import Snapshot

__all__ = ["Name", "resolve"]


class Name:
    """A written name: its words must stand one after the other; with ``*`` at its end the last may go on."""

    def __init__(self, value: str) -> None:
        self.number = int(value[1:]) if value[:1] == "#" and value[1:].isdecimal() else None
        words = " " + " ".join(cut(value.removesuffix("*")))
        self._words = words if value.endswith("*") else words + " "

    def means(self, *names: str | None) -> bool:
        """Is it in one of these names?"""
        return any(name is not None and self._words in f" {' '.join(cut(name))} " for name in names)


def resolve(snapshot: Snapshot, field: str, value: str) -> Ints:
    """The accounts (or, for ``in``, conversations; for ``item``, items) that a name means, ascending."""
    name = Name(value)
    if name.number is not None:
        return np.array([name.number])
    table, number, texts = {
        "in": ("conversations", "conversation", ("title", "native_id")),
        "item": ("items", "item", ("path",)),
    }.get(field, ("accounts", "account", ("name", "native_id")))
    found = _means(snapshot, table, number, texts, name)
    if table == "accounts":
        found |= _means(snapshot, "names", number, ("text",), name)
    return np.array(sorted(found), np.int32)


def _means(snapshot: Snapshot, table: str, number: str, texts: Iterable[str], name: Name) -> set[int]:
    rows = snapshot.table(table)
    found: set[int] = set()
    for text in texts:
        pairs = zip(rows[number].to_pylist(), rows[text].to_pylist(), strict=True)
        found.update(at for at, written in pairs if at is not None and name.means(written))
    return found
