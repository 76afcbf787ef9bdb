"""Stamps as they lie in a slice: a form that few stamps differ in, the difference from the row's time, and little else.

A form says everything of a stamp but the instant: zone basis, precision, which of ``at`` and ``local`` are given, and the
clock that writes its raw text (``clocks``). Leaves of a column ``sent``, each left out where it says nothing:

sent.form    ordinal of the form; null where there is no stamp
sent.at      ``at``, or ``local`` where that alone is given, less the row's time
sent.local   ``local`` where both are given
sent.raw     raw texts that no clock writes
"""

from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from filon.model.columns import STAMP
from filon.store.embedded import arrow, clocks
from filon.store.embedded.clocks import Clock
from filon.store.embedded.columns import Ints

__all__ = ["LEAVES", "Form", "Forms", "pack", "unpack"]

LEAVES = ("form", "at", "local", "raw")
_NOTHING, _TEXT = -2, -1
"""In place of the ordinal of a clock: there is no raw text; it is kept as it is."""
_COUNTABLE = 1 << 20


class Form(msgspec.Struct, frozen=True, array_like=True):
    """``clock``: ordinal of the clock of the raw text, or less than 0."""

    basis: str | None
    precision: str | None
    at: bool
    local: bool
    clock: int


class Forms(msgspec.Struct, frozen=True):
    """The forms of one column of a slice. ``single``: there is one, and ``form`` is left out since ``at`` tells where."""

    forms: tuple[Form, ...]
    clocks: tuple[Clock, ...]
    single: bool


def pack(column: "pa.StructArray", base: Ints) -> tuple[dict[str, Any], Forms]:
    """Leaves by name, and what they mean. ``base``: the time of each row."""
    fields = dict(zip(STAMP.names, column.flatten(), strict=True))
    given = arrow.given(column)
    at, local, raw = (arrow.given(fields[name]) for name in ("at", "local", "raw"))
    timed = at | local
    instants = np.where(at, arrow.numbers(fields["at"], 0), arrow.numbers(fields["local"], 0))
    written, found = clocks.find(fields["raw"], instants, np.flatnonzero(raw & timed))
    kinds = np.where(written >= 0, written, np.where(raw, _TEXT, _NOTHING))
    first, codes = _forms([_coded(fields["basis"]), _coded(fields["precision"]), at, local, kinds - _NOTHING], given)
    basis, precision = (fields[name].take(first).to_pylist() for name in ("basis", "precision"))
    forms = tuple(map(Form, basis, precision, at[first].tolist(), local[first].tolist(), kinds[first].tolist()))
    single = len(forms) == 1 and (forms[0].at or forms[0].local)
    leaves = {
        "at": pa.array(instants - base, mask=~timed),
        "local": arrow.either(pa.array(at & local), fields["local"], None),
        "raw": arrow.either(pa.array(written < 0), fields["raw"], None),
    }
    if not single:
        leaves["form"] = pa.array(codes, mask=~given)
    return leaves, Forms(forms, tuple(found), single)


def unpack(leaves: dict[str, Any], known: Forms, base: Ints) -> "pa.StructArray":
    """The column of ``pack``; leaves that are not there are null throughout."""
    count = len(base)
    nothing = pa.nulls(count, pa.int64())
    at = leaves.get("at", nothing).cast(pa.int64())
    if known.single:
        given = arrow.given(at)
        codes = np.zeros(count, np.int64)
    else:
        form = leaves.get("form", nothing)
        given = arrow.given(form)
        codes = arrow.numbers(form, 0)
    instants = arrow.numbers(at, 0) + base
    of = {name: np.array([getattr(form, name) for form in known.forms]) for name in ("at", "local", "clock")}
    has_at, has_local = of["at"][codes] & given, of["local"][codes] & given
    raw = _raw(
        leaves.get("raw", pa.nulls(count, pa.string())), np.where(given, of["clock"][codes], _TEXT), known, instants
    )
    alone: Any = pa.array(instants, mask=~(has_local & ~has_at))
    parts = {
        "at": pa.array(instants, mask=~has_at),
        "local": arrow.either(pa.array(has_local & has_at), leaves.get("local", nothing).cast(pa.int64()), alone),
        "raw": raw,
    }
    for name in ("basis", "precision"):
        parts[name] = pa.array([getattr(form, name) for form in known.forms], pa.string()).take(codes)
    return pa.StructArray.from_arrays([parts[f.name] for f in STAMP], fields=list(STAMP), mask=pa.array(~given))


def _raw(texts: Any, clock: Ints, known: Forms, instants: Ints) -> Any:
    """Raw texts: those that are kept, and those that clocks write."""
    for number in np.unique(clock[clock >= 0]).tolist():
        rows = clock == number
        if rows.all():
            return clocks.render(known.clocks[number], instants)
        made = clocks.render(known.clocks[number], instants[rows])
        texts = arrow.replaced(texts, rows, made)
    return texts


def _coded(column: Any) -> Ints:
    """A number for each text, null being one of them."""
    codes: Ints = column.dictionary_encode(null_encoding="encode").indices.to_numpy()
    return codes


def _forms(parts: list[Ints], given: Ints) -> tuple[Ints, Ints]:
    """The first row of every combination there is, and the ordinal of each row's own, where there is a stamp."""
    key = np.zeros(len(given), np.int64)
    for part in parts:
        key = key * (int(part.max(initial=0)) + 1) + part
    if int(key.max(initial=0)) < _COUNTABLE:
        present = np.flatnonzero(np.bincount(key[given]))
        rank = np.zeros(int(key.max(initial=0)) + 1, np.int64)
        rank[present] = np.arange(len(present))
        codes = rank[key]
        rows = np.flatnonzero(given)[::-1]
        first = np.zeros(len(present), np.int64)
        first[codes[rows]] = rows
        return first, codes
    rows = np.flatnonzero(given)
    _, first, of = np.unique(key[rows], return_index=True, return_inverse=True)
    codes = np.zeros(len(given), np.int64)
    codes[rows] = of
    return rows[first], codes
