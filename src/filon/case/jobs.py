"""Work that goes on while pages are shown: one thread a job, progress kept, stopped on request.

Jobs live as long as the process. What they do to a case is resumable by itself, so a job that ends with the process is
an interrupted add, not lost work.
"""

import threading
import time
from collections.abc import Callable
from itertools import count
from typing import Any

import msgspec

from filon.errors import FilonError, Interrupted
from filon.model.memory import memory_in_use
from filon.model.progress import Pace, Progress, Report

__all__ = ["Job", "Jobs"]

_WEIGHED = 1.0
"""Seconds between two looks at the memory."""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """Where a job stands. ``state``: running, done, failed, stopped. ``rate`` and ``eta_seconds`` are of the present stage alone,
    ``memory`` bytes of this process and all it started.
    """

    id: int
    kind: str
    state: str
    progress: Progress | None = None
    rate: float | None = None
    eta_seconds: float | None = None
    memory: int | None = None
    result: Any = None
    error: str | None = None
    hint: str | None = None


class Jobs:
    """The jobs of one process."""

    def __init__(self) -> None:
        self._jobs: dict[int, Job] = {}
        self._stops: dict[int, threading.Event] = {}
        self._lock = threading.Lock()
        self._numbers = count(1)

    def start(self, kind: str, work: Callable[[Report], Any]) -> int:
        """Begin ``work`` in a thread of its own; it is handed the report to call."""
        number = next(self._numbers)
        self._jobs[number] = Job(id=number, kind=kind, state="running")
        self._stops[number] = threading.Event()
        threading.Thread(target=self._run, args=(number, work), name=f"job {number} {kind}", daemon=True).start()
        return number

    def status(self, number: int) -> Job | None:
        """A job, or None where there is none of this number."""
        with self._lock:
            return self._jobs.get(number)

    def running(self) -> list[Job]:
        """Jobs that have not ended."""
        with self._lock:
            return [job for job in self._jobs.values() if job.state == "running"]

    def stop(self, number: int) -> None:
        """Ask a job to stop at its next report."""
        if number in self._stops:
            self._stops[number].set()

    def _run(self, number: int, work: Callable[[Report], Any]) -> None:
        try:
            result = work(self._report_of(number))
        except Interrupted as stopped:
            self._change(number, state="stopped", error=str(stopped), hint=stopped.hint)
        except FilonError as error:
            self._change(number, state="failed", error=str(error), hint=error.hint)
        except Exception as error:  # noqa: BLE001 - a thread's edge: the page must hear of it
            self._change(number, state="failed", error=f"{type(error).__name__}: {error}")
        else:
            self._change(number, state="done", result=result)

    def _report_of(self, number: int) -> Report:
        pace, weighed, memory = Pace(), 0.0, None

        def report(progress: Progress) -> None:
            nonlocal weighed, memory
            if self._stops[number].is_set():
                raise Interrupted("stopped; what was finished is kept", hint="start the same again to go on")
            now = time.monotonic()
            with self._lock:  # several threads of one job report
                pace.note(progress, now)
                rate, left = pace.rate(now), pace.left(now)
                due = now - weighed >= _WEIGHED
                weighed = now if due else weighed
            memory = memory_in_use() if due else memory
            self._change(number, progress=progress, rate=rate, eta_seconds=left, memory=memory)

        return report

    def _change(self, number: int, **values: Any) -> None:
        with self._lock:
            self._jobs[number] = msgspec.structs.replace(self._jobs[number], **values)
