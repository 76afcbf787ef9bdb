"""Files that are there whole or not at all, even when the plug is pulled.

Every step that reaches the disk is one of the small functions here, so that a test can stop the world at each of them and
lose what was not yet flushed.
"""

import os
from collections.abc import Mapping
from pathlib import Path

__all__ = ["cut", "make_folder", "rename", "replace_file", "sync", "write_at", "write_file", "write_tree"]


def write_file(path: Path, data: bytes) -> None:
    """Write a file anew, not yet flushed."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)


def sync(path: Path) -> None:
    """Flush a file, or the names in a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def rename(beside: Path, path: Path) -> None:
    """Put one name over another."""
    beside.replace(path)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, each flushed into the one that holds it."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(mode=0o755, exist_ok=True)
        sync(folder.parent)


def replace_file(path: Path, data: bytes) -> None:
    """Put ``data`` at ``path``: written beside it, flushed, renamed over it, the name flushed."""
    beside = path.with_name(f".{path.name}.new")
    write_file(beside, data)
    sync(beside)
    rename(beside, path)
    sync(path.parent)


def write_tree(root: Path, files: Mapping[str, bytes]) -> None:
    """Write many files below ``root``; all of them are on the disk when this returns, in no promised order before."""
    folders: dict[Path, bool] = {}
    for name, data in files.items():
        path = root / name
        make_folder(path.parent)
        beside = path.with_name(f".{path.name}.new")
        write_file(beside, data)
        sync(beside)
        rename(beside, path)
        # up to the root: a folder made just before an earlier stop may not have been flushed into the one above it
        folders.update((one, True) for one in (path.parent, *path.parent.parents) if one.is_relative_to(root))
    for folder in folders:
        sync(folder)


def write_at(descriptor: int, data: bytes, at: int) -> None:
    """Write all of ``data`` into an open file at a place, and flush it."""
    view = memoryview(data)
    while view:
        count = os.pwrite(descriptor, view, at)
        view, at = view[count:], at + count
    os.fsync(descriptor)


def cut(descriptor: int, length: int) -> None:
    """Shorten an open file, and flush it."""
    os.ftruncate(descriptor, length)
    os.fsync(descriptor)
