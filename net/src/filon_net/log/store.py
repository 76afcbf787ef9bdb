"""The log's own side: a folder that holds the whole log as the files it serves, and grows by whole steps.

    LOG/
      checkpoint        what phones fetch: the newest checkpoint that was published, with its cosignatures
      tile/...          tiles and entry bundles (``tiles``); they never change once a checkpoint needs them
      private/signed    the newest checkpoint the log has signed: what it is bound to
      private/journal   entries accepted and not yet in the tree (``journal``)
      private/lock      one writer at a time

An entry is on the disk before its index is told to anybody. To integrate: write every tile and bundle of the larger tree,
flush them, and only then write the signed checkpoint. Whatever is stopped in between leaves the old checkpoint with all its
tiles; doing it again writes the same bytes. Only ``private/signed`` decides what the log has committed to. Serve everything
but ``private``.
"""

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from filon_net.errors import LogBusy, LogDamaged, LogError, Malformed
from filon_net.log import durable
from filon_net.log.checkpoints import Checkpoint, require_log_signature, sign_checkpoint
from filon_net.log.journal import Journal
from filon_net.log.keys import Signer
from filon_net.log.merkle import EMPTY_ROOT, fold, leaf_hash
from filon_net.log.tiles import (
    CHECKPOINT_PATH,
    ENTRIES,
    HEIGHT,
    WIDTH,
    Tile,
    pack_entries,
    read_tile_path,
    unpack_entries,
)
from filon_net.log.tree import TileTree, edge_root

__all__ = ["LogStore", "read_from"]

_BATCH = 4096
"""Entries integrated under one checkpoint at most: bounds memory."""


def read_from(folder: Path) -> Callable[[str], bytes]:
    """A ``fetch`` over a folder. Paths come from ``tiles`` and ``CHECKPOINT_PATH`` only."""

    def fetch(path: str) -> bytes:
        return (folder / path).read_bytes()

    return fetch


class LogStore:
    """A log open for writing, for one thread. LogBusy where another process has it, LogDamaged where files do not agree.

    What the disk itself refuses (no space, no permission) comes as OSError; the log is then as it was before the call.
    """

    def __init__(self, folder: Path, signer: Signer) -> None:
        self._folder = folder
        self._signer = signer
        self._private = folder / "private"
        self._lock = _lock(self._private / "lock")
        try:
            self.checkpoint, self.signed = self._read_signed()
            self._edge = self._read_edge()
            self._journal = Journal(self._private / "journal", self.checkpoint.size)
        except BaseException:
            os.close(self._lock)
            raise

    @classmethod
    def create(cls, folder: Path, origin: str, signer: Signer) -> "LogStore":
        """A new, empty log, its empty checkpoint signed. LogDamaged where there already is one."""
        signed = folder / "private" / "signed"
        if signed.exists():
            raise LogDamaged("there already is a log in {folder}", folder=str(folder))
        durable.make_folder(folder)
        (folder / "private").mkdir(mode=0o700, exist_ok=True)
        durable.sync(folder)
        durable.replace_file(signed, sign_checkpoint(Checkpoint(origin, 0, EMPTY_ROOT), signer).data)
        return cls(folder, signer)

    def _read_signed(self) -> tuple[Checkpoint, bytes]:
        try:
            data = (self._private / "signed").read_bytes()
            origin = data.split(b"\n", 1)[0].decode("utf-8", "replace")
            return require_log_signature(data, origin, [self._signer.key])[0], data
        except (OSError, LogError) as error:
            raise LogDamaged(
                "the log's own checkpoint cannot be read or was not signed by its key",
                hint="restore the log from a copy that is not older; an older one would sign a second history",
            ) from error

    def _read_edge(self) -> dict[int, list[bytes]]:
        """The hashes of the partial tiles, checked against the checkpoint."""
        try:
            return self.tree().edge
        except LogError as error:
            raise LogDamaged(
                "the tiles of the log do not belong to its checkpoint of {size} entries",
                hint="restore the log from a copy",
                size=self.checkpoint.size,
            ) from error

    @property
    def waiting(self) -> int:
        """How many entries are accepted and not yet under a checkpoint."""
        return len(self._journal.entries)

    def entries(self) -> Iterator[bytes]:
        """Every entry accepted, in order: those in the tree, verified, then those that wait. For ``chains.Admission``."""
        for _, entry in self.tree().entries():
            yield entry
        yield from tuple(self._journal.entries)

    def append(self, entries: Sequence[bytes]) -> int:
        """Accept entries; they are on the disk when this returns the index the first will have.

        The log takes any bytes up to LARGEST_ENTRY: ``chains.Admission`` decides what is an entry.
        """
        return self._journal.append(entries)

    def integrate(self) -> bytes:
        """Put waiting entries (at most 4,096) into the tree; the signed checkpoint, also where nothing waited.

        Nothing is published: ask the witnesses, then ``publish``.
        """
        new = self._journal.entries[:_BATCH]
        if new:
            edge, files = self._grown(new)
            size = self.checkpoint.size + len(new)
            grown = Checkpoint(self.checkpoint.origin, size, edge_root(edge))
            durable.write_tree(self._folder, files)
            signed = sign_checkpoint(grown, self._signer).data
            durable.replace_file(self._private / "signed", signed)
            self.checkpoint, self.signed, self._edge = grown, signed, edge
            self._journal.integrated(size)
        return self.signed

    def _grown(self, new: Sequence[bytes]) -> tuple[dict[int, list[bytes]], dict[str, bytes]]:
        """The edge of the tree with ``new`` entries added, and every file that is new in it."""
        files = {tile.path: data for tile, data in self._bundles(new)}
        edge: dict[int, list[bytes]] = {}
        added = [leaf_hash(one) for one in new]
        level = 0
        while added:
            first = (self.checkpoint.size >> HEIGHT * level) // WIDTH
            hashes = self._edge.get(level, []) + added
            added = []
            for number, at in enumerate(range(0, len(hashes), WIDTH)):
                row = hashes[at : at + WIDTH]
                files[Tile(level, first + number, len(row)).path] = b"".join(row)
                if len(row) == WIDTH:
                    added.append(fold(row))
                else:
                    edge[level] = row
            level += 1
        # levels above the last that grew stay as they are
        return edge | {one: row for one, row in self._edge.items() if one >= level}, files

    def _bundles(self, new: Sequence[bytes]) -> Iterator[tuple[Tile, bytes]]:
        number = self.checkpoint.size // WIDTH
        entries = [*self._last_bundle(), *new]
        for at in range(0, len(entries), WIDTH):
            row = entries[at : at + WIDTH]
            yield Tile(ENTRIES, number + at // WIDTH, len(row)), pack_entries(row)

    def _last_bundle(self) -> list[bytes]:
        """The entries of the partial bundle, which become part of a new one."""
        leaves = self._edge.get(0, [])
        if not leaves:
            return []
        tile = Tile(ENTRIES, self.checkpoint.size // WIDTH, len(leaves))
        try:
            entries = unpack_entries((self._folder / tile.path).read_bytes(), tile.width)
        except (OSError, LogError) as error:
            raise LogDamaged("{path} is missing or damaged", path=tile.path) from error
        if [leaf_hash(one) for one in entries] != leaves:
            raise LogDamaged("{path} holds other entries than the tree", hint="restore it from a copy", path=tile.path)
        return entries

    def publish(self, data: bytes) -> None:
        """Serve this note (the signed checkpoint with cosignatures added) to phones; Malformed where it is another one."""
        checkpoint, note = require_log_signature(data, self.checkpoint.origin, [self._signer.key])
        if checkpoint != self.checkpoint:
            raise Malformed("only the newest checkpoint, of {size} entries, is published", size=self.checkpoint.size)
        durable.replace_file(self._folder / CHECKPOINT_PATH, note.data)

    def tidy(self) -> int:
        """Remove partial tiles whose full tile is in the signed tree; how many. Phones then take the full one (``tree``)."""
        count = 0
        for folder in sorted((self._folder / "tile").rglob("*.p")):
            full = read_tile_path(folder.relative_to(self._folder).as_posix().removesuffix(".p"))
            if (full.index + 1) * WIDTH <= self.checkpoint.size >> HEIGHT * max(full.level, 0):
                for one in sorted(folder.iterdir()):
                    one.unlink()
                    count += 1
                folder.rmdir()
        return count

    def tree(self) -> TileTree:
        """The signed tree, for proofs to witnesses."""
        return TileTree(self.checkpoint, read_from(self._folder))

    def close(self) -> None:
        """Let go of the folder."""
        self._journal.close()
        os.close(self._lock)


def _lock(path: Path) -> int:
    """A lock that the system drops when its holder dies, however it dies; the file stays."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except FileNotFoundError as error:
        raise LogDamaged("there is no log in {folder}", folder=str(path.parent.parent)) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise LogBusy("another process has the log open", hint="stop it first") from error
    return descriptor
