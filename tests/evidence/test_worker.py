import os
import signal
import socket
import time
from pathlib import Path

import pytest

from evidence import attacks
from filon.errors import EvidenceError, Interrupted, QueryError
from filon.evidence.worker import Worker, WorkerDied
from filon.settings import Limits

MODULE = attacks.__name__


@pytest.fixture
def worker():
    with Worker(Limits(worker_memory=512 << 20, worker_cpu=2, worker_silence=30)) as made:
        yield made


def reason(worker: Worker, function: str, *args: object) -> str:
    with pytest.raises(WorkerDied) as caught:
        worker.call(f"{MODULE}:{function}", *args)
    assert worker.pid is None
    assert str(caught.value)
    return caught.value.reason


def test_answers_and_stays(worker):
    assert worker.call(f"{MODULE}:double", 21) == 42
    assert worker.call(f"{MODULE}:pid", returns=int) == worker.pid == worker.call(f"{MODULE}:pid")


def test_progress_streams_back_and_stray_prints_do_not_disturb(worker):
    seen = []
    assert worker.call(f"{MODULE}:chatter", 3, 0.0, report=seen.append) == "done"
    assert [(one.stage, one.done, one.total) for one in seen] == [("read", 0, 3), ("read", 1, 3), ("read", 2, 3)]


def test_errors_of_the_tree_come_back_as_themselves_and_leave_the_child_alive(worker):
    with pytest.raises(EvidenceError) as caught:
        worker.call(f"{MODULE}:refuse_evidence")
    assert (str(caught.value), caught.value.hint) == ("a.txt is odd", "look at a.txt")
    before = worker.pid
    with pytest.raises(QueryError) as asked:
        worker.call(f"{MODULE}:refuse_query")
    assert asked.value.position == 7
    assert worker.pid == before == worker.call(f"{MODULE}:pid")


def test_a_mistake_ends_the_child_with_its_last_words(worker):
    with pytest.raises(WorkerDied, match="ZeroDivisionError"):
        worker.call(f"{MODULE}:divide_by_zero")
    assert worker.call(f"{MODULE}:double", 1) == 2


def test_an_answer_of_another_shape_is_refused(worker):
    with pytest.raises(WorkerDied) as caught:
        worker.call(f"{MODULE}:double", 1, returns=str)
    assert caught.value.reason == "garbled"


def test_memory_bomb():
    with Worker(Limits(worker_memory=512 << 20, worker_silence=60)) as worker:
        assert reason(worker, "fill_memory") == "memory"
        assert worker.call(f"{MODULE}:double", 1) == 2


def test_endless_loop_ends_by_processor_time(worker):
    started = time.monotonic()
    assert reason(worker, "spin") == "cpu"
    assert time.monotonic() - started < 30


def test_processor_time_is_counted_for_each_call_and_not_for_the_life_of_the_child():
    with Worker(Limits(worker_cpu=2, worker_silence=30)) as worker:
        for _ in range(3):
            worker.call(f"{MODULE}:burn", 1.0)


def test_silence():
    with Worker(Limits(worker_silence=1)) as worker:
        started = time.monotonic()
        assert reason(worker, "sleep", 60) == "silence"
        assert time.monotonic() - started < 10


def test_progress_is_a_sign_of_life():
    with Worker(Limits(worker_silence=3)) as worker:
        assert worker.call(f"{MODULE}:chatter", 4, 1.0, report=lambda _: None) == "done"


def test_segfault_and_exit(worker):
    assert reason(worker, "segfault") == "signal"
    assert reason(worker, "leave", 3) == "exit"
    assert reason(worker, "leave", 0) == "exit"
    assert worker.call(f"{MODULE}:double", 4) == 8


def test_garbage_on_the_pipe_of_answers(worker):
    assert reason(worker, "write_garbage") == "garbled"


@pytest.mark.parametrize("function", ["fork", "run_program"])
def test_processes_are_refused(worker, function):
    with pytest.raises(WorkerDied, match="is refused where evidence is parsed"):
        worker.call(f"{MODULE}:{function}")


def test_connections_are_refused(worker):
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(WorkerDied, match="refused where evidence"):
        worker.call(f"{MODULE}:connect", server.getsockname()[1])


def test_what_the_child_started_ends_with_it(tmp_path):
    pid_file = tmp_path / "pid"
    with Worker(Limits(worker_silence=5)) as worker:
        assert reason(worker, "fork_natively_and_wait", str(pid_file)) == "silence"
    grandchild = int(pid_file.read_text())
    deadline = time.monotonic() + 5
    while _runs(grandchild) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(grandchild)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def test_file_size_and_open_files_are_limited(tmp_path):
    with Worker(Limits(member_bytes=1 << 20)) as worker:
        target = tmp_path / "large"
        with pytest.raises(WorkerDied):
            worker.call(f"{MODULE}:write_large", str(target), 8 << 20)
        assert target.stat().st_size <= 1 << 20
        with pytest.raises(WorkerDied, match="Too many open files"):
            worker.call(f"{MODULE}:open_many", str(target))


def test_files_of_the_child_are_private(worker):
    assert worker.call(f"{MODULE}:umask") == 0o077


def test_an_error_in_report_ends_the_child(worker):
    def stop(_: object) -> None:
        raise Interrupted("stopped")

    with pytest.raises(Interrupted):
        worker.call(f"{MODULE}:chatter", 1000, 0.1, report=stop)
    assert worker.pid is None


def test_ctrl_c_reaches_the_parent_and_ends_the_child(worker):
    pids = []

    def interrupt(_: object) -> None:
        pids.append(worker.pid)
        os.kill(worker.pid, signal.SIGINT)  # the child must ignore its own
        if len(pids) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        worker.call(f"{MODULE}:chatter", 1000, 0.05, report=interrupt)
    assert len(set(pids)) == 1
    assert not _runs(pids[0])


def test_a_killed_child_is_told_apart_and_replaced(worker):
    assert worker.call(f"{MODULE}:double", 1) == 2
    os.kill(worker.pid, signal.SIGKILL)
    assert reason(worker, "double", 1) == "signal"
    assert worker.call(f"{MODULE}:double", 2) == 4


def test_start_is_paid_once(worker):
    worker.call(f"{MODULE}:double", 1)
    started = time.monotonic()
    for number in range(200):
        worker.call(f"{MODULE}:double", number)
    assert time.monotonic() - started < 2
