"""A tree read from tiles that somebody else serves, nothing of which is believed before it leads to the checkpoint.

``fetch(path)`` gives the bytes of a file of the log, or raises NotServed (an OSError is taken as that). Only whole tiles are
asked for, and the partial ones on the right edge: which leaf of 256 interests a phone does not show.

The partial tiles at the edge must together give the root of the checkpoint. A full tile must give the hash that the tile
above holds for it. Every hash handed out therefore leads to the root, and a proof made of such hashes is a proof.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator

from filon_net.errors import Malformed, NotServed, ProofFailed
from filon_net.log.checkpoints import Checkpoint
from filon_net.log.merkle import (
    EMPTY_ROOT,
    fold,
    leaf_hash,
    node_hash,
    prove_consistency,
    prove_inclusion,
    same_hash,
    tree_root,
)
from filon_net.log.tiles import (
    ENTRIES,
    HEIGHT,
    WIDTH,
    Tile,
    edge_tiles,
    largest_file,
    split_hashes,
    tile_of,
    unpack_entries,
)

__all__ = ["Fetch", "TileTree", "edge_root", "fetch_file"]

Fetch = Callable[[str], bytes]

_HELD = 64
"""Verified tiles kept: half a megabyte."""


def fetch_file(fetch: Fetch, path: str) -> bytes:
    """A file of the log, of at most the size such a file may have; NotServed or Malformed otherwise."""
    try:
        data = fetch(path)
    except OSError as error:
        raise NotServed("{path} could not be fetched", hint="try another mirror of the log", path=path) from error
    if len(data) > largest_file(path):
        raise Malformed("{path} has {length} bytes, more than it may", path=path, length=len(data))
    return data


def _fetch_tile(fetch: Fetch, tile: Tile) -> bytes:
    """A tile; where a partial one is no longer served, the full one that took its place, to be cut to its width."""
    try:
        return fetch_file(fetch, tile.path)
    except NotServed:
        if tile.width == WIDTH:
            raise
    return fetch_file(fetch, tile.whole.path)


def _fetch_hashes(fetch: Fetch, tile: Tile) -> list[bytes]:
    data = _fetch_tile(fetch, tile)
    full = tile.whole.width * 32
    return split_hashes(data, WIDTH)[: tile.width] if len(data) == full else split_hashes(data, tile.width)


def edge_root(edge: dict[int, list[bytes]]) -> bytes:
    """The root of the tree whose partial tiles hold these hashes, by level."""
    root: bytes | None = None
    for level in sorted(edge):
        # a tile that is not full is not one subtree: its complete subtrees stand to the left of what is lower
        root = _join(edge[level], root)
    return EMPTY_ROOT if root is None else root


def _join(hashes: list[bytes], right: bytes | None) -> bytes:
    """The root over the hashes of a partial tile, with the root of what lies to the right below them, if anything."""
    peaks: list[bytes] = []
    at = 0
    for bit in reversed(range(HEIGHT)):
        if len(hashes) >> bit & 1:
            peaks.append(fold(hashes[at : at + (1 << bit)]))
            at += 1 << bit
    if right is None:
        right = peaks.pop()
    while peaks:
        right = node_hash(peaks.pop(), right)
    return right


class TileTree:
    """The tree of one checkpoint. ProofFailed or Malformed where what is served does not belong to it."""

    def __init__(self, checkpoint: Checkpoint, fetch: Fetch) -> None:
        self.size = checkpoint.size
        self.root = checkpoint.root
        self._fetch = fetch
        self._held: OrderedDict[tuple[int, int], list[bytes]] = OrderedDict()
        self.edge = {one.level: _fetch_hashes(fetch, one) for one in edge_tiles(self.size)}
        self._require_same(edge_root(self.edge), self.root, "the edge of the tree")

    @staticmethod
    def _require_same(found: bytes, wanted: bytes, what: str) -> None:
        if not same_hash(found, wanted):
            raise ProofFailed(
                "{what} does not belong to the checkpoint",
                hint="try another mirror of the log; if they all say so, the log is lying or broken",
                what=what,
            )

    def hashes(self, level: int, index: int) -> list[bytes]:
        """The hashes of a tile, verified up to the root."""
        tile = tile_of(level, index, self.size)
        if tile.width < WIDTH:
            return self.edge[level]
        held = self._held.get((level, index))
        if held is None:
            above = self.hashes(level + 1, index // WIDTH)[index % WIDTH]
            held = _fetch_hashes(self._fetch, tile)
            self._require_same(fold(held), above, tile.path)
            self._held[level, index] = held
            if len(self._held) > _HELD:
                self._held.popitem(last=False)
        else:
            self._held.move_to_end((level, index))
        return held

    def nodes(self, level: int, index: int) -> bytes:
        """The hash of a complete subtree (``merkle.Nodes``), verified up to the root."""
        upper, inside = divmod(level, HEIGHT)
        start = index << inside
        hashes = self.hashes(upper, start // WIDTH)
        at = start % WIDTH
        return fold(hashes[at : at + (1 << inside)])

    def leaf(self, index: int) -> bytes:
        """The leaf hash at an index; ProofFailed where the tree has none."""
        if not 0 <= index < self.size:
            raise ProofFailed("there is no leaf {index} in a tree of {size}", index=index, size=self.size)
        return self.hashes(0, index // WIDTH)[index % WIDTH]

    def require_entry(self, index: int, entry: bytes) -> None:
        """ProofFailed unless the entry is number ``index`` of the tree."""
        self._require_same(leaf_hash(entry), self.leaf(index), f"entry {index}")

    def entries(self, start: int = 0) -> Iterator[tuple[int, bytes]]:
        """Index and bytes of every entry from ``start`` on, each verified; one bundle is in memory at a time."""
        for number in range(start // WIDTH, -(-self.size // WIDTH)):
            bundle = tile_of(ENTRIES, number, self.size)
            data = _fetch_tile(self._fetch, bundle)
            try:
                entries = unpack_entries(data, bundle.width)
            except Malformed:
                if bundle.width == WIDTH:
                    raise
                entries = unpack_entries(data, WIDTH)[: bundle.width]  # the full one took its place
            leaves = self.hashes(0, number)
            for at, entry in enumerate(entries):
                self._require_same(leaf_hash(entry), leaves[at], f"entry {number * WIDTH + at}")
                if number * WIDTH + at >= start:
                    yield number * WIDTH + at, entry

    def root_at(self, size: int) -> bytes:
        """The root this tree had when it held ``size`` leaves; ProofFailed where it never did."""
        if not 0 <= size <= self.size:
            raise ProofFailed("a tree of {held} leaves never had {size} of them more", held=self.size, size=size)
        return tree_root(size, self.nodes)

    def inclusion(self, index: int) -> list[bytes]:
        """The inclusion proof of a leaf."""
        return prove_inclusion(index, self.size, self.nodes)

    def consistency(self, old: int) -> list[bytes]:
        """The consistency proof from ``old`` leaves."""
        return prove_consistency(old, self.size, self.nodes)
