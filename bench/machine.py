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

__all__ = ["Cost", "busy", "bytes_below", "describe", "load", "run"]

_PAUSE = 0.05


@dataclass(frozen=True)
class Cost:
    """``seconds`` by the clock, ``cpu`` of the process and its children, ``peak`` bytes of all of them at one moment.

    ``peak`` adds up resident sizes every 50 ms, so pages that processes share count once for each of them.
    """

    seconds: float
    cpu: float
    peak: int
    answer: dict[str, Any]


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


def run(command: Sequence[str], environment: dict[str, str]) -> Cost:
    """Run a command that prints one JSON object, and watch what it costs. Its failure is ours."""
    before = os.times()
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ | environment) as process:
        peaks = [0]
        watch = threading.Thread(target=_watch, args=(process, peaks), daemon=True)
        watch.start()
        out, _ = process.communicate()
        seconds = time.perf_counter() - began
    watch.join()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} left with {process.returncode}")
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost(seconds, cpu, peaks[0], json.loads(out.splitlines()[-1]))


def bytes_below(folder: Path) -> int:
    """Bytes that the files below a folder occupy on disk."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


def _watch(process: "subprocess.Popen[bytes]", peaks: list[int]) -> None:
    while process.poll() is None:
        peaks[0] = max(peaks[0], sum(_resident(pid) for pid in _family(process.pid)))
        time.sleep(_PAUSE)


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
