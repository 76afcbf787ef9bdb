"""Compaction: fewer pieces, the same rows; nothing lost by a kill, nothing taken from under a reader."""

import gc
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from filon.model import columns
from filon.model.layout import Layout
from filon.query import tree
from filon.store import Addition, Compacted, create_store, open_store
from filon.store.embedded import compact, files, manifest
from filon.store.embedded.backend import EmbeddedBackend
from filon.store.embedded.compact import FEW, MANY, runs
from filon.store.embedded.partition import Bounds
from store import world
from store.embedded.dying import Killed, dying

ROWS = world.messages(400, 8, (1, 2))
STEP = 20


def writer(root: Path) -> EmbeddedBackend:
    return EmbeddedBackend(Layout(root), writes=True, bounds=Bounds(rows=1000))


def segment(intake: int) -> Addition:
    """The next few messages and one event; the first brings accounts and everything else."""
    rows = ROWS[(intake - 1) * STEP : intake * STEP]
    tables = world.tables((1, 2)) if intake == 1 else {}
    event = pa.Table.from_pylist([world.event(800_000 + intake, 1 + intake % 2)], schema=columns.EVENTS)
    return Addition(intake, (lambda: world.batches(rows),), len(rows), {**tables, "events": event})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Twenty small additions: dated and undated slices, and twenty parts of events."""
    create_store(tmp_path)
    store = writer(tmp_path)
    for intake in range(1, len(ROWS) // STEP + 1):
        store.tables.write(segment(intake))
    store.close()
    return tmp_path


def compacted(store: EmbeddedBackend, root: Path) -> Compacted | None:
    """Merge what is due, once."""
    swap = store.compact(root / "tmp" / "compact")
    return None if swap is None else swap()


def settle(store: EmbeddedBackend, root: Path) -> list[Compacted]:
    """Merge until nothing is due."""
    done = []
    while (made := compacted(store, root)) is not None:
        done.append(made)
        shutil.rmtree(root / "tmp" / "compact")
        gc.collect()  # what was shown before may hang in a circle and hold its slices
        store.sweep(root / "tmp" / "retired")
    return done


def answers(store: EmbeddedBackend) -> tuple[Any, ...]:
    every, harbour = tree.All(), tree.Word("harbour")
    numbers = np.concatenate(list(store.index.ids(every)))
    fields = ("account", "conversation", "month")
    facets = {name: (set(f.buckets), f.distinct) for name, f in store.index.facets(harbour, fields, 1000).items()}
    events = store.tables.table("events").to_pylist()
    return numbers.tolist(), facets, events, store.tables.messages(numbers).to_pylist(), store.digests()


@given(st.lists(st.integers(1, 100_000), max_size=120), st.integers(2, 1 << 20))
def test_merges_neighbours_and_leaves_few_small_ones(sizes: list[int], most: int) -> None:
    before = sum(sizes)
    while found := runs(sizes, most):
        assert all(len(run) > 1 and sum(sizes[run.start : run.stop]) <= most for run in found)
        assert all(a.stop <= b.start for a, b in pairwise(found))
        for run in reversed(found):
            sizes[run.start : run.stop] = [sum(sizes[run.start : run.stop])]
    assert sum(sizes) == before
    small = "".join("s" if size < max(1, most // 2) else "L" for size in sizes)
    assert all(len(stretch) < MANY for stretch in small.split("L"))


def test_a_steady_feed_is_written_few_times_and_stays_in_few_pieces() -> None:
    sizes, written = [], 0
    for _ in range(4000):
        sizes.append(500)
        while found := runs(sizes, 1 << 20):
            for run in reversed(found):
                written += sum(sizes[run.start : run.stop])
                sizes[run.start : run.stop] = [sum(sizes[run.start : run.stop])]
        assert len(sizes) <= 4 * (FEW - 1) + 2
    assert written / sum(sizes) <= 4


def test_shows_the_same_in_fewer_pieces(root: Path) -> None:
    store = writer(root)
    before, slices, parts = answers(store), len(list((root / "slices").iterdir())), 20
    assert store.compaction_due()
    done = settle(store, root)
    assert not store.compaction_due()
    assert done[0].slices[0] == slices
    assert done[-1].slices[1] == len(list((root / "slices").iterdir())) == 2
    assert done[0].parts[0] - done[-1].parts[1] == parts - 1
    assert answers(store) == before
    assert answers(writer(root)) == before
    assert store.verify() == []
    assert store.compacted == done[-1]
    store.tables.write(segment(20))  # an intake that is done is not done again
    assert answers(store) == before


def test_what_is_withdrawn_stays_withdrawn(root: Path) -> None:
    store = writer(root)
    store.set_withdrawn([2])
    before = answers(store)
    swap = store.compact(root / "tmp" / "compact")
    assert swap is not None
    store.set_withdrawn([1])  # while the larger pieces lie ready
    other = answers(store)
    swap()
    assert answers(store) == other
    store.set_withdrawn([2])
    assert answers(store) == before
    assert store.verify() == []


def test_gives_up_where_somebody_else_has_merged_the_same(root: Path) -> None:
    store, other = writer(root), writer(root)
    late = store.compact(root / "tmp" / "late")
    assert late is not None
    assert compacted(other, root) is not None
    assert late() is None
    assert other.verify() == []


STEPS = [
    (compact, "build", 1),
    (compact, "_merge_parts", 0),
    (files, "rename", 0),
    (files, "rename", 2),
    (compact, "save", 0),
]


@pytest.mark.parametrize(("module", "name", "after"), STEPS, ids=[f"{name}-{after}" for _, name, after in STEPS])
def test_a_kill_anywhere_changes_nothing(
    root: Path, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, after: int
) -> None:
    before = answers(writer(root))
    with monkeypatch.context() as patch:
        patch.setattr(module, name, dying(after, getattr(module, name)))
        with pytest.raises(Killed):
            compacted(writer(root), root)
    store = writer(root)
    assert answers(store) == before
    shutil.rmtree(root / "tmp" / "compact")
    assert settle(store, root)
    assert answers(store) == before
    assert store.verify() == []


def test_a_reader_goes_on_with_what_was_merged_away(root: Path) -> None:
    reader = open_store(root)
    assert reader.index.count(tree.All()) == len(ROWS)  # nothing else is opened yet
    settle(writer(root), root)
    assert any((root / path).exists() for path in manifest.load(Layout(root)).retired)
    expected = answers(writer(root))
    assert isinstance(reader, EmbeddedBackend)
    assert answers(reader) == expected
    assert reader.verify() == []
    assert reader.reload()
    assert answers(reader) == expected
    gc.collect()
    writer(root).sweep(root / "tmp" / "retired")
    left = {path.name for path in (root / "slices").iterdir()}
    assert left == {f"{entry.number:06d}" for entry in manifest.load(Layout(root)).slices}


def test_a_slice_held_by_another_process_stays_until_it_ends(root: Path) -> None:
    code = "import sys; from pathlib import Path; from filon.store import open_store; s = open_store(Path(sys.argv[1]))"
    held = [sys.executable, "-c", f"{code}; print('open', flush=True); input()", str(root)]
    with subprocess.Popen(held, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout
        assert reader.stdout.readline() == "open\n"
        store = writer(root)
        settle(store, root)
        waiting = [path for path in manifest.load(Layout(root)).retired if path.startswith("slices/")]
        store.sweep(root / "tmp" / "retired")
        assert waiting
        assert all((root / path).exists() for path in waiting)
        assert store.verify() == []
        reader.kill()
    store.sweep(root / "tmp" / "retired")
    assert not any((root / path).exists() for path in waiting)
    assert store.verify() == []


def test_reloads_only_what_changed(root: Path) -> None:
    reader, store = open_store(root), writer(root)
    assert isinstance(reader, EmbeddedBackend)
    reader.reload()
    assert not reader.reload()
    held = {part.entry.number: part for part in reader._snapshot.slices}
    store.tables.write(segment_of_one(21))
    assert reader.reload()
    now = {part.entry.number: part for part in reader._snapshot.slices}
    assert now.keys() > held.keys()
    assert all(now[number] is part for number, part in held.items())
    assert reader.tables.table("events").num_rows == store.tables.table("events").num_rows == 21


def segment_of_one(intake: int) -> Addition:
    rows = [{**ROWS[0], "id": ROWS[0]["id"] + 10_000}]
    event = pa.Table.from_pylist([world.event(800_000 + intake, 1)], schema=columns.EVENTS)
    return Addition(intake, (lambda: world.batches(rows),), 1, {"events": event})
