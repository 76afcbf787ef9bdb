"""Accounts and conversations of a case by number: how each is called wherever it is shown.

Read once for each state of the store. An account is always shown by its handle; where a source has only a name, by
that name in quotation marks. Nothing here says who a person is.
"""

from collections.abc import Iterable
from functools import cached_property

import pyarrow as pa

from filon.case.answers import AccountView, NameView
from filon.model.columns import integers
from filon.store import Tables

__all__ = ["Directory"]

_TITLE_NAMES = 4


class Directory:
    """Labels by number, from the tables of one state of the store."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._accounts: dict[int, AccountView] = {}
        self._titles: dict[int, str] = {}

    @cached_property
    def _account_rows(self) -> pa.Table:
        return self._tables.table("accounts", withdrawn=True)

    @cached_property
    def _conversation_rows(self) -> pa.Table:
        return self._tables.table("conversations", withdrawn=True)

    @cached_property
    def _names(self) -> dict[int, list[NameView]]:
        rows = self._tables.table("names").select(["account", "text", "kind", "device"]).to_pylist()
        found: dict[int, dict[NameView, None]] = {}
        for row in rows:
            found.setdefault(row["account"], {})[NameView(row["text"], row["kind"], row["device"])] = None
        return {account: list(names) for account, names in found.items()}

    @cached_property
    def _participants(self) -> dict[int, list[int]]:
        rows = self._tables.table("participants").select(["conversation", "account"])
        found: dict[int, dict[int, None]] = {}
        for conversation, account in zip(integers(rows["conversation"]), integers(rows["account"]), strict=True):
            found.setdefault(conversation, {})[account] = None
        return {conversation: list(accounts) for conversation, accounts in found.items()}

    def account(self, number: int) -> AccountView:
        """One account as it is shown."""
        known = self._accounts.get(number)
        if known is None:
            row = self._account_rows.slice(number, 1).to_pylist()[0]
            name = row["name"]
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
        return tuple(sorted(self._names.get(account, ()), key=lambda name: (order.get(name.kind, 3), name.text)))

    def owned_devices(self, account: int) -> tuple[str, ...]:
        """Devices whose owner this account is, as the items say."""
        return tuple(sorted({n.device for n in self._names.get(account, ()) if n.kind == "owner" and n.device}))

    def participants(self, conversation: int) -> tuple[AccountView, ...]:
        """Everybody who wrote, was written to, joined or is listed."""
        return self.accounts(self._participants.get(conversation, ()))

    def title(self, conversation: int) -> str:
        """The title the source gives, else the participants."""
        known = self._titles.get(conversation)
        if known is None:
            row = self._conversation_rows.slice(conversation, 1).to_pylist()[0]
            known = self._titles[conversation] = row["title"] or self._made_title(conversation, row["native_id"])
        return known

    def kind(self, conversation: int) -> str | None:
        """direct, group, channel ... as the source says."""
        kind: str | None = self._conversation_rows["kind"][conversation].as_py()
        return kind

    def platform(self, conversation: int) -> str:
        """The platform of a conversation."""
        platform: str = self._conversation_rows["platform"][conversation].as_py()
        return platform

    def conversations_called(self, contains: str) -> list[int]:
        """Numbers of conversations whose title, number or participants hold this, without regard to case."""
        wanted = contains.casefold()
        return [n for n in range(self._conversation_rows.num_rows) if self._is_called(n, wanted)]

    def accounts_called(self, contains: str) -> list[int]:
        """Numbers of accounts one of whose names holds this, without regard to case."""
        wanted = contains.casefold()
        found = {a for a, names in self._names.items() if any(wanted in name.text.casefold() for name in names)}
        labels = range(self._account_rows.num_rows)
        return sorted(found | {a for a in labels if wanted in self.account(a).label.casefold()})

    def _is_called(self, conversation: int, wanted: str) -> bool:
        if wanted in self.title(conversation).casefold():
            return True
        return any(wanted in account.label.casefold() for account in self.participants(conversation))

    def _made_title(self, conversation: int, native_id: str | None) -> str:
        people = self._participants.get(conversation, [])
        if not people:
            return native_id or "no title"
        shown = ", ".join(self.account(number).label for number in people[:_TITLE_NAMES])
        return shown if len(people) <= _TITLE_NAMES else f"{shown} +{len(people) - _TITLE_NAMES}"
