"""A disk whose plug can be pulled at every step, and which then forgets what was not flushed."""

import os
from pathlib import Path

from filon_net.log import durable


class Killed(BaseException):
    """The plug was pulled. Not an Exception: nothing in the library may catch it."""


class Disk:
    """Stands in for the steps of ``durable``. Each has two places to stop: half done, and done but not yet told."""

    def __init__(self, monkeypatch, stop_at=0, forget=False):
        self.steps = 0
        self._stop_at = stop_at
        self._forget = forget
        self._unflushed = {}  # file: its content on the disk, None where there is none
        self._renamed = []  # (path, content before)
        self._mkdir = Path.mkdir
        for name in ("write_file", "sync", "rename", "write_at", "cut"):
            monkeypatch.setattr(durable, name, getattr(self, name))

    def _step(self, half=lambda: None, whole=lambda: None):
        self.steps += 1
        if self.steps == self._stop_at:
            half()
            raise Killed
        whole()
        self.steps += 1
        if self.steps == self._stop_at:
            raise Killed

    def write_file(self, path, data):
        self._unflushed[path] = data[: len(data) // 3]
        self._step(lambda: path.write_bytes(data[: len(data) // 2]), lambda: path.write_bytes(data))

    def sync(self, path):
        def flush():
            self._unflushed.pop(path, None)
            self._renamed = [one for one in self._renamed if one[0].parent != path]

        self._step(whole=flush)

    def rename(self, beside, path):
        def move():
            self._renamed.append((path, path.read_bytes() if path.exists() else None))
            if beside in self._unflushed:  # the name came to the disk before the content
                self._unflushed[path] = self._unflushed.pop(beside)
            beside.replace(path)

        self._step(whole=move)

    def write_at(self, descriptor, data, at):
        def write(part):
            os.pwrite(descriptor, part, at)

        self._step(lambda: write(data[: len(data) // 2]), lambda: write(data))

    def cut(self, descriptor, length):
        self._step(whole=lambda: os.ftruncate(descriptor, length))

    def lose_power(self):
        """What was not flushed is gone, or half there."""
        if not self._forget:
            return
        for path, content in self._unflushed.items():
            if path.exists():
                path.write_bytes(content)
        for path, before in reversed(self._renamed):
            if before is None:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(before)
