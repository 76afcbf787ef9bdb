"""Who a row is between: accounts, their names, the conversation; each described once per sheet."""

import msgspec

from filon.evidence.rows import Cell
from filon.model.records import Account, AccountRef, Conversation, ConversationRef, Locator, Name, Record
from filon.readers.tables.cells import account_of, handle_of, is_rounded, pieces_of, text_of
from filon.readers.tables.mapping import Mapping

__all__ = ["Parties", "Sides"]

_KEPT = 500_000
"""Accounts, names and conversations remembered; past it a description may come twice, which changes nothing."""


class Sides(msgspec.Struct, frozen=True, gc=False):
    """The accounts of one row. ``other`` is the contact where the table says neither sender nor recipient."""

    own: AccountRef | None
    origin: AccountRef | None
    targets: tuple[AccountRef, ...]
    other: AccountRef | None
    direction: str | None


class Parties:
    """Remembers what the sheet has said about accounts and conversations."""

    def __init__(self, mapping: Mapping) -> None:
        self._mapping = mapping
        self._accounts: dict[tuple[str, str, str], AccountRef | None] = {}
        self._conversations: dict[object, ConversationRef] = {}
        self._described: set[object] = set()

    def account(self, platform: str, cell: Cell) -> AccountRef | None:
        """The account a cell names."""
        if cell is None:
            return None
        # the type is part of the key: 1, 1.0 and True are equal, but not written alike
        key = (platform, type(cell).__name__, cell if isinstance(cell, str) else repr(cell))
        try:
            return self._accounts[key]
        except KeyError:
            if len(self._accounts) >= _KEPT:
                self._accounts.clear()
            found = self._accounts[key] = account_of(cell, platform, self._mapping.account_form)
            return found

    def sides(self, platform: str, own: Cell, contact: Cell, sender: Cell, recipients: Cell, way: str | None) -> Sides:
        """Sender and recipients, from their own columns or from contact and direction. What is not said stays None."""
        mine = self.account(platform, own)
        if sender is not None or recipients is not None:
            origin = self.account(platform, sender)
            parts = (self.account(platform, part) for part in pieces_of(recipients, self._mapping.separator))
            targets = tuple(account for account in parts if account is not None)
            if way is None and mine is not None:
                way = "out" if origin == mine else "in" if mine in targets else None
            return Sides(mine, origin, targets, None, way)
        other = self.account(platform, contact)
        if way == "in":
            return Sides(mine, other, (mine,) if mine else (), other, way)
        if way == "out":
            return Sides(mine, mine, (other,) if other else (), other, way)
        return Sides(mine, None, (), other, None)

    def describe_owner(self, sides: Sides, device: str | None, locator: Locator) -> list[Record]:
        """The device's own account, the first time it is met on this device."""
        key = (sides.own, device)
        if sides.own is None or not self._is_new(key):
            return []
        return [Account(sides.own, _beside(locator), device=device, owner=True)]

    def describe_name(
        self, account: AccountRef | None, cell: Cell, kind: str, device: str | None, locator: Locator
    ) -> list[Record]:
        """The name a cell gives an account, the first time it is met on this device."""
        text = text_of(cell)
        if account is None or text is None or not self._is_new((account, text, kind, device)):
            return []
        return [Account(account, _beside(locator), (Name(text, kind),), device)]

    def conversation(
        self, platform: str, cell: Cell, title: Cell, sides: Sides, device: str | None, locator: Locator
    ) -> tuple[ConversationRef | None, list[Record]]:
        """The conversation of a row, described the first time: the one its column names, else that of its accounts."""
        if cell is not None:
            key: object = (platform, type(cell).__name__, repr(cell), repr(title))
            found = self._conversations.get(key)
            if found is not None:
                return found, []
            rules = self._mapping.conversations
            lost = is_rounded(cell)
            name = text_of(title) or (handle_of(cell) if lost else None)
            found = ConversationRef(platform, None if lost else handle_of(cell), name, rules.shared and not lost)
            self._remember(key, found)
            return found, [Conversation(found, _beside(locator), rules.kind, device=device)]
        return self._between(platform, sides, device, locator)

    def _between(
        self, platform: str, sides: Sides, device: str | None, locator: Locator
    ) -> tuple[ConversationRef | None, list[Record]]:
        ends = (
            (sides.origin, sides.other, *sides.targets)
            if sides.direction or not sides.own
            else (sides.own, sides.other)
        )
        key = (platform, *ends)
        found = self._conversations.get(key)
        if found is not None:
            return found, []
        accounts = {account for account in ends if account is not None}
        if len(accounts) < 2:
            return None, []
        ids = [account.id for account in accounts if account.id is not None]
        if len(ids) == len(accounts):
            found = ConversationRef(platform, "|".join(sorted(ids)), shared=True)
        else:
            found = ConversationRef(
                platform, None, "|".join(sorted(account.id or account.name or "" for account in accounts))
            )
        self._remember(key, found)
        if not self._is_new(found):
            return found, []
        kind = "direct" if len(accounts) == 2 else "group"
        people = tuple(sorted(accounts, key=lambda account: (account.id or "", account.name or "")))
        return found, [Conversation(found, _beside(locator), kind, people, device)]

    def _remember(self, key: object, found: ConversationRef) -> None:
        if len(self._conversations) >= _KEPT:
            self._conversations.clear()
        self._conversations[key] = found

    def _is_new(self, key: object) -> bool:
        if key in self._described:
            return False
        if len(self._described) >= _KEPT:
            self._described.clear()
        self._described.add(key)
        return True


def _beside(locator: Locator) -> Locator:
    """The same place, standing for no unit: the message of the row stands for it."""
    return Locator(locator.path, locator.offset, locator.length, 0)
