"""A small file system of its own, so that a disk is truly full and not said to be."""

import subprocess
from contextlib import suppress

import pytest


class SmallDisk:
    """A file system in memory. ``fill`` leaves no byte, ``empty`` gives all back."""

    def __init__(self, root):
        self.root = root
        self._filler = root / "filler"

    def fill(self):
        with suppress(OSError), self._filler.open("ab", buffering=0) as file:
            while True:
                file.write(bytes(1 << 20))
        with suppress(OSError), self._filler.open("ab", buffering=0) as file:
            while True:
                file.write(bytes(512))

    def empty(self):
        self._filler.unlink()


@pytest.fixture
def disk(tmp_path):
    """Skipped where nobody may mount one; there the limit of a file's size stands for it (``tests/evidence``)."""
    root = tmp_path / "disk"
    root.mkdir()
    try:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256m", "tmpfs", root], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no file system of its own can be mounted here")
    yield SmallDisk(root)
    subprocess.run(["umount", "--lazy", root], check=True)
