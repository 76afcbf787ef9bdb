"""``script/demo-net`` keeps its promises, and leaves nothing behind."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[3]


def started(tmp_path, *more):
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, str(ROOT / "script" / "demo_net.py"), *more]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=environment
    )


def nobody_listens(output):
    """Every port that was told is closed again."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening = {int(row[1].split(":")[1], 16) for row in rows if row[3] == "0A"}
    return not listening & {int(port) for port in re.findall(r"on port (\d+)", output)}


def test_the_scripted_demonstration(tmp_path):
    with started(tmp_path) as process:
        output = process.communicate(timeout=240)[0].decode()
    assert process.returncode == 0, output
    assert "FAILED" not in output
    for said in (
        "the same on both screens: verified",
        "sees: delivered",
        "found: nothing",
        "two of three are enough: no alarm",
        "*** ALARM: The witnesses of the log",
        "the alarm is gone",
        "Everything was as promised.",
    ):
        assert said in output
    assert nobody_listens(output)
    assert not list(tmp_path.iterdir())


def test_ctrl_c_ends_everything(tmp_path):
    with started(tmp_path) as process:
        seen = b""
        while b"2. Amina" not in seen:
            seen += process.stdout.read1(4_096)
            assert process.poll() is None, seen
        process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=60)[0]
    assert process.returncode == 130, rest
    ends = time.monotonic() + 10
    while not nobody_listens(seen.decode()) and time.monotonic() < ends:
        time.sleep(0.1)
    assert nobody_listens(seen.decode())
    assert not list(tmp_path.iterdir())
