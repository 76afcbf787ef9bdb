"""What the embedded store survives: kills at every step, leftovers, flipped bytes, damaged and newer manifests."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from filon.errors import StoreError
from filon.model.layout import Layout
from filon.model.progress import silent
from filon.query import tree
from filon.store import Addition, create_store, open_store
from filon.store.embedded import build, files, manifest, partition, search, text, write
from filon.store.embedded.backend import EmbeddedBackend
from filon.store.embedded.partition import Bounds
from filon.store.embedded.verify import verify
from store import world
from store.embedded.dying import Killed, dying

ROWS = world.messages(200, 8, (1, 2))
MORE = world.messages(60, 9, (3,))


def writer(root: Path) -> EmbeddedBackend:
    return EmbeddedBackend(Layout(root), writes=True, bounds=Bounds(rows=60))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    create_store(tmp_path)
    writer(tmp_path).tables.write(world.addition(1, ROWS, (1, 2)))
    return tmp_path


STEPS = [
    (build, "_write_rows", 1),
    (build, "_write_table", 2),
    (build, "replace_file", 1),
    (text, "cut_column", 0),
    (files, "rename", 0),
    (files, "rename", 1),
    (files, "rename", 4),
    (files, "seal", 9),
    (write, "sync_folder", 0),
    (files, "seal_all", 0),
    (write, "save", 0),
]


@pytest.mark.parametrize(("module", "name", "after"), STEPS, ids=[f"{name}-{after}" for _, name, after in STEPS])
def test_a_kill_anywhere_leaves_the_old_state_and_can_be_repeated(
    root: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    module: Any,
    name: str,
    after: int,
) -> None:
    untouched = tmp_path_factory.mktemp("twin") / "case"
    shutil.copytree(root, untouched)
    before = open_store(root).digests()
    with monkeypatch.context() as patch:
        patch.setattr(module, name, dying(after, getattr(module, name)))
        with pytest.raises(Killed):
            writer(root).tables.write(world.addition(2, MORE, (3,)))
    assert open_store(root).digests() == before
    assert open_store(root).index.count(tree.All()) == len(ROWS)
    again = writer(root)
    again.tables.write(world.addition(2, MORE, (3,)))
    twin = writer(untouched)
    twin.tables.write(world.addition(2, MORE, (3,)))
    assert again.digests() == twin.digests()
    assert again.verify() == []
    assert not list((root / "tmp").iterdir())


def test_every_file_is_watched(root: Path) -> None:
    """A byte flipped, a file cut short, taken away or added: the file is named, and nothing else is."""
    reader = open_store(root)
    assert reader.verify() == []
    found = sorted(path for path in root.rglob("*") if path.is_file())
    assert len(found) > 40
    for path in found:
        where, data = path.relative_to(root).as_posix(), path.read_bytes()
        if data:
            path.write_bytes(data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :])
            assert where in {fault.where for fault in reader.verify()}
            path.write_bytes(data[:-1])
            assert where in {fault.where for fault in reader.verify()}
        path.unlink()
        assert next(fault.where for fault in reader.verify()) == where
        path.write_bytes(data)
    assert reader.verify() == []
    (root / "slices" / "000001" / "planted").write_bytes(b"x")
    (root / "tables" / "events" / "000007.parquet").write_bytes(b"x")
    assert [fault.where for fault in reader.verify()] == ["slices/000001/planted", "tables/events/000007.parquet"]


def test_says_what_differs(root: Path) -> None:
    path = root / "slices" / "000001" / "time.npy"
    data = path.read_bytes()
    path.write_bytes(data + b"\0")
    assert [fault.what for fault in open_store(root).verify()] == [f"has {len(data) + 1} bytes instead of {len(data)}"]
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 255]))
    assert "SHA-256" in open_store(root).verify()[0].what


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"sha256":"0","body":{}}'])
def test_refuses_a_damaged_manifest(root: Path, data: bytes) -> None:
    (root / "manifest.json").write_bytes(data)
    with pytest.raises(StoreError, match="damaged"):
        open_store(root)
    assert [fault.where for fault in verify(Layout(root), silent)] == ["manifest.json"]


def test_refuses_a_newer_store_and_a_missing_one(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    newer = manifest.Manifest(format=manifest.STORE_FORMAT + 1)
    manifest.save(Layout(root), newer)
    with pytest.raises(StoreError, match="newer"):
        open_store(root)
    (root / "manifest.json").unlink()
    with pytest.raises(StoreError, match="missing"):
        open_store(root)


def test_does_not_make_a_store_over_another(root: Path) -> None:
    with pytest.raises(StoreError):
        create_store(root)
    assert json.loads((root / "manifest.json").read_bytes())["body"]["intakes"] == [1]


@pytest.mark.parametrize("name", ["meta.json", "id.npy", "groups.arrow", "words/meta.json"])
def test_a_missing_part_is_said_not_guessed(root: Path, name: str) -> None:
    (root / "slices" / "000001" / name).unlink()

    def read() -> None:
        reader = open_store(root)
        reader.index.count(tree.Word("harbour"))
        reader.tables.thread(1).page(0, 10)

    with pytest.raises(StoreError, match="missing or damaged"):
        read()


def test_halves_what_one_index_segment_cannot_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = text.write_index

    def full(folder: Path, texts: Iterator[Any], columns: dict[str, Any]) -> bool:
        return real(folder, texts, columns) and len(columns["group"]) <= 25

    monkeypatch.setattr(text, "write_index", full)
    create_store(tmp_path)
    backend = writer(tmp_path)
    backend.tables.write(world.addition(1, ROWS, (1, 2)))
    assert sorted(n for piece in backend.index.ids(tree.All()) for n in piece.tolist()) == sorted(r["id"] for r in ROWS)
    assert max(entry.rows for entry in manifest.load(Layout(tmp_path)).slices) <= 25
    assert backend.verify() == []


def test_slices_are_bounded_in_rows_and_text(tmp_path: Path) -> None:
    rows = [{**row, "text": "word " * 200 if number % 3 else "x"} for number, row in enumerate(ROWS)]
    bounds = Bounds(rows=1000, text=20_000)

    def batches() -> Iterator[pa.RecordBatch]:
        return world.batches(rows, 8)

    starts = partition.cut([partition.look(batches, 1, bounds, lambda done: None)])
    every = range(partition.stretches(starts))
    partition.spill(batches, 0, starts, every, tmp_path, lambda done: None)
    parts = [partition.spilled(tmp_path / f"{number:06d}") for number in every]
    tables = [table for part in parts for table in partition.bounded(part, bounds)]
    assert sum(table.num_rows for table in tables) == len(rows)
    assert len(tables) >= 5
    for table in tables:
        assert sum(len(value or "") for value in table["text"].to_pylist()) <= 1.5 * bounds.text + 8 * 1000
        assert table["time"].null_count in (0, table.num_rows)


def test_many_messages_of_one_moment_are_cut_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{**row, "time": world.START, "conversation": 1} for row in ROWS]
    bounds = Bounds(rows=40)
    create_store(tmp_path)
    backend = EmbeddedBackend(Layout(tmp_path), writes=True, bounds=bounds)
    backend.tables.write(Addition(1, (lambda: world.batches(rows, 8),), len(rows), {}))
    assert max(entry.rows for entry in manifest.load(Layout(tmp_path)).slices) <= 60
    by_number = sorted(row["id"] for row in rows)
    assert backend.index.find(tree.All(), "newest", 0, 500).ids.tolist() == by_number[::-1]
    assert backend.index.find(tree.All(), "newest", 0, 20).ids.tolist() == by_number[::-1][:20]
    assert backend.index.find(tree.All(), "oldest", 0, 20).ids.tolist() == by_number[:20]
    assert backend.tables.thread(1).ids.tolist() == by_number
    monkeypatch.setattr(search, "_FEW", 0)
    again = open_store(tmp_path).index
    assert again.find(tree.All(), "newest", 0, 20).ids.tolist() == by_number[::-1][:20]
    assert again.find(tree.All(), "oldest", 5, 9).ids.tolist() == by_number[5:14]


def test_the_index_breaks_ties_of_time_by_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slice of many messages of one moment, paged by the index itself, which knows no numbers."""
    rows = [{**row, "time": world.START, "conversation": row["id"] % 7} for row in ROWS]
    monkeypatch.setattr(search, "_FEW", 0)
    create_store(tmp_path)
    backend = EmbeddedBackend(Layout(tmp_path), writes=True)
    backend.tables.write(Addition(1, (lambda: world.batches(rows, 8),), len(rows), {}))
    by_number = sorted(row["id"] for row in rows)
    assert backend.index.find(tree.All(), "newest", 0, 20).ids.tolist() == by_number[::-1][:20]
    assert backend.index.find(tree.All(), "oldest", 5, 9).ids.tolist() == by_number[5:14]
