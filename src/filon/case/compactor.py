"""Compaction beside a process that adds again and again: in a process of its own, which is kept for the next time.

A line asks it to compact and a line says that it is done. Its parent may end it at any time, and when the parent goes it
ends after the compaction under way.
"""

import os
import subprocess
import sys
from pathlib import Path

from filon.settings import Settings

__all__ = ["Compactor"]


class Compactor:
    """Has the case in ``root`` compacted, one compaction after the other."""

    def __init__(self, root: Path, settings: Settings) -> None:
        self._root = root
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._asked = False

    @property
    def running(self) -> bool:
        """Whether a compaction is under way."""
        if self._asked and self._process is not None:
            self._asked = self._process.poll() is None and not self._answered(self._process)
        return self._asked

    def nudge(self) -> None:
        """A compaction is due."""
        if self.running:
            return
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._process = self._started()
        if self._process.stdin is not None:
            self._process.stdin.write(b"\n")
            self._asked = True

    def close(self) -> None:
        """End a compaction that runs; what is not visible yet is taken away by the next."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None
        self._asked = False

    def _started(self) -> "subprocess.Popen[bytes]":
        path = os.pathsep.join(entry for entry in sys.path if entry)
        started = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-P", "-m", "filon.case.compactor_child", str(self._root.absolute())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env={**os.environ, "PYTHONPATH": path, "FILON_WHO": self._settings.who},
            start_new_session=True,
        )
        if started.stdout is not None:
            os.set_blocking(started.stdout.fileno(), False)
        return started

    @staticmethod
    def _answered(process: "subprocess.Popen[bytes]") -> bool:
        return process.stdout is not None and bool(process.stdout.read(1))
