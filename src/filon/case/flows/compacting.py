"""Merging the small pieces that many adds leave in the store: built without the writer's lock, made visible under it.

Building gives way to all other work of the machine. What is done under the lock does not, for a writer may wait for it:
so a thread of its own builds, with the lowest priority.

Killed at any point, the case shows what it showed before or what it is to show. The store remembers the last compaction
until the log has it, so that one whose process ended in between is entered by whoever comes next.
"""

import gc
import os
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager, suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

from filon.case.site import Site
from filon.evidence.lock import writer_lock
from filon.model.progress import Report
from filon.store import Compacted

__all__ = ["compact", "in_use", "settle"]

_LOWEST = 19
T = TypeVar("T")
_BESIDE = ("compact", "reread")
"""Temporary folders, as ``NAME-PROCESS``, of what goes on beside a writer."""


def compact(
    site: Site, writing: Callable[[], AbstractContextManager[None]], who: str, report: Report
) -> list[Compacted]:
    """Merge until nothing is due. ``writing`` takes the writer's lock; CaseBusy where another process compacts."""
    done: list[Compacted] = []
    folder = site.tmp / f"compact-{os.getpid()}"
    with writer_lock(site.layout.compaction):
        try:
            while True:
                site.store.reload()
                swap = _gently(partial(site.store.compact, folder, report))
                with writing():
                    made = swap() if swap is not None else None
                    settle(site, who)
                gc.collect()  # what this process showed before may hang in a circle and hold its slices
                with writing():
                    site.store.sweep(folder)
                if made is None:
                    return done
                done.append(made)
                shutil.rmtree(folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _gently(build: Callable[[], T]) -> T:
    """What ``build`` gives, in a thread that gives way. Where a system knows no priority of threads, in one like all."""
    built: Future[T] = Future()

    def run() -> None:
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LOWEST)
        try:
            built.set_result(build())
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            built.set_exception(error)

    threading.Thread(target=run, name="compaction", daemon=True).start()
    return built.result()


def settle(site: Site, who: str) -> None:
    """Enter the last compaction in the log, unless it stands there. Under the writer's lock."""
    made = site.store.compacted
    if made is None or made.generation in site.ledger.freshen().compactions:
        return
    values = {
        "generation": made.generation,
        "messages": made.messages,
        "rows": made.rows,
        "slices": list(made.slices),
        "parts": list(made.parts),
    }
    site.custody.append("compacted", who, values)


def in_use(folder: Path) -> bool:
    """Whether a temporary folder belongs to a living process that works beside the writer."""
    name, _, process = folder.name.partition("-")
    if name not in _BESIDE or not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # alive, and somebody else's
    return True
