"""A PostgreSQL of the tests' own: a throwaway cluster on a Unix socket in a temporary folder, gone afterwards."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

__all__ = ["Cluster", "found"]


def found():
    """The folder of PostgreSQL's programs, None where it is not installed."""
    known = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    program = known[-1] if known else shutil.which("initdb")
    return Path(program).parent if program else None


class Cluster:
    """``start`` may be called again after ``kill``; ``url`` names a database."""

    def __init__(self, *settings: str) -> None:
        programs = found()
        assert programs is not None
        self._programs = programs
        self._settings = settings
        self._who = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
        self.folder = Path(tempfile.mkdtemp(prefix="filon-relay-"))
        if self._who:
            shutil.chown(self.folder, "postgres", pwd.getpwnam("postgres").pw_gid)
        self.data = self.folder / "data"
        self._process = None
        self._databases = 0
        self._command("initdb", "-D", self.data, "-E", "UTF8", "--locale=C", "-A", "trust", "-N")
        self.start()

    @property
    def pid(self):
        """Of the first process; ``setpriv`` became it."""
        assert self._process is not None
        return self._process.pid

    def _command(self, program, *arguments) -> None:
        subprocess.run(
            [*self._who, self._programs / program, *arguments], check=True, stdout=subprocess.DEVNULL, cwd=self.folder
        )

    def start(self) -> None:
        options = [
            "listen_addresses=",
            "shared_buffers=64MB",
            "log_min_messages=fatal",
            "max_connections=40",
            *self._settings,
        ]
        arguments = [part for option in options for part in ("-c", option)]
        self._process = subprocess.Popen(
            [*self._who, self._programs / "postgres", "-D", self.data, "-k", self.folder, *arguments],
            cwd=self.folder,
            stderr=subprocess.DEVNULL,
        )
        self.wait()

    def wait(self) -> None:
        for _ in range(600):
            try:
                psycopg.connect(self.url("postgres"), autocommit=True).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError("PostgreSQL did not start")

    def url(self, database) -> str:
        return f"postgresql:///{database}?host={self.folder}&user={'postgres' if self._who else pwd.getpwuid(os.geteuid()).pw_name}"

    def database(self) -> str:
        """The URL of a new, empty database."""
        self._databases += 1
        name = f"relay_{self._databases}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as run:
            run.execute(f"CREATE DATABASE {name} STRATEGY wal_log")
        return self.url(name)

    def kill(self) -> None:
        """SIGKILL to the server and every process of it, as a machine would lose them."""
        process = self._process
        assert process is not None
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        process.kill()
        for child in children:
            try:
                os.kill(int(child), signal.SIGKILL)
            except ProcessLookupError:
                continue
        process.wait()

    def stop(self) -> None:
        process = self._process
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGQUIT)  # at once: nobody will look at it again
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
