"""Processes of a crew: answers in order, errors that come back, no orphans."""

import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from filon.errors import StoreError
from filon.store.embedded.crew import Crew
from store.tasks import double, end_itself, fail, refuse, wait_long


def children(pid: int | str = "self") -> set[int]:
    """Processes that a process has started and that are there still (Linux)."""
    listed = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    return {int(number) for line in listed for number in line.split()}


def is_running(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_answers_come_in_the_order_of_the_tasks() -> None:
    told: list[int] = []
    with Crew(2) as crew:
        first = crew.run([partial(double, number) for number in range(4)], told.append)
        second = crew.run([partial(double, 3)], told.append)
        pids = {pid for _, pid in first + second}
        assert [value for value, _ in first + second] == [0, 2, 4, 6, 6]
        assert 1 <= len(pids) <= 2
        assert os.getpid() not in pids
    assert sorted(told) == [0, 1, 2, 3, 3]
    assert not any(map(is_running, pids))


def test_a_crew_of_one_is_this_process() -> None:
    with Crew(1) as crew:
        assert crew.run([partial(double, 3)], lambda rows: None) == [(6, os.getpid())]


@pytest.mark.parametrize(
    ("task", "match"), [(refuse, "no slice"), (fail, "RuntimeError: of all things"), (end_itself, "code -9")]
)
def test_an_error_ends_the_others_and_is_told(task: partial[None], match: str) -> None:
    began, before = time.monotonic(), children()  # other tests may have programs of theirs in this process
    with Crew(2) as crew, pytest.raises(StoreError, match=match) as caught:
        crew.run([wait_long, task, wait_long], lambda rows: None)
    assert caught.value.hint
    assert time.monotonic() - began < 30
    assert not children() - before


def test_no_child_outlives_a_parent_that_is_killed() -> None:
    code = (
        "from filon.store.embedded.crew import Crew; from store.tasks import wait_long\n"
        "with Crew(2) as crew: crew.run([wait_long, wait_long], print)"
    )
    path = os.pathsep.join(filter(None, sys.path))
    with subprocess.Popen([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": path}) as parent:
        while len(started := children(parent.pid)) < 2:
            time.sleep(0.1)
        time.sleep(1)  # they are in the middle of their tasks
        assert all(map(is_running, started))
        parent.kill()
        until = time.monotonic() + 20
        while any(map(is_running, started)):
            assert time.monotonic() < until
            time.sleep(0.1)
