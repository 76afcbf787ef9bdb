"""What a query tree becomes before it meets a slice, and which rows of a slice it matches.

A subtree that the full-text index answers alone is one ``Engine``; everything else is a ``Keep``: a function of the
integer columns (or texts) of chosen rows. ``Every``, ``Some`` and ``Rest`` join them. A plan is made once for a question
and settled for every slice: what holds for the whole slice is decided there, and what the index can answer is joined into
one question to it. Rows are ascending integers.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np
import tantivy

from filon.store.embedded.columns import Ints
from filon.store.embedded.frequent import LEAST
from filon.store.embedded.slices import Bits, Slice

__all__ = [
    "EVERYTHING",
    "NOTHING",
    "Engine",
    "Every",
    "Keep",
    "Lookup",
    "Plan",
    "Rest",
    "Some",
    "from_kept",
    "matching_rows",
    "rows_of",
    "settled",
]

_HANDED = 32768
"""Rows of a slice that the index may hand out beside those that are kept; beyond it the index is asked as a whole."""
_SPARSE = 64
"""One set is looked up in another that is as many times as long; else both are laid over each other."""
_MUST, _SHOULD, _NOT = tantivy.Occur.Must, tantivy.Occur.Should, tantivy.Occur.MustNot


class Engine(msgspec.Struct, frozen=True):
    """A query of the full-text index. ``word``: the one word it asks for, where it asks for nothing else.

    ``apart``: a plan of several parts that comes to the same; ``most``: how many rows of a slice it may find, at most.
    """

    query: Any
    word: str | None = None
    apart: "Plan | None" = None
    most: Callable[[Slice], int] = lambda part: part.rows


class Lookup(msgspec.Struct, frozen=True):
    """What depends on the words of the slice."""

    make: "Callable[[Slice], Plan]"


class Keep(msgspec.Struct, frozen=True, kw_only=True):
    """Keeps rows by looking at them: ``(slice, rows or None for all) -> one boolean for each``. ``dear``: reads texts.

    ``narrow`` gives an index query for a slice that misses none of these rows, so that the index can leave out most of
    the others before they are looked at; None where it has none. Where ``exact`` says so of a slice, it gives no other rows
    either. ``reach`` says whether the whole slice is kept (True) or none of it (False); None where it must be looked at.
    """

    test: Callable[[Slice, Ints | None], Bits]
    dear: bool = False
    narrow: Callable[[Slice], Any | None] = lambda part: None
    exact: Callable[[Slice], bool] = lambda part: False
    reach: Callable[[Slice], bool | None] = lambda part: None


class Every(msgspec.Struct, frozen=True):
    """Rows that all children match."""

    children: "tuple[Plan, ...]"


class Some(msgspec.Struct, frozen=True):
    """Rows that at least one child matches."""

    children: "tuple[Plan, ...]"


class Rest(msgspec.Struct, frozen=True):
    """Rows that the child does not match."""

    child: "Plan"


Plan = Engine | Lookup | Keep | Every | Some | Rest
EVERYTHING, NOTHING = Every(()), Some(())


def settled(plan: Plan, part: Slice) -> Plan:
    """The plan for one slice: without what is decided there already, the index asked once for all that it can answer."""
    match plan:
        case Engine():
            return plan
        case Lookup(make):
            return make(part)
        case Keep():
            reach = plan.reach(part)
            return plan if reach is None else EVERYTHING if reach else NOTHING
        case Rest(child):
            return _without(settled(child, part))
        case Every(children):
            return _joined([settled(child, part) for child in children], part, EVERYTHING, NOTHING)
        case Some(children):
            return _joined([settled(child, part) for child in children], part, NOTHING, EVERYTHING)


def matching_rows(plan: Plan, part: Slice, among: Ints | None = None) -> Ints:
    """The rows of a slice that match a settled plan, out of ``among`` (None: all rows), ascending."""
    if among is not None and not len(among):
        return among
    match plan:
        case Engine():
            found = _found(plan, part)
            return found if among is None else _shared(found, among, part)
        case Keep():
            if among is None and plan.dear and (query := plan.narrow(part)) is not None:
                among = _engine_rows(query, part)
            kept = plan.test(part, among)
            return np.flatnonzero(kept) if among is None else among[kept]
        case Every(children):
            for child in _narrowed(sorted(children, key=lambda child: _cost(child, part)), part):
                among = matching_rows(child, part, among)
            return np.arange(part.rows) if among is None else among
        case Some(children):
            found = _bits(part, [matching_rows(child, part, among) for child in children])
            return np.flatnonzero(found)
        case Rest(child):
            without = ~_bits(part, [matching_rows(child, part, among)])
            return np.flatnonzero(without) if among is None else among[without[among]]
        case Lookup():
            return matching_rows(settled(plan, part), part, among)


def _joined(plans: "list[Plan]", part: Slice, neutral: Plan, absorbing: Plan) -> Plan:
    """Settled plans as one; for ``Every`` everything is neutral and nothing absorbs the others, for ``Some`` the reverse."""
    if absorbing in plans:
        return absorbing
    plans = [plan for plan in plans if plan != neutral]
    if len(plans) < 2:
        return plans[0] if plans else neutral
    how = _MUST if neutral is EVERYTHING else _SHOULD
    if any(isinstance(plan, Engine) for plan in plans):
        queries = [_query(plan, part) for plan in plans]
        asked = [(how, query) for query in queries if query is not None]
        if len(asked) > 1:
            joined = tuple(plan for plan, query in zip(plans, queries, strict=True) if query is not None)
            apart = Every(joined) if how is _MUST else Some(joined)
            engine = Engine(tantivy.Query.boolean_query(asked), None, apart, lambda part: _most(apart, part))
            plans = [engine, *(plan for plan, query in zip(plans, queries, strict=True) if query is None)]
    if len(plans) == 1:
        return plans[0]
    return Every(tuple(plans)) if neutral is EVERYTHING else Some(tuple(plans))


def _without(plan: Plan) -> Plan:
    if plan in (EVERYTHING, NOTHING):
        return NOTHING if plan == EVERYTHING else EVERYTHING
    return Engine(_negated(plan.query), None, Rest(plan)) if isinstance(plan, Engine) else Rest(plan)


def _negated(query: Any) -> Any:
    return tantivy.Query.boolean_query([(_MUST, tantivy.Query.all_query()), (_NOT, query)])


def _query(plan: Plan, part: Slice) -> Any | None:
    """What asks the index for exactly the rows of a settled plan; None where it cannot be asked."""
    match plan:
        case Engine(query):
            return query
        case Keep():
            return plan.narrow(part) if plan.exact(part) else None
        case Rest(child):
            query = _query(child, part)
            return None if query is None else _negated(query)
        case _:
            return None


def _narrowed(children: "Sequence[Plan]", part: Slice) -> "Sequence[Plan]":
    """The same children, the first of them asking the index for less where the others allow it."""
    first = children[0] if children else None
    if not isinstance(first, Engine) or from_kept(first, part):
        return children
    wanted = [keep.narrow(part) for keep in children if isinstance(keep, Keep)]
    asked = [(_MUST, query) for query in (first.query, *wanted) if query is not None]
    return [Engine(tantivy.Query.boolean_query(asked)), *children[1:]] if len(asked) > 1 else children


def from_kept(plan: Engine, part: Slice) -> bool:
    """Whether the rows of a plan are made of rows that are kept, rather than handed out by the index."""
    if plan.word in part.frequent:
        return True
    return plan.apart is not None and plan.most(part) > LEAST and _handed(plan.apart, part) <= _HANDED


def _found(plan: Engine, part: Slice) -> Ints:
    if not from_kept(plan, part):
        return _engine_rows(plan.query, part)
    return part.frequent.rows(plan.word or "") if plan.apart is None else matching_rows(plan.apart, part)


def _most(plan: Plan, part: Slice) -> int:
    """How many rows a settled plan may find, at most."""
    match plan:
        case Engine(most=most):
            return most(part)
        case Every(children):
            return min((_most(child, part) for child in children), default=part.rows)
        case Some(children):
            return min(part.rows, sum(_most(child, part) for child in children))
        case _:
            return part.rows


def _handed(plan: Plan, part: Slice) -> int:
    """How many rows the index hands out, at most, for the parts of a plan."""
    match plan:
        case Engine(apart=apart):
            return 0 if plan.word in part.frequent else plan.most(part) if apart is None else _handed(apart, part)
        case Every(children) | Some(children):
            return sum(_handed(child, part) for child in children)
        case Rest(child):
            return _handed(child, part)
        case _:
            return 0


def _shared(some: Ints, others: Ints, part: Slice) -> Ints:
    """What is in both."""
    if len(some) > len(others):
        some, others = others, some
    if len(some) * _SPARSE > len(others):
        bits = _bits(part, [others])
        return some[bits[some]]
    place = np.searchsorted(others, some.astype(others.dtype))
    return some[others[np.minimum(place, len(others) - 1)] == some] if len(others) else some


def _engine_rows(query: Any, part: Slice) -> Ints:
    """Document numbers are rows. They come as Python objects, about half a microsecond each."""
    return rows_of(part.searcher.search(query, limit=part.rows, count=False).hits)


def rows_of(hits: Sequence[Any]) -> Ints:
    """The rows that the index hands out, ascending."""
    rows = np.fromiter((address.doc for _, address in hits), np.int32, len(hits))
    rows.sort()
    return rows


def _bits(part: Slice, sets: "list[Ints]") -> Bits:
    bits = np.zeros(part.rows, np.bool_)
    for rows in sets:
        bits[rows] = True
    return bits


def _cost(plan: Plan, part: Slice) -> tuple[int, int]:
    """The index first, least first, then columns, then joined parts, then texts."""
    match plan:
        case Engine(most=most):
            return 0, most(part)
        case Keep(dear=dear):
            return 3 if dear else 1, 0
        case _:
            return 2, 0
