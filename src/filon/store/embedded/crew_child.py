"""The inside of a process of a ``Crew``: do one task after the other until the parent goes.

An error that is not a FilonError is not caught: it ends the process, and the parent reads its last words.
"""

import os
import pickle
from queue import SimpleQueue
from threading import Thread
from typing import IO, Any

from filon.errors import FilonError
from filon.store.embedded.crew import Done, Failed, Told, receive, send


def main() -> None:
    """Answer tasks from standard input on what was standard output; stray prints go to standard error."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    tasks: SimpleQueue[bytes] = SimpleQueue()
    requests = os.fdopen(os.dup(0), "rb", buffering=0)  # a buffer has a lock, which would hold up the end
    Thread(target=_take_in, args=(requests, tasks), daemon=True).start()
    while True:
        _answer(out, pickle.loads(tasks.get()))  # noqa: S301 - from the parent


def _take_in(stream: IO[bytes], tasks: "SimpleQueue[bytes]") -> None:
    """A thread of its own sees the parent go even in the middle of a task. It does nothing that could hold it up:
    unpickling imports modules, and native ones hang now and then where a second thread loads them.
    """
    while task := receive(stream):
        tasks.put(task)
    os._exit(0)


def _answer(out: IO[bytes], task: Any) -> None:
    answer: Done | Failed
    try:
        answer = Done(task(lambda rows: send(out, Told(rows))))
    except FilonError as error:
        answer = Failed(error.message, error.hint_message, error.values)
    send(out, answer)


if __name__ == "__main__":
    main()
