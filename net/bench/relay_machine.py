"""Processes the bench starts, and what they cost."""

import json
import os
import platform
import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

NET = Path(__file__).parents[1]
sys.path.append(str(NET / "tests" / "relay"))

from cluster import Cluster  # noqa: E402  # one way of starting PostgreSQL, the tests'

__all__ = ["NET", "Cluster", "Load", "Relay", "described", "free", "resident", "seconds"]

_PROGRAM = (sys.executable, "-c", "from filon_net.cli import main; main()")


def described() -> dict[str, str]:
    """The machine, without its name."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    return {
        "processor": f"{model[1] if model else platform.machine()}, {len(os.sched_getaffinity(0))} cores",
        "memory": f"{int(memory[1]) / 2**20:.0f} GiB" if memory else "unknown",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        **{name: version(name) for name in ("picows", "uvloop", "psycopg", "cryptography")},
    }


def free(path: Path) -> int:
    """Free bytes of the disk a path is on."""
    return shutil.disk_usage(path).free


def resident(pid: int) -> int:
    """Bytes a process has in memory that are its own or shared: PSS where the kernel tells it."""
    try:
        found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return int(found[1]) * 1024 if found else 0


def seconds(pid: int) -> float:
    """Processor seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Relay:
    """One or more edges of one relay."""

    def __init__(self, folder: Path, edges: int, url: str | None, operator: bytes) -> None:
        self.folder = folder
        if not (folder / "name").exists():
            subprocess.run(
                [*_PROGRAM, "relay", "init", str(folder), "--operator", operator.hex()],
                check=True,
                stdout=subprocess.DEVNULL,
            )
        self.name = (folder / "name").read_text().strip()
        store = ["--store", "postgres", url] if url else []
        self.processes = [
            subprocess.Popen(
                [*_PROGRAM, "relay", "run", str(folder), "--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0", *store],
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(edges)
        ]
        self.ports = [self._told(process) for process in self.processes]
        self.metrics = [self._told(process) for process in self.processes]

    @staticmethod
    def _told(process: Any) -> int:
        return int(process.stdout.readline().rpartition(":")[2])

    def memory(self) -> int:
        return sum(resident(process.pid) for process in self.processes)

    def processor(self) -> float:
        return sum(seconds(process.pid) for process in self.processes)

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(120)
            if process.stdout:
                process.stdout.close()


class Load:
    """A process of phones: ``relay_load`` with a plan."""

    def __init__(self, **plan: Any) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(NET / "bench" / "relay_load.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.say(json.dumps(plan))

    def say(self, line: str = "go") -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"a load process ended with {self._process.wait()}")
        told: dict[str, Any] = json.loads(line)
        return told

    def end(self) -> dict[str, Any]:
        """Stop, and what it saw."""
        self.say("stop")
        told = self.hear()
        self._process.wait(60)
        return told
