"""Tests of phones may import what stands beside them, and the builders of a log."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

settings.register_profile("filon-net", deadline=None)
settings.load_profile("filon-net")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No waiting for the disk, in tests that write much and never pull the plug."""
    monkeypatch.setattr("os.fsync", lambda _: None)
    monkeypatch.setattr("filon_net.phone.store.SYNCHRONOUS", "OFF")


@pytest.fixture
def network(tmp_path: Path, quick: None) -> Iterator["object"]:
    """A relay, a log with three witnesses, and no phones yet."""
    from network import Network

    made = Network(tmp_path)
    yield made
    made.close()
