"""Compaction beside a process that adds again and again: the command, in a process of its own that gives way to all others."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

from filon.settings import Settings

__all__ = ["Compactor"]

_LOWEST = 19


class Compactor:
    """Starts a compaction of the case in ``root`` where one is due and none runs. It may be ended at any time."""

    def __init__(self, root: Path, settings: Settings) -> None:
        self._root = root
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self.started = 0
        """How many were started."""

    @property
    def running(self) -> bool:
        """Whether a compaction is under way."""
        return self._process is not None and self._process.poll() is None

    def nudge(self) -> None:
        """A compaction is due."""
        if self.running:
            return
        path = os.pathsep.join(entry for entry in sys.path if entry)
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and command
            [sys.executable, "-P", "-m", "filon", "compact", str(self._root.absolute()), "--json"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path, "FILON_WHO": self._settings.who},
            start_new_session=True,
        )
        with contextlib.suppress(ProcessLookupError):  # it is done already
            os.setpriority(os.PRIO_PROCESS, self._process.pid, _LOWEST)
        self.started += 1

    def close(self) -> None:
        """End a compaction that runs; what is not visible yet is taken away by the next."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
