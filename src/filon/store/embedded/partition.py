"""Sort the messages of an addition into time slices without holding them: look once, spill once, read back in pieces.

A slice should hold neither too many rows nor too many bytes of text. Every row weighs its share of both; cutting
the sum of weights into equal stretches of time gives the bounds. Undated messages come apart. Where many
messages share one time, a stretch may still be too heavy: it is cut in the order of arrival.

Each piece of an addition is looked at and spilled by itself, so several processes can do it; what comes out does not
depend on which was first.
"""

import hashlib
import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from filon.model.columns import MESSAGES
from filon.store.embedded import arrow
from filon.store.embedded.columns import UNDATED, Ints
from filon.store.embedded.crew import Tell
from filon.store.ports import Piece

__all__ = ["Bounds", "Look", "bounded", "cut", "look", "one_stretch", "spill", "spilled", "stretches"]

SAMPLE = 1 << 20
"""Rows whose time and weight are looked at."""
_SEEN = ("id", "time", "sender", "conversation", "text")
"""Columns that tell one addition from another."""


class Bounds(msgspec.Struct, frozen=True):
    """The most a slice should hold."""

    rows: int = 1 << 20
    text: int = 128 << 20
    """Bytes of UTF-8."""


class Look(msgspec.Struct, frozen=True):
    """What one piece holds. ``times`` and ``weights``: of a sample of its dated rows; ``bytes``: as Arrow keeps them."""

    times: Ints
    weights: npt.NDArray[np.float64]
    rows: int
    bytes: int
    digest: str


def look(piece: Piece, step: int, bounds: Bounds, tell: Tell) -> Look:
    """Look at every ``step``-th row of a piece, and know the piece again by its digest."""
    times: list[Ints] = [np.zeros(0, np.int64)]
    weights = [np.zeros(0, np.float64)]
    digest, rows, size = hashlib.sha256(), 0, 0
    for batch in piece():
        some = np.arange(-rows % step, batch.num_rows, step)
        sample = batch.select(["time", "text"]).take(some)
        dated = arrow.given(sample["time"])
        times.append(arrow.numbers(sample["time"], UNDATED)[dated])
        weights.append(_weights(sample, bounds)[dated] * step)
        for name in _SEEN:
            for data in arrow.contents(batch[name]):
                digest.update(data)
        rows += batch.num_rows
        size += batch.nbytes
        tell(batch.num_rows)
    return Look(np.concatenate(times), np.concatenate(weights), rows, size, digest.hexdigest())


def cut(looks: Sequence[Look]) -> Ints:
    """Times at which a new slice begins, ascending; none where one slice is enough."""
    if not looks:
        return np.zeros(0, np.int64)
    time, weight = np.concatenate([one.times for one in looks]), np.concatenate([one.weights for one in looks])
    order = np.argsort(time, kind="stable")
    total = np.cumsum(weight[order])
    slices = math.ceil(total[-1]) if len(total) else 0
    marks = [total[-1] * part / slices for part in range(1, slices)]
    return np.unique(time[order][np.searchsorted(total, marks)]) if marks else np.zeros(0, np.int64)


def stretches(starts: Ints) -> int:
    """How many stretches of time there are; the last one is of the undated."""
    return len(starts) + 2


def one_stretch(piece: Piece, starts: Ints, number: int) -> Iterator[pa.RecordBatch]:
    """The rows of a piece that belong to one stretch."""
    for batch in piece():
        yield from (rows for found, rows in _parted(batch, starts) if found == number)


def spill(piece: Piece, name: int, starts: Ints, wanted: Collection[int], folder: Path, tell: Tell) -> None:
    """Append every row of a piece to its own file in the folder of its stretch, if that is wanted."""
    writers: dict[int, pa.ipc.RecordBatchStreamWriter] = {}
    files: list[pa.OSFile] = []
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    for batch in piece():
        for number, rows in _parted(batch, starts):
            if number not in wanted:
                continue
            if number not in writers:
                place = folder / f"{number:06d}"
                place.mkdir(mode=0o700, parents=True, exist_ok=True)
                files.append(pa.OSFile(str(place / f"{name:06d}.arrows"), "wb"))
                writers[number] = pa.ipc.new_stream(files[-1], MESSAGES, options=options)
            writers[number].write_batch(rows)
        tell(batch.num_rows)
    for writer in writers.values():
        writer.close()
    for file in files:
        file.close()


def spilled(folder: Path) -> Iterator[pa.RecordBatch]:
    """The rows of one stretch, in the order of the addition."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        with pa.OSFile(str(path), "rb") as file, pa.ipc.open_stream(file) as reader:
            yield from reader


def bounded(batches: Iterable[pa.RecordBatch], bounds: Bounds) -> Iterator[pa.Table]:
    """A stretch as tables that each fit a slice; nearly always one."""
    held: list[pa.RecordBatch] = []
    weight = 0.0
    for batch in batches:
        heavier = float(_weights(batch, bounds).sum())
        if held and weight + heavier > 1.5:
            yield pa.Table.from_batches(held, MESSAGES)
            held, weight = [], 0.0
        held.append(batch)
        weight += heavier
    if held:
        yield pa.Table.from_batches(held, MESSAGES)


def _parted(batch: pa.RecordBatch, starts: Ints) -> Iterator[tuple[int, pa.RecordBatch]]:
    """The rows of a batch by the stretch they belong to."""
    place = np.searchsorted(starts, arrow.numbers(batch["time"], UNDATED), "right")
    place[~arrow.given(batch["time"])] = len(starts) + 1
    if (place[1:] < place[:-1]).any():
        order = np.argsort(place, kind="stable")
        place, batch = place[order], _taken(batch, pa.array(order))
    first = np.flatnonzero(np.diff(place, prepend=-1)).tolist()
    for start, end in zip(first, [*first[1:], len(place)], strict=True):
        yield int(place[start]), batch.slice(start, end - start)


def _taken(batch: pa.RecordBatch, order: "pa.Array[Any]") -> pa.RecordBatch:
    """Rows of a batch in another order; a column without a value has none to put in order."""
    columns = [column if column.null_count == len(column) else column.take(order) for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)


def _weights(batch: pa.RecordBatch, bounds: Bounds) -> npt.NDArray[np.float64]:
    """The share of a slice every row takes up."""
    weights: npt.NDArray[np.float64] = arrow.bytes_of_text(batch["text"]) / bounds.text + 1 / bounds.rows
    return weights
