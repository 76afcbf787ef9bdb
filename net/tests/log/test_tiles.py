"""Tiles, bundles and the encoding of entries: one spelling each, and nothing that only looks like one."""

import contextlib

import cbor2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from filon_net.errors import LogError, Malformed
from filon_net.log.cbor import dump, load
from filon_net.log.strict import LARGEST
from filon_net.log.tiles import (
    ENTRIES,
    LARGEST_ENTRY,
    Tile,
    edge_tiles,
    largest_file,
    pack_entries,
    read_tile_path,
    split_hashes,
    tile_of,
    unpack_entries,
)


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 1, 5), "tile/0/001.p/5"),
        (Tile(5, 1), "tile/5/001"),
        (Tile(1, 1_234_067), "tile/1/x001/x234/067"),  # the example of the specification
        (Tile(0, 123_456_078, 2), "tile/0/x123/x456/078.p/2"),
        (Tile(ENTRIES, 3_057_500), "tile/entries/x003/x057/500"),
        (Tile(ENTRIES, 999, 255), "tile/entries/999.p/255"),
        (Tile(0, 1000), "tile/0/x001/000"),
        (Tile(ENTRIES, 0, 1), "tile/entries/000.p/1"),
    ],
)
def test_paths(tile, path):
    assert tile.path == path
    assert read_tile_path(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/00/000",
        "tile/01/000",
        "tile/-1/000",
        "tile/8/000",
        "tile/63/000",
        "tile/64/000",
        "tile/0/x000/001",
        "tile/0/x001/x234/x067",
        "tile/0/001/234",
        "tile/3/5/x123/x456/078",
        "tile/0/x1/234",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/0/000.p/5/",
        "tile/0/000/",
        "tile/0/000\n",
        "/tile/0/000",
        "tile/0/../000",
        "tile/data/000",
        "tile/0/٠٠٠",
        "tile/0/" + "x999/" * 6 + "999",
        "tile/0/" + "x999/" * 5000 + "999",
        "tile/6/x999/x999/999",
    ],
)
def test_what_is_not_a_path(path):
    with pytest.raises(Malformed):
        read_tile_path(path)


@given(st.integers(-1, 7), st.integers(0, 2**56), st.integers(1, 256))
def test_every_tile_has_one_path(level, index, width):
    try:
        tile = Tile(level, index, width)
    except Malformed:
        assert (index * 256 + width) << 8 * max(level, 0) > LARGEST
        return
    assert read_tile_path(tile.path) == tile
    assert all(part == "entries" or len(part) <= 6 for part in tile.path.split("/"))


def test_the_example_of_70_000():
    """273 full tiles at level 0 and a partial one of 112; one full and 17 at level 1; 1 at level 2."""
    assert list(edge_tiles(70_000)) == [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert tile_of(0, 272, 70_000) == Tile(0, 272)
    assert tile_of(ENTRIES, 273, 70_000) == Tile(ENTRIES, 273, 112)
    assert tile_of(1, 0, 70_000) == Tile(1, 0)
    assert list(edge_tiles(256)) == [Tile(1, 0, 1)]
    assert list(edge_tiles(0)) == []
    assert len(list(edge_tiles(2**63 - 1))) == 8
    for level, index, size in ((0, 274, 70_000), (3, 0, 70_000), (0, 0, 0), (-2, 0, 9), (0, -1, 9)):
        with pytest.raises(Malformed):
            tile_of(level, index, size)


def test_sizes_of_files():
    assert largest_file("tile/0/000") == 8192
    assert largest_file("tile/0/000.p/3") == 96
    assert largest_file("tile/entries/000.p/1") == 2 + LARGEST_ENTRY
    assert largest_file("checkpoint") == 256 * 1024
    with pytest.raises(Malformed):
        largest_file("private/signed")


def test_tiles_are_taken_whole():
    data = bytes(range(256)) * 33
    assert split_hashes(data[:8192], 256)[1] == data[32:64]
    for bad, width in ((data[:8191], 256), (data[:8193], 256), (b"", 1), (data[:64], 1)):
        with pytest.raises(Malformed):
            split_hashes(bad, width)


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_bundles(entries):
    data = pack_entries(entries)
    assert unpack_entries(data, len(entries)) == entries
    wrong = [(data, len(entries) + 1), (data + b"\x00", len(entries)), (data + b"\x00\x00", len(entries))]
    wrong += [(data, len(entries) - 1), (data[:-1], len(entries))] if entries else []
    for bad, width in wrong:
        with pytest.raises(Malformed):
            unpack_entries(bad, width)


def test_long_entries():
    assert unpack_entries(pack_entries([bytes(LARGEST_ENTRY)]), 1) == [bytes(LARGEST_ENTRY)]
    with pytest.raises(Malformed):
        pack_entries([bytes(LARGEST_ENTRY + 1)])
    with pytest.raises(Malformed):
        unpack_entries((LARGEST_ENTRY + 1).to_bytes(2, "big") + bytes(LARGEST_ENTRY + 1), 1)


VALUES = st.recursive(
    st.integers(0, LARGEST) | st.binary(max_size=300) | st.text(max_size=80),
    lambda inner: st.lists(inner, max_size=5).map(tuple),
    max_leaves=12,
)


def depth(value):
    return 1 + max(map(depth, value), default=0) if isinstance(value, tuple) else 0


@given(VALUES)
def test_the_encoding_is_that_of_a_general_library(value):
    data = dump(value)
    assert data == cbor2.dumps(value, canonical=True)
    if depth(value) <= 6:
        assert load(data) == value
    else:
        with pytest.raises(Malformed):
            load(data)


@given(st.binary(max_size=40))
@example(bytes.fromhex("9bffffffffffffffff"))  # an array of 2^64 - 1 elements
@example(bytes.fromhex("9b7fffffffffffffff00"))
@example(b"\x81" * 5000)
@example(bytes.fromhex("5b7fffffffffffffff"))
@example(bytes.fromhex("c074323032362d30312d30315430303a30303a30305a"))
def test_what_is_read_is_what_would_be_written(data):
    with contextlib.suppress(Malformed):
        value = load(data)
        assert dump(value) == data == cbor2.dumps(value, canonical=True)


@pytest.mark.parametrize(
    "text",
    ["", "1800", "1817", "190017", "1900ff", "1a0000ffff", "1b00000000ffffffff", "1bffffffffffffffff", "20", "3818", "5801",
     "5f4100ff", "9f00ff", "a0", "a10000", "c000", "d81c00", "e0", "f4", "f6", "f7", "f93c00", "fb3ff0000000000000", "ff",
     "0000", "8100ff", "62c328", "61ff", "7801", "82", "8201", "1c", "1d", "1e", "1f", "41"],
)  # fmt: skip
def test_other_cbor(text):
    with pytest.raises(Malformed):
        load(bytes.fromhex(text))


def test_values_that_have_no_encoding():
    for value in (-1, 2**63, True, False, "\ud800", (1, (True,))):
        with pytest.raises(LogError):
            dump(value)
