"""Tasks for a crew, in a module that its processes can import."""

import os
import signal
import time

from filon.errors import StoreError
from filon.store.embedded.crew import Tell


def double(number: int, tell: Tell) -> tuple[int, int]:
    time.sleep(0.05 * (3 - number))
    tell(number)
    return 2 * number, os.getpid()


def refuse(tell: Tell) -> None:
    raise StoreError("no {what}", hint="ask for {what} later", what="slice")


def fail(tell: Tell) -> None:
    raise RuntimeError("of all things")


def end_itself(tell: Tell) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def wait_long(tell: Tell) -> None:
    time.sleep(60)
