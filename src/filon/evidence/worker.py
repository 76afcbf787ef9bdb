"""A process in which evidence is parsed under limits, so that no file can take the case or the server down with it.

The child (``filon.evidence.worker_child``) is started once and asked many times. What goes in is pickled: it comes from
us. What comes out is JSON in frames of bounded length and is decoded as data: the child has touched evidence. A child
that crashes, passes a limit or falls silent is ended with everything it started, ``WorkerDied`` says why, and the
next call starts a fresh one.
"""

import contextlib
import os
import pickle
import select
import signal
import struct
import subprocess
import sys
import tempfile
import time
import weakref
from concurrent.futures import Executor
from types import TracebackType
from typing import IO, Any, TypeVar, overload

import msgspec

from filon import errors
from filon.errors import EvidenceError, FilonError
from filon.model.memory import KEEPING
from filon.model.progress import Progress, Report
from filon.settings import Limits

__all__ = ["Answer", "Failure", "Worker", "WorkerDied"]

_LENGTH = struct.Struct("<I")
_LARGEST_FRAME = 256 << 20
_LAST_WORDS = 4096
T = TypeVar("T")


class WorkerDied(EvidenceError):
    """The child did not answer. ``reason``: memory, cpu, silence, signal, exit or garbled."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(
            "the process that parsed the item ended: {detail}",
            hint="the item may be damaged or made to do this; the rest of the case is not affected",
            reason=reason,
            detail=detail,
        )
        self.reason = reason
        self.detail = detail


class Failure(msgspec.Struct, frozen=True):
    """A FilonError of the child: the name of its class, its message, hint and values."""

    kind: str
    message: str
    hint: str | None
    values: dict[str, Any]


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """One frame from the child: progress, or how the call ended."""

    progress: Progress | None = None
    failure: Failure | None = None
    result: msgspec.Raw = msgspec.Raw(b"null")


class Worker:
    """One child process, started at the first call. Not for several threads at once.

    Linux ends a child with the thread that started it. One that is to serve several threads is started by ``starter``,
    whose thread lasts.
    """

    def __init__(self, limits: Limits, starter: Executor | None = None) -> None:
        self._limits = limits
        self._starter = starter
        self._child: _Child | None = None

    def __enter__(self) -> "Worker":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """Process number of the child, None while there is none."""
        return self._child.process.pid if self._child else None

    def close(self) -> None:
        """End the child, if there is one, and all it started."""
        if self._child:
            self._child.end()
            self._child = None

    @overload
    def call(self, function: str, *args: object, report: Report | None = None) -> Any: ...
    @overload
    def call(self, function: str, *args: object, report: Report | None = None, returns: type[T]) -> T: ...
    def call(self, function: str, *args: object, report: Report | None = None, returns: Any = Any) -> Any:
        """Run ``"module:function"`` in the child and return its result, decoded as ``returns``.

        With ``report`` the function is given a keyword argument ``report`` whose progress reaches it here; every
        progress counts as a sign of life. FilonErrors of the function are raised here; any other end is ``WorkerDied``.
        Ctrl-C, or an error in ``report``, ends the child.
        """
        if self._child is not None and self._child.process.poll() is not None:
            self.close()  # it ended while it had nothing to do, and no item is to blame
        if self._child is None:
            self._child = self._starter.submit(_Child, self._limits).result() if self._starter else _Child(self._limits)
        try:
            return _converse(self._child, self._limits, (function, args, report is not None), report, returns)
        except FilonError as error:
            if isinstance(error, WorkerDied) or not self._child.waiting:
                self.close()
            raise
        except BaseException:
            self.close()
            raise


def _converse(
    child: "_Child", limits: Limits, request: tuple[str, tuple[object, ...], bool], report: Report | None, returns: Any
) -> Any:
    child.send(pickle.dumps(request))
    while True:
        answer = child.receive(limits.worker_silence)
        if answer.progress is not None:
            if report:
                report(answer.progress)
            continue
        child.waiting = True
        if answer.failure:
            raise _revived(answer.failure)
        try:
            return msgspec.json.decode(answer.result, type=returns)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise child.died("garbled", f"it gave an answer of another shape: {error}") from error


def _revived(failure: Failure) -> FilonError:
    """The error as it was raised in the child; of the root class where the class takes more than values."""
    kind = getattr(errors, failure.kind, FilonError) if failure.kind in errors.__all__ else FilonError
    values = {name: value for name, value in failure.values.items() if name not in ("self", "message", "hint")}
    if kind is errors.QueryError:
        position = values.pop("position", 0)
        return errors.QueryError(failure.message, position=position, hint=failure.hint, **values)
    error: FilonError = kind(failure.message, hint=failure.hint, **values)
    return error


class _Child:
    """The process and its two pipes."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._words = _nameless()
        self._received = b""
        self.waiting = True
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-P", "-m", "filon.evidence.worker_child", msgspec.json.encode(limits).decode()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._words,
            bufsize=0,
            env={**KEEPING, **os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            start_new_session=True,
        )
        self._end = weakref.finalize(self, _end, self.process, self._words)

    def end(self) -> None:
        self._end()

    def send(self, request: bytes) -> None:
        assert self.process.stdin
        self.waiting = False
        try:
            for piece in (_LENGTH.pack(len(request)), request):
                left = memoryview(piece)
                while left:
                    left = left[self.process.stdin.write(left) or 0 :]
        except BrokenPipeError as error:
            raise self.died() from error

    def receive(self, silence: float) -> Answer:
        """The next frame; ``WorkerDied`` where there is none within ``silence`` seconds, or it is not one."""
        deadline = time.monotonic() + silence
        (length,) = _LENGTH.unpack(self._take(_LENGTH.size, deadline))
        if length > _LARGEST_FRAME:
            raise self.died("garbled", f"it wanted to answer with {length} bytes")
        try:
            return msgspec.json.decode(self._take(length, deadline), type=Answer)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise self.died("garbled", f"it gave an answer of another shape: {error}") from error

    def _take(self, length: int, deadline: float) -> bytes:
        assert self.process.stdout
        pieces, have = [self._received], len(self._received)
        while have < length:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise self.died("silence", f"it reported nothing for {self._limits.worker_silence} s")
            piece = os.read(self.process.stdout.fileno(), 1 << 20)
            if not piece:
                raise self.died()
            pieces.append(piece)
            have += len(piece)
        data = b"".join(pieces)
        self._received = data[length:]
        return data[:length]

    def died(self, reason: str | None = None, detail: str | None = None) -> WorkerDied:
        """The error for a child that is of no use any more; by how it ended where no reason is given."""
        if reason is not None:
            return WorkerDied(reason, detail or reason)
        try:
            code = self.process.wait(5)
        except subprocess.TimeoutExpired:
            return WorkerDied("garbled", "it closed its pipe and went on")
        self._words.seek(max(0, self._words.seek(0, os.SEEK_END) - _LAST_WORDS))
        words = self._words.read().decode("utf-8", "replace").strip().splitlines()
        last = words[-1] if words else ""
        if code == -signal.SIGXCPU:
            return WorkerDied("cpu", f"it used more than {self._limits.worker_cpu} s of processor time")
        if last.startswith("MemoryError") or "std::bad_alloc" in last:
            return WorkerDied("memory", f"it needed more than {self._limits.worker_memory} bytes of memory")
        if code < 0:
            return WorkerDied("signal", f"it was ended by {signal.Signals(-code).name}")
        return WorkerDied("exit", f"it ended with code {code}{': ' + last if last else ''}")


def _nameless() -> IO[bytes]:
    """A file for last words, which may quote evidence: in memory where the system has that, else without a name."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("words"), "w+b")
    return tempfile.TemporaryFile()


def _end(process: subprocess.Popen[bytes], words: IO[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):  # it is gone, and so is all it started
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdin, process.stdout, words):
        if stream:
            stream.close()
