"""A network with a proxy in it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "phone"))

from hostile.proxy import Net, quick


@pytest.fixture
def net(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Net]:
    """A relay behind an honest proxy, a log with three witnesses, and no phones yet."""
    quick(monkeypatch)
    made = Net(tmp_path)
    yield made
    made.close()
