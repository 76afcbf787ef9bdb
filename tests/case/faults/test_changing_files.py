"""Files that something else writes to, replaces or closes while they are taken in: the add says so and nothing is kept."""

import os
import shutil
import subprocess
import sys

import pytest

from case import made_exports as exports
from filon.case.flows import intake
from filon.errors import EvidenceError

NAME = "harbour.log"
LINES = 5_000
LOG = exports.irc(lines=LINES).replace(b" ok", b" ok" * 300)
"""Few messages, and more bytes than are read at once."""


def shrink(path):
    os.truncate(path, path.stat().st_size // 2)


def grow(path):
    with path.open("ab") as file:
        file.write(b"23:59 <juno> one more\n" * 50_000)


def change(path):
    """The same size, other bytes, and the times it had."""
    about = path.stat()
    path.write_bytes(path.read_bytes().replace(b"rotterdam", b"amsterdam"))
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))


def replace(path):
    (path.parent / "new").write_bytes(exports.irc(lines=3, seed=9))
    (path.parent / "new").replace(path)


def remove(path):
    path.unlink()


def everything(case):
    return case.head, case.counts(case.view()), sorted(p for p in case.root.rglob("*") if "tmp" not in p.parts)


@pytest.mark.parametrize("how", [shrink, grow, change, replace, remove])
@pytest.mark.parametrize("moment", ["hashed", "planned", "read"])
def test_the_add_is_given_up_and_the_case_is_as_it_was(case, tmp_path, monkeypatch, moment, how):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / NAME).write_bytes(LOG)
    whole, before = (folder / NAME).read_bytes(), everything(case)
    done = []

    def meddle(now):
        if now == moment and not done:
            how(folder / NAME)
            done.append(now)

    def report(progress):
        meddle({"hash": "hashed", "read": "read"}.get(progress.stage) if progress.done else None)

    def write_plan(path, plan):
        kept(path, plan)
        meddle("planned")

    kept = intake.write_plan
    monkeypatch.setattr(intake, "write_plan", write_plan)
    refused = None
    try:
        case.add(case.view(), [folder / NAME], report=report)
    except EvidenceError as error:
        refused = error
    if refused is not None:
        assert NAME in str(refused)
        assert refused.hint
        assert everything(case) == before
    else:
        # The file was open, and what was read of it is what was hashed: that stands, and a check names the difference.
        assert moment == "read"
        assert case.counts(case.view()).messages == LINES
        [problem] = case.verify(case.view()).problems
        assert str(folder / NAME) in problem.where
    assert done == [moment]
    (folder / NAME).write_bytes(whole)
    case.add(case.view(), [folder / NAME])
    assert case.counts(case.view()).messages == LINES
    assert case.verify(case.view(), reread=True).problems == ()


AS_SOMEBODY = """
import sys
from pathlib import Path
from filon.case import create_case
from filon.errors import EvidenceError
from filon.settings import Settings

folder, moment = Path(sys.argv[1]), sys.argv[2]
path = folder / "harbour.log"
def report(progress):
    if progress.stage == moment and progress.done == progress.total:
        path.chmod(0)
if moment == "before":
    path.chmod(0)
with create_case("ops", Settings(home=folder, who="ada")) as case:
    head = case.head
    try:
        case.add(case.view(), [path], report=report)
    except EvidenceError as refused:
        print(refused)
        print(refused.hint)
    assert case.head == head
    assert case.counts(case.view()).items == 0
    assert not case.interrupted
    path.chmod(0o600)
    case.add(case.view(), [path])
    assert case.counts(case.view()).messages == 300
"""


HELD = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]
"""Takes from root what lets it read any file."""


@pytest.mark.parametrize(("moment", "why"), [("before", "Permission denied"), ("hash", "changed while it was read")])
def test_a_permission_that_is_lost(tmp_path, moment, why):
    held = HELD if os.getuid() == 0 else []
    if held and shutil.which(held[0]) is None:
        pytest.skip("root may read everything, and there is no setpriv to stop it")
    (tmp_path / NAME).write_bytes(exports.irc())
    told = subprocess.run(
        [*held, sys.executable, "-c", AS_SOMEBODY, str(tmp_path), moment], capture_output=True, text=True
    )
    assert told.returncode == 0, told.stderr
    refused, hint = told.stdout.splitlines()
    assert why in refused
    assert NAME in refused
    assert hint != "None"
