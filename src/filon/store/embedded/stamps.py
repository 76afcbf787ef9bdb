"""Stamps as they lie in a slice: a form that few stamps differ in, the difference from the row's time, and little else.

A form says everything of a stamp but the instant: zone basis, precision, which of ``at`` and ``local`` are given, and the
clock that writes its raw text (``clocks``). Leaves of a column ``sent``, each left out where it says nothing:

sent.form    ordinal of the form; null where there is no stamp
sent.at      ``at``, or ``local`` where that alone is given, less the row's time
sent.local   ``local`` where both are given
sent.raw     raw texts that no clock writes
"""

from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

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
    count, looks = len(base), _looks(known)
    at = leaves.get("at")
    form = at if known.single else leaves.get("form")
    given = np.zeros(count, np.bool_) if form is None else arrow.given(form)
    codes = np.zeros(count, np.int64) if known.single or form is None else arrow.numbers(form, 0)
    instants = base if at is None else arrow.numbers(at, 0) + base
    has_at, has_local = looks.at[codes] & given, looks.local[codes] & given
    texts = leaves["raw"] if "raw" in leaves else pa.nulls(count, pa.string())
    clock = np.where(given, looks.clock[codes], _TEXT)
    local = pa.array(instants, mask=~(has_local & ~has_at))
    if "local" in leaves:
        local = arrow.either(pa.array(has_local & has_at), leaves["local"].cast(pa.int64()), local)
    parts = {
        "at": pa.array(instants, mask=~has_at),
        "local": local,
        "raw": _raw(texts, clock, known, instants),
        "basis": looks.basis.take(codes),
        "precision": looks.precision.take(codes),
    }
    return pa.StructArray.from_arrays([parts[f.name] for f in STAMP], fields=list(STAMP), mask=pa.array(~given))


class _Looks(msgspec.Struct, frozen=True):
    """The fields of forms as columns."""

    at: Ints
    local: Ints
    clock: Ints
    basis: Any
    precision: Any


@lru_cache(maxsize=256)
def _looks(known: Forms) -> _Looks:
    at, local, clock = (np.array([getattr(form, name) for form in known.forms]) for name in ("at", "local", "clock"))
    basis, precision = (
        pa.array([getattr(form, name) for form in known.forms], pa.string()) for name in ("basis", "precision")
    )
    return _Looks(at, local, clock, basis, precision)


def _raw(texts: Any, clock: Ints, known: Forms, instants: Ints) -> Any:
    """Raw texts: those that are kept, and those that clocks write."""
    for number in range(len(known.clocks)):
        rows = clock == number
        if not rows.any():
            continue
        if rows.all():
            return clocks.render(known.clocks[number], instants)
        made = clocks.render(known.clocks[number], instants[rows])
        texts = arrow.replaced(texts, rows, made)
    return texts


def _coded(column: Any) -> Ints:
    """A number for each text, null being one of them."""
    given = arrow.given(column)
    if (first := int(given.argmax())) < len(given) and given[first]:
        alike = arrow.true(pc.equal(column, column[first]))
        if np.array_equal(alike, given):
            return given.astype(np.int32)
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
