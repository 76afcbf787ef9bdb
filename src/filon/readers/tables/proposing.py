"""A mapping proposed from the header and the values of a table, with how sure each column is and why."""

from collections.abc import Sequence

import msgspec

from filon.readers.tables.fitting import ColumnNames, Head
from filon.readers.tables.header import Heading, heading, role_scores
from filon.readers.tables.mapping import TIMES, Columns, Conversations, Device, Mapping, Rows, Time
from filon.readers.tables.shapes import Shape

__all__ = ["Guess", "Guessed", "by_mapping", "guess"]

_SURE = 0.75
_TIMELY = (*TIMES, "day")
_MOST_ATTACHMENTS = 50
_FEW_NAMES = 0.2
"""Handles have no blanks: where this share of the cells looks like names of people, all are display names."""


class Guess(msgspec.Struct, frozen=True, kw_only=True):
    """What one column is taken for. ``role`` None: nothing; it stays unread."""

    column: str
    role: str | None
    confidence: float
    why: str


class Guessed(msgspec.Struct, frozen=True, kw_only=True):
    """A mapping and what it stands on. ``confidence`` is that of its weakest needed column, 0 where one is missing."""

    mapping: Mapping
    columns: tuple[Guess, ...]
    confidence: float


class _Column(msgspec.Struct, frozen=True):
    name: str
    heading: Heading
    shape: Shape
    scores: dict[str, tuple[float, str]]
    """Role → (score, why)."""


def guess(beginning: Head, name: str, rows: Rows) -> Guessed:
    """The mapping of a table from its beginning."""
    columns = [_column(one, beginning.shape(place)) for place, one in enumerate(beginning.names)]
    chosen = _assign(columns)
    by_role = {role: column for role, (column, _) in chosen.items()}
    times = _times(by_role)
    attachments = [column.name for column in columns if _is_attachment(column) and column not in by_role.values()]
    first = by_role.get("attachments")
    plain = {role: column.name for role, column in by_role.items() if role in Columns.__struct_fields__}
    plain.pop("attachments", None)
    if "deleted" in times:
        del plain["deleted"]
    named = "sender_name" in plain and "sender" not in plain
    if named:
        plain["sender"] = plain.pop("sender_name")
        by_role["sender"] = by_role["sender_name"]
    sides = _sides(plain)
    deciding = by_role.get(sides[0])
    named = named or (deciding is not None and deciding.shape.people >= _FEW_NAMES)
    device = by_role.get("device")
    if device is None and "owner" in plain:
        device = by_role["owner"]
        del plain["owner"]
    everything = ([first.name] if first else []) + attachments
    mapping = Mapping(
        name=name,
        account_form="name" if named else "id",
        columns=Columns(**plain, attachments=tuple(everything[:_MOST_ATTACHMENTS])),
        times=times,
        device=Device(column=device.name if device else None),
        rows=rows,
        conversations=_conversations(by_role.get("conversation"), len(beginning.sample)),
    )
    guesses = _guesses(columns, chosen, mapping)
    return Guessed(
        mapping=mapping,
        columns=guesses,
        confidence=_confidence(guesses, sides, times),
    )


def by_mapping(names: Sequence[str], mapping: Mapping) -> tuple[Guess, ...]:
    """What each column is taken for under a mapping that is known."""
    columns = ColumnNames(names)
    roles = {role: getattr(mapping.columns, role) for role in Columns.__struct_fields__ if role != "attachments"}
    roles.update({key: time.column for key, time in mapping.times.items()}, device=mapping.device.column)
    places = {columns.find(column): role for role, column in roles.items() if columns.find(column) is not None}
    places.update(
        {columns.find(name): "attachments" for name in mapping.columns.attachments if columns.find(name) is not None}
    )
    why = f"as the mapping {mapping.name!r} says"
    return tuple(
        Guess(column=name, role=places.get(place), confidence=1.0 if place in places else 0.0, why=why)
        for place, name in enumerate(names)
    )


def _column(name: str, shape: Shape) -> _Column:
    head = heading(name)
    scores: dict[str, tuple[float, str]] = {}
    for role, score in role_scores(head.words).items():
        fit, why = _fits(role, shape)
        scores[role] = (round(score * fit, 3), f"the header says {name[:80]!r}{why}")
    for role, score, why in _by_values(shape):
        if score > scores.get(role, (0.0, ""))[0]:
            scores[role] = (score, why)
    return _Column(name, head, shape, scores)


def _fits(role: str, shape: Shape) -> tuple[float, str]:
    """How far the values agree with a role that the header names."""
    if not shape.filled:
        return 0.9, ", the sample is empty"
    if role in _TIMELY:
        if shape.times >= 0.5:
            return 1.0, f" and {shape.times:.0%} of the values are times"
        if role == "deleted":
            return (1.0, "") if shape.are_truths(0.5) else (0.4, " but the values are neither times nor yes and no")
        return (0.0 if shape.times == 0 else 0.4), " but few values are times"
    if role == "clock":
        return (1.0, "") if shape.clocks >= 0.5 else (0.0, "")
    if role == "direction":
        return (1.0, "") if shape.are_directions(0.5) else (0.5, " but few values are known words")
    if role in {"latitude", "longitude"}:
        return (1.0, "") if shape.degrees >= 0.5 else (0.3, " but few values are degrees")
    if (
        role in {"kind", "status"}
        and shape.are_directions(0.9)
        and not shape.are_kinds(0.9)
        and not shape.are_states(0.9)
    ):
        return 0.5, ""
    if (
        role in {"text", "contact", "sender", "recipients", "title"}
        and shape.times >= 0.9
        and shape.form not in {"excel", "s", "ms"}
    ):
        return 0.2, " but the values are times"
    return 1.0, ""


def _by_values(shape: Shape) -> list[tuple[str, float, str]]:
    """Roles that the values alone suggest; never as sure as a header."""
    found = []
    if shape.times >= 0.9 and shape.form != "excel":
        found.append(("sent", 0.5, f"{shape.times:.0%} of the values are times"))
    if shape.are_directions(0.9) and shape.distinct >= 2 and not shape.are_kinds(0.9):
        found.append(("direction", 0.7, "the values are words for incoming and outgoing"))
    if shape.times < 0.1 and shape.blanks >= 0.4 and shape.length >= 12:
        found.append(("text", 0.45, "the values look like prose"))
    return found


def _assign(columns: list[_Column]) -> dict[str, tuple[_Column, float]]:
    """Roles to columns, the surest first; no column twice. A deleted column of times is a time, else a yes or no."""
    ranked = sorted(
        (
            (score, -place, role)
            for place, column in enumerate(columns)
            for role, (score, _) in column.scores.items()
            if score >= 0.4
        ),
        reverse=True,
    )
    chosen: dict[str, tuple[_Column, float]] = {}
    taken: set[int] = set()
    for score, place, role in ranked:
        if role not in chosen and -place not in taken:
            chosen[role] = (columns[-place], score)
            taken.add(-place)
    return chosen


def _times(by_role: dict[str, _Column]) -> dict[str, Time]:
    zone_column = by_role["zone"].name if "zone" in by_role else None
    day, clock = by_role.get("day"), by_role.get("clock")
    times = {}
    for name in TIMES:
        column = by_role.get(name)
        if name == "sent" and column is None:
            column = day or clock
        if column is None or (name == "deleted" and column.shape.times < 0.5):
            continue
        beside = clock.name if column is day and clock is not None else None
        times[name] = Time(
            column=column.name, clock=beside, zone_column=zone_column if column.heading.zone is None else None
        )
    return times


def _sides(plain: dict[str, str]) -> tuple[str, ...]:
    """The columns that say who wrote to whom; what competes with them is left unread."""
    if "sender" in plain and ("recipients" in plain or "contact" not in plain):
        for role in ("contact", "nickname"):
            plain.pop(role, None)
        return ("sender",)
    for role in ("sender", "recipients", "sender_name", "recipient_names"):
        plain.pop(role, None)
    return ("contact", "direction")


def _conversations(column: _Column | None, rows: int) -> Conversations:
    """Ids that are plain small counters are the report's own numbering; others are the network's."""
    if column is None:
        return Conversations()
    counter = column.shape.counters >= 0.5
    return Conversations(shared=not counter, kind="group" if not counter and column.shape.filled < 0.9 * rows else None)


def _is_attachment(column: _Column) -> bool:
    return column.scores.get("attachments", (0.0, ""))[0] >= _SURE


def _guesses(columns: list[_Column], chosen: dict[str, tuple[_Column, float]], mapping: Mapping) -> tuple[Guess, ...]:
    used = mapping.used()
    roles = {column.name: (role, score) for role, (column, score) in chosen.items() if column.name in used}
    found = []
    for column in columns:
        role, score = roles.get(
            column.name, ("attachments" if column.name in mapping.columns.attachments else None, 0.8)
        )
        why = column.scores.get(role or "", (0.0, "no role fits"))[1]
        found.append(Guess(column=column.name, role=role, confidence=score if role else 0.0, why=why))
    return tuple(found)


def _confidence(guesses: tuple[Guess, ...], sides: tuple[str, ...], times: dict[str, Time]) -> float:
    sure = {guess.role: guess.confidence for guess in guesses}
    when = max(sure.get("sent", 0.0), sure.get("day", 0.0), sure.get("clock", 0.0)) if "sent" in times else 0.0
    when = when or max((sure.get(name, 0.0) for name in times), default=0.0)
    who = min(max(sure.get(role, 0.0), sure.get("sender_name", 0.0) if role == "sender" else 0.0) for role in sides)
    return min(sure.get("text", 0.0), when, who)
