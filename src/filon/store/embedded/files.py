"""Files that are written once and then only read: written whole, forced to disk, known by size and SHA-256.

A new file or folder is built under a name that ends in ``.new`` and renamed when it is complete, so what has its
final name is complete. What the manifest does not name is not there, whatever lies in the folder.
"""

import errno
import hashlib
import os
import shutil
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import msgspec

from filon.errors import StoreError
from filon.model.durable import sync_folder

__all__ = ["NEW", "Sealed", "free", "is_full", "remove", "rename", "seal", "seal_all"]

NEW = ".new"
_BLOCK = 1 << 20
_AT_ONCE = 8
"""Files that are forced to disk at once: waiting for it one file after the other is most of what a small write takes."""
_FULL = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))


class Sealed(msgspec.Struct, frozen=True):
    """A file that never changes again: path relative to its folder, bytes, SHA-256 in hex."""

    path: str
    size: int
    sha256: str


def seal(root: Path, path: Path) -> Sealed:
    """Force a finished file to disk and say what it is. ``StoreError`` where it cannot be read."""
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
                size += len(block)
            os.fsync(file.fileno())
    except OSError as error:
        raise StoreError("cannot read {path}: {reason}", path=str(path), reason=error.strerror or "") from error
    return Sealed(path.relative_to(root).as_posix(), size, digest.hexdigest())


def seal_all(root: Path, paths: Iterable[Path]) -> tuple[Sealed, ...]:
    """The same for several files, in their order."""
    with ThreadPoolExecutor(_AT_ONCE, "seal") as threads:
        return tuple(threads.map(partial(seal, root), paths))


def rename(new: Path, path: Path) -> None:
    """Give a finished file or folder its name, and make the name last."""
    new.rename(path)
    sync_folder(path.parent)


def free(folder: Path) -> int:
    """Bytes that are free on the disk of a folder, or of the nearest one above it that is there."""
    while not folder.is_dir():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def is_full(error: Exception) -> bool:
    """Whether an error says that there is no room on a disk, or that a file may not grow; Tantivy only words it."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in _FULL
    return any(f"os error {number}" in str(error) for number in _FULL)


def remove(paths: Iterable[Path]) -> None:
    """Take away files and folders that an interrupted write left behind."""
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
