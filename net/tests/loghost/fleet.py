"""A log and its witnesses as processes of their own on loopback, and a phone's view of them."""

import re
import signal
import subprocess
import sys
import time

import httpx

from filon_net.log import Follower, Policy, header_of, read_verifier_key, sign_admission
from filon_net.loghost.folder import Rules, make_log, make_witness
from filon_net.loghost.looking import fetch_over
from log.builders import private, public

ORIGIN = "log.example.org/phones"
START = "from filon_net.cli import main; main()"


def hour():
    return int(time.time()) // 3600


def token(origin=ORIGIN, by="operator", not_after=None):
    return sign_admission(private(by), origin, hour() + 24 if not_after is None else not_after)


def filon_net(*words, check=True, **more):
    """One command, run to its end; what it wrote."""
    done = subprocess.run(
        [sys.executable, "-c", START, *map(str, words)], capture_output=True, text=True, timeout=60, **more
    )
    assert not check or done.returncode == 0, done.stderr
    return done.stdout.strip() if check else done


class Program:
    """A running program; ``url`` is where it listens. The port is kept over restarts."""

    def __init__(self, folder, *words):
        self.folder = folder
        self._words = words
        self._listen = "127.0.0.1:0"
        self.start()

    def start(self):
        words = [sys.executable, "-c", START, *map(str, self._words), "--listen", self._listen]
        with (self.folder / "said").open("ab") as said:
            self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=said, text=True)
        for line in self.process.stdout:
            found = re.search(r"http://(127\.0\.0\.1:\d+)", line)
            if found:
                self._listen = found[1]
                self.url = found[0]
                return
        raise AssertionError((self.folder / "said").read_text())

    def kill(self, how=signal.SIGKILL):
        self.process.send_signal(how)
        self.process.wait(20)
        self.process.stdout.close()
        return self.process.returncode

    @property
    def said(self):
        return (self.folder / "said").read_text()


class Fleet:
    """One log, some witnesses; ``needed`` of them must sign."""

    def __init__(self, folder, witnesses=3, needed=2, heartbeat=600):
        self.folder = folder
        self.client = httpx.Client(timeout=30, trust_env=False)
        self.log_folder = folder / "log"
        rules = Rules((public("operator").hex(),), (public("r1").hex(),))
        self.log_key = make_log(self.log_folder, ORIGIN, rules).text
        self.witnesses, self.witness_keys = [], []
        asked = []
        for number in range(witnesses):
            own = folder / f"w{number}"
            key = make_witness(own, f"w{number}").text
            program = Program(own, "witness", "run", own, "--log", self.log_key)
            self.witnesses.append(program)
            self.witness_keys.append(key)
            asked += ["--witness", f"{program.url}={key}"]
        self.needed = needed
        self.log = Program(
            self.log_folder, "log", "run", self.log_folder, *asked, "--needed", needed, "--heartbeat", heartbeat
        )

    @property
    def policy(self):
        log = read_verifier_key(self.log_key)
        return Policy(log.name, (log,), tuple(map(read_verifier_key, self.witness_keys)), self.needed)

    @property
    def fetch(self):
        return fetch_over(self.client, self.log.url)

    def follower(self, pinned=None):
        return Follower.begin(self.policy, pinned)

    def add(self, entry, leave=None, client=None):
        headers = {} if leave is None else {"Filon-Net-Admission": header_of(leave)}
        return (client or self.client).post(f"{self.log.url}/add-entry", content=entry.data, headers=headers)

    def stop(self):
        self.client.close()
        for one in (self.log, *self.witnesses):
            if one.process.poll() is None:
                one.kill()


def until(check, seconds=30):
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < end, "it never became so"
        time.sleep(0.05)
    return found
