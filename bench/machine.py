"""What the figures were measured on, and what a process and its children cost."""

import json
import os
import platform
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

__all__ = ["Cost", "Memory", "Watched", "busy", "bytes_below", "describe", "load", "memory", "processor_seconds", "run"]

_PAUSE = 0.05
_PAUSE_SHARED = 0.5
"""Seconds between two looks at what processes share: the kernel walks all their pages for it."""


@dataclass(frozen=True)
class Memory:
    """Bytes of a process and its children. ``resident`` counts a shared page once for each of them, ``proportional`` once
    in all (PSS), ``anonymous`` leaves out what can be read from files again."""

    resident: int
    proportional: int
    anonymous: int


@dataclass(frozen=True)
class Cost:
    """``seconds`` by the clock, ``cpu`` of the process and its children, ``peak`` bytes of all of them at one moment.

    ``peak`` adds up resident sizes every 50 ms, so pages that processes share count once for each of them.
    """

    seconds: float
    cpu: float
    peak: int
    answer: dict[str, Any]
    memory: Memory | None = None
    """The most of each kind, looked at every half a second; None where it was not asked for."""


def describe() -> list[tuple[str, str]]:
    """Facts about this machine, without its name."""
    memory = int(_field(Path("/proc/meminfo"), "MemTotal").split()[0]) * 1024
    return [
        ("processor", f"{_field(Path('/proc/cpuinfo'), 'model name')}, {len(os.sched_getaffinity(0))} cores"),
        ("memory", f"{memory / 2**30:.0f} GiB"),
        ("system", f"{platform.system()} {platform.release()}"),
        ("Python", platform.python_version()),
        *((name, version(name)) for name in ("filon", "pyarrow", "duckdb", "tantivy", "litestar")),
    ]


def load() -> str:
    """The load average over one, five and fifteen minutes."""
    return " · ".join(f"{value:.1f}" for value in os.getloadavg())


def busy() -> bool:
    """True where other programs keep more than a quarter of the processor at work."""
    return os.getloadavg()[0] > 0.25 * len(os.sched_getaffinity(0))


class Watched:
    """Watches the memory and the processor time of a process and all that it starts, until told to stop."""

    def __init__(self, pid: int, *, shared: bool = False) -> None:
        self._pid, self._shared = pid, shared
        self._done = threading.Event()
        self.peak = 0
        self.memory = Memory(0, 0, 0)
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        asked = 0.0
        while not self._done.wait(_PAUSE):
            self.peak = max(self.peak, sum(_resident(pid) for pid in _family(self._pid)))
            if self._shared and time.monotonic() - asked > _PAUSE_SHARED:
                now, asked = memory(self._pid), time.monotonic()
                most = self.memory
                self.memory = Memory(
                    max(most.resident, now.resident, self.peak),
                    max(most.proportional, now.proportional),
                    max(most.anonymous, now.anonymous),
                )


def run(command: Sequence[str], environment: dict[str, str], *, shared: bool = False) -> Cost:
    """Run a command that prints one JSON object, and watch what it costs. Its failure is ours.

    ``shared``: also look at what its processes share, which costs some per cent of a processor.
    """
    before = os.times()
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ | environment) as process:
        watched = Watched(process.pid, shared=shared)
        out, _ = process.communicate()
        seconds = time.perf_counter() - began
    watched.stop()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} left with {process.returncode}")
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost(seconds, cpu, watched.peak, json.loads(out.splitlines()[-1]), watched.memory if shared else None)


def memory(pid: int) -> Memory:
    """What a process and its children hold now."""
    sums = {"Rss": 0, "Pss": 0, "Anonymous": 0}
    for member in _family(pid):
        try:
            told = Path(f"/proc/{member}/smaps_rollup").read_text()
        except OSError:
            continue
        for line in told.splitlines()[1:]:
            name, _, value = line.partition(":")
            if name in sums:
                sums[name] += int(value.split()[0]) * 1024
    return Memory(sums["Rss"], sums["Pss"], sums["Anonymous"])


def processor_seconds(pid: int) -> float:
    """Processor time of a process, of what it started, and of what that started and has ended since."""
    ticks = 0
    for member in _family(pid):
        try:
            fields = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def bytes_below(folder: Path) -> int:
    """Bytes that the files below a folder occupy on disk."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


def _family(pid: int) -> list[int]:
    """A process and all that it started. What ends meanwhile is left out."""
    found = [pid]
    for member in found:
        for children in Path(f"/proc/{member}/task").glob("*/children"):
            try:
                found += map(int, children.read_text().split())
            except OSError:
                continue
    return found


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
    except OSError:
        return 0


def _field(path: Path, name: str) -> str:
    for line in path.read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return "not known"
