"""Stores under test, each empty: the same tests go to every one of them."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parents[1]))

settings.register_profile("filon-net", deadline=None)  # a busy machine is no failure
settings.load_profile("filon-net")

NAME = b"r" * 32


@pytest.fixture(scope="session")
def cluster():
    """PostgreSQL of this test run; visibly skipped where it is not installed, a failure in CI."""
    from relay.cluster import Cluster, found

    if found() is None:
        if os.environ.get("CI") == "true":
            pytest.fail("PostgreSQL is not installed: apt-get install postgresql")
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    made = Cluster("fsync=off", "full_page_writes=off")  # tests kill processes, not the machine
    yield made
    made.stop()


@pytest.fixture(params=["sqlite", "postgres"])
def kind(request):
    return request.param


@pytest.fixture
def opened(kind, tmp_path, request):
    """A function that opens one store, again and again the same one."""
    made = []
    if kind == "sqlite":
        from filon_net.relay.sqlite import SqliteStore

        def again():
            made.append(SqliteStore(tmp_path / "mailboxes.sqlite"))
            return made[-1]
    else:
        from filon_net.relay.postgres import PostgresStore

        url = request.getfixturevalue("cluster").database()

        def again():
            made.append(PostgresStore(url, NAME))
            return made[-1]

    yield again
    for store in made:
        store.close()


@pytest.fixture
def store(opened):
    return opened()
