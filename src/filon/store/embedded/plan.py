"""What a query tree becomes before it meets a slice, and which rows of a slice it matches.

A subtree that the full-text index answers alone is one ``Engine``; everything else is a ``Keep``: a function of the
integer columns (or texts) of chosen rows. ``Every``, ``Some`` and ``Rest`` join them. Rows are ascending integers.
"""

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import tantivy

from filon.store.embedded.columns import Ints
from filon.store.embedded.slices import Bits, Slice

__all__ = ["Engine", "Every", "Keep", "Plan", "Rest", "Some", "matching_rows"]


class Engine(msgspec.Struct, frozen=True):
    """A query of the full-text index."""

    query: Any


class Keep(msgspec.Struct, frozen=True):
    """Keeps rows by looking at them: ``(slice, rows or None for all) -> one boolean for each``. ``dear``: reads texts.

    ``narrow`` gives an index query for a slice that misses none of these rows, so that the index can leave out most of
    the others before they are looked at; None where it has none.
    """

    test: Callable[[Slice, Ints | None], Bits]
    dear: bool = False
    narrow: Callable[[Slice], Any | None] | None = None


class Every(msgspec.Struct, frozen=True):
    """Rows that all children match."""

    children: "tuple[Plan, ...]"


class Some(msgspec.Struct, frozen=True):
    """Rows that at least one child matches."""

    children: "tuple[Plan, ...]"


class Rest(msgspec.Struct, frozen=True):
    """Rows that the child does not match."""

    child: "Plan"


Plan = Engine | Keep | Every | Some | Rest


def matching_rows(plan: Plan, part: Slice, among: Ints | None = None) -> Ints:
    """The rows of a slice that match, out of ``among`` (None: all rows), ascending."""
    if among is not None and not len(among):
        return among
    match plan:
        case Engine(query):
            found = _engine_rows(query, part)
            return found if among is None else np.intersect1d(found, among, assume_unique=True)
        case Keep(test):
            kept = test(part, among)
            return np.flatnonzero(kept) if among is None else among[kept]
        case Every(children):
            for child in _narrowed(sorted(children, key=_cost), part):
                among = matching_rows(child, part, among)
            return np.arange(part.rows) if among is None else among
        case Some(children):
            found = _bits(part, [matching_rows(child, part, among) for child in children])
            return np.flatnonzero(found)
        case Rest(child):
            without = ~_bits(part, [matching_rows(child, part, among)])
            return np.flatnonzero(without) if among is None else among[without[among]]


def _narrowed(children: "list[Plan]", part: Slice) -> "list[Plan]":
    """The same children, the first of them asking the index for less where the others allow it."""
    first = children[0]
    if not isinstance(first, Engine):
        return children
    wanted = [keep.narrow(part) for keep in children if isinstance(keep, Keep) and keep.narrow is not None]
    asked = [(tantivy.Occur.Must, query) for query in (first.query, *wanted) if query is not None]
    return [Engine(tantivy.Query.boolean_query(asked)), *children[1:]] if len(asked) > 1 else children


def _engine_rows(query: Any, part: Slice) -> Ints:
    """Document numbers are rows. They come as Python objects, about half a microsecond each."""
    hits = part.searcher.search(query, limit=part.rows, count=False).hits
    rows = np.fromiter((address.doc for _, address in hits), np.int64, len(hits))
    rows.sort()
    return rows


def _bits(part: Slice, sets: "list[Ints]") -> Bits:
    bits = np.zeros(part.rows, np.bool_)
    for rows in sets:
        bits[rows] = True
    return bits


def _cost(plan: Plan) -> int:
    """The index first, then columns, then joined parts, then texts."""
    match plan:
        case Engine():
            return 0
        case Keep(_, dear):
            return 3 if dear else 1
        case _:
            return 2
