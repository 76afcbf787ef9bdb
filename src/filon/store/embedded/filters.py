"""What a field or a date asks of the integer columns of a slice. Meanings come from ``filon.query``: fields, dates, names."""

from collections.abc import Callable
from typing import Any

import numpy as np

from filon.errors import Unsupported
from filon.query.dates import interval
from filon.query.fields import flags, held
from filon.query.names import is_code, is_name, wanted
from filon.query.tree import Date
from filon.store.embedded import text as index
from filon.store.embedded.columns import Ints
from filon.store.embedded.names import resolve
from filon.store.embedded.plan import Keep
from filon.store.embedded.slices import Bits, Slice
from filon.store.embedded.snapshot import Snapshot

__all__ = ["FIELDS", "Test", "by_date", "by_field"]

_DAY = 86_400_000_000
_LEAST = -(1 << 63)

Test = Callable[[Slice, Ints | None], Bits]
"""One boolean for each of the rows given (None: for every row of the slice)."""

_CODES = frozenset(("platform", "kind", "state"))
_NUMBERED = frozenset(("account", "conversation"))
FIELDS = _CODES | _NUMBERED | {"from", "to", "with", "in", "device", "item", "has", "is"}
"""Fields this store answers. ``account:7`` (the sender) and ``conversation:7`` take numbers and are for the case only."""


def by_date(date: Date, zone: str) -> Keep:
    """Messages whose time lies in the stretch; those without a zone by their wall time."""
    stretch = interval(date, zone)

    def test(part: Slice, rows: Ints | None) -> Bits:
        chosen: Any = slice(None) if rows is None else rows
        times = part.times[chosen]
        if not part.entry.dated:
            return np.zeros(len(times), np.bool_)
        by_wall = part.walls[chosen]
        zoned = _between(times, stretch.since_utc, stretch.until_utc) & ~by_wall
        found: Bits = zoned | (_between(times, stretch.since_wall, stretch.until_wall) & by_wall)
        return found

    def narrow(part: Slice) -> Any:
        """Instants and wall times in one stretch: a zone's clock is less than a day away from UTC."""
        since = None if stretch.since_utc is None else max(stretch.since_utc - _DAY, _LEAST)
        until = None if stretch.until_utc is None else stretch.until_utc + _DAY
        return index.between("time", since, until)

    return Keep(test, narrow=narrow)


def by_field(snapshot: Snapshot, name: str, value: str) -> Keep:
    """What ``name:value`` asks; ``Unsupported`` for a field this store cannot answer."""
    match name:
        case "from":
            return _sent_by(resolve(snapshot, name, value))
        case "to":
            return _sent_to(resolve(snapshot, name, value))
        case "with":
            return _taking_part(snapshot, resolve(snapshot, name, value))
        case "in":
            return _within(resolve(snapshot, name, value))
        case "account":
            return _sent_by(np.array([int(value)], np.int32))
        case "conversation":
            return _within(np.array([int(value)], np.int32))
        case "item":
            return _of_items(snapshot, resolve(snapshot, name, value))
        case "device":
            asked = wanted(value)
            return _grouped("device", lambda device: device is not None and is_name(asked, device))
        case "platform" | "kind" | "state":
            asked = wanted(value)
            return _grouped(name, lambda code: code is not None and is_code(asked, code))
        case "has":
            return _by_group(lambda group: value in _held(group))
        case "is" if value != "one-sided":
            return _by_group(lambda group: value in _flags(group))
        case _:
            raise Unsupported("this store cannot answer {name}:{value}", name=name, value=value)


def _between(times: Ints, since: int | None, until: int | None) -> Bits:
    inside = np.ones(len(times), np.bool_)
    if since is not None:
        inside &= times >= since
    if until is not None:
        inside &= times < until
    return inside


def _sent_by(accounts: Ints) -> Keep:
    return Keep(
        lambda part, rows: np.isin(part.senders if rows is None else part.senders[rows], accounts),
        narrow=lambda part: index.one_of("sender", accounts),
    )


def _sent_to(accounts: Ints) -> Keep:
    def test(part: Slice, rows: Ints | None) -> Bits:
        found = part.where_recipient(accounts)
        return found if rows is None else found[rows]

    return Keep(test)


def _within(conversations: Ints) -> Keep:
    return Keep(
        lambda part, rows: np.isin(part.conversations if rows is None else part.conversations[rows], conversations),
        narrow=lambda part: index.one_of("conversation", conversations),
    )


def _taking_part(snapshot: Snapshot, accounts: Ints) -> Keep:
    members = snapshot.table("participants")
    theirs = members["conversation"].to_numpy()[np.isin(members["account"].to_numpy(), accounts)]
    keeps = [_sent_by(accounts), _sent_to(accounts), _within(theirs)]

    def test(part: Slice, rows: Ints | None) -> Bits:
        found: Bits = np.logical_or.reduce([keep.test(part, rows) for keep in keeps])
        return found

    return Keep(test)


def _of_items(snapshot: Snapshot, items: Ints) -> Keep:
    readings = {reading for reading, item in snapshot.items.items() if item in items}
    return _by_group(lambda group: group["reading"] in readings)


def _grouped(column: str, wanted: Callable[[Any], bool]) -> Keep:
    """Rows whose value of one of the columns that make a group is wanted."""
    return _by_group(lambda group: wanted(group[column]))


def _by_group(wanted: Callable[[dict[str, Any]], bool]) -> Keep:
    def groups(part: Slice) -> Bits:
        return np.fromiter(map(wanted, part.group_rows), np.bool_, len(part.group_rows))

    def test(part: Slice, rows: Ints | None) -> Bits:
        return groups(part)[part.group if rows is None else part.group[rows]]

    return Keep(test, narrow=lambda part: index.one_of("group", np.flatnonzero(groups(part))))


def _held(group: dict[str, Any]) -> frozenset[str]:
    return held(group["attachments"], place=group["place"], text="..." if group["text"] else None)


def _flags(group: dict[str, Any]) -> frozenset[str]:
    return flags(
        state=group["state"],
        direction=group["direction"],
        deleted=group["deleted"],
        edited=group["edited"],
        reply=group["reply"],
        forwarded=group["forwarded"],
        at=0 if group["dated"] and not group["wall"] else None,
        local=0 if group["wall"] else None,
    )
