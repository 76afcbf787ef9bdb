"""Taking an item out of every view. Nothing is deleted: its rows are hidden, its tombstone and log entries stay."""

from filon.case.state import State
from filon.errors import EvidenceError
from filon.model.items import Item

__all__ = ["withdraw"]


def withdraw(state: State, who: str, item: int | str, reason: str) -> int:
    """Withdraw an item by number, path or beginning of its hash. EvidenceError where that does not mean one item."""
    if not reason.strip():
        raise EvidenceError("a reason is needed", hint="say why; it stands in the custody log")
    found = _named(state, item)
    hidden = {r.number for r in state.readings.values() if r.item == found.number} | set(state.site.store.withdrawn)
    state.site.custody.append(
        "item-withdrawn", who, {"item": found.number, "sha256": found.sha256, "path": found.path, "reason": reason}
    )
    state.site.store.set_withdrawn(sorted(hidden))
    state.site.store.reload()
    return found.number


def _named(state: State, item: int | str) -> Item:
    name = str(item)
    held = [i for i in state.items.values() if i.withdrawn is None]
    found = [i for i in held if name in (str(i.number), i.path, i.name)]
    if not found and len(name) >= 8:
        found = [i for i in held if i.sha256.startswith(name.lower())]
    if len(found) != 1:
        raise EvidenceError(
            "{item!r} means {count} items of this case",
            hint="give the item's number from `filon info`",
            item=name,
            count=len(found),
        )
    return found[0]
