"""Pull the plug on an add at random moments: what comes out in the end is what an undisturbed run gives."""

import random
import shutil
import signal
import subprocess
import time

import pytest

from case import made_exports as exports
from case.torn import digests, start
from filon.case import create_case, open_case

MOMENTS = 20


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_twenty_kills_and_the_same_rows(settings, tmp_path):
    folder = exports.folder(tmp_path / "in")
    (folder / "c big.csv").write_bytes(exports.table(rows=20_000, seed=7))
    create_case("whole", settings).close()
    began = time.monotonic()
    with start(settings.home, "whole", folder) as whole:
        assert whole.wait() == 0, whole.stderr.read()
    lasted = time.monotonic() - began
    with open_case("whole", settings) as case:
        expected = digests(case)
    assert len(expected) >= 8
    chance = random.Random(20200401)
    killed = 0
    create_case("torn", settings).close()
    for moment in range(MOMENTS):
        with start(settings.home, "torn", folder) as torn:
            try:
                torn.wait(lasted * (0.15 + 0.9 * (moment + chance.random()) / MOMENTS))
            except subprocess.TimeoutExpired:
                torn.send_signal(signal.SIGKILL)
                killed += 1
        with open_case("torn", settings) as case:
            # Whatever the moment, the case opens and shows all of it or nothing.
            assert case.counts(case.view()).messages in (0, 21_000)
            if case.counts(case.view()).messages:
                case.resume(case.view())
                assert digests(case) == expected
                assert case.verify(case.view()).problems == ()
                case.close()
                shutil.rmtree(settings.home / "torn")
                create_case("torn", settings).close()
    assert killed >= MOMENTS // 2
    with open_case("torn", settings) as case:
        if case.resume(case.view()) is None:
            case.add(case.view(), [folder])
        assert digests(case) == expected
        assert case.verify(case.view(), reread=True).problems == ()
