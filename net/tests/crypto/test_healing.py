"""Letters that cannot be read: counted, told, healed within limits."""

from collections.abc import Callable

import pytest

from crypto.letters import HOUR, Pair, bodies, copy_of, kinds, text
from filon_net.crypto import (
    Device,
    Duplicate,
    Healed,
    Missing,
    Read,
    Rejected,
    Rewound,
    Unread,
    sessions,
    talk,
)
from filon_net.wire.errors import CryptoError


def put_back(alice: Device, bob: Device, now: int) -> Device:
    """Bob's disk is put back to the day before; Alice went on."""
    old = copy_of(bob, alice.fingerprint)
    for _ in range(3):
        alice.receive(text(bob, alice, now), now)
        bob.receive(text(alice, bob, now), now)
    return old


def test_an_undecryptable_letter_is_counted_and_heals(talking: Pair, now: int) -> None:
    alice, bob = talking
    bob = put_back(alice, bob, now)
    lost = text(alice, bob, now, b"cannot be read")
    assert bob.receive(lost, now) == [Unread(alice.fingerprint, 1, True)]
    assert kinds(bob.receive(lost, now)) == [Duplicate]  # and is not counted again
    assert bob.undecryptable == 1
    written = bob.heal(alice.bundles(1)[0], now)
    (healed,) = [event for event in alice.receive(written.blob, now) if isinstance(event, Healed)]
    assert healed == Healed(bob.fingerprint, 1, ())  # so Alice knows that numbers 2 to 5 have not come
    events = bob.receive(text(alice, bob, now, b"again"), now)
    assert kinds(events) == [Missing, Read]
    assert bodies(alice.receive(text(bob, alice, now, b"answer"), now)) == [b"answer"]
    assert bodies(bob.receive(text(alice, bob, now, b"on and on"), now)) == [b"on and on"]
    assert bob.undecryptable == 1


def test_a_number_used_again_for_another_letter_is_told_and_shown(talking: Pair, now: int) -> None:
    alice, bob = talking
    bob = put_back(alice, bob, now)
    written = bob.heal(alice.bundles(1)[0], now)  # number 2 was another letter before Bob's disk was put back
    assert kinds(alice.receive(written.blob, now)) == [Rewound, Healed]
    events = alice.receive(text(bob, alice, now, b"new words under an old number"), now)
    assert kinds(events) == [Rewound, Read]


def test_healing_has_limits(talking: Pair, now: int) -> None:
    alice, bob = talking
    bob.heal(alice.bundles(1)[0], now)
    with pytest.raises(CryptoError, match="too often") as caught:
        bob.heal(alice.bundles(1)[0], now + HOUR - 1)
    assert caught.value.hint
    bob = copy_of(bob, alice.fingerprint)  # and a restart does not lift them
    for turn in range(1, 5):
        bob.heal(alice.bundles(1)[0], now + turn * HOUR)
    with pytest.raises(CryptoError):
        bob.heal(alice.bundles(1)[0], now + 5 * HOUR)
    bob.heal(alice.bundles(1)[0], now + 24 * HOUR)
    assert len(bob.talks[alice.fingerprint].sessions.held) == sessions.HELD


def test_the_limits_bite(talking: Pair, now: int, monkeypatch: pytest.MonkeyPatch) -> None:
    alice, bob = talking
    monkeypatch.setattr(talk, "HEAL_EVERY", 0)
    monkeypatch.setattr(talk, "HEALS_A_DAY", 1_000)
    for bundle in alice.bundles(20):
        bob.heal(bundle, now)


def test_a_peer_cannot_push_the_counter_out_of_reach(talking: Pair, now: int) -> None:
    """A made-up report would otherwise leave no number to write with."""
    alice, bob = talking
    bob.talks[alice.fingerprint].got.highest = (1 << 53) - 2
    (event,) = alice.receive(bob.heal(alice.bundles(1)[0], now).blob, now)
    assert isinstance(event, Rejected)
    assert kinds(bob.receive(text(alice, bob, now), now)) != []
    assert alice.talks[bob.fingerprint].sent == 2


def test_both_heal_at_once(talking: Pair, now: int) -> None:
    alice, bob = talking
    to_alice, to_bob = bob.heal(alice.bundles(1)[0], now), alice.heal(bob.bundles(1)[0], now)
    assert kinds(alice.receive(to_alice.blob, now)) == [Healed]
    assert kinds(bob.receive(to_bob.blob, now)) == [Healed]
    for _ in range(4):
        assert kinds(bob.receive(text(alice, bob, now), now)) == [Read]
        assert kinds(alice.receive(text(bob, alice, now), now)) == [Read]


def test_the_same_one_time_key_handed_out_twice_is_not_silent(new_device: Callable[[], Device], now: int) -> None:
    """A hostile relay hands one bundle to two phones: the second letter is counted, not lost in silence."""
    bob, (bundle,) = (made := new_device()), made.bundles(1)
    for place in range(2):
        alice = new_device()
        alice.accept(bob.certificate, now)
        bob.accept(alice.certificate, now)
        alice.open_session(bundle, now)
        assert kinds(bob.receive(text(alice, bob, now), now)) == [(Read, Unread)[place]]
    assert bob.undecryptable == 1


def test_a_late_letter_of_the_old_session_does_not_bring_it_back(talking: Pair, now: int) -> None:
    alice, bob = talking
    late = text(bob, alice, now)
    alice.receive(bob.heal(alice.bundles(1)[0], now).blob, now)
    healing = alice.talks[bob.fingerprint].sessions.held[0].session.id
    assert kinds(alice.receive(late, now)) == [Read]
    assert alice.talks[bob.fingerprint].sessions.held[0].session.id == healing
    assert [one.retired for one in alice.talks[bob.fingerprint].sessions.held] == [False, True]
