"""Write one slice: rows in reading order, their integer columns, their index.

messages.arrow   rows sorted by (conversation, time, id) in batches of 1,024, so that any row costs one small batch
id, time, sender, group, list, native .npy    one value a row, as narrow as they allow (``integers``)
conversation, conversation_starts, by_id .npy   runs: the rows of each conversation, and rows in the order of their numbers
lists, list_starts .npy, groups.arrow   what ``list`` and ``group`` number
attachments.arrow   one row an attachment: the row of its message, its place there, and what it is
summary.arrow    what the rows add up to by reading, conversation and sender
vocabulary.arrow words of the index and in how many rows each stands
frequent.arrow   the rows of the words that stand in many
words/           the full-text index
meta.json        rows, times, readings, and size and SHA-256 of every file above
"""

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from filon.model.columns import ATTACHMENT
from filon.model.durable import replace_file, sync_folder
from filon.model.ids import RECORD_BITS
from filon.store.embedded import arrow, columns, files, integers, shape, text
from filon.store.embedded.columns import Ints
from filon.store.embedded.frequent import frequent_rows
from filon.store.embedded.integers import Scale
from filon.store.embedded.summary import summarised

__all__ = ["BATCH_ROWS", "SliceMeta", "build", "native_keys"]

BATCH_ROWS = 1024
"""Rows that are packed together in ``messages.arrow``."""


class SliceMeta(msgspec.Struct, frozen=True, kw_only=True):
    """What ``meta.json`` says. ``walls``: some times stand without a zone; ``zoned``: some do not."""

    rows: int
    first: int | None
    last: int | None
    first_id: int
    last_id: int
    readings: tuple[int, ...]
    walls: bool
    zoned: bool
    files: tuple[files.Sealed, ...]
    scales: dict[str, Scale] = {}


def build(folder: Path, rows: pa.Table) -> SliceMeta | None:
    """Write the slice of ``rows`` (messages, all dated or all undated) into a new folder and force it to disk.

    None, and no folder, where the rows are too many for one index segment: halve them and try again.
    """
    folder.mkdir(parents=True)
    rows = rows.unify_dictionaries()
    order = _reading_order(rows)
    arrays = _columns(rows, order)
    group, groups = columns.group_rows(rows)
    arrays["group"] = group[order]
    dated = not rows["time"].null_count
    _write_rows(folder / "messages.arrow", rows, order)
    indexed = {name: arrays[name] for name in text.COLUMNS if name != "time" or dated}
    if not text.write_index(folder / "words", _texts(rows["text"], order), indexed):
        files.remove([folder])
        return None
    _write_table(folder / "groups.arrow", groups)
    _write_table(folder / "attachments.arrow", attachments := _attachments(rows["attachments"], order))
    _write_table(folder / "summary.arrow", summarised(arrays, groups, attachments["row"].to_numpy()))
    searcher = text.open_index(folder / "words")
    _write_table(folder / "vocabulary.arrow", vocabulary := text.vocabulary(searcher), packed=False)
    _write_table(folder / "frequent.arrow", frequent_rows(searcher, vocabulary, len(order)), packed=False)
    scales = integers.save(folder, arrays)
    meta = _describe(folder, arrays, groups, scales, dated=dated)
    replace_file(folder / "meta.json", msgspec.json.encode(meta))
    return meta


def native_keys(native_ids: Any) -> Ints:
    """32-bit keys under which rows are looked up by native id, 0 where there is none; equal keys are compared in full."""
    texts: list[bytes] = native_ids.cast(pa.binary()).fill_null(b"").to_pylist()
    return np.fromiter(map(zlib.crc32, texts), np.uint32, len(texts))


def _reading_order(rows: pa.Table) -> Ints:
    times = arrow.numbers(rows["time"], columns.UNDATED)
    return np.lexsort((rows["id"].to_numpy(), times, columns.ordinals(rows["conversation"])))


def _columns(rows: pa.Table, order: Ints) -> dict[str, Ints]:
    ids = rows["id"].to_numpy()[order]
    number, starts, values = columns.list_sets(rows["recipients"])
    return {
        "id": ids,
        "time": arrow.numbers(rows["time"], columns.UNDATED)[order],
        "conversation": columns.ordinals(rows["conversation"])[order],
        "sender": columns.ordinals(rows["sender"])[order],
        "list": number[order],
        "list_starts": starts,
        "lists": values,
        "native": native_keys(rows["native_id"])[order],
        "by_id": integers.by_number(ids),
    }


def _write_rows(path: Path, rows: pa.Table, order: Ints) -> None:
    options = pa.ipc.IpcWriteOptions(compression="lz4", unify_dictionaries=True)
    step = BATCH_ROWS * 64
    packed = shape.pack(rows)
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, packed.schema, options=options) as writer:
        for start in range(0, len(order), step):
            piece = packed.take(order[start : start + step]).combine_chunks()
            writer.write_table(piece, max_chunksize=BATCH_ROWS)


def _write_table(path: Path, table: pa.Table, *, packed: bool = True) -> None:
    """``packed``: smaller, and read whole; else as it is, to be looked into without being read."""
    options = pa.ipc.IpcWriteOptions(compression="lz4") if packed else None
    table = arrow.compact(table) if packed else table
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema, options=options) as writer:
        writer.write_table(table)


def _attachments(column: "pa.ChunkedArray[Any]", order: Ints) -> pa.Table:
    lengths = arrow.list_lengths(column)[order]
    some = np.flatnonzero(lengths)
    flat = arrow.list_values(column.take(order[some]))
    row = np.repeat(some, lengths[some])
    place = np.arange(len(row)) - np.repeat(np.cumsum(lengths[some]) - lengths[some], lengths[some])
    fields = dict(zip(ATTACHMENT.names, flat.flatten(), strict=True))
    return pa.table({"row": pa.array(row.astype(np.int32)), "place": pa.array(place.astype(np.int32)), **fields})


def _texts(column: "pa.ChunkedArray[Any]", order: Ints) -> "Iterator[pa.Array[Any]]":
    step = BATCH_ROWS * 16
    for start in range(0, len(order), step):
        yield column.take(order[start : start + step]).combine_chunks()


def _describe(
    folder: Path, arrays: dict[str, Ints], groups: pa.Table, scales: dict[str, Scale], *, dated: bool
) -> SliceMeta:
    wall = 1 << columns.MARKS.index("wall")
    marks = groups["marks"].to_numpy()
    sealed = files.seal_all(folder, [path for path in sorted(folder.rglob("*")) if path.is_file()])
    sync_folder(folder / "words")
    return SliceMeta(
        rows=len(arrays["id"]),
        first=int(arrays["time"].min()) if dated else None,
        last=int(arrays["time"].max()) if dated else None,
        first_id=int(arrays["id"].min()),
        last_id=int(arrays["id"].max()),
        readings=tuple(np.unique(arrays["id"] >> RECORD_BITS).tolist()),
        walls=bool((marks & wall).any()),
        zoned=bool(dated and not (marks & wall).all()),
        files=sealed,
        scales=scales,
    )
