"""What a case holds: overview, conversations, accounts, items, defects."""

from collections.abc import Callable
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
from filon.case.state import State
from filon.errors import NotHeld
from filon.model import ids
from filon.query.tree import All, Node

__all__ = ["account", "accounts", "conversation", "conversations", "counts", "defects", "items", "overview"]

_ALL = 2**31 - 1
_FEW = 8


def counts(state: State, within: Node | None) -> Counts:
    """Totals of everything in view."""
    return _counts(state, _totals(state, within))


def overview(state: State, name: str, within: Node | None, zone: str) -> Overview:
    """The first page: totals, the biggest conversations and accounts, items, defects by code."""
    totals = _totals(state, within)
    codes: dict[str, int] = {}
    for row in state.site.store.tables.run("defect_codes").to_pylist():
        codes[row["code"]] = codes.get(row["code"], 0) + row["defects"]
    platforms = state.site.store.index.facets(within or All(), ("platform",), 20, zone)["platform"]
    return Overview(
        name=name,
        counts=_counts(state, totals),
        first=totals["first"],
        last=totals["last"],
        zone_unknown=totals["zone_unknown"],
        platforms=tuple(FacetBucket(b.value, b.value, b.count, f"platform:{b.value}") for b in platforms.buckets),
        conversations=tuple(conversations(state, within, "", "messages", 0, _FEW)[1]),
        accounts=tuple(accounts(state, within, "", "sent", 0, _FEW)[1]),
        items=tuple(items(state)),
        defects=tuple(FacetBucket(code, code, count, "") for code, count in codes.items()),
        head=state.site.custody.head,
    )


def conversations(
    state: State, within: Node | None, contains: str, order: str, offset: int, limit: int
) -> tuple[int, list[ConversationRow]]:
    """How many conversations there are, and one page of them. ``order``: messages, last, title."""
    run = state.site.store.tables.run
    if not contains and order != "title":
        total = run("overview", within).to_pylist()[0]["conversations"]
        rows = run("conversations", within, conversation=None, sort=order, limit=limit, offset=offset).to_pylist()
        return total, [_conversation_row(state, row) for row in rows]
    rows = run("conversations", within, conversation=None, sort=order, limit=_ALL, offset=0).to_pylist()
    if contains:
        called = set(state.directory.conversations_called(contains))
        rows = [row for row in rows if row["conversation"] in called]
    if order == "title":
        rows.sort(key=lambda row: state.directory.title(row["conversation"]).casefold())
    return len(rows), [_conversation_row(state, row) for row in rows[offset : offset + limit]]


def conversation(state: State, within: Node | None, number: int) -> ConversationRow:
    """One conversation; StoreError where there is none of this number."""
    run = state.site.store.tables.run
    rows = run("conversations", within, conversation=number, sort="messages", limit=1, offset=0).to_pylist()
    if not rows:
        raise NotHeld("there is no conversation {number}", hint="`filon conversations CASE` lists them", number=number)
    return _conversation_row(state, rows[0])


def accounts(
    state: State, within: Node | None, contains: str, order: str, offset: int, limit: int
) -> tuple[int, list[AccountRow]]:
    """How many accounts there are, and one page of them. ``order``: sent, last, label."""
    run = state.site.store.tables.run
    if not contains and order == "sent":
        total = run("overview", within).to_pylist()[0]["accounts"]
        rows = run("accounts", within, account=None, limit=limit, offset=offset).to_pylist()
        return total, [_account_row(state, row) for row in rows]
    rows = run("accounts", within, account=None, limit=_ALL, offset=0).to_pylist()
    if contains:
        called = set(state.directory.accounts_called(contains))
        rows = [row for row in rows if row["account"] in called]
    keys: dict[str, Callable[[dict[str, Any]], Any]] = {
        "sent": lambda row: -row["sent"],
        "last": lambda row: -(row["last"] if row["last"] is not None else -(2**62)),
        "label": lambda row: state.directory.account(row["account"]).label.casefold(),
    }
    rows.sort(key=keys[order])
    return len(rows), [_account_row(state, row) for row in rows[offset : offset + limit]]


def account(state: State, within: Node | None, number: int) -> AccountRow:
    """One account; StoreError where there is none of this number."""
    rows = state.site.store.tables.run("accounts", within, account=number, limit=1, offset=0).to_pylist()
    if not rows:
        raise NotHeld("there is no account {number}", hint="the accounts page lists them", number=number)
    return _account_row(state, rows[0])


def items(state: State) -> list[ItemRow]:
    """Every item, with its readings and their accounts."""
    readings: dict[int, list[Any]] = {}
    for reading in state.readings.values():
        readings.setdefault(reading.item, []).append(reading)
    return [
        ItemRow(
            item=item,
            readings=tuple(readings.get(item.number, ())),
            at_hand=state.at_hand(item),
            custody_line=state.custody_lines.get(item.number, 0),
        )
        for item in state.items.values()
    ]


def defects(state: State, code: str | None, item: int | None, offset: int, limit: int) -> tuple[int, list[DefectRow]]:
    """How many defects there are, and one page of them."""
    run = state.site.store.tables.run
    if item is None:
        rows = run("defects", code=code, reading=None, limit=limit, offset=offset).to_pylist()
        total = rows[0]["total"] if rows else 0
    else:
        mine = [r.number for r in state.readings.values() if r.item == item]
        found = [run("defects", code=code, reading=r, limit=_ALL, offset=0).to_pylist() for r in mine]
        rows = [row for part in found for row in part]
        total, rows = len(rows), rows[offset : offset + limit]
    return total, [_defect_row(state, row) for row in rows]


def _totals(state: State, within: Node | None) -> dict[str, Any]:
    row: dict[str, Any] = state.site.store.tables.run("overview", within).to_pylist()[0]
    return row


def _counts(state: State, totals: dict[str, Any]) -> Counts:
    kinds = ("messages", "events", "accounts", "conversations", "attachments", "defects")
    held = [item for item in state.items.values() if item.withdrawn is None]
    return Counts(
        items=len(held),
        bytes=sum(item.size for item in held),
        readings=totals["readings"],
        records=sum(totals[kind] for kind in kinds),
        withdrawn_items=len(state.items) - len(held),
        **{kind: totals[kind] for kind in kinds},
    )


def _conversation_row(state: State, row: dict[str, Any]) -> ConversationRow:
    return ConversationRow(
        conversation=row["conversation"],
        title=state.directory.title(row["conversation"]),
        platform=row["platform"],
        kind=row["kind"],
        messages=row["messages"],
        participants=state.directory.accounts(row["participants"]),
        participant_count=row["participant_count"],
        first=row["first"],
        last=row["last"],
    )


def _account_row(state: State, row: dict[str, Any]) -> AccountRow:
    return AccountRow(
        account=state.directory.account(row["account"]),
        names=state.directory.names(row["account"]),
        sent=row["sent"],
        conversations=row["conversations"],
        first=row["first"],
        last=row["last"],
        owner_of=state.directory.owned_devices(row["account"]),
    )


def _defect_row(state: State, row: dict[str, Any]) -> DefectRow:
    reading = state.readings[row["reading"]]
    locator = row["locator"] or {}
    return DefectRow(
        id=ids.show(row["id"]),
        code=row["code"],
        detail=row["detail"],
        raw=row["raw"],
        item=state.items[reading.item],
        reading=reading.number,
        member=reading.member,
        path=locator.get("path") or "",
        offset=locator.get("offset"),
        length=locator.get("length"),
    )
