"""Pull the plug while a large table is read in blocks: what comes out in the end is what an undisturbed run gives."""

import random
import signal
import subprocess
import time

import msgspec
import pytest

from case import made_exports as exports
from case.torn import DIVIDED, digests, start
from filon.case import create_case, open_case

MOMENTS = 10


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
    with start(settings.home, "whole", path, limits=DIVIDED) as whole:
        assert whole.wait() == 0, whole.stderr.read()
    lasted = time.monotonic() - began
    divided = msgspec.structs.replace(settings, limits=DIVIDED)
    create_case("torn", settings).close()
    chance = random.Random(20200401)
    killed, kept = 0, 0
    for moment in range(MOMENTS):
        with start(settings.home, "torn", path, limits=DIVIDED) as torn:
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
