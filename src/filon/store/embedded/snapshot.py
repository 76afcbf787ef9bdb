"""What one manifest shows. It never changes, so what was read of it is kept with it."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from filon.model.layout import Layout
from filon.store.embedded import arrow
from filon.store.embedded.bearers import Bearers
from filon.store.embedded.bounds import Seen, seen, still_met
from filon.store.embedded.columns import Ints
from filon.store.embedded.manifest import Manifest
from filon.store.embedded.parts import Tables, from_readings
from filon.store.embedded.slices import Slice
from filon.store.embedded.totals import Totals

__all__ = ["Snapshot", "every_visible"]


def every_visible(part: Slice) -> Ints | None:
    """The rows of a slice that are not withdrawn; None where that is all of them."""
    return None if part.visible is None else np.flatnonzero(part.visible)


class Snapshot:
    """The slices and tables that ``manifest`` names. What ``before`` holds in the same state is taken over."""

    def __init__(self, layout: Layout, manifest: Manifest, before: "Snapshot | None" = None) -> None:
        self.manifest = manifest
        self._kept: Tables = before._kept if before else Tables(layout)
        self._tables: dict[str, pa.Table] = {}
        self.names: dict[tuple[str, str], Bearers] = {}
        """By table and column: who bears a name. Filled by ``filon.store.embedded.names``."""
        self.meant: dict[object, Ints] = {}
        """What names asked for lately mean. Filled there as well."""
        held = {part.entry.number: part for part in before.slices} if before else {}
        slices = []
        for entry in manifest.slices:
            part = held.get(entry.number)
            withdrawn = () if part is None else tuple(r for r in part.meta.readings if r in manifest.withdrawn)
            if part is None or part.withdrawn != withdrawn:
                part = Slice(layout.slice(entry.number), entry, manifest.withdrawn)
            slices.append(part)
        self.slices: tuple[Slice, ...] = tuple(slices)
        self.totals: Totals = Totals(self.slices, before.totals if before else None)

    def table(self, kind: str, *, withdrawn: bool = False) -> pa.Table:
        """A whole table other than messages."""
        if withdrawn or not self.manifest.withdrawn:
            return self._kept.rows(self.manifest, kind)
        if kind not in self._tables:
            self._tables[kind] = self._visible(kind)
        return self._tables[kind]

    @cached_property
    def seen(self) -> Seen:
        """What the visible messages name."""
        return self.seen_in(every_visible)

    def seen_in(self, rows: Callable[[Slice], Ints | None]) -> Seen:
        """What the messages in these rows name."""
        return seen(self.slices, rows, *self._sizes)

    @cached_property
    def _sizes(self) -> tuple[int, int]:
        """One more than the highest number of an account, and of a conversation, in any row there is."""
        accounts: list[Any] = [self.table("accounts", withdrawn=True)["account"].to_numpy()]
        accounts += [values for part in self.slices for values in (part.senders, part.recipient_values(None))]
        conversations: list[Any] = [self.table("conversations", withdrawn=True)["conversation"].to_numpy()]
        conversations += [part.conversations for part in self.slices]
        most = [max(int(values.max(initial=-1)) for values in found) + 2 for found in (accounts, conversations)]
        return most[0], most[1]

    def _visible(self, kind: str) -> pa.Table:
        whole = self.table(kind, withdrawn=True)
        gone = from_readings(whole, self.manifest.withdrawn)
        if kind not in ("accounts", "conversations"):
            return whole.filter(pa.array(~gone))
        others = {other: self.table(other) for other in ("names", "participants", "events")}
        return still_met(kind, others | {kind: whole}, gone, self.seen)

    @cached_property
    def items(self) -> dict[int, int]:
        """The item of every reading."""
        readings = self.table("readings")
        known = arrow.numbers(readings["reading"], 0), arrow.numbers(readings["item"], 0)
        return dict(zip(known[0].tolist(), known[1].tolist(), strict=True))
