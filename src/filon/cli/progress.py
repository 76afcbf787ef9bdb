"""Progress for people: stage, rate and time left on one line of the error stream; a line now and then when piped."""

import sys
import time
from types import TracebackType
from typing import Self

from filon.cli.output import number, size
from filon.model.display import visible
from filon.model.progress import Progress

__all__ = ["Ticker"]

_EVERY = 0.2
_EVERY_PIPED = 15.0


class Ticker:
    """Shows the progress it is called with; quiet where nobody looks (``--json``)."""

    def __init__(self, quiet: bool = False) -> None:
        self._quiet = quiet
        self._live = sys.stderr.isatty()
        self._shown = 0.0
        self._stage = ""
        self._started = time.monotonic()
        self._at_start = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live and not self._quiet and self._stage:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()

    def __call__(self, progress: Progress) -> None:
        """Show one report, at most five times a second."""
        now = time.monotonic()
        if progress.stage != self._stage:
            self._stage, self._started, self._at_start = progress.stage, now, progress.done
        elif now - self._shown < (_EVERY if self._live else _EVERY_PIPED):
            return
        if self._quiet or (not self._live and now - self._started < _EVERY_PIPED):
            return
        self._shown = now
        text = self._words(progress, now - self._started)
        sys.stderr.write(f"\r\x1b[2K{text[:200]}" if self._live else f"{text}\n")
        sys.stderr.flush()

    def _words(self, progress: Progress, seconds: float) -> str:
        amount = size if progress.unit == "bytes" else number
        parts = [f"{progress.stage:<7}", amount(progress.done)]
        if progress.total:
            parts.append(f"of {amount(progress.total)} ({100 * progress.done // progress.total} %)")
        rate = (progress.done - self._at_start) / seconds if seconds > 0.5 else 0
        if rate > 0:
            parts.append(f"{amount(int(rate))}/s")
            if progress.total and progress.total >= progress.done:
                left = int((progress.total - progress.done) / rate)
                parts.append(f"{left // 60}:{left % 60:02d} left")
        if progress.item:
            parts.append(visible(progress.item)[-60:])
        return "  ".join(parts)
