"""Faults: decoders given noise, clocks that are off, kills, machines of chance."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parents[1] / "phone"))

from hostile.proxy import Net, quick

settings.register_profile("filon-net", deadline=None)
settings.load_profile("filon-net")


@pytest.fixture
def net(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Net]:
    """A network in memory, behind an honest proxy."""
    quick(monkeypatch)
    made = Net(tmp_path)
    yield made
    made.close()
