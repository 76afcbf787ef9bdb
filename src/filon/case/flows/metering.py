"""One report of what several processes do at the same time."""

import threading

from filon.model.progress import Progress, Report

__all__ = ["Meter"]


class Meter:
    """Adds up the bytes that several processes report of one ``stage``."""

    def __init__(self, report: Report, stage: str, total: int, done: int = 0) -> None:
        self._report = report
        self._stage = stage
        self._total = total
        self._done = done
        self._running: dict[object, int] = {}
        self._lock = threading.Lock()

    def of(self, work: object) -> Report:
        """The report of one piece of work: a reading, one block of it, a file."""

        def take(progress: Progress) -> None:
            with self._lock:
                self._running[work] = progress.done
                done = self._done + sum(self._running.values())
            self._report(Progress(self._stage, min(done, self._total), self._total, "bytes", progress.item))

        return take

    def finished(self, work: object, size: int) -> None:
        """A piece of work is done, whatever it reported."""
        with self._lock:
            self._running.pop(work, None)
            self._done += size
            done = self._done + sum(self._running.values())
        if size:
            self._report(Progress(self._stage, min(done, self._total), self._total, "bytes"))
