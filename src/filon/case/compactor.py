"""Compaction beside a process that adds again and again: in a process of its own, which gives way to everything else.

Run as ``python -m filon.case.compactor CASE`` it compacts a case once. It may be ended at any time.
"""

import os
import subprocess
import sys
from pathlib import Path

from filon.errors import CaseBusy, FilonError
from filon.settings import Settings, load

__all__ = ["Compactor"]


class Compactor:
    """Starts a compaction of the case in ``root`` where one is due and none runs."""

    def __init__(self, root: Path, settings: Settings) -> None:
        self._root = root
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self.started = 0
        """How many were started."""

    def nudge(self) -> None:
        """A compaction is due."""
        if self._process is not None and self._process.poll() is None:
            return
        path = os.pathsep.join(entry for entry in sys.path if entry)
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-P", "-m", "filon.case.compactor", str(self._root.absolute())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path, "FILON_WHO": self._settings.who},
            start_new_session=True,
        )
        self.started += 1

    def close(self) -> None:
        """End a compaction that runs; what is not visible yet is taken away by the next."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def main(root: str) -> int:
    """Compact a case once, at the lowest priority."""
    from filon.case.case import open_case

    os.nice(19)
    try:
        with open_case(root, load()) as case:
            case.compact(case.view())
    except CaseBusy:
        return 0  # somebody else compacts
    except FilonError as error:
        sys.stderr.write(f"filon: the case could not be compacted: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
