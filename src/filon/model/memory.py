"""Memory that this process and all it started hold at this moment, where the system says so."""

import os
from pathlib import Path

__all__ = ["memory_in_use"]

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
