"""The store on a folder: it grows by whole steps, wherever it is stopped."""

import shutil
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import filon_net
from filon_net.errors import LogBusy, LogDamaged, Malformed, NotSigned
from filon_net.log import LogStore, read_note
from filon_net.log.checkpoints import Checkpoint, read_checkpoint, sign_checkpoint
from filon_net.log.keys import NOTE
from filon_net.log.merkle import fold, leaf_hash
from filon_net.log.store import read_from
from filon_net.log.tiles import LARGEST_ENTRY, WIDTH
from filon_net.log.tree import TileTree
from log import second_verifier as second
from log.builders import ORIGIN, MemoryLog, signer, signer_of_log, some_entries
from log.power import Disk, Killed


def root_of(entries):
    return fold([leaf_hash(one) for one in entries])


def everything(store):
    """All entries of a store: under its checkpoint, verified, and waiting."""
    return list(store.entries())


def served(folder):
    """What phones see of a log folder: published checkpoint and all its entries, verified."""
    note = read_note((folder / "checkpoint").read_bytes())
    tree = TileTree(read_checkpoint(note.text), read_from(folder))
    return tree, [entry for _, entry in tree.entries()]


@pytest.fixture
def store(tmp_path):
    made = LogStore.create(tmp_path / "log", ORIGIN, signer_of_log())
    yield made
    made.close()


def test_it_serves_the_files_of_the_specification(store, tmp_path):
    entries = some_entries(700)
    assert store.append(entries[:1]) == 0
    assert store.append(entries[1:600]) == 1
    assert store.waiting == 600
    store.integrate()
    assert store.append(entries[600:]) == 600
    store.publish(store.integrate())
    folder = tmp_path / "log"
    expected = MemoryLog(entries)
    assert store.checkpoint == expected.checkpoint
    assert store.checkpoint.root == second.root_of(entries)
    for path, data in expected.files.items():
        assert (folder / path).read_bytes() == data, path
    for path in ("tile/0/002.p/88", "tile/1/000.p/2", "tile/entries/002.p/88"):  # of the tree of 600, still served
        assert (folder / path).exists(), path
    assert read_checkpoint(read_note((folder / "checkpoint").read_bytes()).text) == expected.checkpoint
    assert not list(folder.rglob("*.new"))


@pytest.mark.usefixtures("quick")
@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 300), min_size=1, max_size=5))
def test_any_batches_give_the_same_tree(tmp_path_factory, batches):
    folder = tmp_path_factory.mktemp("log") / "log"
    store = LogStore.create(folder, ORIGIN, signer_of_log())
    entries = []
    for count in batches:
        more = some_entries(count, len(entries))
        store.append(more)
        entries += more
        store.integrate()
        assert store.checkpoint.root == root_of(entries)
        assert not store.waiting
    assert everything(store) == entries
    store.close()
    store = LogStore(folder, signer_of_log())
    assert everything(store) == entries
    store.close()
    shutil.rmtree(folder)


def test_a_great_batch_takes_several_checkpoints(store):
    store.append(some_entries(5000))
    store.integrate()
    assert (store.checkpoint.size, store.waiting) == (4096, 904)
    store.integrate()
    assert store.checkpoint.root == root_of(some_entries(5000))


def partial_files(folder):
    files = (path for path in folder.rglob("*") if path.is_file() and ".p" in path.parts[-2])
    return {path.relative_to(folder).as_posix() for path in files}


def test_tidying_leaves_what_phones_need(store, tmp_path):
    folder = tmp_path / "log"
    olds = []
    for count, removed in ((100, 0), (100, 0), (56, 4), (40, 0), (300, 2)):
        store.append(some_entries(count, store.checkpoint.size))
        store.publish(store.integrate())
        olds.append(store.checkpoint)
        assert store.tidy() == removed
        assert store.tidy() == 0
    left = {"0/002.p/84", "entries/002.p/84", "1/000.p/1", "1/000.p/2"}
    assert partial_files(folder) == {f"tile/{one}" for one in left}
    assert not [one for one in folder.rglob("*.p") if not any(one.iterdir())]
    for old in olds:
        entries = [entry for _, entry in TileTree(old, read_from(folder)).entries()]
        assert entries == some_entries(old.size)
    assert everything(store) == some_entries(596)


def test_nothing_to_integrate_changes_nothing(store):
    before = store.signed
    assert store.integrate() == before
    assert store.append([]) == 0
    assert store.integrate() == before


def test_limits(store, monkeypatch):
    with pytest.raises(Malformed):
        store.append([bytes(LARGEST_ENTRY + 1)])
    monkeypatch.setattr("filon_net.log.journal._LARGEST", 5000)
    store.append([bytes(4000)])
    with pytest.raises(LogBusy):
        store.append([bytes(4000)])
    store.integrate()
    assert store.append([bytes(4000)]) == 1


def test_one_writer_at_a_time(store, tmp_path):
    with pytest.raises(LogBusy):
        LogStore(tmp_path / "log", signer_of_log())


def test_publish_takes_only_its_own_newest_checkpoint(store):
    store.append(some_entries(3))
    old = store.signed
    new = store.integrate()
    store.publish(new)
    forged = sign_checkpoint(Checkpoint(ORIGIN, 3, bytes(32)), signer_of_log()).data
    stranger = sign_checkpoint(store.checkpoint, signer("stranger", NOTE)).data
    for data, error in ((old, Malformed), (forged, Malformed), (stranger, NotSigned), (b"", Malformed)):
        with pytest.raises(error):
            store.publish(data)


def filled(folder, count=250):
    store = LogStore.create(folder, ORIGIN, signer_of_log())
    store.append(some_entries(count))
    store.publish(store.integrate())
    store.append(some_entries(2, count))
    store.close()


ENTRIES = some_entries(600)


def day(folder, told):
    """A day of a log: accept, integrate over two tile borders, publish. ``told`` notes what others were told."""
    store = LogStore(folder, signer_of_log())
    try:
        told["opened"] = everything(store)
        for count in (3, 1, 300):
            at = len(told["accepted"])
            assert store.append(ENTRIES[at : at + count]) == at
            told["accepted"] = ENTRIES[: at + count]
            if count != 3:
                told["signed"] = read_note(store.integrate()).text
                store.publish(store.signed)
                told["published"] = store.checkpoint.size
    finally:
        store.close()


@pytest.mark.parametrize("forget", [False, True])
def test_stopped_at_every_step(tmp_path, forget, monkeypatch):
    monkeypatch.setattr("os.fsync", lambda _: None)  # the test's own disk forgets; the true one need not be waited for
    filled(tmp_path / "morning")
    stop_at = 0
    while True:
        stop_at += 1
        folder = tmp_path / "log"
        shutil.copytree(tmp_path / "morning", folder)
        told = {"accepted": ENTRIES[:252], "signed": None, "published": 250}
        with pytest.MonkeyPatch.context() as patch:
            disk = Disk(patch, stop_at, forget)
            try:
                day(folder, told)
            except Killed:
                finished = False
            else:
                finished = True
        disk.lose_power()

        # phones: what was published is still whole
        tree, entries = served(folder)
        assert tree.size >= told["published"]
        assert entries == ENTRIES[: tree.size]

        store = LogStore(folder, signer_of_log())
        held = everything(store)
        assert held == ENTRIES[: len(held)]
        assert len(held) >= len(told["accepted"]), "an accepted entry is never lost"
        assert store.checkpoint.root == root_of(ENTRIES[: store.checkpoint.size])
        if told["signed"]:
            assert store.checkpoint.size >= read_checkpoint(told["signed"]).size, (
                "the log never takes back a checkpoint"
            )

        # and it goes on to the same tree
        store.append(ENTRIES[len(held) :])
        store.integrate()
        assert store.checkpoint.root == root_of(ENTRIES)
        assert everything(store) == ENTRIES
        store.close()
        shutil.rmtree(folder)
        if finished:
            break
    assert stop_at > 60, "the scenario has as many steps as it seems"


@pytest.mark.parametrize("forget", [False, True])
def test_creation_stopped_at_every_step(tmp_path, forget):
    stop_at, finished = 0, False
    while not finished:
        stop_at += 1
        folder = tmp_path / f"log{stop_at}"
        with pytest.MonkeyPatch.context() as patch:
            disk = Disk(patch, stop_at, forget)
            try:
                LogStore.create(folder, ORIGIN, signer_of_log()).close()
                finished = True
            except Killed:
                pass
        disk.lose_power()
        try:
            store = LogStore(folder, signer_of_log())
        except LogDamaged:
            store = LogStore.create(folder, ORIGIN, signer_of_log())
        assert store.checkpoint.size == 0
        assert store.append([b"one"]) == 0
        store.close()
    with pytest.raises(LogDamaged):
        LogStore.create(folder, ORIGIN, signer_of_log())


def test_killed_for_real(tmp_path):
    """Another process writes as fast as it can and is killed; whatever it said it had accepted is there."""
    folder = tmp_path / "log"
    LogStore.create(folder, ORIGIN, signer_of_log()).close()
    program = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from log.builders import signer_of_log, some_entries
        from filon_net.log import LogStore

        store = LogStore(Path(sys.argv[1]), signer_of_log())
        at = store.checkpoint.size + store.waiting
        while True:
            store.append(some_entries(7, at))
            at += 7
            print(at, flush=True)
            if at % 3 == 0:
                store.publish(store.integrate())
        """
    )
    path = [str(Path(__file__).parents[1]), str(Path(filon_net.__file__).parents[1])]
    for pause in (0.02, 0.05, 0.11):
        with subprocess.Popen(
            [sys.executable, "-B", "-c", program, str(folder)],
            stdout=subprocess.PIPE,
            env={"PYTHONPATH": ":".join(path)},
        ) as child:
            said = child.stdout.readline()
            time.sleep(pause)
            child.kill()
            lines = (said + child.stdout.read()).split()
        accepted = int(lines[-1])
        store = LogStore(folder, signer_of_log())
        held = everything(store)
        assert len(held) >= accepted
        assert held == some_entries(len(held))
        store.close()
        if (folder / "checkpoint").exists():
            tree, entries = served(folder)
            assert entries == some_entries(tree.size)


def damaged(folder, path, change):
    file = folder / path
    file.write_bytes(change(file.read_bytes()))


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("private/signed", lambda data: data.replace(b"300", b"301")),
        ("private/signed", lambda data: b""),
        ("private/signed", lambda data: sign_checkpoint(Checkpoint(ORIGIN, 300, bytes(32)), signer_of_log()).data),
        ("private/signed", lambda data: sign_checkpoint(Checkpoint(ORIGIN, 7, bytes(32)), signer("x", NOTE)).data),
        ("tile/0/001.p/44", lambda data: data[:-32]),
        ("tile/0/001.p/44", lambda data: bytes([data[0] ^ 1]) + data[1:]),
        ("tile/1/000.p/1", lambda data: bytes(32)),
    ],
)
def test_a_damaged_log_does_not_open(tmp_path, path, change):
    folder = tmp_path / "log"
    filled(folder, 300)
    damaged(folder, path, change)
    for _ in range(2):
        with pytest.raises(LogDamaged) as caught:
            LogStore(folder, signer_of_log())
        assert caught.value.hint


def test_missing_parts(tmp_path):
    folder = tmp_path / "log"
    with pytest.raises(LogDamaged):
        LogStore(folder, signer_of_log())
    filled(folder, 300)
    (folder / "tile/0/001.p/44").unlink()
    with pytest.raises(LogDamaged):
        LogStore(folder, signer_of_log())


def test_a_damaged_bundle_is_not_carried_on(tmp_path):
    """Entries of the last, partial bundle are written again into the next: changed ones must not slip in."""
    folder = tmp_path / "log"
    filled(folder, 300)
    damaged(folder, "tile/entries/001.p/44", lambda data: data.replace(b"entry 299", b"entry 2x9"))
    store = LogStore(folder, signer_of_log())
    with pytest.raises(LogDamaged):
        store.integrate()
    (folder / "tile/entries/001.p/44").unlink()
    with pytest.raises(LogDamaged):
        store.integrate()
    store.close()


def test_a_log_put_back_from_an_older_copy_says_so_where_the_journal_tells(tmp_path):
    folder = tmp_path / "log"
    filled(folder, 10)
    store = LogStore(folder, signer_of_log())
    old = store.signed
    store.integrate()
    store.append([b"later"])
    store.close()
    (folder / "private/signed").write_bytes(old)
    with pytest.raises(LogDamaged):
        LogStore(folder, signer_of_log())


def test_what_is_not_served_is_private(store, tmp_path):
    assert (tmp_path / "log/private").stat().st_mode & 0o777 == 0o700
    assert WIDTH == 256
