"""The case that is attacked, and the folder the attack lies in."""

import msgspec
import pytest

from case.hostile.attack import LIMITS, MIB
from filon.case import create_case
from filon.settings import Settings


@pytest.fixture
def case(tmp_path):
    """A case with small limits."""
    home = tmp_path / "home"
    home.mkdir()
    with create_case("ops", Settings(home=home, who="ada", limits=LIMITS)) as made:
        yield made


@pytest.fixture
def narrow(tmp_path):
    """A case whose parsing processes have little memory."""
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    limits = msgspec.structs.replace(LIMITS, worker_memory=450 * MIB)
    with create_case("narrow", Settings(home=home, who="ada", limits=limits)) as made:
        yield made


@pytest.fixture
def evil(tmp_path):
    """The folder the attack lies in."""
    (tmp_path / "evil").mkdir()
    return tmp_path / "evil"
