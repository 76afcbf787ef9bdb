"""Make an addition visible: slices and table parts first, then one swap of the manifest.

Killed at any point, the old manifest still names only complete files; what was half done is taken away by the next
write. The same addition gives the same rows in the same order, however often it is tried.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from filon.errors import StoreError
from filon.model import columns as schemas
from filon.model.durable import sync_folder
from filon.model.layout import Layout
from filon.model.progress import Progress, Report
from filon.store.embedded import files, partition
from filon.store.embedded.build import SliceMeta, build
from filon.store.embedded.manifest import Manifest, Part, SliceEntry, save, stray
from filon.store.ports import Addition

__all__ = ["write"]


def write(layout: Layout, manifest: Manifest, addition: Addition, bounds: partition.Bounds, report: Report) -> Manifest:
    """The manifest that names the addition too; the old one where this intake is done already."""
    if addition.intake in manifest.intakes:
        return manifest
    unknown = sorted(set(addition.tables) - set(schemas.TABLES))
    if unknown:
        raise StoreError("there is no table called {name}", name=unknown[0])
    work = layout.temporary / f"write-{addition.intake:06d}"
    files.remove([work, *stray(layout, manifest)])
    work.mkdir(parents=True)
    starts = partition.survey(addition.messages, addition.rows, bounds)
    report(Progress("sort", 0, addition.rows, "rows"))
    spilled = partition.spill(addition.messages, starts, work / "rows")
    slices: list[SliceEntry] = []
    number, done = manifest.next_slice, 0
    for path in spilled:
        for piece in partition.pieces(path, bounds):
            report(Progress("index", done, addition.rows, "rows"))
            for entry in _slices(layout, addition.intake, number, piece):
                slices.append(entry)
                number = entry.number + 1
            done += piece.num_rows
        path.unlink()
    if done != addition.rows:
        raise StoreError("{found} messages came instead of {stated}", found=done, stated=addition.rows)
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
    files.remove([work])
    return after


def _slices(layout: Layout, intake: int, number: int, rows: pa.Table) -> Iterator[SliceEntry]:
    """Write rows as one slice, or as halves where they are too many for one segment of the index."""
    folder = layout.slice(number)
    new = folder.with_name(folder.name + files.NEW)
    meta = build(new, rows)
    if meta is not None:
        files.rename(new, folder)
        yield _entry(layout, intake, number, meta)
        return
    half = rows.num_rows // 2
    if not half:
        raise StoreError("message {id} is too long for the index", id=rows["id"][0].as_py())
    for part in (rows.slice(0, half), rows.slice(half)):
        for entry in _slices(layout, intake, number, part):
            yield entry
            number = entry.number + 1


def _entry(layout: Layout, intake: int, number: int, meta: SliceMeta) -> SliceEntry:
    sealed = files.seal(layout.root, layout.slice(number) / "meta.json")
    return SliceEntry(number=number, intake=intake, rows=meta.rows, first=meta.first, last=meta.last, meta=sealed)


def _parts(layout: Layout, intake: int, tables: Mapping[str, pa.Table]) -> Iterator[Part]:
    for kind in sorted(tables):
        table = tables[kind].select(schemas.TABLES[kind].names).cast(schemas.TABLES[kind])
        if table.num_rows:
            path = layout.table(kind, intake)
            yield Part(kind=kind, intake=intake, rows=table.num_rows, file=_write_part(layout.root, path, table))


def _write_part(root: Path, path: Path, table: pa.Table) -> files.Sealed:
    path.parent.mkdir(parents=True, exist_ok=True)
    sync_folder(path.parent.parent)
    new = path.with_name(path.name + files.NEW)
    pq.write_table(table, new, compression="zstd")
    sealed = files.seal(root, new)
    files.rename(new, path)
    return msgspec.structs.replace(sealed, path=path.relative_to(root).as_posix())
