"""The turn of one writer: its lock, and what it finds when it begins."""

import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from filon.case.flows import compacting, withdrawing
from filon.case.site import Site
from filon.errors import CaseBusy, StoreError
from filon.evidence.copies import is_full
from filon.evidence.lock import writer_lock

__all__ = ["tidy", "writing"]

_PATIENCE = 1.0
"""Seconds a writer waits for another: a compaction holds the lock for a moment only."""
_PATIENCE_WITH_COMPACTION = 60.0
"""Seconds it waits for that one, which is sure to end soon, on a machine that has other things to do."""
_WAIT = 0.005


@contextmanager
def writing(site: Site, patience: float = _PATIENCE) -> Iterator[None]:
    """Hold the writer's lock; CaseBusy where somebody else does for longer than ``patience`` in seconds.

    StoreError where the disk of the case is full.
    """
    until = time.monotonic() + patience
    later = time.monotonic() + _PATIENCE_WITH_COMPACTION
    with ExitStack() as held:
        while True:
            try:
                held.enter_context(writer_lock(site.layout.lock))
                break
            except CaseBusy as busy:
                if time.monotonic() >= (later if _compacts(site, busy) else until):
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


def _compacts(site: Site, busy: CaseBusy) -> bool:
    """Whether the process that holds the writer's lock is the one that compacts."""
    with suppress(OSError):
        return bool(busy.values["pid"]) and site.layout.compaction.read_text("ascii").strip() == busy.values["pid"]
    return False


def tidy(site: Site, *, sweep: bool = True) -> None:
    """Take away what a stopped process left in the case's own folder for temporary files, and end what it had begun.

    With ``sweep`` also what compactions replaced; who compacts beside a writer does that, so that adds need not wait.
    """
    site.store.reload()
    compacting.settle(site, site.settings.who)
    withdrawing.settle(site)
    if sweep:
        site.store.sweep(site.tmp / "retired")
    for left in site.tmp.iterdir():
        if compacting.in_use(left):
            continue
        shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()
