"""What other processes do to a case in the tests of the custody log and the lock."""

import time
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path

from filon.evidence.custody import Custody
from filon.evidence.lock import writer_lock
from filon.model.layout import Layout


def append_many(root: Path, count: int, start: Barrier) -> None:
    custody = Custody(Layout(root))
    start.wait(60)
    for number in range(count):
        custody.append("item-added", "process", {"number": number})


def hold(path: Path, ready: Event) -> None:
    with writer_lock(path):
        ready.set()
        time.sleep(60)
