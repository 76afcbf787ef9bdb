"""Progress for people: stage, rate, time left and memory on one line of the error stream; a line now and then when piped."""

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self

import click

from filon.cli.output import number, size
from filon.errors import Interrupted
from filon.model.display import visible
from filon.model.memory import memory_in_use
from filon.model.progress import Pace, Progress
from filon.settings import load
from filon.words.sentence import sentence as _

__all__ = ["Ticker"]

_EVERY = 0.2
_EVERY_PIPED = 10.0
_WEIGHED = 1.0
"""Seconds between two looks at the memory, and between two lines while nothing is reported."""
_COLUMNS = 80
"""Of a terminal that does not say how wide it is."""
_CLEAR = "\r\x1b[2K"
_SIGNS = {"fr": {",": "\u202f", ".": ",", "B": "o"}}
"""How numbers and sizes are written where not as in English."""
_OF, _SO_FAR = _("{done} of {total} {unit}"), _("{done} {unit}")
_LEFT, _MEMORY = _("step done in {time}"), _("{size} RAM")


class Ticker:
    """Shows the progress it is called with; ``quiet`` leaves out the lines of a pipe.

    What is left is told of the step at hand alone: nobody knows how fast the next will be. Ctrl-C inside it becomes
    ``Interrupted`` with ``stopped``, or what it then gives, as its hint: what is kept, and how to go on.
    """

    def __init__(self, stopped: str | Callable[[], str], quiet: bool = False) -> None:
        self._stopped = stopped
        self._live = sys.stderr.isatty()
        self._quiet = quiet and not self._live
        self._every = _EVERY if self._live else _EVERY_PIPED
        self._pace = Pace()
        self._lock = threading.Lock()
        self._progress: Progress | None = None
        self._memory: int | None = None
        self._weighed = 0.0
        self._shown = 0.0 if self._live else time.monotonic()
        self._over = threading.Event()
        self._words = _Words(load().language)
        self._ticking = threading.Thread(target=self._tick, name="progress", daemon=True)

    def __enter__(self) -> Self:
        if not self._quiet:
            self._ticking.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if not self._quiet:
            self._ticking.join()
        self.clear()
        if isinstance(error, KeyboardInterrupt | click.Abort):
            hint = self._stopped if isinstance(self._stopped, str) else self._stopped()
            raise Interrupted("stopped", hint=hint) from error

    def __call__(self, progress: Progress) -> None:
        """Show one report, at most five times a second."""
        if self._quiet:
            return
        now = time.monotonic()
        with self._lock:
            new = self._pace.note(progress, now)
            self._progress = progress
            if now - self._shown >= self._every or (new and self._live):
                self._show(now)

    def clear(self) -> None:
        """Take the line away, so that something else can be written."""
        with self._lock:
            if self._live and self._progress is not None:
                self._write(_CLEAR)
            self._progress = None

    def _tick(self) -> None:
        """While nothing is reported, the line goes on: less and less fast."""
        while not self._over.wait(_WEIGHED):
            now = time.monotonic()
            with self._lock:
                if now - self._shown >= max(_WEIGHED, self._every):
                    self._show(now)

    def _show(self, now: float) -> None:
        if self._progress is None or self._over.is_set():
            return
        self._shown = now
        if now - self._weighed >= _WEIGHED:
            self._weighed, self._memory = now, memory_in_use()
        rate, left = self._pace.rate(now), self._pace.left(now)
        lines = self._words.lines(self._progress, rate, left, self._memory)
        self._write(f"{_CLEAR}{_fitting(lines)}" if self._live else f"{next(lines)}\n")

    def _write(self, text: str) -> None:
        with contextlib.suppress(BrokenPipeError):  # nobody looks any more: that is no reason to stop
            sys.stderr.write(text)
            sys.stderr.flush()


class _Words:
    """A report in words."""

    def __init__(self, language: str) -> None:
        self._signs = str.maketrans(_SIGNS.get(language, {}))
        self._language = language

    def lines(self, progress: Progress, rate: float | None, left: float | None, memory: int | None) -> Iterator[str]:
        """What there is to say, in full; then with less and less of it."""
        from filon.words.catalogue import translator

        words = translator(self._language)
        unit = "" if progress.unit == "bytes" else words.term("unit", progress.unit)
        done, total = self._amount(progress, progress.done), progress.total
        known = {"done": done, "unit": unit, "total": self._amount(progress, total or 0)}
        stands = words.filled(_OF if total else _SO_FAR, known).strip()
        share = f" ({100 * progress.done // total} %)" if total else ""
        parts = []
        if rate is not None and rate > 0:
            parts.append(f"{self._amount(progress, int(rate))}/s")
        if left is not None:
            parts.append(words.filled(_LEFT, {"time": _clock(int(left))}))
        if memory is not None:
            parts.append(words.filled(_MEMORY, {"size": size(memory).translate(self._signs)}))
        item = [visible(progress.item)[-60:]] if progress.item else []
        stage = words.term("stage", progress.stage)
        yield "  ".join([stage, stands + share, *parts, *item])
        yield "  ".join([stage, stands + share, *parts])
        yield "  ".join([stage, stands, *parts])
        yield "  ".join([stage, words.filled(_OF if total else _SO_FAR, known | {"unit": ""}).strip(), *parts])

    def _amount(self, progress: Progress, value: int) -> str:
        return (size if progress.unit == "bytes" else number)(value).translate(self._signs)


def _clock(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def _fitting(lines: Iterator[str]) -> str:
    """The first that fits on one line, or as much of the last as does: a longer one could not be taken back."""
    from rich.cells import cell_len, set_cell_size

    try:
        width = (os.get_terminal_size(sys.stderr.fileno()).columns or _COLUMNS) - 1
    except OSError:
        width = _COLUMNS - 1
    line = ""
    for line in lines:
        if cell_len(line) <= width:
            return line
    return set_cell_size(line, max(width, 1)).rstrip()
