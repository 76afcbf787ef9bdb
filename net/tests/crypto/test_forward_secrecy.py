"""What a copied disk can read, and what it cannot: the sessions themselves, without any of our memories in the way."""

from collections.abc import Callable

import pytest

from filon_net.crypto import Device, Talk, fingerprint
from filon_net.crypto.envelope import read_envelope
from filon_net.crypto.olm import OlmAccount, OlmSession
from filon_net.crypto.seal import open_seal
from filon_net.wire.errors import NotSealed, Undecryptable

KEY = b"k" * 32
DAY = 24 * 3_600_000
Pair = tuple[Device, Device]


class Thief:
    """Holds a copy of everything a phone had at one moment, store key included, and tries every key on every blob."""

    def __init__(self, device: Device, peer: Device) -> None:
        self.device = Device.load(device.save(KEY), KEY)
        self.saved = device.talks[peer.fingerprint].save(KEY)
        self.peer = peer.certificate

    def open(self, blob: bytes) -> bytes:
        """The Olm message under the seal. NotSealed where the copied seal keys do not open it."""
        seeds = [seed for seed, _ in self.device._seeds]
        envelope = read_envelope(open_seal(blob, seeds, self.device.fingerprint))
        return bytes([envelope.kind]) + envelope.ciphertext

    def reads(self, blob: bytes) -> bool:
        """True where any copied session, or the copied account, reads it."""
        message = self.open(blob)
        kind, ciphertext = message[0], message[1:]
        sessions = [one.session for one in Talk.load(self.saved, KEY, fingerprint(self.peer)).sessions.held]
        tries: list[Callable[[], object]] = [lambda one=one: one.decrypt(kind, ciphertext) for one in sessions]
        if kind == 0:
            account = OlmAccount.unpickle(self.device.account.pickle(KEY), KEY)
            tries.append(lambda: account.inbound(self.peer.curve25519, ciphertext))
        for attempt in tries:
            try:
                attempt()
            except Undecryptable:
                continue
            return True
        return False


def exchange(writer: Device, reader: Device, now: int) -> bytes:
    blob = writer.write(reader.fingerprint, "text", b"words", now).blob
    reader.receive(blob, now)
    return blob


def test_a_copied_phone_does_not_read_what_was_read_before(talking: Pair, now: int) -> None:
    alice, bob = talking
    earlier = [exchange(alice, bob, now) for _ in range(5)]
    exchange(bob, alice, now)
    earlier.append(exchange(alice, bob, now))
    thief = Thief(bob, alice)
    assert [thief.reads(blob) for blob in earlier] == [False] * 6
    assert all(thief.open(blob) for blob in earlier)  # only the outer seal opens, which protects from relays


def test_the_first_letter_of_a_session_too(pair: Pair, now: int) -> None:
    """The one-time key is gone once it was used."""
    alice, bob = pair
    first = exchange(alice, bob, now)
    assert not Thief(bob, alice).reads(first)


def test_a_copied_phone_reads_the_next_letter_and_loses_sight_after_a_round_trip(talking: Pair, now: int) -> None:
    """The first half proves that the second half bites: this thief does read."""
    alice, bob = talking
    thief = Thief(bob, alice)
    assert thief.reads(exchange(alice, bob, now))
    assert thief.reads(exchange(alice, bob, now))
    exchange(bob, alice, now)  # Bob's fresh key goes out
    after = [exchange(alice, bob, now), exchange(alice, bob, now)]
    exchange(bob, alice, now)
    after.append(exchange(alice, bob, now))
    assert [thief.reads(blob) for blob in after] == [False] * 3


def test_the_same_for_a_copy_of_the_writer(talking: Pair, now: int) -> None:
    alice, bob = talking
    thief = Thief(alice, bob)
    assert thief.reads(exchange(bob, alice, now))
    exchange(alice, bob, now)
    exchange(bob, alice, now)
    exchange(alice, bob, now)
    assert not thief.reads(exchange(bob, alice, now))


def test_letters_that_were_skipped_stay_readable_until_they_come(talking: Pair, now: int) -> None:
    """Said plainly: the key of a letter that is under way is on the phone, so a copy reads it."""
    alice, bob = talking
    late = alice.write(bob.fingerprint, "text", b"under way", now).blob
    exchange(alice, bob, now)
    assert Thief(bob, alice).reads(late)
    bob.receive(late, now)
    assert not Thief(bob, alice).reads(late)


def test_the_seal_of_a_copied_phone_ends_with_its_next_key(talking: Pair, now: int) -> None:
    alice, bob = talking
    thief = Thief(bob, alice)
    bob.renew_seal_key(now + 7 * DAY)
    alice.learn(bob.last_resort(now + 7 * DAY), now + 7 * DAY)
    with pytest.raises(NotSealed):
        thief.open(exchange(alice, bob, now + 7 * DAY))


def test_a_session_pickle_needs_its_key(talking: Pair) -> None:
    alice, bob = talking
    pickled = alice.talks[bob.fingerprint].sessions.held[0].session.pickle(KEY)
    assert OlmSession.unpickle(pickled, KEY).id == alice.talks[bob.fingerprint].sessions.held[0].session.id
    with pytest.raises(Exception, match="cannot be opened"):
        OlmSession.unpickle(pickled, b"K" * 32)
