"""Memory that this process and all it started hold at this moment, where the system says so; and how a process keeps it."""

import os
from pathlib import Path

__all__ = ["KEEPING", "memory_in_use"]

KEEPING = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_MMAP_THRESHOLD_": str(256 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(256 << 20),
}
"""Environment in which a process that works through much data keeps what it freed for the next piece of it (glibc; elsewhere
without effect). Giving pages back and taking them anew costs a fifth of the time of parsing."""

_PROC = Path("/proc")
_KIB = 1024


def memory_in_use(process: int | None = None, proc: Path = _PROC) -> int | None:
    """Bytes of a process (default: this one) and its descendants; None on systems without ``/proc``.

    A page that several of them share counts once (``Pss`` of ``smaps_rollup``, Linux 4.14); where that may not be read
    it counts for each (``VmRSS`` of ``status``).
    """
    own = os.getpid() if process is None else process
    told = _held(proc / str(own))
    if told is None:
        return None
    found, waiting = told, _children(proc / str(own))
    while waiting:
        place = proc / str(waiting.pop())
        found += _held(place) or 0  # one that has just ended holds nothing
        waiting += _children(place)
    return found


def _children(place: Path) -> list[int]:
    """Processes that any thread of this one started."""
    children: list[int] = []
    for told in place.glob("task/*/children"):
        try:
            children += map(int, told.read_text("ascii").split())
        except OSError:
            continue  # the thread has just ended
    return children


def _held(place: Path) -> int | None:
    for name, field in (("smaps_rollup", "Pss:"), ("status", "VmRSS:")):
        try:
            lines = (place / name).read_text("utf-8", "replace").splitlines()
        except OSError:
            continue
        for line in lines:
            if line.startswith(field):
                return int(line.split()[1]) * _KIB
    return None
