"""Two phones that know each other, as most tests here need them."""

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import settings

from filon_net.crypto import Device

settings.register_profile("filon-net", deadline=None)  # a busy machine is no failure
settings.load_profile("filon-net")

START = 1_800_000_000_000
Pair = tuple[Device, Device]


@pytest.fixture
def now() -> int:
    """Milliseconds since 1970; an hour's beginning it is not."""
    return START + 123_456


@pytest.fixture
def new_device(now: int) -> Callable[[], Device]:
    """Makes a device of a new user."""
    return lambda: Device.create(Ed25519PrivateKey.generate(), now)


@pytest.fixture
def pair(new_device: Callable[[], Device], now: int) -> Pair:
    """Alice, who has a session towards Bob, and Bob, who can answer after her first letter."""
    alice, bob = new_device(), new_device()
    alice.accept(bob.certificate, now)
    bob.accept(alice.certificate, now)
    alice.open_session(bob.bundles(1)[0], now)
    bob.learn(alice.last_resort(now), now)
    return alice, bob


@pytest.fixture
def talking(pair: Pair, now: int) -> Pair:
    """The same, after one letter each way."""
    alice, bob = pair
    bob.receive(alice.write(bob.fingerprint, "text", b"hello", now).blob, now)
    alice.receive(bob.write(alice.fingerprint, "text", b"hello too", now).blob, now)
    return pair
