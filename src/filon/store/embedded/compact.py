"""Merge many small slices and parts into few larger ones: the same rows under the same numbers.

Slices stand in the order of time, parts in the order of their rows, and what is merged are neighbours. Sizes fall into
tiers, each eight times the one before. Where eight of one tier stand together, with nothing larger between them, they
become one: a row is written again once a tier, four times until it lies in a large piece. A piece is large from half of
what a slice may hold, and is never touched again. Where small pieces of many sizes stand mixed, forty of them become
one. So between two large pieces there are never more than 39 small ones, and in a steady feed 28.

The larger pieces are built beside the store from files that never change, without any lock. One swap of the manifest
makes them visible; what they replace is named as retired and goes when nobody reads it (``filon.store.embedded.lease``).
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from filon.model.layout import Layout
from filon.model.progress import Progress, Report
from filon.store.embedded import files
from filon.store.embedded.build import SliceMeta, build
from filon.store.embedded.lease import free
from filon.store.embedded.manifest import Manifest, Part, SliceEntry, load, save, stray
from filon.store.embedded.partition import Bounds
from filon.store.embedded.parts import read_part
from filon.store.embedded.slices import Slice
from filon.store.ports import Compacted

__all__ = ["Merged", "due", "merge", "runs", "swap", "sweep"]

FEW = 8
"""So many of one tier are merged; a tier reaches to so many times the one before."""
MANY = 40
"""So many small neighbours of any tiers are merged: more than the eight less one that five tiers leave."""
_SMALLEST = 512
"""Rows: the first tier ends here."""
_TABLE_ROWS = 1 << 20
"""The most a merged part of a table holds."""
_PACKED = 2
"""Texts take about half their size in a slice; a slice is judged by what it takes there."""


class Merged(msgspec.Struct):
    """Larger pieces that are built and not yet visible: what each was made of, and where it lies."""

    slices: list[tuple[tuple[SliceEntry, ...], Path, SliceMeta]] = msgspec.field(default_factory=list)
    parts: list[tuple[tuple[Part, ...], Path, Part]] = msgspec.field(default_factory=list)


def runs(sizes: Sequence[int], most: int) -> list[range]:
    """Which neighbours to merge, those of the lowest tier first; together none is larger than ``most``."""
    below, limit, large = 0, _SMALLEST, max(1, most // 2)
    while True:
        limit = min(limit, large)
        stretches = [s for s in _stretches([size < limit for size in sizes]) if _is_due(sizes, s, below, limit, large)]
        found = [run for stretch in stretches for run in _filled(sizes, stretch, most)]
        if found or limit == large:
            return found
        below, limit = limit, limit * FEW


def due(slices: Sequence[Slice], parts: Sequence[Part], bounds: Bounds) -> bool:
    """Whether anything is to be merged."""
    return any(_groups(slices, bounds)) or any(_part_groups(parts))


def merge(
    layout: Layout, slices: Sequence[Slice], parts: Sequence[Part], bounds: Bounds, folder: Path, report: Report
) -> Merged | None:
    """Build what is due in a new folder; None where nothing is."""
    groups, tables = list(_groups(slices, bounds)), list(_part_groups(parts))
    if not groups and not tables:
        return None
    folder.mkdir(mode=0o700, parents=True)
    merged = Merged()
    total = sum(part.rows for group in groups for part in group)
    done = 0
    for number, group in enumerate(groups):
        report(Progress("compact", done, total, "rows"))
        made = _merge_slices(group, folder / f"slice-{number}")
        if made is not None:
            merged.slices.append(made)
        done += sum(part.rows for part in group)
    report(Progress("compact", total, total, "rows"))
    for number, some in enumerate(tables):
        merged.parts.append((some, *_merge_parts(layout, some, folder / f"part-{number}.parquet")))
    return merged if merged.slices or merged.parts else None


def swap(layout: Layout, merged: Merged) -> Manifest | None:
    """Make merged pieces visible in the place of those they were made of; None where these are not there any more."""
    before = load(layout)
    files.remove(stray(layout, before))
    if not _still_there(before, merged):
        return None
    generation = before.generation + 1
    slices, number = list(before.slices), before.next_slice
    for sources, path, meta in merged.slices:
        files.rename(path, layout.slice(number))
        sealed = files.seal(layout.root, layout.slice(number) / "meta.json")
        last = max(entry.intake for entry in sources)
        entry = SliceEntry(number=number, intake=last, rows=meta.rows, first=meta.first, last=meta.last, meta=sealed)
        slices = [*(held for held in slices if held not in sources), entry]
        number += 1
    parts = list(before.parts)
    for some, path, part in merged.parts:
        place = layout.table(part.kind, part.intake)
        place = place.with_name(f"{place.stem}-{generation:06d}{place.suffix}")
        files.rename(path, place)
        sealed = msgspec.structs.replace(part.file, path=place.relative_to(layout.root).as_posix())
        parts[parts.index(some[0])] = msgspec.structs.replace(part, file=sealed)
        parts = [held for held in parts if held not in some]
    retired = [layout.slice(entry.number) for sources, _, _ in merged.slices for entry in sources]
    retired += [layout.root / part.file.path for some, _, _ in merged.parts for part in some]
    waiting = [path for path in before.retired if (layout.root / path).exists()]
    after = msgspec.structs.replace(
        before,
        generation=generation,
        slices=tuple(slices),
        parts=tuple(parts),
        retired=(*waiting, *(path.relative_to(layout.root).as_posix() for path in retired)),
        compacted=Compacted(
            generation=generation,
            messages=sum(meta.rows for _, _, meta in merged.slices),
            rows=sum(part.rows for _, _, part in merged.parts),
            slices=(len(before.slices), len(slices)),
            parts=(len(before.parts), len(parts)),
        ),
    )
    save(layout, after)
    return after


def sweep(layout: Layout, manifest: Manifest, aside: Path) -> None:
    """Move aside what is retired and nobody holds. Parts are never held: their rows stand in larger ones."""
    for path in (layout.root / name for name in manifest.retired):
        if path.suffix:
            path.unlink(missing_ok=True)
            continue
        with free(path) as unused:
            if unused and path.exists():
                aside.mkdir(mode=0o700, parents=True, exist_ok=True)
                files.remove([aside / path.name])
                path.rename(aside / path.name)


def _groups(slices: Sequence[Slice], bounds: Bounds) -> Iterator[list[Slice]]:
    """Slices to merge, neighbours in time; undated ones apart."""
    for dated in (True, False):
        alike = [part for part in slices if part.entry.dated == dated]
        alike.sort(key=lambda part: (part.entry.first or 0, part.entry.last or 0, part.entry.number))
        sizes = [_size(part, bounds) for part in alike]
        yield from (alike[run.start : run.stop] for run in runs(sizes, bounds.rows))


def _size(part: Slice, bounds: Bounds) -> int:
    """The rows of a slice, or more where its texts are long: its share of what a slice may hold."""
    packed = next((file.size for file in part.meta.files if file.path == "messages.arrow"), 0)
    return max(part.rows, packed * _PACKED * bounds.rows // bounds.text)


def _part_groups(parts: Sequence[Part]) -> Iterator[tuple[Part, ...]]:
    """Parts to merge: neighbours in the order of the rows of one table."""
    for kind in sorted({part.kind for part in parts}):
        alike = [part for part in parts if part.kind == kind]
        for run in runs([part.rows for part in alike], _TABLE_ROWS):
            yield tuple(alike[run.start : run.stop])


def _is_due(sizes: Sequence[int], stretch: range, below: int, limit: int, large: int) -> bool:
    """Whether eight of a stretch are of the tier from ``below`` to ``limit``, or it holds too many of all tiers."""
    of_tier = sum(below <= sizes[at] for at in stretch)
    return of_tier >= FEW or (limit == large and len(stretch) >= MANY)


def _stretches(small: Sequence[bool]) -> Iterator[range]:
    """Stretches of neighbours that are all small."""
    start = 0
    for at, is_small in enumerate([*small, False]):
        if not is_small:
            if at > start:
                yield range(start, at)
            start = at + 1


def _filled(sizes: Sequence[int], stretch: range, most: int) -> Iterator[range]:
    """A stretch as runs of two or more that each hold ``most`` or less."""
    start, held = stretch.start, 0
    for at in stretch:
        if held + sizes[at] > most:
            if at - start > 1:
                yield range(start, at)
            start, held = at, 0
        held += sizes[at]
    if stretch.stop - start > 1:
        yield range(start, stretch.stop)


def _merge_slices(group: list[Slice], folder: Path) -> tuple[tuple[SliceEntry, ...], Path, SliceMeta] | None:
    """One slice of several, or of the first half of them where they are too many for one segment of the index."""
    while len(group) > 1:
        meta = build(folder, pa.concat_tables([part.take(np.arange(part.rows)) for part in group]))
        if meta is not None:
            return tuple(part.entry for part in group), folder, meta
        group = group[: len(group) // 2]
    return None


def _merge_parts(layout: Layout, parts: tuple[Part, ...], path: Path) -> tuple[Path, Part]:
    rows = pa.concat_tables([read_part(layout, part) for part in parts])
    pq.write_table(rows.unify_dictionaries(), path, compression="zstd")
    last = parts[-1]
    sealed = files.seal(path.parent, path)
    return path, Part(kind=last.kind, intake=last.intake, rows=rows.num_rows, file=sealed)


def _still_there(manifest: Manifest, merged: Merged) -> bool:
    slices = all(entry in manifest.slices for sources, _, _ in merged.slices for entry in sources)
    return slices and all(part in manifest.parts for some, _, _ in merged.parts for part in some)
