"""Two people at their terminal phones."""

import pytest

from phone.network import Network
from terminal.seats import Table


@pytest.fixture
def quick(monkeypatch):
    """No waiting for the disk."""
    monkeypatch.setattr("os.fsync", lambda _: None)


@pytest.fixture
def table(tmp_path, quick):
    network = Network(tmp_path)
    made = Table(network)
    yield made
    network.close()


@pytest.fixture
def pair(table):
    """Ada and Bob, contacts of each other."""
    ada, bob = table.network.phone("Ada"), table.network.phone("Bob")
    table.network.wait_for_log()
    table.network.introduce(ada, bob)
    return table.seat(ada), table.seat(bob)
