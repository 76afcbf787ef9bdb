"""The store key: which function it is, that every part counts, and what guessing costs."""

import math

import pytest
from argon2.low_level import Type, hash_secret_raw

from filon_net.crypto.store_key import Cost, Effort, guessing_cost, store_key, words
from filon_net.wire.errors import CryptoError

LIGHT = Effort(kibibytes=8 * 4, passes=1, lanes=4)
SALT = b"s" * 16


def test_it_is_argon2id() -> None:
    assert store_key("a passphrase", SALT, LIGHT) == hash_secret_raw(b"a passphrase", SALT, 1, 32, 4, 32, Type.ID, 0x13)
    assert Effort() == Effort(65_536, 3, 4)


def test_every_part_counts() -> None:
    keys = {
        store_key("a", SALT, LIGHT),
        store_key("b", SALT, LIGHT),
        store_key("a", b"S" * 16, LIGHT),
        store_key("a", SALT, Effort(kibibytes=64, passes=1, lanes=4)),
        store_key("a", SALT, Effort(kibibytes=32, passes=2, lanes=4)),
    }
    assert len(keys) == 5


@pytest.mark.parametrize(("secret", "salt"), [("", SALT), ("a", b"s" * 15), ("a", b"s" * 17), ("\ud800", SALT)])
def test_refused(secret: str, salt: bytes) -> None:
    with pytest.raises(CryptoError):
        store_key(secret, salt, LIGHT)
    with pytest.raises(CryptoError):
        store_key("a", SALT, Effort(kibibytes=1))


def test_the_cost_is_measured_and_said(capsys: pytest.CaptureFixture[str]) -> None:
    """Printed with -s: what a six-digit PIN and a passphrase of six words of a list of 7,776 are worth on this machine."""
    cost = guessing_cost(math.log2(10**6))
    assert 0.005 < cost.seconds_per_guess < 60
    with capsys.disabled():
        print(f"\n  six digits: {words(cost)}")
        print(f"  six words:  {words(Cost(6 * math.log2(7_776), cost.seconds_per_guess, cost.kibibytes))}")
    assert words(Cost(20, 0.1, 65_536)) == (
        "100 ms and 64 MiB a guess; a secret of 20 bits takes 15 hours on average on one core like this, "
        "and a hundredth of that on a hundred"
    )
    assert "10^" in words(Cost(77.5, 0.1, 65_536))
