"""One fleet for all tests that leave it whole, one of its own for each that breaks it."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))


@pytest.fixture(scope="session")
def fleet(tmp_path_factory):
    """A log with three witnesses, two of which are needed."""
    from loghost.fleet import Fleet

    made = Fleet(tmp_path_factory.mktemp("fleet"))
    yield made
    made.stop()


@pytest.fixture
def own_fleet(tmp_path):
    """The same for one test that breaks it."""
    from loghost.fleet import Fleet

    made = Fleet(tmp_path)
    yield made
    made.stop()
