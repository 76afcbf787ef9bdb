"""The case's numbers of accounts and conversations, by identity.

A number that was given is never given again; what an add that failed was about to give is forgotten.
"""

import numpy as np
import pyarrow as pa

from filon.model.columns import integers, strings

__all__ = ["Numbers", "Ordinals"]

Ordinals = np.ndarray[tuple[int], np.dtype[np.int32]]
"""Numbers of the case, by the numbers of one reading."""


class _Known:
    """Numbers by identity: those the case has given, and those that an add is about to give."""

    def __init__(self, number: str) -> None:
        self._number = number
        self._given: dict[str, int] = {}
        self._new: dict[str, int] = {}

    def catch_up(self, table: pa.Table) -> None:
        """Hold what the case has given by now, and nothing else; its rows are only ever appended."""
        self._new.clear()
        rows = table.slice(len(self._given))
        self._given.update(zip(strings(rows["key"]), integers(rows[self._number]), strict=True))

    def assign(self, table: pa.Table) -> tuple[Ordinals, pa.Table]:
        """The number of every row, and the rows that are new, with their number."""
        keys = strings(table["key"])
        # A key may come twice: what several small exports say of one account lies in one table.
        begun = len(self._given) + len(self._new)
        ordinals = np.fromiter((self._of(key) for key in keys), np.int32, len(keys))
        fresh = np.zeros(len(keys), bool)
        fresh[np.unique(ordinals, return_index=True)[1]] = True
        fresh &= ordinals >= begun
        numbered = table.set_column(0, table.schema.field(self._number), pa.array(ordinals, pa.int32()))
        return ordinals, numbered.filter(pa.array(fresh, pa.bool_()))

    def _of(self, key: str) -> int:
        given = self._given.get(key)
        return given if given is not None else self._new.setdefault(key, len(self._given) + len(self._new))


class Numbers:
    """The case's numbers of accounts and conversations by identity, growing as readings bring new ones."""

    def __init__(self) -> None:
        self._accounts = _Known("account")
        self._conversations = _Known("conversation")

    def catch_up(self, accounts: pa.Table, conversations: pa.Table) -> None:
        """Hold exactly the numbers in these tables of the case, which have grown since the last time, or not."""
        self._accounts.catch_up(accounts)
        self._conversations.catch_up(conversations)

    def assign(self, accounts: pa.Table, conversations: pa.Table) -> tuple[Ordinals, Ordinals, pa.Table, pa.Table]:
        """The case numbers of one reading's accounts and conversations, and the rows of those that are new."""
        a, new_accounts = self._accounts.assign(accounts)
        c, new_conversations = self._conversations.assign(conversations)
        return a, c, new_accounts, new_conversations
