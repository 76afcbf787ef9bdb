"""Ctrl-C at every step of an add: it says how to go on, and going on comes to what an undisturbed run gives."""

import msgspec
import pytest

from case import made_exports as exports
from case.torn import DIVIDED, digests, start
from filon.case import create_case, open_case
from filon.settings import Settings
from filon.words.terms import TERMS

STAGES = ("hash", "divide", "read", "join", "unify", "sample", "sort", "index", "write", "log")
ROWS = 140_000
"""More than one process writes to the store, and they sort: what few rows do not need."""
SLICE = 50_000


@pytest.fixture(scope="module")
def evidence(tmp_path_factory):
    """A folder with a large table, and the digests of a case of it that nobody disturbed."""
    home = tmp_path_factory.mktemp("home")
    folder = tmp_path_factory.mktemp("in")
    (folder / "a large.csv").write_bytes(exports.table(rows=ROWS, seed=7))
    (folder / "b harbour.log").write_bytes(exports.irc())
    settings = Settings(home=home, who="ada", limits=msgspec.structs.replace(DIVIDED, block_bytes=8 << 20))
    with create_case("whole", settings) as case:
        case.add(case.view(), [folder])
        return settings, folder, digests(case)


@pytest.mark.slow
@pytest.mark.parametrize("stage", STAGES)
def test_ctrl_c_at_every_step_leaves_what_can_go_on(evidence, stage):
    settings, folder, expected = evidence
    create_case(stage, settings).close()
    word = TERMS["stage"][stage] + "  "
    with start(settings.home, stage, folder, limits=settings.limits, rows=SLICE, stop_at=word) as stopped:
        out, err = stopped.communicate(timeout=120)
    assert stopped.returncode == 130, err
    assert out == ""
    said = err.rsplit("\x1b[2K", 1)[-1]
    assert "filon: stopped" in said
    assert "Traceback" not in err
    with open_case(stage, settings) as case:
        begun = case.interrupted
        assert begun is (stage != "hash")
        assert ("`filon add CASE` alone, goes on from there" in said) is begun
        assert ("nothing was taken in; the same command begins again" in said) is not begun
        assert case.counts(case.view()).messages == (ROWS + 300 if stage == "log" else 0)
    with start(settings.home, stage, *([] if begun else [folder]), limits=settings.limits, rows=SLICE) as again:
        assert again.wait(120) == 0, again.stderr.read()
    with open_case(stage, settings) as case:
        assert not case.interrupted
        assert digests(case) == expected
        assert case.verify(case.view()).problems == ()
        entries = [e.what for e in case._site.custody.entries()]
        assert entries.count("item-added") == 2
