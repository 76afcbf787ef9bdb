"""What one manifest shows. It never changes, so what was read of it is kept with it."""

from functools import cached_property

import pyarrow as pa

from filon.model.layout import Layout
from filon.store.embedded import arrow
from filon.store.embedded.manifest import Manifest
from filon.store.embedded.parts import read_parts
from filon.store.embedded.slices import Slice
from filon.store.embedded.vocabulary import Vocabulary

__all__ = ["Snapshot"]


class Snapshot:
    """The slices and tables that ``manifest`` names. Slices that ``before`` holds in the same state are taken over."""

    def __init__(self, layout: Layout, manifest: Manifest, before: "Snapshot | None" = None) -> None:
        self._layout = layout
        self.manifest = manifest
        self._tables: dict[str, pa.Table] = {}
        self.names: dict[tuple[str, str], dict[str, list[int]]] = {}
        """By table and column: who bears a name, by the words of the name. Filled by ``filon.store.embedded.names``."""
        held = {part.entry.number: part for part in before.slices} if before else {}
        slices = []
        for entry in manifest.slices:
            part = held.get(entry.number)
            withdrawn = () if part is None else tuple(r for r in part.meta.readings if r in manifest.withdrawn)
            if part is None or part.withdrawn != withdrawn:
                part = Slice(layout.slice(entry.number), entry, manifest.withdrawn)
            slices.append(part)
        self.slices: tuple[Slice, ...] = tuple(slices)

    def table(self, kind: str, *, withdrawn: bool = False) -> pa.Table:
        """A whole table other than messages."""
        if withdrawn:
            return read_parts(self._layout, self.manifest, kind, withdrawn=True)
        if kind not in self._tables:
            self._tables[kind] = read_parts(self._layout, self.manifest, kind)
        return self._tables[kind]

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """All words of all slices."""
        return Vocabulary([part.vocabulary for part in self.slices])

    @cached_property
    def items(self) -> dict[int, int]:
        """The item of every reading."""
        readings = self.table("readings")
        known = arrow.numbers(readings["reading"], 0), arrow.numbers(readings["item"], 0)
        return dict(zip(known[0].tolist(), known[1].tolist(), strict=True))
