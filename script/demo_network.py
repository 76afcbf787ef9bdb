"""A whole network on loopback for demonstrations: every part a process of its own, as an operator would start it."""

import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from click.testing import CliRunner

from filon_net.cli import main

__all__ = ["DemoNetwork"]

_STARTING = 90.0
_ENDING = 10.0


class DemoNetwork:
    """Operator, relay, log and three witnesses in a folder. ``with``: what was started is ended."""

    def __init__(self, folder: Path, heartbeat: float = 4.0) -> None:
        self.folder = folder
        self.heartbeat = heartbeat
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.ports: dict[str, int] = {}
        self._keys: dict[str, str] = {}
        self._passphrase = os.urandom(12).hex()

    def __enter__(self) -> "DemoNetwork":
        return self

    def __exit__(self, *ended: object) -> None:
        for name in list(self.running):
            self.stop(name)

    # parts

    def start(self) -> None:
        """Make keys and folders, start relay, witnesses and log, and tell the operator of them."""
        operator = self._said("operator", "init", str(self.folder / "operator"))
        self._keys["relay"] = self._said("relay", "init", str(self.folder / "relay"), "--operator", operator).split()[1]
        log = ("log", "init", str(self.folder / "log"), "--origin", "log.demo.invalid", "--operator", operator)
        self._keys["log"] = self._said(*log)
        for name in self.witnesses:
            made = self._said("witness", "init", str(self.folder / name), "--name", f"{name}.demo.invalid")
            self._keys[name] = made
        with ThreadPoolExecutor(4) as hands:
            relay = hands.submit(self._run, "relay", "relay", "run", str(self.folder / "relay"))
            list(hands.map(self.start_witness, (1, 2, 3)))
            relay.result()
        asked = [f"--witness=http://127.0.0.1:{self.ports[name]}={self._keys[name]}" for name in self.witnesses]
        self._run(
            "log", "log", "run", str(self.folder / "log"), *asked, "--needed", "2", "--heartbeat", f"{self.heartbeat:g}"
        )
        self._said(
            "operator", "network", str(self.folder / "operator"),
            "--relay-url", f"ws://127.0.0.1:{self.ports['relay']}", "--relay", self._keys["relay"],
            "--log-url", f"http://127.0.0.1:{self.ports['log']}", "--log", self._keys["log"],
            *(f"--witness={self._keys[name]}" for name in self.witnesses), "--needed", "2",
        )  # fmt: skip

    @property
    def witnesses(self) -> list[str]:
        """The names of the witnesses."""
        return ["witness-1", "witness-2", "witness-3"]

    def start_witness(self, number: int) -> None:
        """Start a witness, again under its old port where it had one."""
        name = f"witness-{number}"
        self._run(name, "witness", "run", str(self.folder / name), "--log", self._keys["log"])

    def leave(self) -> str:
        """The operator's leave for one new person."""
        return self._said("operator", "invite", str(self.folder / "operator"))

    def stop(self, name: str) -> None:
        """End a process by SIGTERM, and wait for its end."""
        process = self.running.pop(name, None)
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_ENDING)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    # processes

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "FILON_NET_PASSPHRASE": self._passphrase, "PYTHONUNBUFFERED": "1"}

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-c", "from filon_net.cli import main; main()", *arguments]

    def _said(self, *arguments: str) -> str:
        """Run a command of filon-net to its end, in this process; what it printed."""
        done = CliRunner().invoke(main, arguments, env={"FILON_NET_PASSPHRASE": self._passphrase})
        if done.exit_code:
            raise SystemExit(f"filon-net {' '.join(arguments[:2])} failed:\n{done.output}")
        return done.stdout.strip()

    def _run(self, name: str, *arguments: str) -> None:
        """Start a process and wait until it says where it listens."""
        out = self.folder / f"{name}.out"
        where = f"127.0.0.1:{self.ports.get(name, 0)}"
        with out.open("wb") as file:
            command = self._command(*arguments, "--listen", where)
            self.running[name] = subprocess.Popen(
                command, env=self._environment(), stdout=file, stderr=subprocess.STDOUT, start_new_session=True
            )
        ends = time.monotonic() + _STARTING
        while time.monotonic() < ends:
            found = re.search(r"127\.0\.0\.1:(\d+)", out.read_text("utf-8", "replace"))
            if found:
                self.ports[name] = int(found[1])
                return
            if self.running[name].poll() is not None:
                break
            time.sleep(0.05)
        raise SystemExit(f"the {name} did not start:\n{out.read_text('utf-8', 'replace')}")
