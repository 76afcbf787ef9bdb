"""Tiles and entry bundles (c2sp.org/tlog-tiles): a tree as files that never change.

    tile/LEVEL/INDEX[.p/WIDTH]     up to 256 hashes of 32 bytes: leaf hashes at level 0, roots of full tiles above
    tile/entries/INDEX[.p/WIDTH]   as many entries, each after its length in 2 bytes, big-endian

INDEX is written in groups of three digits, all but the last behind an ``x``: 1234067 is ``x001/x234/067``. Only full tiles
have a hash in the tile above; ``.p/WIDTH`` (1 to 255) marks one that is not full.
"""

import re
from collections.abc import Iterator, Sequence

import msgspec

from filon_net.errors import Malformed
from filon_net.log.strict import HASH_SIZE, LARGEST

__all__ = [
    "CHECKPOINT_PATH",
    "ENTRIES",
    "HEIGHT",
    "LARGEST_ENTRY",
    "WIDTH",
    "Tile",
    "edge_tiles",
    "largest_file",
    "pack_entries",
    "read_tile_path",
    "split_hashes",
    "tile_of",
    "unpack_entries",
]

WIDTH = 256
HEIGHT = 8
ENTRIES = -1
"""The level of entry bundles."""
LARGEST_ENTRY = 16_384
"""The length field could say 65,535. A user with 32 devices needs 5,000; a full bundle stays under 4.2 MB in memory."""
CHECKPOINT_PATH = "checkpoint"

_TOP = 7
"""The highest level: 256**8 leaves are more than a signed 64-bit number counts."""
_PATH = re.compile(r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII)


class Tile(msgspec.Struct, frozen=True):
    """One tile, or one entry bundle (``level`` ENTRIES). Malformed where no tree has such a tile."""

    level: int
    index: int
    width: int = WIDTH

    def __post_init__(self) -> None:
        if not ENTRIES <= self.level <= _TOP or not 1 <= self.width <= WIDTH or self.index < 0 or self._last > LARGEST:
            raise Malformed(
                "no tree has a tile {index} of width {width} at level {level}",
                index=self.index,
                width=self.width,
                level=self.level,
            )

    @property
    def _last(self) -> int:
        """The number of leaves a tree needs at least to have this tile."""
        return (self.index * WIDTH + self.width) << HEIGHT * max(self.level, 0)

    @property
    def path(self) -> str:
        """Where the tile lies below the log's address or folder."""
        digits = f"{self.index % 1000:03}"
        rest = self.index // 1000
        while rest:
            digits = f"x{rest % 1000:03}/{digits}"
            rest //= 1000
        level = "entries" if self.level == ENTRIES else str(self.level)
        return f"tile/{level}/{digits}" + (f".p/{self.width}" if self.width < WIDTH else "")

    @property
    def whole(self) -> "Tile":
        """The full tile at this place."""
        return Tile(self.level, self.index)


def read_tile_path(path: str) -> Tile:
    """The tile that a path names; Malformed where it is not the one spelling of a tile's path."""
    found = _PATH.fullmatch(path)
    if found:
        level, index, width = found.groups()
        number = int(index.replace("x", "").replace("/", ""))
        tile = Tile(ENTRIES if level == "entries" else int(level), number, int(width) if width else WIDTH)
        if tile.path == path:
            return tile
    raise Malformed("{path} is not the path of a tile", path=path)


def largest_file(path: str) -> int:
    """The most bytes a file of a log may have: a fetch stops reading behind them. Malformed for other paths."""
    if path == CHECKPOINT_PATH:
        return 256 * 1024
    tile = read_tile_path(path)
    return tile.width * (HASH_SIZE if tile.level != ENTRIES else 2 + LARGEST_ENTRY)


def tile_of(level: int, index: int, size: int) -> Tile:
    """The tile at a place of a tree of ``size`` leaves, full or partial; Malformed where the tree has none there."""
    count = size >> HEIGHT * max(level, 0)
    return Tile(level, index, min(WIDTH, count - index * WIDTH))


def edge_tiles(size: int) -> Iterator[Tile]:
    """The partial tiles on the right edge of a tree, lowest level first, entry bundle not included."""
    for level in range(_TOP + 1):
        index, width = divmod(size >> HEIGHT * level, WIDTH)
        if width:
            yield Tile(level, index, width)


def split_hashes(data: bytes, width: int) -> list[bytes]:
    """The hashes of a tile from outside; Malformed unless it holds exactly ``width`` of them."""
    if len(data) != width * HASH_SIZE:
        raise Malformed("a tile of {width} hashes has {length} bytes", width=width, length=len(data))
    return [data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE)]


def pack_entries(entries: Sequence[bytes]) -> bytes:
    """An entry bundle; Malformed where an entry is longer than LARGEST_ENTRY."""
    for one in entries:
        if len(one) > LARGEST_ENTRY:
            raise Malformed("an entry of {length} bytes is too long", length=len(one))
    return b"".join(len(one).to_bytes(2, "big") + one for one in entries)


def unpack_entries(data: bytes, width: int) -> list[bytes]:
    """The entries of a bundle from outside; Malformed unless it holds exactly ``width`` of them and nothing more."""
    entries: list[bytes] = []
    at = 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 2], "big")
        end = at + 2 + length
        if at + 2 > len(data) or end > len(data) or len(entries) == width:
            raise Malformed("a bundle of {width} entries is cut off or goes on behind them", width=width)
        if length > LARGEST_ENTRY:
            raise Malformed("an entry of {length} bytes is too long", length=length)
        entries.append(data[at + 2 : end])
        at = end
    if len(entries) != width:
        raise Malformed("a bundle holds {found} entries, not {width}", found=len(entries), width=width)
    return entries
