"""Taking an item out of every view. Nothing is deleted: its rows are hidden, its tombstone and log entries stay."""

from filon.case.site import Site
from filon.case.state import State
from filon.errors import EvidenceError
from filon.model.items import Item

__all__ = ["settle", "withdraw"]


def withdraw(state: State, who: str, item: int | str, reason: str) -> int:
    """Withdraw an item by number, path or beginning of its hash. EvidenceError where that does not mean one item."""
    if not reason.strip():
        raise EvidenceError("a reason is needed", hint="say why; it stands in the custody log")
    found = _named(state, item)
    state.site.custody.append(
        "item-withdrawn", who, {"item": found.number, "sha256": found.sha256, "path": found.path, "reason": reason}
    )
    settle(state.site)
    return found.number


def settle(site: Site) -> None:
    """Hide every item that the log says was withdrawn: the process that withdrew may have ended between the two."""
    ledger = site.ledger.freshen()
    gone = {r.number for r in ledger.readings.values() if ledger.items[r.item].withdrawn is not None}
    if not gone <= set(site.store.withdrawn):
        site.store.set_withdrawn(sorted(gone | set(site.store.withdrawn)))
        site.store.reload()


def _named(state: State, item: int | str) -> Item:
    name = str(item)
    held = [i for i in state.items.values() if i.withdrawn is None]
    found = [i for i in held if name in (str(i.number), i.path, i.name)]
    if not found and len(name) >= 8:
        found = [i for i in held if i.sha256.startswith(name.lower())]
    if not found and (gone := [i for i in state.items.values() if name in (str(i.number), i.path, i.name)]):
        raise EvidenceError(
            "item {number} was withdrawn already: {reason}",
            hint="`filon info` lists the items of the case",
            number=gone[0].number,
            reason=gone[0].withdrawn,
        )
    if len(found) != 1:
        raise EvidenceError(
            "{item!r} means {count} items of this case",
            hint="give the item's number from `filon info`",
            item=name,
            count=len(found),
        )
    return found[0]
