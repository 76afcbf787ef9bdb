"""Slices of store format 2, which kept every value as it is: shown, found, merged and verified like new ones."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pytest

from filon.errors import StoreError
from filon.model.columns import LOCATOR, MESSAGES, STAMP
from filon.model.layout import Layout
from filon.query import tree
from filon.store import create_store, open_store
from filon.store.embedded import arrow, files, manifest, shape
from filon.store.embedded.backend import EmbeddedBackend
from filon.store.embedded.columns import UNDATED
from filon.store.embedded.partition import Bounds
from filon.store.embedded.slices import Slice
from store import world

ROWS = world.messages(240, 11, (1, 2))
WORD = pa.dictionary(pa.int32(), pa.string())


def writer(root: Path) -> EmbeddedBackend:
    return EmbeddedBackend(Layout(root), writes=True, bounds=Bounds(rows=60))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    create_store(tmp_path)
    store = writer(tmp_path)
    store.tables.write(world.addition(1, ROWS, (1, 2)))
    store.close()
    return tmp_path


def as_format_2(root: Path) -> None:
    """Write every slice as format 2 did, and a manifest that says so."""
    layout = Layout(root)
    now = manifest.load(layout)
    entries = tuple(old_slice(layout, entry) for entry in now.slices)
    manifest.save(layout, msgspec.structs.replace(now, format=2, slices=entries))


def old_slice(layout: Layout, entry: manifest.SliceEntry) -> manifest.SliceEntry:
    folder = layout.slice(entry.number)
    part = Slice(folder, entry)
    rows = part.take(np.arange(part.rows))
    columns = {
        "id": part.ids[:],
        "time": part.times[:],
        "conversation": part.conversations[:].astype(np.int32),
        "sender": part.senders[:],
        "by_id": np.argsort(part.ids[:], kind="stable").astype(np.int32),
    }
    tables = {"groups": part.groups, "attachments": part.attachments, "summary": part.summary}
    write_table(folder / "messages.arrow", old_leaves(rows), 1024)
    for name, table in tables.items():
        write_table(folder / f"{name}.arrow", table, None)
    for name, values in columns.items():
        np.save(folder / f"{name}.npy", values)
    (folder / "conversation_starts.npy").unlink()
    body = msgspec.json.decode((folder / "meta.json").read_bytes())
    del body["scales"]
    (folder / "meta.json").unlink()
    body["files"] = [files.seal(folder, path) for path in sorted(folder.rglob("*")) if path.is_file()]
    (folder / "meta.json").write_bytes(msgspec.json.encode(body))
    return msgspec.structs.replace(entry, meta=files.seal(layout.root, folder / "meta.json"))


def old_leaves(rows: pa.Table) -> pa.Table:
    base = np.where((times := arrow.numbers(rows["time"], UNDATED)) == UNDATED, 0, times)
    leaves: dict[str, Any] = {}
    for name in (name for name in MESSAGES.names if name not in shape.HELD):
        column, kind = rows[name].combine_chunks(), MESSAGES.field(name).type
        if kind not in (STAMP, LOCATOR):
            leaves[name] = column
            continue
        for field, leaf in zip(kind, column.flatten(), strict=True):
            if kind == STAMP and field.name in ("at", "local"):
                leaf = arrow.added(leaf, -base)
            leaves[f"{name}.{field.name}"] = leaf.cast(WORD) if field.name in ("basis", "precision") else leaf
    return pa.table({name: arrow.narrowed(leaf) for name, leaf in leaves.items() if leaf.null_count < len(leaf)})


def write_table(path: Path, table: pa.Table, step: int | None) -> None:
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as out:
        out.write_table(table, max_chunksize=step)


def test_a_case_of_format_2_shows_the_same(root: Path) -> None:
    before = open_store(root)
    digests, numbers = before.digests(), [row["id"] for row in ROWS]
    found = [found_ids(before, word) for word in ("harbour", "boat")]
    before.close()
    as_format_2(root)
    old = open_store(root)
    assert old.digests() == digests
    assert [found_ids(old, word) for word in ("harbour", "boat")] == found
    assert old.tables.messages(np.array(numbers))["id"].to_pylist() == numbers
    assert old.tables.messages(np.array(numbers[:5])).to_pylist() == by_number(open_store(root), numbers[:5])
    with pytest.raises(StoreError):
        old.tables.messages(np.array([numbers[0] + 100_000]))
    assert old.verify() == []
    old.close()


def test_a_case_of_format_2_grows_and_is_merged_into_format_3(root: Path) -> None:
    as_format_2(root)
    more = world.messages(60, 12, (3,))
    store = EmbeddedBackend(Layout(root), writes=True, bounds=Bounds(rows=1000))
    tables = {name: table for name, table in world.tables((3,)).items() if name in ("items", "readings")}
    store.tables.write(msgspec.structs.replace(world.addition(2, more, (3,)), tables=tables))
    assert manifest.load(Layout(root)).format == 3
    digests, slices = store.digests(), len(manifest.load(Layout(root)).slices)
    for _ in range(20):
        if (swap := store.compact(root / "tmp" / "compact")) is None or swap() is None:
            break
    assert store.digests() == digests
    assert store.verify() == []
    wanted = sorted(row["id"] for row in ROWS + more)
    assert sorted(number for piece in store.index.ids(tree.All()) for number in piece.tolist()) == wanted
    assert len(manifest.load(Layout(root)).slices) <= slices
    store.close()


def test_a_row_is_found_by_its_number_and_no_other(root: Path) -> None:
    store = open_store(root)
    for part in store._snapshot.slices:
        ids = part.ids[:]
        assert part.find_rows(ids).tolist() == list(range(part.rows))
        absent = np.setdiff1d(np.concatenate((ids - 1, ids + 1)), ids)
        assert (part.find_rows(absent) == -1).all()
    store.close()


def found_ids(store: EmbeddedBackend, word: str) -> list[int]:
    return [number for piece in store.index.ids(tree.Word(word)) for number in piece.tolist()]


def by_number(store: EmbeddedBackend, numbers: list[int]) -> list[dict[str, Any]]:
    return list(store.tables.messages(np.array(numbers)).to_pylist())
