"""What every test may use: cases in a folder of their own, exports written by others, the two languages."""

import os
from pathlib import Path

import pytest

from filon.case import create_case
from filon.settings import Settings

SAMPLES = Path(os.environ.get("FILON_SAMPLES") or Path(__file__).parents[2] / "shared" / "samples")


@pytest.fixture
def settings(tmp_path):
    """Settings of a person called ada, with cases below the test's folder."""
    home = tmp_path / "home"
    home.mkdir()
    return Settings(home=home, who="ada")


@pytest.fixture
def case(settings):
    """An empty case."""
    made = create_case("ops", settings)
    yield made
    made.close()


@pytest.fixture(scope="session")
def samples():
    """The folder of exports written by others; tests that need it are skipped where it is missing."""
    if not SAMPLES.is_dir():
        pytest.skip(f"no exports written by others in {SAMPLES}; set FILON_SAMPLES")
    return SAMPLES


_MAY_BE_MISSING = ("FILON_SAMPLES", "no sample", "the samples", "can be mounted here", "setpriv", "only Linux")
"""Exports written by others, and what only some systems and users may do, may be missing anywhere; tests say so in these words."""


def pytest_sessionfinish(session):
    """In CI a missing part fails, it never skips."""
    terminal = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") != "true" or terminal is None or hasattr(session.config, "workerinput"):
        return
    reasons = {
        str(report.longrepr[2]) for report in terminal.stats.get("skipped", ()) if isinstance(report.longrepr, tuple)
    }
    missing = sorted(reason for reason in reasons if not any(word in reason for word in _MAY_BE_MISSING))
    if missing and session.exitstatus == 0:
        terminal.write_line("\nskipped in CI, where nothing may be missing:\n  " + "\n  ".join(missing), red=True)
        session.exitstatus = 1
