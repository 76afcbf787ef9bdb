"""Who a row is between: accounts, their names, the conversation; each described once per sheet."""

import msgspec

from filon.evidence.rows import Cell
from filon.model.records import Account, AccountRef, Conversation, ConversationRef, Locator, Name, Record
from filon.readers.tables.cells import account_of, handle_of, is_marked_owner, is_rounded, pieces_of, text_of
from filon.readers.tables.mapping import Mapping

__all__ = ["Met", "Naming", "Parties", "Sides"]

_KEPT = 500_000
"""Accounts, names and conversations remembered; past it a description may come twice, which changes nothing."""


class Sides(msgspec.Struct, frozen=True, gc=False):
    """The accounts of one row. ``other`` is the contact where the table says neither sender nor recipient."""

    own: AccountRef | None
    origin: AccountRef | None
    targets: tuple[AccountRef, ...]
    other: AccountRef | None
    direction: str | None

    @property
    def strangers(self) -> list[AccountRef]:
        """Everybody but the owner."""
        everybody = (self.other, self.origin, *self.targets)
        return list(dict.fromkeys(one for one in everybody if one is not None and one != self.own))


class Naming(msgspec.Struct, frozen=True, gc=False):
    """The cells of one row that say who it is between. ``label``: the device; ``own``: its account, where it has a column."""

    label: str | None
    own: Cell
    contact: Cell
    nickname: Cell
    sender: Cell
    sender_name: Cell
    recipients: Cell
    recipient_names: Cell
    participants: Cell
    conversation: Cell
    title: Cell


class Met(msgspec.Struct, frozen=True, gc=False):
    """What such cells come to. ``lost``: columns in which digits were lost, and what they show instead."""

    label: str | None
    sides: Sides
    conversation: ConversationRef | None
    lost: tuple[tuple[str, str], ...]


class Parties:
    """Remembers what the sheet has said about accounts and conversations."""

    def __init__(self, mapping: Mapping) -> None:
        self._mapping = mapping
        self._accounts: dict[tuple[str, str, str], AccountRef | None] = {}
        self._conversations: dict[object, ConversationRef] = {}
        self._described: set[object] = set()

    def meet(self, platform: str, cells: Naming, way: str | None, locator: Locator) -> tuple[Met, list[Record]]:
        """What the cells come to, and the descriptions of what is met for the first time."""
        sides = self.sides(platform, cells, way)
        label = cells.label
        place, records = self.conversation(platform, cells, sides, locator)
        records += self._describe_owner(sides, label, locator)
        strangers = sides.strangers
        named = sides.other or (strangers[0] if len(strangers) == 1 else None)
        target = sides.targets[0] if len(sides.targets) == 1 else None
        names = [(named, cells.nickname, "nickname"), (sides.origin, cells.sender_name, "display")]
        names.append((target, cells.recipient_names, "display"))
        names += [
            (one, one.name, "display") for one in (sides.own, *strangers) if one is not None and one.id is not None
        ]
        for account, name, kind in names:
            records += self._describe_name(account, name, kind, label, locator)
        lost = tuple(
            (name, str(part))
            for name in ("own", "label", "contact", "sender", "recipients", "conversation")
            for part in pieces_of(getattr(cells, name), None)
            if is_rounded(part)
        )
        return Met(label, sides, place, lost), records

    def account(self, platform: str, cell: Cell) -> AccountRef | None:
        """The account a cell names."""
        if cell is None:
            return None
        key = (platform, type(cell).__name__, cell if isinstance(cell, str) else repr(cell))
        try:
            return self._accounts[key]
        except KeyError:
            if len(self._accounts) >= _KEPT:
                self._accounts.clear()
            found = self._accounts[key] = account_of(cell, platform, self._mapping.account_form)
            return found

    def sides(self, platform: str, cells: Naming, way: str | None) -> Sides:
        """Sender and recipients, from their own columns or from contact and direction. What is not said stays None."""
        everybody = self._several(platform, cells.participants)
        mine = self.account(platform, cells.own) or self._marked_owner(platform, cells)
        device = self.account(platform, cells.label)
        if cells.sender is not None or cells.recipients is not None:
            origin = self.account(platform, cells.sender)
            targets = self._several(platform, cells.recipients)
            if not targets:
                targets = tuple(account for account in everybody if account != origin)
            if mine is None and device in (origin, *targets):
                mine = device
            if way is None and mine is not None:
                way = "out" if origin == mine else "in" if mine in targets else None
            return Sides(mine, origin, targets, None, way)
        # without a column for it, the device is known by the account whose contacts these are
        mine = mine or device
        other = self.account(platform, cells.contact)
        if way == "in":
            return Sides(mine, other, (mine,) if mine else (), other, way)
        if way == "out":
            return Sides(mine, mine, (other,) if other else (), other, way)
        return Sides(mine, None, (), other, None)

    def _several(self, platform: str, cell: Cell) -> tuple[AccountRef, ...]:
        parts = (self.account(platform, part) for part in pieces_of(cell, self._mapping.separator))
        return tuple(dict.fromkeys(account for account in parts if account is not None))

    def _marked_owner(self, platform: str, cells: Naming) -> AccountRef | None:
        """The account that a report marks ``(owner)`` among the sender, recipients or participants."""
        if self._mapping.account_form != "id-name":
            return None
        for cell in (cells.sender, cells.recipients, cells.participants):
            for part in pieces_of(cell, self._mapping.separator):
                if is_marked_owner(part):
                    return self.account(platform, part)
        return None

    def _describe_owner(self, sides: Sides, device: str | None, locator: Locator) -> list[Record]:
        """The device's own account, the first time it is met on this device."""
        key = (sides.own, device)
        if sides.own is None or not self._is_new(key):
            return []
        return [Account(sides.own, _beside(locator), device=device, owner=True)]

    def _describe_name(
        self, account: AccountRef | None, cell: Cell, kind: str, device: str | None, locator: Locator
    ) -> list[Record]:
        """The name a cell gives an account, the first time it is met on this device."""
        text = text_of(cell)
        if account is None or text is None or not self._is_new((account, text, kind, device)):
            return []
        return [Account(account, _beside(locator), (Name(text, kind),), device)]

    def conversation(
        self, platform: str, cells: Naming, sides: Sides, locator: Locator
    ) -> tuple[ConversationRef | None, list[Record]]:
        """The conversation of a row, described the first time: the one its column names, else that of its accounts."""
        cell = cells.conversation
        if cell is None:
            return self._between(platform, sides, cells.label, locator)
        key: object = (platform, type(cell).__name__, repr(cell), repr(cells.title))
        rules = self._mapping.conversations
        found = self._conversations.get(key)
        if found is None:
            lost = is_rounded(cell)
            name = text_of(cells.title) or (handle_of(cell) if lost else None)
            found = ConversationRef(platform, None if lost else handle_of(cell), name, rules.shared and not lost)
            self._remember(key, found)
        people = self._several(platform, cells.participants)
        kind = rules.kind or ("direct" if len(people) == 2 else "group" if len(people) > 2 else None)
        if not self._is_new((found, kind, people, cells.label)):
            return found, []
        return found, [Conversation(found, _beside(locator), kind, people, cells.label)]

    def _between(
        self, platform: str, sides: Sides, device: str | None, locator: Locator
    ) -> tuple[ConversationRef | None, list[Record]]:
        """The conversation of those a row names: both handles make its id; one alone is how the device files it."""
        everybody = (sides.own if sides.other else None, sides.other, sides.origin, *sides.targets)
        accounts = {account for account in everybody if account is not None}
        if len(accounts) < 2 and (sides.other is None or accounts == {sides.own}):
            return None, []
        ids = sorted(account.id for account in accounts if account.id is not None)
        names = sorted(account.id or account.name or "" for account in accounts)
        if len(ids) == len(accounts):
            found = ConversationRef(platform, "|".join(ids), shared=len(accounts) > 1)
        else:
            found = ConversationRef(platform, None, "|".join(names))
        if not self._is_new((found, device)):
            return found, []
        kind = "group" if len(accounts) > 2 else "direct"
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
