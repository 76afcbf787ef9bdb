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
