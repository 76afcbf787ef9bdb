"""A relay as its operator runs it, and everything that can be taken from it."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from seized.needles import without_blank_pages

__all__ = ["RelayProcess", "memory_of", "started"]

MAIN = "from filon_net.cli import main; main()"


class RelayProcess:
    """A running ``filon-net relay run``; ``port`` and ``metrics_port`` are on loopback."""

    def __init__(self, folder: Path, process: "subprocess.Popen[bytes]", port: int, metrics_port: int) -> None:
        self.folder = folder
        self.process = process
        self.port = port
        self.metrics_port = metrics_port
        self.name = bytes.fromhex((folder / "name").read_text())

    @property
    def log(self) -> bytes:
        """What it wrote to standard output and standard error so far."""
        return (self.folder.parent / "output").read_bytes()

    def metrics(self) -> bytes:
        """The metrics page."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=20) as page:
            return page.read()

    def files(self) -> dict[str, bytes]:
        """Every file of its folder."""
        return {f"file {one.name}": one.read_bytes() for one in sorted(self.folder.iterdir())}

    def stop(self) -> None:
        """SIGTERM, and wait."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)


@contextlib.contextmanager
def started(folder: Path, operator: Ed25519PrivateKey, *more: str, program: str = MAIN) -> Iterator[RelayProcess]:
    """A new relay in ``folder``/relay, stopped afterwards."""
    home = folder / "relay"
    key = operator.public_key().public_bytes_raw().hex()
    run = [sys.executable, "-c", MAIN, "relay"]
    subprocess.run([*run, "init", str(home), "--operator", key], check=True, stdout=subprocess.DEVNULL)
    at = ["--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0"]
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", program, "relay", "run", str(home), *at, *more],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        relay = RelayProcess(home, process, 0, 0)
        relay.port, relay.metrics_port = _ports(relay)
        yield relay
        relay.stop()
    finally:
        process.kill()
        process.wait()


def _ports(relay: RelayProcess) -> tuple[int, int]:
    for _ in range(1_800):
        listening = re.search(rb"listening on .*:(\d+)\n", relay.log)
        told = re.search(rb"metrics on .*:(\d+)\n", relay.log)
        if listening and told:
            return int(listening[1]), int(told[1])
        with contextlib.suppress(subprocess.TimeoutExpired):
            relay.process.wait(0.05)
            break
    raise AssertionError(f"the relay did not start: {relay.log.decode()}")


def memory_of(pid: int) -> bytes:
    """Everything readable in a process's memory but what is mapped unchangeably from files; its environment and arguments too.

    The process is halted meanwhile, as by a debugger. Code and constants of libraries (mapped without leave to write) are
    the files on the disk and are left out: they only make the search longer.
    """
    kept: list[bytes] = [Path(f"/proc/{pid}/environ").read_bytes(), Path(f"/proc/{pid}/cmdline").read_bytes()]
    os.kill(pid, signal.SIGSTOP)
    try:
        with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
            for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
                span, leave, _, _, inode, *name = line.split(maxsplit=5)
                if leave[0] != "r" or (inode != "0" and leave[1] != "w") or name[:1] in (["[vvar]"], ["[vsyscall]"]):
                    continue
                first, last = (int(one, 16) for one in span.split("-"))
                memory.seek(first)
                with contextlib.suppress(OSError):  # a page that nobody ever touched may not be read from outside
                    while first < last and (part := memory.read(last - first)):
                        kept.append(without_blank_pages(part))
                        first += len(part)
    finally:
        os.kill(pid, signal.SIGCONT)
    return b"\n".join(kept)
