"""A folder of the store that is in use stays: whoever reads a slice holds a lock on it that the system drops with the process.

Slices that compaction has replaced are taken away once nobody holds them. What is no longer needed for certain, because
the file system knows no locks, stays and costs space only.
"""

import contextlib
import fcntl
import os
import weakref
from collections.abc import Iterator
from pathlib import Path

__all__ = ["Lease", "free"]

_MARK = "meta.json"
"""The file of a slice that carries the lock."""


class Lease:
    """Holds the slice in ``folder`` until it is forgotten. FileNotFoundError where it is taken away."""

    def __init__(self, folder: Path) -> None:
        held = os.open(folder / _MARK, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        self.close = weakref.finalize(self, os.close, held)
        with contextlib.suppress(OSError):
            fcntl.flock(held, fcntl.LOCK_SH)
        if not os.fstat(held).st_nlink:  # removed between opening and locking
            self.close()
            raise FileNotFoundError(folder / _MARK)


@contextlib.contextmanager
def free(folder: Path) -> Iterator[bool]:
    """Whether nobody holds the slice; nobody can take it up inside the block."""
    try:
        held = os.open(folder / _MARK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        yield True
        return
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True
    finally:
        os.close(held)
