"""Tests of the log may import what stands beside them as ``log.<module>``."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))


@pytest.fixture
def team(tmp_path):
    """A log with three witnesses, two of which a phone asks for; everything below the test's folder."""
    from log.builders import Team

    made = Team(tmp_path)
    yield made
    made.close()


@pytest.fixture
def quick(monkeypatch):
    """No waiting for the disk, in tests that write much and never pull the plug."""
    monkeypatch.setattr("os.fsync", lambda _: None)
