"""Sort the messages of an addition into time slices without holding them: look once, spill once, read back in pieces.

A slice should hold neither too many rows nor too many bytes of text. Every row weighs its share of both; cutting
the sum of weights into equal stretches of time gives the bounds. Undated messages come apart. Where many
messages share one time, a stretch may still be too heavy: it is cut into pieces in the order of arrival.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from filon.model.columns import MESSAGES
from filon.store.embedded import arrow
from filon.store.embedded.columns import UNDATED, Ints
from filon.store.ports import Piece

__all__ = ["Bounds", "pieces", "spill", "survey"]

SAMPLE = 1 << 20
"""Rows whose time and weight are looked at."""


class Bounds(msgspec.Struct, frozen=True):
    """The most a slice should hold."""

    rows: int = 1 << 20
    text: int = 128 << 20
    """Bytes of UTF-8."""


def survey(messages: Sequence[Piece], rows: int, bounds: Bounds) -> Ints:
    """Times at which a new slice begins, ascending; none where one slice is enough."""
    step = max(1, rows // SAMPLE)
    times: list[Ints] = []
    weights: list[npt.NDArray[np.float64]] = []
    for batch in chain.from_iterable(piece() for piece in messages):
        dated = batch.select(["time", "text"]).filter(pa.array(arrow.given(batch["time"])))
        times.append(dated["time"].to_numpy()[::step])
        weights.append(_weights(dated, bounds)[::step] * step)
    if not times:
        return np.zeros(0, np.int64)
    time, weight = np.concatenate(times), np.concatenate(weights)
    order = np.argsort(time, kind="stable")
    total = np.cumsum(weight[order])
    slices = math.ceil(total[-1]) if len(total) else 0
    marks = [total[-1] * part / slices for part in range(1, slices)]
    return np.unique(time[order][np.searchsorted(total, marks)]) if marks else np.zeros(0, np.int64)


def spill(messages: Sequence[Piece], starts: Ints, folder: Path) -> list[Path]:
    """Append every row to the file of its slice; the files in the order of time, undated last, empty ones left out."""
    folder.mkdir(parents=True)
    paths = [folder / f"{number:06d}.arrows" for number in range(len(starts) + 2)]
    writers: dict[int, pa.ipc.RecordBatchStreamWriter] = {}
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    for batch in chain.from_iterable(piece() for piece in messages):
        time = arrow.numbers(batch["time"], UNDATED)
        dated = arrow.given(batch["time"])
        place = np.where(dated, np.searchsorted(starts, time, "right"), len(starts) + 1)
        present = np.unique(place)
        for number in present.tolist():
            if number not in writers:
                writers[number] = pa.ipc.new_stream(pa.OSFile(str(paths[number]), "wb"), MESSAGES, options=options)
            rows = batch if len(present) == 1 else batch.take(np.flatnonzero(place == number))
            writers[number].write_batch(rows)
    for writer in writers.values():
        writer.close()
    return [paths[number] for number in sorted(writers)]


def pieces(path: Path, bounds: Bounds) -> Iterator[pa.Table]:
    """A spilled file as tables that each fit a slice; nearly always one."""
    batches: list[pa.RecordBatch] = []
    weight = 0.0
    with pa.OSFile(str(path), "rb") as file, pa.ipc.open_stream(file) as reader:
        for batch in reader:
            heavier = float(_weights(batch, bounds).sum())
            if batches and weight + heavier > 1.5:
                yield pa.Table.from_batches(batches, MESSAGES)
                batches, weight = [], 0.0
            batches.append(batch)
            weight += heavier
    if batches:
        yield pa.Table.from_batches(batches, MESSAGES)


def _weights(batch: pa.RecordBatch, bounds: Bounds) -> npt.NDArray[np.float64]:
    """The share of a slice every row takes up."""
    weights: npt.NDArray[np.float64] = arrow.bytes_of_text(batch["text"]) / bounds.text + 1 / bounds.rows
    return weights
