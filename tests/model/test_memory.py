"""Memory in use: this process with all it started; nothing is said where the system says nothing."""

import subprocess
import sys

import pytest

from filon.model.memory import memory_in_use

MIB = 1 << 20
HOLDS = "held = bytearray(64 << 20); print(len(held), flush=True); input()"
STARTS = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {HOLDS!r}])"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says it")
@pytest.mark.parametrize("code", [HOLDS, STARTS])
def test_children_and_their_children_count(code):
    before = memory_in_use()
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout.readline()
        held = memory_in_use()
        child.stdin.close()
    assert before > 5 * MIB
    assert held - before > 60 * MIB
    assert memory_in_use() - before < 40 * MIB


def test_says_nothing_where_nothing_is_said(tmp_path):
    assert memory_in_use(proc=tmp_path) is None


def test_what_may_not_be_read_in_full_counts_as_resident(tmp_path):
    """The files of two processes as Linux writes them; the second has ended before it could be read."""
    own = tmp_path / "7"
    (own / "task" / "7").mkdir(parents=True)
    (own / "status").write_text("Name:\tfilon\nVmRSS:\t   2048 kB\n")
    (own / "task" / "7" / "children").write_text("8 ")
    assert memory_in_use(7, tmp_path) == 2 * MIB
    (own / "smaps_rollup").write_text("00400000-7fff ---p 00000000 00:00 0 [rollup]\nRss: 2048 kB\nPss: 1024 kB\n")
    assert memory_in_use(7, tmp_path) == MIB
