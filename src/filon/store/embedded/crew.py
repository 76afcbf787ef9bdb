"""Processes that do the heavy steps of a write side by side: spilling rows and building slices.

A child (``filon.store.embedded.crew_child``) is a fresh interpreter, not a fork and not a second run of the program's
main module, so that it works from any program and thread. Tasks and answers are pickled: both ends are ours. A child
lives no longer than its parent: it ends itself when its standard input closes, whatever it is doing.
"""

import contextlib
import os
import pickle
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from queue import SimpleQueue
from threading import Lock
from types import TracebackType
from typing import IO, Any, TypeVar

import msgspec

from filon.errors import StoreError

__all__ = ["Crew", "Done", "Failed", "Tell", "Told", "receive", "send"]

Tell = Callable[[int], None]
"""Told by a task how many more rows it has done."""
T = TypeVar("T")
_LENGTH = struct.Struct("<Q")
_LAST_WORDS = 4096
_LEAN = {"ARROW_DEFAULT_MEMORY_POOL": "system"}
"""Of Arrow's allocators the one that holds least memory, and the quickest for columns that come and go; measured."""


class Told(msgspec.Struct, frozen=True):
    """Rows done since the last time."""

    rows: int


class Done(msgspec.Struct, frozen=True):
    """What a task gave."""

    result: Any


class Failed(msgspec.Struct, frozen=True):
    """A ``StoreError`` in parts, as exceptions with values cannot be pickled."""

    message: str
    hint: str | None
    values: dict[str, object]


class Crew:
    """Up to ``size`` processes, started with their first task; with a size of 1 all is done in this process."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._idle: SimpleQueue[_Child] = SimpleQueue()
        self._children: list[_Child] = []
        self._lock = Lock()

    def __enter__(self) -> "Crew":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def run(self, tasks: Sequence[Callable[[Tell], T]], tell: Tell) -> list[T]:
        """What each task gives, in their order. The first error ends the others; so does Ctrl-C."""
        if self._size == 1:
            return [task(tell) for task in tasks]
        with ThreadPoolExecutor(self._size) as pool:
            futures = [pool.submit(self._one, task, tell) for task in tasks]
            try:
                for future in wait(futures, return_when=FIRST_EXCEPTION).done:
                    future.result()
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                self._end()
                raise
        return [future.result() for future in futures]

    def _one(self, task: Callable[[Tell], T], tell: Tell) -> T:
        child = self._child()
        answer = child.ask(task)
        while isinstance(answer, Told):
            with self._lock:
                tell(answer.rows)
            answer = child.listen()
        self._idle.put(child)
        if isinstance(answer, Failed):
            raise StoreError(answer.message, hint=answer.hint, **answer.values)
        result: T = answer.result
        return result

    def _child(self) -> "_Child":
        with self._lock:
            if self._idle.empty():
                self._children.append(_Child())
                return self._children[-1]
            return self._idle.get()

    def _end(self) -> None:
        with self._lock:
            for child in self._children:
                child.end()


class _Child:
    def __init__(self) -> None:
        self._words = tempfile.TemporaryFile()  # noqa: SIM115 - open for as long as the process lives
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "filon.store.embedded.crew_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._words,
            env={**_LEAN, **os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            start_new_session=True,  # Ctrl-C is the parent's business
        )

    def ask(self, task: Callable[[Tell], Any]) -> Told | Done | Failed:
        assert self._process.stdin
        with contextlib.suppress(BrokenPipeError):  # how it ended is said below
            send(self._process.stdin, task)
        return self.listen()

    def listen(self) -> Told | Done | Failed:
        assert self._process.stdout
        if frame := receive(self._process.stdout):
            answer: Told | Done | Failed = pickle.loads(frame)  # noqa: S301 - both ends are ours
            return answer
        raise StoreError(
            "a process that writes to the store ended with code {code}: {words}",
            hint="do the same again, it goes on from there; code -9 may mean that memory ran out",
            code=self._process.wait(),
            words=self._last_words(),
        )

    def _last_words(self) -> str:
        self._words.seek(max(0, self._words.seek(0, os.SEEK_END) - _LAST_WORDS))
        lines = self._words.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else "no reason given"

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._words):
            if stream:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()


def send(stream: IO[bytes], what: object) -> None:
    """Write one pickled frame."""
    data = pickle.dumps(what)
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def receive(stream: IO[bytes]) -> bytes:
    """Read one frame, still pickled; nothing where the other end is gone."""
    head = _exactly(stream, _LENGTH.size)
    return _exactly(stream, _LENGTH.unpack(head)[0]) if head else b""


def _exactly(stream: IO[bytes], length: int) -> bytes:
    data = bytearray()
    while len(data) < length:
        piece = stream.read(length - len(data))
        if not piece:
            return b""
        data += piece
    return bytes(data)
