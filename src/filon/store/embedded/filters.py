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

__all__ = ["FIELDS", "NAMED", "Test", "by_date", "by_field"]

_DAY = 86_400_000_000
_LEAST = -(1 << 63)
_COMPARED = 4
"""Numbers that a column is compared with one by one."""

Test = Callable[[Slice, Ints | None], Bits]
"""One boolean for each of the rows given (None: for every row of the slice)."""

_CODES = frozenset(("platform", "kind", "state"))
NAMED = frozenset(("from", "to", "with", "in", "item"))
"""Fields whose value is a name: what it means may change with what comes in."""
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
        if not part.meta.walls:
            return _between(times, stretch.since_utc, stretch.until_utc)
        by_wall = part.walls[chosen]
        zoned = _between(times, stretch.since_utc, stretch.until_utc) & ~by_wall
        found: Bits = zoned | (_between(times, stretch.since_wall, stretch.until_wall) & by_wall)
        return found

    def narrow(part: Slice) -> Any:
        """Instants and wall times in one stretch: a zone's clock is less than a day away from UTC."""
        if not part.meta.walls:
            return index.between("time", stretch.since_utc, stretch.until_utc)
        since = None if stretch.since_utc is None else max(stretch.since_utc - _DAY, _LEAST)
        until = None if stretch.until_utc is None else stretch.until_utc + _DAY
        return index.between("time", since, until)

    def reach(part: Slice) -> bool | None:
        ends = np.array([part.entry.first, part.entry.last], np.int64) if part.entry.dated else np.zeros(0, np.int64)
        kinds = [(stretch.since_utc, stretch.until_utc)] if part.meta.zoned else []
        kinds += [(stretch.since_wall, stretch.until_wall)] if part.meta.walls else []
        if all(_between(ends, *kind).all() for kind in kinds) and len(ends):
            return True
        beyond = [not len(ends) or _apart(ends.tolist(), *kind) for kind in kinds]
        return False if all(beyond) else None

    return Keep(test=test, narrow=narrow, exact=lambda part: not part.meta.walls, reach=reach)


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
            return _by_group(("attachments", "marks"), lambda group: value in _held(group))
        case "is" if value != "one-sided":
            return _by_group(("state", "direction", "marks"), lambda group: value in _flags(group))
        case _:
            raise Unsupported("this store cannot answer {name}:{value}", name=name, value=value)


def _between(times: Ints, since: int | None, until: int | None) -> Bits:
    inside = np.ones(len(times), np.bool_)
    if since is not None:
        inside &= times >= since
    if until is not None:
        inside &= times < until
    return inside


def _apart(ends: list[int], since: int | None, until: int | None) -> bool:
    """Whether a stretch of time and one from ``ends[0]`` to ``ends[1]`` have nothing in common."""
    return (since is not None and ends[1] < since) or (until is not None and ends[0] >= until)


def _sent_by(accounts: Ints) -> Keep:
    return Keep(
        test=lambda part, rows: _one_of(part.senders[:] if rows is None else part.senders[rows], accounts),
        narrow=lambda part: index.one_of("sender", accounts),
        exact=_always,
        reach=lambda part: None if len(accounts) else False,
    )


def _sent_to(accounts: Ints) -> Keep:
    def test(part: Slice, rows: Ints | None) -> Bits:
        found = part.where_recipient(accounts)
        return found if rows is None else found[rows]

    return Keep(test=test)


def _within(conversations: Ints) -> Keep:
    def test(part: Slice, rows: Ints | None) -> Bits:
        if rows is not None:
            return _one_of(part.conversations[rows], conversations)
        found = np.zeros(part.rows, np.bool_)
        for conversation in conversations[conversations >= 0].tolist():
            found[slice(*part.conversation_rows(conversation))] = True
        return found

    return Keep(
        test=test,
        narrow=lambda part: index.one_of("conversation", conversations),
        exact=_always,
        reach=lambda part: None if len(conversations) else False,
    )


def _taking_part(snapshot: Snapshot, accounts: Ints) -> Keep:
    members = snapshot.table("participants")
    theirs = members["conversation"].to_numpy()[np.isin(members["account"].to_numpy(), accounts)]
    keeps = [_sent_by(accounts), _sent_to(accounts), _within(theirs)]

    def test(part: Slice, rows: Ints | None) -> Bits:
        found: Bits = np.logical_or.reduce([keep.test(part, rows) for keep in keeps])
        return found

    return Keep(test=test)


def _of_items(snapshot: Snapshot, items: Ints) -> Keep:
    readings = {reading for reading, item in snapshot.items.items() if item in items}
    return _by_group(("reading",), lambda group: group["reading"] in readings)


def _grouped(column: str, wanted: Callable[[Any], bool]) -> Keep:
    """Rows whose value of one of the columns that make a group is wanted."""
    return _by_group((column,), lambda group: wanted(group[column]))


def _by_group(columns: tuple[str, ...], wanted: Callable[[dict[str, Any]], bool]) -> Keep:
    """Rows of the groups that are wanted by their values of some columns."""

    def groups(part: Slice) -> Bits:
        ordinal, combinations = part.group_combinations(columns)
        found: Bits = np.fromiter(map(wanted, combinations), np.bool_, len(combinations))[ordinal]
        return found

    def test(part: Slice, rows: Ints | None) -> Bits:
        return groups(part)[part.group if rows is None else part.group[rows]]

    def reach(part: Slice) -> bool | None:
        found = groups(part)
        return None if found.any() and not found.all() else bool(found.any())

    return Keep(
        test=test, narrow=lambda part: index.one_of("group", np.flatnonzero(groups(part))), exact=_always, reach=reach
    )


def _always(part: Slice) -> bool:
    return True


def _one_of(values: Ints, wanted: Ints) -> Bits:
    """Which values are wanted; one or two comparisons are quicker than looking each up."""
    if len(wanted) > _COMPARED:
        return np.isin(values, wanted)
    found = np.zeros(len(values), np.bool_)
    for one in wanted.tolist():
        found |= values == one
    return found


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
