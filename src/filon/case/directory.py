"""Accounts and conversations of a case by number: how each is called wherever it is shown.

Made once for each state of the store and each scope. An account is always shown by its handle; where a source has only
a name, by that name in quotation marks. Nothing here says who a person is. Names and titles come from the readings in
view only: what a withdrawn item, or one out of scope, calls somebody is not shown.
"""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from filon.case.answers import AccountView, NameView
from filon.model.columns import strings
from filon.store import Tables
from filon.store.ports import Ints

__all__ = ["Directory"]

_TITLE_NAMES = 4


class Directory:
    """Labels by number, from the tables of one state of the store.

    ``readings`` are those in view; ``accounts`` and ``conversations`` those in view, None where that is all of them.
    """

    def __init__(
        self,
        tables: Tables,
        readings: frozenset[int],
        accounts: frozenset[int] | None = None,
        conversations: frozenset[int] | None = None,
    ) -> None:
        self._tables = tables
        self._readings = readings
        self._seen = accounts
        self._rooms = conversations
        self._accounts: dict[int, AccountView] = {}
        self._titles: dict[int, str] = {}
        self._names: dict[int, list[NameView]] = {}

    @cached_property
    def _account_rows(self) -> pa.Table:
        return self._tables.table("accounts", withdrawn=True)

    @cached_property
    def _conversation_rows(self) -> pa.Table:
        return self._tables.table("conversations", withdrawn=True)

    @cached_property
    def _names_in_view(self) -> tuple[pa.Table, Ints]:
        """The names in view and the account of each, in the order in which they were met."""
        rows = self._in_view("names", ["account", "text", "kind", "device", "reading"])
        return rows, rows["account"].to_numpy()

    @cached_property
    def _names_by_account(self) -> tuple[Ints, Ints]:
        """Accounts, ascending, and the row of each of their names."""
        _, accounts = self._names_in_view
        order = np.argsort(accounts, kind="stable")
        return accounts[order], order

    def _names_of(self, account: int) -> list[NameView]:
        """The names of one account, each once. Read when it is asked for: a case may have millions."""
        known = self._names.get(account)
        if known is None:
            rows, _ = self._names_in_view
            accounts, order = self._names_by_account
            start, stop = _stretch(accounts, account)
            found = rows.take(order[start:stop]).to_pylist()
            known = list(dict.fromkeys(NameView(row["text"], row["kind"], row["device"]) for row in found))
            self._names[account] = known
        return known

    @cached_property
    def _participants(self) -> tuple[Ints, Ints]:
        """Conversations, ascending, and an account of each, in the order in which they were met."""
        rows = self._in_view("participants", ["conversation", "account", "reading"])
        conversations, accounts = rows["conversation"].to_numpy(), rows["account"].to_numpy()
        if self._seen is not None:
            seen = np.isin(accounts, list(self._seen))
            conversations, accounts = conversations[seen], accounts[seen]
        order = np.argsort(conversations, kind="stable")
        return conversations[order], accounts[order]

    def _people_of(self, conversation: int) -> list[int]:
        """The accounts of one conversation, each once."""
        conversations, accounts = self._participants
        start, stop = _stretch(conversations, conversation)
        return list(dict.fromkeys(accounts[start:stop].tolist()))

    def _in_view(self, kind: str, columns: list[str]) -> pa.Table:
        """Rows of a table that readings in view gave."""
        rows = self._tables.table(kind).select(columns)
        given = np.isin(rows["reading"].to_numpy(), list(self._readings))
        return rows if given.all() else rows.filter(pa.array(given))

    def account(self, number: int) -> AccountView:
        """One account as it is shown."""
        known = self._accounts.get(number)
        if known is None:
            row = self._account_rows.slice(number, 1).to_pylist()[0]
            name = self._name_of(row)
            label = row["native_id"] if row["native_id"] is not None else f"“{name}”" if name is not None else "no name"
            known = self._accounts[number] = AccountView(
                account=number,
                platform=row["platform"],
                label=label,
                native_id=row["native_id"],
                name=name,
                device=row["device"],
            )
        return known

    def accounts(self, numbers: Iterable[int]) -> tuple[AccountView, ...]:
        """Several accounts as they are shown."""
        return tuple(self.account(number) for number in numbers)

    def names(self, account: int) -> tuple[NameView, ...]:
        """Every name an account was met under: handles first, then what it calls itself, then what others call it."""
        order = {"handle": 0, "owner": 1, "display": 2}
        return tuple(sorted(self._names_of(account), key=lambda name: (order.get(name.kind, 3), name.text)))

    def owned_devices(self, account: int) -> tuple[str, ...]:
        """Devices whose owner this account is, as the items say."""
        return tuple(sorted({n.device for n in self._names_of(account) if n.kind == "owner" and n.device}))

    def participants(self, conversation: int) -> tuple[AccountView, ...]:
        """Everybody who wrote, was written to, joined or is listed."""
        return self.accounts(self._people_of(conversation))

    def account_names(self, account: int) -> tuple[str, ...]:
        """Everything an account can be searched by."""
        known = self.account(account)
        names = (known.native_id, known.name, *(name.text for name in self._names_of(account)))
        return tuple(dict.fromkeys(name for name in names if name is not None))

    def conversation_names(self, conversation: int) -> tuple[str, ...]:
        """Everything a conversation can be searched by."""
        row = self._conversation_row(conversation)
        return tuple(name for name in (row["title"], row["native_id"]) if name is not None)

    def title(self, conversation: int) -> str:
        """The title the source gives, else the participants."""
        known = self._titles.get(conversation)
        if known is None:
            row = self._conversation_row(conversation)
            known = self._titles[conversation] = row["title"] or self._made_title(conversation, row["native_id"])
        return known

    def kind(self, conversation: int) -> str | None:
        """direct, group, channel ... as the source says."""
        kind: str | None = self._conversation_row(conversation)["kind"]
        return kind

    def platform(self, conversation: int) -> str:
        """The platform of a conversation."""
        platform: str = self._conversation_rows["platform"][conversation].as_py()
        return platform

    def conversations_called(self, contains: str) -> list[int]:
        """Numbers of conversations whose title, number or participants hold this, without regard to case."""
        wanted = contains.casefold()
        seen = range(self._conversation_rows.num_rows) if self._rooms is None else sorted(self._rooms)
        return [n for n in seen if self._is_called(n, wanted)]

    def accounts_called(self, contains: str) -> list[int]:
        """Numbers of accounts one of whose names holds this, without regard to case."""
        wanted = contains.casefold()
        rows, accounts = self._names_in_view
        texts = zip(strings(rows["text"]), accounts.tolist(), strict=True)
        named = {account for text, account in texts if wanted in text.casefold()}
        seen = range(self._account_rows.num_rows) if self._seen is None else sorted(self._seen)
        return [account for account in seen if account in named or wanted in self.account(account).label.casefold()]

    def _name_of(self, row: dict[str, Any]) -> str | None:
        """The name an account is shown with: where it has nothing else, the one that it is known by."""
        if row["native_id"] is None or row["reading"] in self._readings:
            name: str | None = row["name"]
            return name
        names = self._names_of(row["account"])
        return next((name.text for name in names if name.kind == "display"), None)

    def _conversation_row(self, conversation: int) -> dict[str, Any]:
        """Its row; without title and kind where a reading out of view gave them."""
        row: dict[str, Any] = self._conversation_rows.slice(conversation, 1).to_pylist()[0]
        known = row["reading"] in self._readings
        # A conversation without an id of its own is known by its title.
        return row if known else row | {"title": None if row["native_id"] is not None else row["title"], "kind": None}

    def _is_called(self, conversation: int, wanted: str) -> bool:
        if wanted in self.title(conversation).casefold():
            return True
        return any(wanted in account.label.casefold() for account in self.participants(conversation))

    def _made_title(self, conversation: int, native_id: str | None) -> str:
        people = self._people_of(conversation)
        if not people:
            return native_id or "no title"
        shown = ", ".join(self.account(number).label for number in people[:_TITLE_NAMES])
        return shown if len(people) <= _TITLE_NAMES else f"{shown} +{len(people) - _TITLE_NAMES}"


def _stretch(ascending: Ints, number: int) -> tuple[int, int]:
    """Where a number begins and ends. Looked up in the type of the column: numpy would copy it whole for any other."""
    start, stop = np.searchsorted(ascending, np.array([number, number + 1], ascending.dtype)).tolist()
    return start, stop
