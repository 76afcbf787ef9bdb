"""Letters between two devices: what is read, what is said about everything else, and the keys that end."""

from collections.abc import Callable

import pytest

from crypto.letters import HOUR, KEY, Pair, bodies, copy_of, kinds, text
from filon_net.crypto import (
    Device,
    Duplicate,
    GivenUp,
    Healed,
    Missing,
    Read,
    Rejected,
    Talk,
    Unread,
    at_rest,
)
from filon_net.crypto.envelope import ENVELOPE_SIZES, SEALED_SIZES
from filon_net.crypto.letter import BODY_SIZE
from filon_net.crypto.padding import BUCKETS
from filon_net.wire import BLOB_SIZES, canonical
from filon_net.wire.errors import CryptoError, TooLarge, WireError, WrongStoreKey


def test_letters_both_ways(pair: Pair, now: int) -> None:
    alice, bob = pair
    for turn in range(3):
        (event,) = bob.receive(text(alice, bob, now, b"from alice %d" % turn), now)
        assert isinstance(event, Read)
        assert (event.letter.body, event.letter.kind, event.letter.sent_at, event.peer) == (
            b"from alice %d" % turn,
            "text",
            now,
            alice.fingerprint,
        )
        assert bodies(alice.receive(text(bob, alice, now, b"from bob"), now)) == [b"from bob"]
    assert alice.undecryptable == bob.undecryptable == alice.rejected == bob.rejected == 0


@pytest.mark.parametrize("size", [0, 1, 150, 250, 900, 1_100, 4_000, 16_000, 60_000, BODY_SIZE])
def test_a_blob_has_one_of_five_lengths(pair: Pair, now: int, size: int) -> None:
    """First letter (pre-key) and later ones, by body length: the ratchet's state does not show."""
    alice, bob = pair
    first = text(alice, bob, now, b"x" * size)
    assert bodies(bob.receive(first, now)) == [b"x" * size]
    alice.receive(text(bob, alice, now), now)
    second = text(alice, bob, now, b"x" * size)
    assert len(first) == len(second)
    assert len(first) in BLOB_SIZES


def test_the_relay_and_the_phones_mean_the_same_lengths() -> None:
    assert SEALED_SIZES == BLOB_SIZES
    assert len(ENVELOPE_SIZES) == len(BUCKETS) == 5


def test_too_long(pair: Pair, now: int) -> None:
    alice, bob = pair
    with pytest.raises(WireError):
        text(alice, bob, now, b"x" * (BODY_SIZE + 1))
    assert alice.talks[bob.fingerprint].sent == 0  # a letter that cannot be written takes no number


def test_the_relay_does_not_see_the_sender(pair: Pair, now: int) -> None:
    alice, bob = pair
    for _ in range(3):
        blob = text(alice, bob, now, b"MARKED WORDS")
        for secret in (
            b"MARKED WORDS",
            alice.certificate.user,
            alice.certificate.device,
            alice.certificate.curve25519,
            alice.certificate.encoded,
        ):
            assert secret not in blob
            assert secret.hex().encode() not in blob
        bob.receive(blob, now)


def test_delivered_twice(pair: Pair, now: int) -> None:
    alice, bob = pair
    for _ in range(2):
        blob = text(alice, bob, now)
        assert kinds(bob.receive(blob, now)) == [Read]
        assert kinds(bob.receive(blob, now)) == [Duplicate]
        assert kinds(copy_of(bob, alice.fingerprint).receive(blob, now)) == [Duplicate]
        alice.receive(text(bob, alice, now), now)
    assert bob.undecryptable == 0


def test_a_gap_is_told_and_can_be_filled(talking: Pair, now: int) -> None:
    alice, bob = talking
    held = [text(alice, bob, now, b"%d" % turn) for turn in range(4)]
    events = bob.receive(held[3], now)
    assert kinds(events) == [Missing, Read]
    assert events[0] == Missing(alice.fingerprint, (2, 4))
    (late,) = bob.receive(held[1], now)
    assert isinstance(late, Read)
    assert late.late
    assert bob.talks[alice.fingerprint].got.missing == [(2, 2), (4, 4)]


def test_what_is_missing_for_too_long_is_given_up_aloud(talking: Pair, now: int) -> None:
    alice, bob = talking
    seen: list[type] = []
    for _ in range(70):
        text(alice, bob, now)
        seen += kinds(bob.receive(text(alice, bob, now), now))
    assert seen.count(GivenUp) == 6
    assert len(bob.talks[alice.fingerprint].got.missing) == 64


def test_two_thousand_letters_lost_in_a_row(talking: Pair, now: int) -> None:
    """The ratchet walks 2,000 steps at most. Past that a letter is undecryptable: counted, healed, and the gap is told."""
    alice, bob = talking
    peer = alice.talks[bob.fingerprint]
    for _ in range(2_001):
        peer.sessions.write(b"")
    peer.sent += 2_001
    events = bob.receive(text(alice, bob, now), now)
    assert events == [Unread(alice.fingerprint, 1, True)]
    alice.learn(bob.last_resort(now), now)
    written = bob.heal(alice.last_resort(now), now)
    assert kinds(alice.receive(written.blob, now)) == [Healed]
    assert kinds(bob.receive(text(alice, bob, now), now)) == [Missing, Read]


def test_a_seal_key_is_erased_when_nothing_sealed_to_it_can_come(talking: Pair, now: int) -> None:
    alice, bob = talking
    blob = text(alice, bob, now)
    seeds = []
    for week in range(5):
        bob.renew_seal_key(now + week * 7 * 24 * HOUR)
        seeds.append(len(bob._seeds))
    assert max(seeds) <= 6
    assert kinds(bob.receive(blob, now + 28 * 24 * HOUR)) == [Rejected]
    with pytest.raises(CryptoError, match="seal key"):
        text(alice, bob, now + 9 * 24 * HOUR)


def test_the_fallback_key_outlives_the_letters_written_to_it(new_device: Callable[[], Device], now: int) -> None:
    """Handed out on its last day, used on its bundle's last day, delivered on the blob's last day: read."""
    alice, bob = new_device(), new_device()
    alice.accept(bob.certificate, now)
    bob.accept(alice.certificate, now)
    day = 24 * HOUR
    bob.last_resort(now)
    bob.renew_seal_key(now + 24 * day)
    bundle = bob.last_resort(now + 24 * day)
    alice.open_session(bundle, now + 32 * day)
    blob = text(alice, bob, now + 32 * day)
    for later in (25, 31, 38, 45):
        bob.renew_seal_key(now + later * day)
        bob.last_resort(now + later * day)
    assert kinds(bob.receive(blob, now + 46 * day)) == [Read]


def test_at_rest(talking: Pair, now: int) -> None:
    alice, bob = talking
    saved = alice.talks[bob.fingerprint].save(KEY)
    assert bob.certificate.user not in saved
    for attempt in (
        lambda: Talk.load(saved, b"K" * 32, bob.fingerprint),
        lambda: Talk.load(saved, KEY, alice.fingerprint),  # one row put where another was
        lambda: Talk.load(saved[:-1], KEY, bob.fingerprint),
        lambda: Talk.load(b"", KEY, bob.fingerprint),
        lambda: Device.load(saved, KEY),
        lambda: Device.load(alice.save(KEY), b"K" * 32),
    ):
        with pytest.raises(WrongStoreKey):
            attempt()
    with pytest.raises(CryptoError):
        alice.save(b"short")
    with pytest.raises(CryptoError, match="32 bytes"):
        at_rest.lock(b"", b"short", b"")
    newer = at_rest.lock(canonical.encode([2]), KEY, b"device")
    with pytest.raises(CryptoError, match="version"):
        Device.load(newer, KEY)
    newer = at_rest.lock(canonical.encode([2]), KEY, b"talk" + bob.fingerprint)
    with pytest.raises(CryptoError, match="version"):
        Talk.load(newer, KEY, bob.fingerprint)


def test_a_letter_needs_an_accepted_device_a_session_and_a_key(new_device: Callable[[], Device], now: int) -> None:
    alice, bob = new_device(), new_device()
    with pytest.raises(CryptoError, match="accepted"):
        text(alice, bob, now)
    with pytest.raises(CryptoError, match="accepted"):
        alice.open_session(bob.bundles(1)[0], now)
    alice.accept(bob.certificate, now)
    with pytest.raises(CryptoError, match="seal key"):
        text(alice, bob, now)
    alice.learn(bob.bundles(1)[0], now)
    with pytest.raises(CryptoError, match="session"):
        text(alice, bob, now)
    with pytest.raises(CryptoError):
        alice.bundles(51)
    with pytest.raises(TooLarge):
        alice.open_session(b"x" * 4_000, now)
