import multiprocessing
import os

import pytest

from evidence import writers
from filon.errors import CaseBusy
from filon.evidence.lock import writer_lock


def test_one_writer_at_a_time(tmp_path):
    path = tmp_path / "writer.lock"
    with writer_lock(path):
        with pytest.raises(CaseBusy, match=str(os.getpid())) as caught, writer_lock(path):
            pass
        assert caught.value.hint
        assert path.stat().st_mode & 0o777 == 0o600
    with writer_lock(path):
        pass


def test_the_lock_of_a_killed_writer_is_free(tmp_path):
    path = tmp_path / "writer.lock"
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    process = context.Process(target=writers.hold, args=(path, ready))
    process.start()
    assert ready.wait(30)
    with pytest.raises(CaseBusy, match=str(process.pid)), writer_lock(path):
        pass
    process.kill()
    process.join()
    with writer_lock(path):
        pass


def test_a_lock_that_is_a_link_is_refused(tmp_path):
    (tmp_path / "victim").write_text("precious")
    (tmp_path / "writer.lock").symlink_to(tmp_path / "victim")
    with pytest.raises(OSError), writer_lock(tmp_path / "writer.lock"):
        pass
    assert (tmp_path / "victim").read_text() == "precious"
