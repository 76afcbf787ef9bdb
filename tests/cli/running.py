"""Running commands as their users do: in this process, in one of their own, and in a terminal."""

import os
import pty
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from dataclasses import dataclass
from fcntl import ioctl
from pathlib import Path

from click.testing import CliRunner

from filon.cli.app import filon, run

PROGRAM = [sys.executable, "-m", "filon"]


@dataclass
class Told:
    """What a command said and how it left."""

    code: int
    out: str
    err: str

    @property
    def lines(self):
        return self.out.splitlines()


def told(*words, answers=None, **environment):
    """Run a command in this process, without a terminal."""
    with CliRunner().isolation(input=answers, env=environment) as (out, err, _):
        code = run(lambda: filon.main([str(word) for word in words], prog_name="filon", standalone_mode=False))
        sys.stdout.flush()
        sys.stderr.flush()
        return Told(code, out.getvalue().decode(), err.getvalue().decode())


def piped(*words, environment=None, **more):
    """Run a command in a process of its own, its output into pipes."""
    done = subprocess.run(
        [*PROGRAM, *map(str, words)], env=os.environ | (environment or {}), capture_output=True, **more
    )
    return Told(done.returncode, done.stdout.decode(), done.stderr.decode())


def in_terminal(*words, columns=80, answers=(), interrupt_at=None, environment=None, patience=60):
    """Run a command in a terminal; type answers when it asks, and Ctrl-C once it has shown ``interrupt_at``.

    Gives the exit code and everything that was shown, escape sequences included.
    """
    pid, terminal = pty.fork()
    if pid == 0:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a test run in the background hands on that it heeds no Ctrl-C
        os.environ.pop("COLUMNS", None)
        os.environ.update({"TERM": "xterm-256color"} | (environment or {}))
        os.execv(PROGRAM[0], [*PROGRAM, *map(str, words)])
    ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    shown, asked, left, quiet = b"", 0, list(answers), 0
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if select.select([terminal], [], [], 0.05)[0]:
            try:
                piece = os.read(terminal, 65_536)
            except OSError:
                break
            if not piece:
                break
            shown, quiet = shown + piece, 0
            continue
        quiet += 1  # who types at once, types before the program listens
        if left and shown.endswith((b": ", b"? ")) and len(shown) > asked and quiet > 2:
            os.write(terminal, left.pop(0).encode() + b"\n")
            asked = len(shown) + 2
        if interrupt_at is not None and interrupt_at.encode() in shown and quiet > 2:
            os.write(terminal, b"\x03")
            interrupt_at = None
    else:
        os.kill(pid, signal.SIGKILL)
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode(errors="replace").replace("\r\n", "\n")


def shell(line, folder, environment):
    """A line of shell with ``filon`` on its path."""
    bash = shutil.which("bash")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        [bash, "-o", "pipefail", "-c", line],
        cwd=folder,
        env=os.environ | {"PATH": path} | environment,
        capture_output=True,
    )
    return Told(done.returncode, done.stdout.decode(), done.stderr.decode())
