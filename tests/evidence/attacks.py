"""What a worker is asked to do in its tests: behave, fail, and try to get out."""

import ctypes
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from filon.errors import EvidenceError, QueryError
from filon.model.progress import Progress


def double(number: int) -> int:
    return number * 2


def pid() -> int:
    return os.getpid()


def chatter(count: int, pause: float, report: Callable[[Progress], None]) -> str:
    for number in range(count):
        print("a stray print must not disturb the answers")
        report(Progress("read", number, count, "rows"))
        time.sleep(pause)
    return "done"


def refuse_evidence() -> None:
    raise EvidenceError("{path} is {kind}", hint="look at {path}", path="a.txt", kind="odd")


def refuse_query() -> None:
    raise QueryError("bad at {position}", position=7)


def divide_by_zero() -> float:
    return 1 / 0


def fill_memory() -> int:
    pieces = []
    while True:
        pieces.append(bytearray(64 << 20))


def spin() -> None:
    while True:
        pass


def sleep(seconds: float) -> None:
    time.sleep(seconds)


def segfault() -> int:
    return ctypes.string_at(0)[0]


def leave(code: int) -> None:
    os._exit(code)


def fork() -> int:
    return os.fork()


def run_program() -> int:
    return subprocess.call([sys.executable, "-c", "pass"])


def connect(port: int) -> None:
    socket.create_connection(("127.0.0.1", port), timeout=2).close()


def fork_natively_and_wait(pid_file: str) -> None:
    """A child of the child, by the C library, which the audit hook does not see."""
    libc = ctypes.CDLL(None)
    child = libc.fork()
    if child == 0:
        time.sleep(60)
        os._exit(0)
    with Path(pid_file).open("w") as out:
        out.write(str(child))
    time.sleep(60)


def write_large(path: str, size: int) -> None:
    with Path(path).open("wb") as out:
        out.write(b"x" * size)


def open_many(path: str) -> int:
    held = [os.open(path, os.O_RDONLY) for _ in range(1000)]
    return len(held)


def umask() -> int:
    before = os.umask(0)
    os.umask(before)
    return before


def write_garbage() -> None:
    """Break out of the protocol: bytes of our own on the pipe of answers."""
    for fd in range(3, 20):
        try:
            os.write(fd, b"\xff\xff\xff\xff garbage")
        except OSError:
            continue


def burn(seconds: float) -> None:
    started = time.process_time()
    while time.process_time() - started < seconds:
        pass


def fill_the_disk():
    with open("/dev/full", "wb", buffering=0) as full:  # noqa: PTH123 - a device that is always full
        full.write(b"x")
