"""Phones, relay and log with bad ways between them."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "phone"))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No waiting for the disk: nobody pulls the plug here."""
    monkeypatch.setattr("os.fsync", lambda _: None)
    monkeypatch.setattr("filon_net.phone.store.SYNCHRONOUS", "OFF")
