"""The inside of a parsing process: set the limits, then answer calls until the parent goes.

Limits that hold for any user: address space, processor time per call, file size, open files, no core files. The limit
on processes counts all processes of a user and does not bind root, so besides it Python is told to refuse to start
processes or open connections; native code that was taken over is not held by that. Ctrl-C is left to the parent.

An error that is not a FilonError is not caught: it ends the process, and the parent reads its last words. A full disk
is no fault of the item: it is told as a StoreError, so that nobody takes it for a defect of the evidence.
"""

import ctypes
import importlib
import math
import os
import pickle
import resource
import signal
import struct
import sys
from pathlib import Path
from typing import BinaryIO

import msgspec

from filon.errors import FilonError
from filon.evidence.copies import is_full
from filon.evidence.worker import Answer, Failure
from filon.model.progress import Progress
from filon.settings import Limits
from filon.words.sentence import sentence

_LENGTH = struct.Struct("<I")
_FILES = 256
_FULL = sentence("the disk of the case is full: {reason}")
_FULL_HINT = sentence("make room, and run `filon add CASE` alone: it goes on from there")
_PROCESSES = 4096
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38
_REFUSED = (
    "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system", "pty.spawn", "subprocess.Popen",
    "socket.bind", "socket.connect", "socket.getaddrinfo", "socket.sendto",
)  # fmt: skip


def main() -> None:
    """Answer calls from standard input on what was standard output; stray prints go to standard error."""
    limits = msgspec.json.decode(sys.argv[1], type=Limits)
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _confine(limits)
    requests = sys.stdin.buffer
    while header := requests.read(_LENGTH.size):
        request = requests.read(_LENGTH.unpack(header)[0])
        _limit_cpu(limits)
        _answer(out, *pickle.loads(request))  # noqa: S301 - from the parent


def _confine(limits: Limits) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.umask(0o077)
    _tell_kernel()
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0]) if Path("/proc/self/statm").exists() else 0
    _limit(resource.RLIMIT_AS, pages * resource.getpagesize() + limits.worker_memory)
    _limit(resource.RLIMIT_FSIZE, limits.member_bytes)
    _limit(resource.RLIMIT_NOFILE, _FILES)
    _limit(resource.RLIMIT_NPROC, _PROCESSES)
    _limit(resource.RLIMIT_CORE, 0)
    sys.addaudithook(_refuse)


def _tell_kernel() -> None:
    """On Linux: die with the parent, and never gain rights by running a program."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _limit(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))


def _limit_cpu(limits: Limits) -> None:
    """The soft limit alone: it counts from the start of the process and must grow with every call."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(used.ru_utime + used.ru_stime) + limits.worker_cpu, hard))


def _refuse(event: str, _: tuple[object, ...]) -> None:
    if event in _REFUSED:
        raise PermissionError(f"{event} is refused where evidence is parsed")


def _answer(out: BinaryIO, function: str, args: tuple[object, ...], reports: bool) -> None:
    def report(progress: Progress) -> None:
        _send(out, Answer(progress=progress))

    module, _, name = function.partition(":")
    call = getattr(importlib.import_module(module), name)
    try:
        result = call(*args, report=report) if reports else call(*args)
    except OSError as error:
        if not is_full(error):
            raise
        full = Failure("StoreError", _FULL, _FULL_HINT, {"reason": str(error)})
        _send(out, Answer(failure=full))
    except FilonError as error:
        values = {key: value if isinstance(value, str | int) else str(value) for key, value in error.values.items()}
        failure = Failure(type(error).__name__, error.message, error.hint_message, values)
        _send(out, Answer(failure=failure))
    else:
        _send(out, Answer(result=msgspec.Raw(msgspec.json.encode(result))))


def _send(out: BinaryIO, answer: Answer) -> None:
    frame = msgspec.json.encode(answer)
    out.write(_LENGTH.pack(len(frame)) + frame)
    out.flush()


if __name__ == "__main__":
    main()
