"""Reading a tree from tiles that somebody else serves."""

import contextlib
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from filon_net.errors import LogError, Malformed, NotServed, ProofFailed
from filon_net.log.checkpoints import Checkpoint
from filon_net.log.merkle import check_consistency, check_inclusion, leaf_hash
from filon_net.log.tiles import LARGEST_ENTRY, Tile, largest_file, read_tile_path
from filon_net.log.tree import TileTree
from log import second_verifier as second
from log.builders import ORIGIN, MemoryLog, some_entries

ENTRIES = some_entries(66_000)
BIG = MemoryLog(ENTRIES)  # three levels
SIZES = (1, 2, 255, 256, 257, 511, 512, 513, 700)


def asked(log):
    """A tree and the list of the paths it asks for."""
    paths = []

    def fetch(path):
        paths.append(path)
        return log.fetch(path)

    return TileTree(log.checkpoint, fetch), paths


@pytest.mark.parametrize("size", SIZES)
def test_every_leaf_and_every_old_root(size):
    log = MemoryLog(ENTRIES[:size])
    tree = TileTree(log.checkpoint, log.fetch)
    assert [entry for _, entry in tree.entries()] == ENTRIES[:size]
    for index in {0, 1, size // 2, size - 1, 255, 256} & set(range(size)):
        tree.require_entry(index, ENTRIES[index])
        proof = tree.inclusion(index)
        assert second.holds_leaf(index, size, leaf_hash(ENTRIES[index]), tree.root, proof)
        check_inclusion(index, size, leaf_hash(ENTRIES[index]), tree.root, proof)
    for old in {0, 1, 3, size // 2, size - 1, size, 256, 257, 512} & set(range(size + 1)):
        old_root = second.root_of(ENTRIES[:old])
        assert tree.root_at(old) == old_root
        check_consistency(old, size, old_root, tree.root, tree.consistency(old))
        assert second.continues(old, size, old_root, tree.root, tree.consistency(old))


def test_three_levels():
    tree, paths = asked(BIG)
    for index in (0, 65_535, 65_536, 65_999, 12_345):
        tree.require_entry(index, ENTRIES[index])
        check_inclusion(index, 66_000, leaf_hash(ENTRIES[index]), tree.root, tree.inclusion(index))
    for old in (1, 256, 65_535, 65_536, 65_537, 40_000):
        check_consistency(old, 66_000, MemoryLog(ENTRIES[:old]).checkpoint.root, tree.root, tree.consistency(old))
    assert len(paths) < 20


def test_only_whole_tiles_are_asked_for():
    tree, paths = asked(BIG)
    assert paths == ["tile/0/257.p/208", "tile/1/001.p/1", "tile/2/000.p/1"]
    del paths[:]
    tree.require_entry(12_345, ENTRIES[12_345])
    tree.require_entry(12_346, ENTRIES[12_346])
    assert paths == ["tile/1/000", "tile/0/048"], (
        "neither tells which of 256 leaves is meant, and none is asked for twice"
    )
    for index in range(0, 65_536, 256):
        tree.leaf(index)
    assert len(tree._held) <= 64, "memory is bounded"
    assert all(read_tile_path(one) for one in paths)


def test_entries_from_a_place_on():
    log = MemoryLog(ENTRIES[:700])
    tree, paths = asked(log)
    del paths[:]
    assert list(tree.entries(600)) == list(enumerate(ENTRIES[:700]))[600:]
    assert paths == ["tile/entries/002.p/188"]
    assert list(tree.entries(700)) == []
    assert list(MemoryTree(0).entries()) == []


def MemoryTree(size):
    log = MemoryLog(ENTRIES[:size])
    return TileTree(log.checkpoint, log.fetch)


def test_what_the_tree_does_not_have():
    tree = MemoryTree(300)
    for index in (-1, 300, 2**63):
        with pytest.raises(ProofFailed):
            tree.leaf(index)
        with pytest.raises(ProofFailed):
            tree.inclusion(index)
    for size in (-1, 301):
        with pytest.raises(ProofFailed):
            tree.root_at(size)
        with pytest.raises(ProofFailed):
            tree.consistency(size)
    for index, entry in ((0, ENTRIES[1]), (299, b""), (256, ENTRIES[256] + b"\x00")):
        with pytest.raises(ProofFailed):
            tree.require_entry(index, entry)


def test_a_partial_tile_that_became_full():
    """Mirrors may drop partial tiles once the full one is there; the full one is cut to the older tree."""
    old, new = MemoryLog(ENTRIES[:300]), MemoryLog(ENTRIES[:600])
    tree = TileTree(old.checkpoint, lambda path: new.fetch(path) if path != "tile/1/000.p/1" else old.fetch(path))
    assert [entry for _, entry in tree.entries()] == ENTRIES[:300]
    other = MemoryLog([b"other", *ENTRIES[1:600]])
    with pytest.raises(ProofFailed):
        list(
            TileTree(
                old.checkpoint, lambda path: old.fetch(path) if "entries" not in path else other.fetch(path)
            ).entries()
        )


def test_files_that_are_not_served():
    def fetch_nothing(path):
        raise TimeoutError(path)

    log = MemoryLog(ENTRIES[:300])
    with pytest.raises(NotServed) as caught:
        TileTree(log.checkpoint, fetch_nothing)
    assert "mirror" in caught.value.hint
    tree = TileTree(log.checkpoint, log.fetch)
    del log.files["tile/0/000"], log.files["tile/entries/000"]
    with pytest.raises(NotServed):
        tree.leaf(0)
    with pytest.raises(NotServed):
        next(tree.entries())


def changes(data):
    yield data[:-1]
    yield data[:-32]
    yield data + b"\x00"
    yield data + data
    yield b""
    yield bytes([data[0] ^ 1]) + data[1:]
    yield data[:-1] + bytes([data[-1] ^ 128])
    yield data[32:] + data[:32]
    yield bytes(10_000_000)


def read_all(log):
    return list(TileTree(log.checkpoint, log.fetch).entries())


@pytest.mark.parametrize("size", [3, 300, 700])
def test_no_changed_file_gives_a_wrong_entry(size):
    log = MemoryLog(ENTRIES[:size])
    for path in [one for one in log.files if one.startswith("tile")]:
        good = log.files[path]
        for bad in changes(good):
            if bad == good:
                continue
            log.files[path] = bad
            with pytest.raises((ProofFailed, Malformed)):
                read_all(log)
        log.files[path] = good


def test_a_true_edge_does_not_vouch_for_a_forged_full_tile():
    """A mirror serves the true partial tiles, and below them a full tile and a bundle of its own that agree."""
    log, forged = MemoryLog(ENTRIES[:300]), MemoryLog([b"forged", *ENTRIES[1:300]])
    for path in ("tile/0/000", "tile/entries/000"):
        log.files[path] = forged.files[path]
    tree = TileTree(log.checkpoint, log.fetch)
    for call in (lambda: tree.leaf(0), lambda: tree.leaf(1), lambda: list(tree.entries()), lambda: tree.inclusion(0)):
        with pytest.raises(ProofFailed):
            call()
    tree.require_entry(299, ENTRIES[299])


def test_a_flood_is_refused_before_it_is_looked_at():
    log = MemoryLog(ENTRIES[:300])
    log.files["tile/entries/001.p/44"] += bytes(44 * (2 + LARGEST_ENTRY))
    with pytest.raises(Malformed) as caught:
        list(TileTree(log.checkpoint, log.fetch).entries())
    assert "more than it may" in str(caught.value)


def test_a_checkpoint_of_another_tree():
    log = MemoryLog(ENTRIES[:300])
    for checkpoint in (
        Checkpoint(ORIGIN, 300, bytes(32)),
        Checkpoint(ORIGIN, 299, log.checkpoint.root),
        Checkpoint(ORIGIN, 301, log.checkpoint.root),
        Checkpoint(ORIGIN, 2**63 - 1, log.checkpoint.root),
        Checkpoint(ORIGIN, 256, log.checkpoint.root),
    ):
        with pytest.raises(LogError):
            TileTree(checkpoint, log.fetch)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_hostile_mirror_never_gives_a_wrong_leaf(data):
    """Any files of any of three logs at any place: what comes out is right, or an error of ours."""
    size = data.draw(st.sampled_from((2, 257, 600)))
    logs = [MemoryLog(ENTRIES[:size]), MemoryLog([b"forged", *ENTRIES[1:size]]), MemoryLog(ENTRIES[:700])]
    log = logs[0]
    choices = data.draw(st.lists(st.sampled_from((0, 0, 0, 1, 2)), min_size=12, max_size=12))

    def fetch(path):
        source = logs[choices[zlib.crc32(path.encode()) % 12]]
        swapped = data.draw(st.sampled_from((None, None, None, "tile/0/000", "tile/1/000.p/2")))
        return source.fetch(swapped if swapped in source.files else path)[: largest_file(path)]

    with contextlib.suppress(LogError):
        tree = TileTree(log.checkpoint, fetch)
        for index in (0, 1, size - 1):
            assert tree.leaf(index) == log.leaves[index]
        for index, entry in tree.entries():
            assert entry == ENTRIES[index]
        assert tree.root_at(size // 2) == second.root_of(ENTRIES[: size // 2])


def test_sizes_a_fetch_may_stop_at():
    for path, data in BIG.files.items():
        assert len(data) <= largest_file(path)
    assert Tile(0, 0).whole == Tile(0, 0)
