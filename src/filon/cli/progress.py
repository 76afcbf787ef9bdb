"""Progress for people: stage, rate and time left on one line of the error stream; a line now and then when piped."""

import contextlib
import os
import sys
import time
from types import TracebackType
from typing import Self

import click

from filon.cli.output import number, size
from filon.errors import Interrupted
from filon.model.display import visible
from filon.model.progress import Progress

__all__ = ["Ticker"]

_EVERY = 0.2
_EVERY_PIPED = 15.0
_SETTLED = 0.5
"""Seconds before a rate means something."""
_COLUMNS = 80
"""Of a terminal that does not say how wide it is."""
_CLEAR = "\r\x1b[2K"


class Ticker:
    """Shows the progress it is called with; ``quiet`` leaves out the lines of a pipe.

    Ctrl-C inside it becomes ``Interrupted`` with ``stopped`` as its hint: what is kept, and how to go on.
    """

    def __init__(self, stopped: str, quiet: bool = False) -> None:
        self._stopped = stopped
        self._live = sys.stderr.isatty()
        self._quiet = quiet and not self._live
        self._shown = 0.0
        self._stage = ""
        self._started = self._began = time.monotonic()
        self._at_start = self._done = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()
        if isinstance(error, KeyboardInterrupt | click.Abort):
            raise Interrupted("stopped", hint=self._stopped) from error

    def __call__(self, progress: Progress) -> None:
        """Show one report, at most five times a second."""
        now = time.monotonic()
        new = progress.stage != self._stage
        if new or progress.done < self._done:  # another stage, or the next file of the same one
            self._stage, self._started, self._at_start = progress.stage, now, progress.done
        self._done = progress.done
        if not new and now - self._shown < (_EVERY if self._live else _EVERY_PIPED):
            return
        if self._quiet or (not self._live and now - self._began < _EVERY_PIPED):
            return
        self._shown = now
        text = self._words(progress, now - self._started)
        self._write(f"{_CLEAR}{_cut(text)}" if self._live else f"{text}\n")

    def clear(self) -> None:
        """Take the line away, so that something else can be written."""
        if self._live and self._stage:
            self._write(_CLEAR)

    def _write(self, text: str) -> None:
        with contextlib.suppress(BrokenPipeError):  # nobody looks any more: that is no reason to stop
            sys.stderr.write(text)
            sys.stderr.flush()

    def _words(self, progress: Progress, seconds: float) -> str:
        amount = size if progress.unit == "bytes" else number
        parts = [f"{progress.stage:<6}", amount(progress.done)]
        if progress.total:
            parts[-1] += f" of {amount(progress.total)} ({100 * progress.done // progress.total} %)"
        if progress.unit != "bytes":
            parts[-1] += f" {progress.unit}"
        rate = (progress.done - self._at_start) / seconds if seconds > _SETTLED else 0.0
        if rate > 0:
            parts.append(f"{amount(int(rate))}/s")
            if progress.total and progress.total >= progress.done:
                parts.append(f"{_clock(int((progress.total - progress.done) / rate))} left")
        if progress.item:
            parts.append(visible(progress.item)[-60:])
        return "  ".join(parts)


def _clock(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def _cut(text: str) -> str:
    """As much as fits on one line: a longer one could not be taken back."""
    from rich.cells import set_cell_size

    try:
        width = os.get_terminal_size(sys.stderr.fileno()).columns or _COLUMNS
    except OSError:
        width = _COLUMNS
    return set_cell_size(text, max(width - 1, 1)).rstrip()
