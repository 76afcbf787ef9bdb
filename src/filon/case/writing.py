"""The turn of one writer: its lock, and what it finds when it begins."""

import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from filon.case.flows import compacting
from filon.case.site import Site
from filon.errors import CaseBusy, StoreError
from filon.evidence.copies import is_full
from filon.evidence.lock import writer_lock

__all__ = ["tidy", "writing"]

_PATIENCE = 1.0
"""Seconds a writer waits for another: a compaction holds the lock for a moment only."""
_WAIT = 0.005


@contextmanager
def writing(site: Site, patience: float = _PATIENCE) -> Iterator[None]:
    """Hold the writer's lock; CaseBusy where somebody else does for longer than ``patience`` in seconds.

    StoreError where the disk of the case is full.
    """
    until = time.monotonic() + patience
    with ExitStack() as held:
        while True:
            try:
                held.enter_context(writer_lock(site.layout.lock))
                break
            except CaseBusy:
                if time.monotonic() >= until:
                    raise
                time.sleep(_WAIT)
        try:
            yield
        except OSError as error:
            if not is_full(error):
                raise
            raise StoreError(
                "the disk of the case is full: {reason}",
                hint="make room there and do the same again: it goes on from what is finished",
                reason=str(error),
            ) from error


def tidy(site: Site) -> None:
    """Take away what a stopped process left in the case's own folder for temporary files, and log what it did not."""
    site.store.reload()
    compacting.settle(site, site.settings.who)
    site.store.sweep()
    for left in site.tmp.iterdir():
        if compacting.in_use(left):
            continue
        shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()
