"""Pull the plug while a large table is read in blocks: what comes out in the end is what an undisturbed run gives."""

import os
import random
import signal
import subprocess
import sys
import time

import msgspec
import pytest

from case import made_exports as exports
from filon.case import create_case, open_case
from filon.settings import Limits

MOMENTS = 10
CODE = """
import sys
from pathlib import Path
import msgspec
from filon.case import open_case
from filon.settings import Limits, load
settings = msgspec.structs.replace(load(), limits=Limits(block_bytes=200_000, blocks_from=1))
with open_case(sys.argv[1], settings) as case:
    if case.resume(case.view()) is None:
        case.add(case.view(), [Path(sys.argv[2])])
"""


def digests(case):
    """One SHA-256 a table over its rows in the order of their numbers; items without the time of adding."""
    found = case._site.store.digests()
    found.pop("items")
    items = [msgspec.structs.replace(row.item, added_at=0) for row in case.items(case.view())]
    return found | {"items": msgspec.json.encode(items)}


def start(home, name, path):
    return subprocess.Popen(
        [sys.executable, "-c", CODE, name, str(path)],
        env=os.environ | {"FILON_HOME": str(home), "FILON_WHO": "ada"},
        stderr=subprocess.PIPE,
    )


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_kills_between_blocks_and_the_same_rows(settings, tmp_path):
    path = tmp_path / "big.csv"
    path.write_bytes(exports.table(rows=20_000, seed=7))
    create_case("plain", settings).close()
    with open_case("plain", settings) as case:
        case.add(case.view(), [path])
        expected = digests(case)
    create_case("whole", settings).close()
    began = time.monotonic()
    with start(settings.home, "whole", path) as whole:
        assert whole.wait() == 0, whole.stderr.read()
    lasted = time.monotonic() - began
    divided = msgspec.structs.replace(settings, limits=Limits(block_bytes=200_000, blocks_from=1))
    create_case("torn", settings).close()
    chance = random.Random(20200401)
    killed, kept = 0, 0
    for moment in range(MOMENTS):
        with start(settings.home, "torn", path) as torn:
            try:
                torn.wait(lasted * (0.15 + 0.8 * (moment + chance.random()) / MOMENTS))
            except subprocess.TimeoutExpired:
                torn.send_signal(signal.SIGKILL)
                killed += 1
        kept += any(p.suffix != ".part" for p in (settings.home / "torn").rglob("piece-*"))
    with open_case("torn", divided) as case:
        if case.resume(case.view()) is None and not case.counts(case.view()).items:
            case.add(case.view(), [path])
        assert digests(case) == expected
        assert case.verify(case.view(), reread=True).problems == ()
    assert killed
    assert kept
