"""A release from two signers' hands into the log and onto a phone, with the commands of the operator's page as they stand there.

Log and witnesses are processes; the phone is the library, made with the leave that ``filon-net operator invite`` printed.
"""

import os
import re
import shlex
import subprocess
import sys
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from filon_net.crypto import Effort
from filon_net.log.keys import COSIGNATURE
from filon_net.log.manifest import files_of_wheel, manifest_of, own_manifest
from filon_net.phone import notices
from filon_net.phone.connection import milliseconds
from filon_net.phone.engine import Engine
from filon_net.phone.joining import create
from filon_net.phone.links import Leave, read_link
from filon_net.phone.log_client import LogClient
from log.builders import signer
from loghost.fleet import ORIGIN, START, Program, filon_net, until

PAGE = Path(__file__).parents[2] / "docs" / "operate" / "operator.md"
WHEEL = "filon_net-1.2.0-py3-none-any.whl"


def commands(heading):
    """The commands under a heading of the operator's page, each as it stands there, lines that go on joined."""
    section = ("\n" + PAGE.read_text(encoding="utf-8")).split(f"\n{heading}\n")[1].split("\n## ")[0]
    block = section.split("```sh\n")[1].split("```")[0].replace("\\\n", " ")
    return block.splitlines()


def one_of(heading, word):
    """The one of them that does this."""
    [line] = [one for one in commands(heading) if one.startswith(f"filon-net operator {word} ")]
    return line


class Desk:
    """A home folder with the program on its path, where a person types what the page says."""

    def __init__(self, home):
        self.home = home
        program = home / "bin" / "filon-net"
        program.parent.mkdir(parents=True)
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -c {shlex.quote(START)} "$@"\n')
        program.chmod(0o755)
        more = {"HOME": str(home), "PATH": f"{program.parent}:{os.environ['PATH']}"}
        self._environment = os.environ | more | {"FILON_NET_PASSPHRASE": "six words of a long list"}

    def run(self, line, check=True, **put):
        """One line, with these words put in place of the page's; what it wrote."""
        for word, value in put.items():
            assert word in line, f"the page does not say {word}"
            line = line.replace(word, value)
        done = subprocess.run(
            ["bash", "-c", line], cwd=self.home, env=self._environment, capture_output=True, text=True, timeout=60
        )
        assert not check or done.returncode == 0, (line, done.stderr)
        assert "Traceback" not in done.stderr
        return done.stdout.strip() if check else done


class Network:
    """A log, and three witnesses of which two are needed, run as the pages say; it takes releases of these keys."""

    def __init__(self, folder, operator, release_keys):
        self.programs = []
        self.folder = folder
        words = [word for key in release_keys for word in ("--release-key", key)]
        self.log_key = filon_net("log", "init", folder / "log", "--origin", ORIGIN, "--operator", operator, *words)
        self.witnesses = [folder / f"w{number}" for number in (1, 2, 3)]
        with ThreadPoolExecutor() as side_by_side:
            self.witness_keys = list(
                side_by_side.map(lambda one: filon_net("witness", "init", one, "--name", one.name), self.witnesses)
            )

    def run(self):
        """Start them, and wait for the first checkpoint."""
        with ThreadPoolExecutor() as side_by_side:
            self.programs += side_by_side.map(
                lambda one: Program(one, "witness", "run", one, "--log", self.log_key), self.witnesses
            )
        asked = [
            word
            for one, key in zip(self.programs, self.witness_keys, strict=True)
            for word in ("--witness", f"{one.url}={key}")
        ]
        own = self.folder / "log"
        self.log = Program(own, "log", "run", own, *asked, "--needed", 2)
        self.programs.append(self.log)
        until(lambda: httpx.get(f"{self.log.url}/checkpoint", trust_env=False).status_code == 200)

    def stop(self):
        for one in self.programs:
            if one.process.poll() is None:
                one.kill()


class Watcher:
    """A phone that looks at the log."""

    def __init__(self, path, leave):
        content = read_link(leave, Leave)
        store, _ = create(path, "secret", content, milliseconds(), effort=Effort(kibibytes=64, passes=1, lanes=1))
        self.engine = Engine(store, content)
        self._log = LogClient(content.log_urls, content.log_token)

    def look(self):
        """Look once; what it shows about releases."""
        now = milliseconds()
        self.engine.seen(self.engine.look().run(self._log.fetch, now), now)
        return self.told()

    def told(self):
        shown = [one.notice for one in self.engine.notices()]
        assert not any(isinstance(one, notices.LogSilent | notices.LogLate) for one in shown)
        return [one for one in shown if isinstance(one, notices.NewRelease | notices.OwnReleaseUnknown)]

    def close(self):
        self._log.close()
        self.engine.books.store.close()


def make_wheel(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("filon_net/__init__.py", "")
        archive.writestr("filon_net/wire/frames.py", "x = 1\n")
        archive.writestr("filon_net-1.2.0.dist-info/RECORD", "")


@pytest.fixture
def desk(tmp_path):
    made = Desk(tmp_path / "home")
    make_wheel(made.home / WHEEL)
    return made


@pytest.fixture
def opened():
    """What a test opens is closed after it, in the opposite order."""
    made = []
    yield made
    for close in reversed(made):
        close()


@pytest.mark.slow
def test_a_release_as_the_page_says(desk, tmp_path, opened):
    init, network, invite = (one_of("# What the operator does", word) for word in ("init", "network", "invite"))
    manifest, by_ada, by_bob, submit, running = commands("## Releases")
    with ThreadPoolExecutor() as side_by_side:
        names = ("~/operator", "~/ada", "~/bob", "~/cid")
        operator, *signers = side_by_side.map(lambda name: desk.run(init, **{"~/operator": name}), names)
    log = Network(tmp_path, operator, signers)
    opened.append(log.stop)
    log.run()
    keys = {"LOG_VKEY": log.log_key} | {f"W{number}_VKEY": key for number, key in enumerate(log.witness_keys, 1)}
    keys |= {f"KEY_{number}": key for number, key in enumerate(signers, 1)}
    at_log = {"https://log.example.org": log.log.url}
    desk.run(network, RELAY_NAME_HEX="08" * 32, **keys, **at_log)
    phone = Watcher(tmp_path / "phone", desk.run(invite))
    opened.append(phone.close)
    assert phone.look() == []

    wanted = manifest_of(files_of_wheel(desk.home / WHEEL))
    assert desk.run(manifest) == wanted.hex()
    assert f"1.2.0, serial 12, manifest {wanted.hex()}" in desk.run(by_ada)
    assert re.fullmatch(r"entry 0", desk.run(submit, **at_log)), "the log holds what one known key signed"
    assert phone.look() == [], "one of the two signatures it asks for: no release to this phone"

    assert "2 signatures" in desk.run(by_bob)
    assert re.fullmatch(r"entry 1", desk.run(submit, **at_log))
    assert phone.look() == [notices.NewRelease(product="filon-net", version="1.2.0")]
    assert desk.run(submit, **at_log) == "entry 1", "sent again: the first answer may have been lost"
    assert phone.look() == [notices.NewRelease(product="filon-net", version="1.2.0")], "told once"

    # the program that runs is held against the log: this one is no release, the one in the wheel is from tomorrow on
    assert desk.run(running) == own_manifest().hex()
    for program, now, why in (
        (own_manifest(), time.time() + 90_000, "is not among the 1 releases"),
        (wanted, time.time() + 82_000, "is not yet to be used"),
        (wanted, time.time() + 90_000, None),
    ):
        phone.engine.check_release(program, int(now * 1_000))
        unknown = [one for one in phone.told() if isinstance(one, notices.OwnReleaseUnknown)]
        assert [one.manifest for one in unknown] == ([program] if why else [])
        assert all(why in one.why for one in unknown)


@pytest.mark.slow
def test_what_goes_wrong_is_said(desk, tmp_path, opened):
    init = one_of("# What the operator does", "init")
    _, by_ada, by_bob, submit, _ = commands("## Releases")
    with ThreadPoolExecutor() as side_by_side:
        names = ("~/operator", "~/ada", "~/bob")
        operator, _, bob = side_by_side.map(lambda name: desk.run(init, **{"~/operator": name}), names)

    def said(line, **put):
        done = desk.run(line, check=False, **put)
        assert done.returncode != 0
        return done.stderr

    assert "--wheel, --version and --serial" in said(by_bob), "bob is not the first signer"
    assert "no operator's key" in said(by_ada, **{"~/ada": "~/nobody"})
    desk.run(by_ada)
    with zipfile.ZipFile(desk.home / WHEEL, "a") as archive:
        archive.writestr("filon_net/more.py", "")
    assert "not the one the others signed" in said(by_bob), "another wheel than ada's"
    assert "cannot be read as a release" in said(submit, **{"submit release-1.2.0": "submit nothing"})
    for address, what in (
        ("http://127.0.0.1:9", "could not be reached"),
        ("ftp://log.example.org", "could not be reached"),
        ("http://[", "could not be reached"),
        ("nowhere", "could not be reached"),
    ):
        assert what in said(submit, **{"https://log.example.org": f"'{address}'"})
    own, nobody = tmp_path / "log", f"http://127.0.0.1:9={signer('w1', COSIGNATURE).key.text}"
    filon_net("log", "init", own, "--origin", ORIGIN, "--operator", operator, "--release-key", bob)
    log = Program(own, "log", "run", own, "--witness", nobody)
    opened.append(log.kill)
    assert "the log answered 403" in said(submit, **{"https://log.example.org": log.url}), (
        "ada's key is not known there"
    )
