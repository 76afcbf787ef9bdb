"""What a case holds: overview, conversations, accounts, items, defects."""

from collections.abc import Callable, Collection
from typing import Any

from filon.case.answers import (
    AccountRow,
    ConversationRow,
    Counts,
    DefectRow,
    FacetBucket,
    ItemRow,
    Overview,
)
from filon.case.sight import ALL, Sight
from filon.errors import NotHeld
from filon.model import ids
from filon.query.tree import All

__all__ = [
    "account",
    "accounts",
    "conversation",
    "conversations",
    "counts",
    "defects",
    "items",
    "items_page",
    "overview",
    "rows_of_items",
]

_FEW = 8


def counts(sight: Sight) -> Counts:
    """Totals of everything in view."""
    return _counts(sight, _totals(sight))


def overview(sight: Sight, name: str) -> Overview:
    """The first page: totals, the biggest conversations and accounts, items, defects by code."""
    totals = _totals(sight)
    index = sight.state.site.store.index
    platforms = index.facets(sight.joined(All()), ("platform",), 20, sight.zone)["platform"]
    return Overview(
        name=name,
        counts=_counts(sight, totals),
        first=totals["first"],
        last=totals["last"],
        zone_unknown=totals["zone_unknown"],
        platforms=tuple(FacetBucket(b.value, b.value, b.count, f"platform:{b.value}") for b in platforms.buckets),
        conversations=tuple(conversations(sight, "", "messages", 0, _FEW)[1]),
        accounts=tuple(accounts(sight, "", "sent", 0, _FEW)[1]),
        items=tuple(items(sight)),
        defects=tuple(FacetBucket(code, code, count, "") for code, count in _defect_codes(sight).items()),
        head=sight.state.site.custody.head,
    )


def conversations(
    sight: Sight, contains: str, order: str, offset: int, limit: int
) -> tuple[int, list[ConversationRow]]:
    """How many conversations there are, and one page of them. ``order``: messages, last, title."""
    if not contains and order != "title":
        rows = _run(sight, "conversations", conversation=None, sort=order, limit=limit, offset=offset)
        return _totals(sight)["conversations"], [_conversation_row(sight, row) for row in rows]
    rows = _run(sight, "conversations", conversation=None, sort=order, limit=ALL, offset=0)
    if contains:
        called = set(sight.directory.conversations_called(contains))
        rows = [row for row in rows if row["conversation"] in called]
    if order == "title":
        rows.sort(key=lambda row: sight.directory.title(row["conversation"]).casefold())
    return len(rows), [_conversation_row(sight, row) for row in rows[offset : offset + limit]]


def conversation(sight: Sight, number: int) -> ConversationRow:
    """One conversation; StoreError where there is none of this number."""
    rows = _run(sight, "conversations", conversation=number, sort="messages", limit=1, offset=0)
    if not rows:
        raise NotHeld("there is no conversation {number}", hint="`filon conversations CASE` lists them", number=number)
    return _conversation_row(sight, rows[0])


def accounts(sight: Sight, contains: str, order: str, offset: int, limit: int) -> tuple[int, list[AccountRow]]:
    """How many accounts there are, and one page of them. ``order``: sent, last, label."""
    if not contains and order == "sent":
        rows = _run(sight, "accounts", account=None, limit=limit, offset=offset)
        return _totals(sight)["accounts"], [_account_row(sight, row) for row in rows]
    rows = _run(sight, "accounts", account=None, limit=ALL, offset=0)
    if contains:
        called = set(sight.directory.accounts_called(contains))
        rows = [row for row in rows if row["account"] in called]
    keys: dict[str, Callable[[dict[str, Any]], Any]] = {
        "sent": lambda row: -row["sent"],
        "last": lambda row: -(row["last"] if row["last"] is not None else -(2**62)),
        "label": lambda row: sight.directory.account(row["account"]).label.casefold(),
    }
    rows.sort(key=keys[order])
    return len(rows), [_account_row(sight, row) for row in rows[offset : offset + limit]]


def account(sight: Sight, number: int) -> AccountRow:
    """One account; StoreError where there is none of this number."""
    rows = _run(sight, "accounts", account=number, limit=1, offset=0)
    if not rows:
        raise NotHeld("there is no account {number}", hint="the accounts page lists them", number=number)
    return _account_row(sight, rows[0])


def items(sight: Sight) -> list[ItemRow]:
    """Every item in view, with its readings and their accounts."""
    return rows_of_items(sight, list(sight.items))


def items_page(sight: Sight, offset: int, limit: int, item: int | None) -> tuple[int, int, list[ItemRow]]:
    """How many items there are, where the page begins, and the page: that with ``item`` on it where one is asked for."""
    numbers = list(sight.items)
    if item in sight.items:
        offset = numbers.index(item) // limit * limit
    return len(numbers), offset, rows_of_items(sight, numbers[offset : offset + limit])


def rows_of_items(sight: Sight, numbers: Collection[int]) -> list[ItemRow]:
    """Some items in view, with their readings."""
    held, lines = sight.items, sight.state.custody_lines
    readings: dict[int, list[Any]] = {number: [] for number in numbers}
    for reading in sight.readings.values():
        if reading.item in readings:
            readings[reading.item].append(reading)
    return [
        ItemRow(
            item=held[number],
            readings=tuple(readings[number]),
            at_hand=sight.state.at_hand(held[number]),
            custody_line=lines.get(number, 0),
        )
        for number in numbers
    ]


def defects(sight: Sight, code: str | None, item: int | None, offset: int, limit: int) -> tuple[int, list[DefectRow]]:
    """How many defects there are, and one page of them. Within a scope none: nobody can say what they would have been."""
    if sight.within is not None:
        return 0, []
    if item is None:
        rows = _run(sight, "defects", code=code, reading=None, limit=limit, offset=offset)
        total = rows[0]["total"] if rows else 0
    else:
        mine = [r.number for r in sight.readings.values() if r.item == item]
        found = [_run(sight, "defects", code=code, reading=r, limit=ALL, offset=0) for r in mine]
        rows = [row for part in found for row in part]
        total, rows = len(rows), rows[offset : offset + limit]
    return total, [_defect_row(sight, row) for row in rows]


def _run(sight: Sight, name: str, **values: object) -> list[dict[str, Any]]:
    """Rows of a named query over what is in view."""
    return sight.state.site.store.tables.run(name, sight.within, sight.zone, **values).to_pylist()


def _totals(sight: Sight) -> dict[str, Any]:
    [row] = _run(sight, "overview")
    return row


def _defect_codes(sight: Sight) -> dict[str, int]:
    codes: dict[str, int] = {}
    for row in _run(sight, "defect_codes"):
        codes[row["code"]] = codes.get(row["code"], 0) + row["defects"]
    return codes


def _counts(sight: Sight, totals: dict[str, Any]) -> Counts:
    kinds = ("messages", "events", "accounts", "conversations", "attachments", "defects")
    totals = totals | {"events": sight.event_count()}
    held = [item for item in sight.items.values() if item.withdrawn is None]
    return Counts(
        items=len(held),
        bytes=sum(item.size for item in held),
        readings=totals["readings"],
        records=sum(totals[kind] for kind in kinds),
        withdrawn_items=len(sight.items) - len(held),
        **{kind: totals[kind] for kind in kinds},
    )


def _conversation_row(sight: Sight, row: dict[str, Any]) -> ConversationRow:
    number, people, count = row["conversation"], row["participants"], row["participant_count"]
    if sight.within is not None:
        known = [account.account for account in sight.directory.participants(number)]
        people, count = [account for account in people if account in known], len(known)
    return ConversationRow(
        conversation=number,
        title=sight.directory.title(number),
        platform=row["platform"],
        kind=sight.directory.kind(number),
        messages=row["messages"],
        participants=sight.directory.accounts(people),
        participant_count=count,
        first=row["first"],
        last=row["last"],
    )


def _account_row(sight: Sight, row: dict[str, Any]) -> AccountRow:
    return AccountRow(
        account=sight.directory.account(row["account"]),
        names=sight.directory.names(row["account"]),
        sent=row["sent"],
        conversations=row["conversations"],
        first=row["first"],
        last=row["last"],
        owner_of=sight.directory.owned_devices(row["account"]),
    )


def _defect_row(sight: Sight, row: dict[str, Any]) -> DefectRow:
    reading = sight.readings[row["reading"]]
    locator = row["locator"] or {}
    return DefectRow(
        id=ids.show(row["id"]),
        code=row["code"],
        detail=row["detail"],
        raw=row["raw"],
        item=sight.items[reading.item],
        reading=reading.number,
        member=reading.member,
        path=locator.get("path") or "",
        offset=locator.get("offset"),
        length=locator.get("length"),
    )
