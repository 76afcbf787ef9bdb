"""Make an addition visible: slices and table parts first, then one swap of the manifest.

Killed at any point, the old manifest still names only complete files; what was half done is taken away by the next
write, and slices that were finished are taken as they are (``work``). The same addition gives the same rows in the
same order, however often it is tried and however many processes do it.
"""

import os
from collections.abc import Iterator, Mapping
from functools import partial

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from filon.errors import StoreError
from filon.model import columns as schemas
from filon.model.durable import sync_folder
from filon.model.layout import Layout
from filon.model.progress import Progress, Report
from filon.store.embedded import files, partition
from filon.store.embedded.build import SliceMeta
from filon.store.embedded.crew import Crew, Tell
from filon.store.embedded.manifest import STORE_FORMAT, Manifest, Part, SliceEntry, save, stray
from filon.store.embedded.work import Work, WorkPlan, build_stretch, spill_piece
from filon.store.ports import Addition

__all__ = ["write"]

_PROCESSES = 2
"""More would not fit into the memory that an add may take."""
_LITTLE = 1 << 17
"""Rows up to which starting processes costs more than it gives."""


def write(layout: Layout, manifest: Manifest, addition: Addition, bounds: partition.Bounds, report: Report) -> Manifest:
    """The manifest that names the addition too; the old one where this intake is done already."""
    if addition.intake in manifest.intakes:
        return manifest
    unknown = sorted(set(addition.tables) - set(schemas.TABLES))
    if unknown:
        raise StoreError("there is no table called {name}", name=unknown[0])
    files.remove(stray(layout, manifest))
    work = Work(layout.intake(addition.intake) / "store")
    size = 1 if addition.rows <= _LITTLE else max(1, min(_PROCESSES, os.cpu_count() or 1))
    with Crew(size) as crew:
        stretches = _build(layout, addition, bounds, work, crew, report)
    with work.room():
        slices = tuple(_take_over(layout, addition.intake, manifest.next_slice, work, stretches))
        parts = tuple(_parts(layout, addition.intake, addition.tables))
        report(Progress("write", addition.rows, addition.rows, "rows"))
        after = msgspec.structs.replace(
            manifest,
            generation=manifest.generation + 1,
            intakes=(*manifest.intakes, addition.intake),
            slices=(*manifest.slices, *slices),
            parts=(*manifest.parts, *parts),
        )
        save(layout, after)
    work.end()
    return after


def _build(
    layout: Layout, addition: Addition, bounds: partition.Bounds, work: Work, crew: Crew, report: Report
) -> dict[int, tuple[SliceMeta, ...]]:
    """The finished slices of every stretch of time that has any, in the folder of the work."""
    step = max(1, addition.rows // partition.SAMPLE)
    tell = _counted("sample", 0, addition.rows, report)
    looks = crew.run([partial(partition.look, piece, step, bounds) for piece in addition.messages], tell)
    found = sum(one.rows for one in looks)
    if found != addition.rows:
        raise StoreError("{found} messages came instead of {stated}", found=found, stated=addition.rows)
    work.require(sum(one.bytes for one in looks))
    starts = partition.cut(looks)
    digests = tuple(one.digest for one in looks)
    work.begin(WorkPlan(format=STORE_FORMAT, bounds=bounds, rows=found, pieces=digests, starts=tuple(starts.tolist())))
    every = range(partition.stretches(starts)) if found else range(0)
    done = {number: metas for number in every if (metas := work.finished(number)) is not None}
    todo = [number for number in every if number not in done]
    before = sum(meta.rows for metas in done.values() for meta in metas)
    straight = addition.messages if len(starts) == 0 else ()
    if not straight:
        tell = _counted("sort", 0, found, report)
        spills = [
            partial(spill_piece, work, piece, name, starts, frozenset(todo))
            for name, piece in enumerate(addition.messages)
        ]
        crew.run(spills, tell)
    tell = _counted("index", before, found, report)
    built = crew.run([partial(build_stretch, work, n, straight, starts, bounds) for n in todo], tell)
    done |= dict(zip(todo, built, strict=True))
    return {number: done[number] for number in sorted(done)}


def _counted(stage: str, done: int, total: int, report: Report) -> Tell:
    """Adds up the rows that several processes tell of."""

    def tell(rows: int) -> None:
        nonlocal done
        done += rows
        report(Progress(stage, done, total, "rows"))

    tell(0)
    return tell


def _take_over(
    layout: Layout, intake: int, number: int, work: Work, stretches: Mapping[int, tuple[SliceMeta, ...]]
) -> Iterator[SliceEntry]:
    """Give finished slices their place among the others, in the order of time."""
    for stretch, metas in stretches.items():
        for at, meta in enumerate(metas):
            folder = layout.slice(number)
            files.rename(work.slice(stretch, at), folder)
            sealed = files.seal(layout.root, folder / "meta.json")
            yield SliceEntry(
                number=number, intake=intake, rows=meta.rows, first=meta.first, last=meta.last, meta=sealed
            )
            number += 1


def _parts(layout: Layout, intake: int, tables: Mapping[str, pa.Table]) -> Iterator[Part]:
    """The parts of all tables, written one after the other and forced to disk together."""
    given = [kind for kind in sorted(tables) if tables[kind].num_rows]
    paths = [layout.table(kind, intake) for kind in given]
    news = [path.with_name(path.name + files.NEW) for path in paths]
    for kind, new in zip(given, news, strict=True):
        new.parent.mkdir(parents=True, exist_ok=True)
        table = tables[kind].select(schemas.TABLES[kind].names).cast(schemas.TABLES[kind])
        pq.write_table(table, new, compression="zstd")
    for folder in {path.parent.parent for path in paths}:
        sync_folder(folder)
    for kind, path, new, sealed in zip(given, paths, news, files.seal_all(layout.root, news), strict=True):
        files.rename(new, path)
        sealed = msgspec.structs.replace(sealed, path=path.relative_to(layout.root).as_posix())
        yield Part(kind=kind, intake=intake, rows=tables[kind].num_rows, file=sealed)
