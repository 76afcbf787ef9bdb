"""A write under way, on disk: spilled rows and finished slices, so that an interrupted one goes on where it stopped.

plan.json        what is written and how it is cut; work that was begun for anything else is taken away
rows/000003/     the rows of one stretch of time, a file a piece, until its slices are finished
built/000003/    its finished slices, counted from 0, and done.json, which says that these are all of them
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pyarrow as pa

from filon.errors import StoreError
from filon.model.durable import replace_file, sync_folder
from filon.store.embedded import files, partition
from filon.store.embedded.build import SliceMeta, build
from filon.store.embedded.columns import Ints
from filon.store.embedded.crew import Tell
from filon.store.embedded.partition import Bounds
from filon.store.ports import Piece

__all__ = ["Work", "WorkPlan", "build_stretch", "spill_piece"]


class WorkPlan(msgspec.Struct, frozen=True, kw_only=True):
    """Two equal plans give the same slices. ``pieces``: digest of each; ``starts``: where a new slice begins."""

    format: int
    bounds: Bounds
    rows: int
    pieces: tuple[str, ...]
    starts: tuple[int, ...]


class Work:
    """The folder of one write."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._need = 0
        self.rows = folder / "rows"
        self.built = folder / "built"

    def require(self, size: int) -> None:
        """``StoreError`` where a disk has no room for messages that take up ``size`` bytes in memory."""
        self._need = size // 2  # spilled rows take a third, and go as the slices made of them come; measured
        if files.free(self._folder) < self._need:
            raise self._full()

    @contextlib.contextmanager
    def room(self) -> Iterator[None]:
        """Say so where the disk is full; what was finished is kept for the next time."""
        try:
            yield
        except (OSError, ValueError) as error:
            if files.is_full(error):
                raise self._full() from error
            raise

    def _full(self) -> StoreError:
        return StoreError(
            "the disk of {path} is full: writing these messages takes about {need} MB, {free} MB are free",
            hint="make room there and do the same again: it goes on from what is finished",
            path=str(self._folder.parent.parent.parent),
            need=-(-self._need // 1_000_000),
            free=files.free(self._folder) // 1_000_000,
        )

    def begin(self, plan: WorkPlan) -> None:
        """Make the folder ready for this plan, keeping finished slices if it was made for the same."""
        path, data = self._folder / "plan.json", msgspec.json.encode(plan)
        if not path.is_file() or path.read_bytes() != data:
            files.remove([self._folder])
        files.remove([self.rows])
        with self.room():
            self.built.mkdir(mode=0o700, parents=True, exist_ok=True)
            replace_file(path, data)

    def finished(self, stretch: int) -> tuple[SliceMeta, ...] | None:
        """The slices of a stretch, in order, if it is finished and they are all there."""
        folder = self.built / f"{stretch:06d}"
        try:
            metas = msgspec.json.decode((folder / "done.json").read_bytes(), type=tuple[SliceMeta, ...])
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return None
        return metas if all(self.slice(stretch, number).is_dir() for number in range(len(metas))) else None

    def slice(self, stretch: int, number: int) -> Path:
        """The folder of one finished slice."""
        return self.built / f"{stretch:06d}" / f"{number:06d}"

    def end(self) -> None:
        """Take the folder away, and the one around it if this write alone made it."""
        files.remove([self._folder])
        if not any(self._folder.parent.iterdir()):
            self._folder.parent.rmdir()


def spill_piece(work: Work, piece: Piece, name: int, starts: Ints, wanted: frozenset[int], tell: Tell) -> None:
    """Spill the rows of a piece that belong to the wanted stretches."""
    with work.room():
        partition.spill(piece, name, starts, wanted, work.rows, tell)


def build_stretch(
    work: Work, stretch: int, pieces: tuple[Piece, ...], starts: Ints, bounds: Bounds, tell: Tell
) -> tuple[SliceMeta, ...]:
    """Build the slices of a stretch of time: from its spilled rows, or straight from ``pieces`` where they are given."""
    folder, rows = work.built / f"{stretch:06d}", work.rows / f"{stretch:06d}"
    files.remove([folder])
    folder.mkdir(mode=0o700)
    batches = (batch for piece in pieces for batch in partition.one_stretch(piece, starts, stretch))
    metas: list[SliceMeta] = []
    with work.room():
        for table in partition.bounded(batches if pieces else partition.spilled(rows), bounds):
            for meta in _slices(work, stretch, len(metas), table):
                metas.append(meta)
                tell(meta.rows)
        sync_folder(folder)
        replace_file(folder / "done.json", msgspec.json.encode(metas))
    files.remove([rows])
    return tuple(metas)


def _slices(work: Work, stretch: int, number: int, rows: pa.Table) -> Iterator[SliceMeta]:
    """Write rows as one slice, or as halves where they are too many for one segment of the index."""
    meta = build(work.slice(stretch, number), rows)
    if meta is not None:
        yield meta
        return
    half = rows.num_rows // 2
    if not half:
        raise StoreError("message {id} is too long for the index", id=rows["id"][0].as_py())
    for part in (rows.slice(0, half), rows.slice(half)):
        for meta in _slices(work, stretch, number, part):
            yield meta
            number += 1
