"""Writing in several processes: the same rows, nothing built twice after a kill, a full disk said."""

import errno
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from filon.errors import StoreError
from filon.model.layout import Layout
from filon.model.progress import Progress
from filon.query import tree
from filon.store import Addition, create_store, open_store
from filon.store.embedded import build, files, manifest, work, write
from filon.store.embedded.backend import EmbeddedBackend
from filon.store.embedded.partition import Bounds
from store import world

ROWS = world.messages(200, 8, (1, 2))
PIECES = tuple(partial(world.batches, ROWS[start : start + 50], 7) for start in range(0, 200, 50))
WHOLE = Addition(1, PIECES, len(ROWS), world.tables((1, 2)))


def writer(root: Path) -> EmbeddedBackend:
    return EmbeddedBackend(Layout(root), writes=True, bounds=Bounds(rows=60))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    create_store(tmp_path)
    return tmp_path


def test_two_processes_write_what_one_writes(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = tmp_path / "alone"
    alone.mkdir()
    create_store(alone)
    one = writer(alone)
    one.tables.write(WHOLE)
    monkeypatch.setattr(write, "_LITTLE", 0)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    told: list[Progress] = []
    two = writer(root)
    two.tables.write(WHOLE, told.append)
    assert two.digests() == one.digests()
    names = ("number", "rows", "first", "last")
    shown = [
        [[getattr(entry, name) for name in names] for entry in manifest.load(Layout(where)).slices]
        for where in (root, alone)
    ]
    assert shown[0] == shown[1]
    assert len(shown[0]) > 3
    assert two.verify() == []
    for stage in ("sort", "index"):
        done = [progress.done for progress in told if progress.stage == stage]
        assert done == sorted(done)
        assert (done[0], done[-1]) == (0, len(ROWS))
    assert not (root / "intake" / "000001").exists()


def test_a_slice_that_is_finished_is_not_built_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process of its own is killed, as by kill -9, when it begins its third slice."""
    code = (
        "import os, signal, sys; from pathlib import Path; from store.embedded import test_write as t;"
        "from filon.store.embedded import work; real = work.build; begun = []\n"
        "def build(folder, rows):\n"
        "    begun.append(folder)\n"
        "    return real(folder, rows) if len(begun) < 3 else os.kill(os.getpid(), signal.SIGKILL)\n"
        "work.build = build; t.writer(Path(sys.argv[1])).tables.write(t.WHOLE)"
    )
    path = os.pathsep.join(filter(None, sys.path))
    ended = subprocess.run([sys.executable, "-c", code, root], env={**os.environ, "PYTHONPATH": path}, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert open_store(root).index.count(tree.All()) == 0
    finished = {path.stat().st_ino for path in (root / "intake").rglob("messages.arrow")}
    assert len(finished) >= 2
    built: list[Path] = []

    def counted(folder: Path, rows: pa.Table) -> Any:
        built.append(folder)
        return build.build(folder, rows)

    monkeypatch.setattr(work, "build", counted)
    again = writer(root)
    again.tables.write(WHOLE)
    slices = [path.stat().st_ino for path in (root / "slices").rglob("messages.arrow")]
    assert finished & set(slices)
    assert len(built) == len(slices) - len(finished & set(slices))
    assert sorted(again.index.find(tree.All(), "newest", 0, 999).ids.tolist()) == sorted(row["id"] for row in ROWS)
    assert again.verify() == []


def test_nothing_is_taken_over_from_another_addition(
    root: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same intake with other rows: live entries get a number again after a kill."""
    twin_root = tmp_path_factory.mktemp("twin")
    create_store(twin_root)
    with monkeypatch.context() as patch:
        patch.setattr(write, "save", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            writer(root).tables.write(WHOLE)
    other = [{**row, "text": "other"} if row["text"] else row for row in ROWS]
    addition = Addition(1, (partial(world.batches, other),), len(other), {})
    backend = writer(root)
    backend.tables.write(addition)
    twin = writer(twin_root)
    twin.tables.write(addition)
    assert backend.digests() == twin.digests()
    assert backend.index.count(tree.Word("other")) == sum(bool(row["text"]) for row in ROWS)


def test_says_how_much_room_is_missing_before_it_begins(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "free", lambda folder: 1000)
    with pytest.raises(StoreError, match="takes about 1 MB") as caught:
        writer(root).tables.write(WHOLE)
    assert caught.value.hint
    assert not (root / "intake" / "000001" / "store" / "rows").exists()


LIMITED = (
    "import resource, signal, sys; from pathlib import Path; from store.embedded import test_write as t;"
    "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)\n"
    "from filon.errors import StoreError\n"
    "try: t.writer(Path(sys.argv[1])).tables.write(t.WHOLE)\n"
    "except StoreError as error: print(error); print(error.hint)"
)


@pytest.mark.parametrize("most", [300, 1000, 3000, 5000])
def test_a_file_that_cannot_grow_is_said_and_nothing_is_visible(root: Path, most: int) -> None:
    path = os.pathsep.join(filter(None, sys.path))
    ended = subprocess.run(
        [sys.executable, "-c", LIMITED, root, str(most)],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "is full" in ended.stdout, ended
    assert "make room" in ended.stdout
    assert open_store(root).index.count(tree.All()) == 0
    again = writer(root)
    again.tables.write(WHOLE)
    assert again.index.count(tree.All()) == len(ROWS)
    assert again.verify() == []


@pytest.mark.parametrize(
    ("error", "full"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), True),
        (OSError(errno.EACCES, "Permission denied"), False),
        (ValueError("An IO error occurred: 'No space left on device (os error 28)'"), True),
        (ValueError("something else"), False),
    ],
)
def test_knows_a_full_disk(error: Exception, full: bool) -> None:
    assert files.is_full(error) is full
