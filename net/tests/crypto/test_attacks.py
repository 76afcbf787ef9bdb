"""Attacks. Each is refused, and passes when its check is patched out."""

from collections.abc import Callable

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.letters import HOUR, Pair, bodies, copy_of, kinds, text
from filon_net.crypto import (
    Device,
    Duplicate,
    Read,
    Rejected,
    Stranger,
    Unread,
    carrier,
    certify,
    identity,
    seal,
    sessions,
)
from filon_net.crypto import device as device_module
from filon_net.crypto.bundle import read_bundle, write_bundle
from filon_net.crypto.carrier import write_carrier
from filon_net.crypto.envelope import Envelope, read_envelope, write_envelope
from filon_net.crypto.letter import Letter, write_letter
from filon_net.wire.errors import BadSignature, CryptoError


def test_strip_the_seal(talking: Pair, now: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies under the seal, posted without one (as a relay with a quantum computer, or a downgrading phone, would)."""
    alice, bob = talking
    monkeypatch.setattr(device_module, "seal", lambda envelope, key, peer: envelope)
    naked = text(alice, bob, now, b"without a seal")
    for attempt in (naked, b"\x01" + naked, b"\x00" + naked, b"\x01" + bytes(1_120) + naked):
        assert kinds(bob.receive(attempt, now)) == [Rejected]
    assert bob.rejected == 4
    monkeypatch.setattr(device_module, "open_seal", lambda blob, seeds, receiver: blob)
    assert bodies(bob.receive(naked, now)) == [b"without a seal"]


def test_another_version_of_the_seal(talking: Pair, now: int) -> None:
    alice, bob = talking
    blob = text(alice, bob, now)
    assert kinds(bob.receive(b"\x00" + blob[1:], now)) == [Rejected]
    assert kinds(bob.receive(b"\x02" + blob[1:], now)) == [Rejected]
    assert kinds(bob.receive(blob, now)) == [Read]


def test_a_blob_passed_on_to_another_device(talking: Pair, now: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two devices that came to share a seal key still do not open each other's blobs: the device is in the seal."""
    alice, bob = talking
    other = Device.create(Ed25519PrivateKey.generate(), now)
    other._seeds = bob._seeds
    other.talks = {}
    assert kinds(other.receive(text(alice, bob, now), now)) == [Rejected]
    monkeypatch.setattr(device_module, "seal", lambda envelope, key, peer: seal.seal(envelope, key, b""))
    monkeypatch.setattr(device_module, "open_seal", lambda blob, seeds, receiver: seal.open_seal(blob, seeds, b""))
    assert kinds(other.receive(text(alice, bob, now), now)) == [Stranger]


def test_passed_off_as_ones_own(talking: Pair, now: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mallory certifies Alice's device keys as his own and puts his certificate on her letter (unknown key share)."""
    alice, bob = talking
    mallory = Ed25519PrivateKey.generate()
    hour = now // HOUR
    his = certify(mallory, b"m" * 16, alice.certificate.ed25519, alice.certificate.curve25519, hour - 1, hour + 9)
    bob.accept(his, now)
    monkeypatch.setattr(device_module, "seal", lambda envelope, key, peer: envelope)
    alice.open_session(bob.bundles(1)[0], now)
    inside = read_envelope(text(alice, bob, now, b"Alice's words"))
    monkeypatch.undo()
    changed = write_envelope(msgspec.structs.replace(inside, certificate=his.encoded), 256)
    blob = seal.seal(changed, seal.public_of(bob._seeds[0][0]), bob.fingerprint)
    again = copy_of(bob, alice.fingerprint)
    again.accept(his, now)
    (event,) = bob.receive(blob, now)
    assert isinstance(event, Rejected)
    assert "somebody else" in event.why
    monkeypatch.setattr(carrier, "check_parties", lambda *_: None)
    event = again.receive(blob, now)[-1]
    assert isinstance(event, Read)
    assert event.peer == identity.fingerprint(his)


def test_read_aloud_to_somebody_else(
    talking: Pair, new_device: Callable[[], Device], now: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Carol's session carries words that say they are for Bob: refused."""
    alice, bob = talking
    carol = new_device()
    carol.accept(alice.certificate, now)
    alice.accept(carol.certificate, now)
    alice.open_session(carol.bundles(1)[0], now)
    padded = write_letter(Letter("text", b"i" * 16, 1, now, 0, b"for Bob"))
    kind, ciphertext = alice.talks[carol.fingerprint].sessions.write(
        write_carrier(padded, alice.certificate, bob.certificate)
    )
    envelope = write_envelope(Envelope(alice.certificate.encoded, kind, ciphertext), 256)
    blob = seal.seal(envelope, alice.talks[carol.fingerprint].seal_key, carol.fingerprint)
    (event,) = carol.receive(blob, now)
    assert isinstance(event, Rejected)


def test_certificates(talking: Pair, now: int, monkeypatch: pytest.MonkeyPatch) -> None:
    alice, bob = talking
    renewed = Device(alice.account, msgspec.structs.replace(alice.certificate, not_after=1 << 31), alice._seeds)
    renewed.talks = alice.talks
    blob = text(renewed, bob, now, b"by a certificate that makes itself good for longer")
    (event,) = bob.receive(blob, now)
    assert isinstance(event, Rejected)
    assert kinds(bob.receive(text(alice, bob, now), now + 366 * 24 * HOUR)) == [Rejected]
    monkeypatch.setattr(identity, "verify", lambda *_: None)
    assert kinds(bob.receive(blob, now))[-1] == Read


def test_a_stranger_is_named_and_nothing_is_opened(talking: Pair, new_device: Callable[[], Device], now: int) -> None:
    _, bob = talking
    stranger = new_device()
    stranger.accept(bob.certificate, now)
    stranger.open_session(bob.bundles(1)[0], now)
    blob = text(stranger, bob, now, b"good day")
    assert bob.receive(blob, now) == [Stranger(stranger.certificate)]
    assert stranger.fingerprint not in bob.talks
    bob.accept(stranger.certificate, now)
    assert bodies(bob.receive(blob, now)) == [b"good day"]


def test_new_keys_under_an_old_name_are_a_stranger(talking: Pair, now: int) -> None:
    """Same user, same device number, other keys: nothing carries over without being accepted."""
    _, bob = talking
    master = Ed25519PrivateKey.generate()
    first = Device.create(master, now)
    bob.accept(first.certificate, now)
    twin = Device.create(master, now)
    hour = now // HOUR
    twin = Device(
        twin.account,
        certify(master, first.certificate.device, twin.account.ed25519, twin.account.curve25519, hour - 1, hour + 9),
        twin._seeds,
    )
    twin.accept(bob.certificate, now)
    twin.open_session(bob.bundles(1)[0], now)
    assert kinds(bob.receive(text(twin, bob, now), now)) == [Stranger]


@pytest.mark.parametrize("field", ["device_signature", "key_signature", "seal_signature"])
def test_a_relay_cannot_put_its_own_key_into_a_bundle(pair: Pair, now: int, field: str) -> None:
    alice, bob = pair
    other = Device.create(Ed25519PrivateKey.generate(), now)
    bundle, foreign = read_bundle(bob.bundles(1)[0]), read_bundle(other.bundles(1)[0])
    swapped = {
        "device_signature": {"device_signature": foreign.device_signature},
        "key_signature": {"key": foreign.key, "key_signature": foreign.key_signature},
        "seal_signature": {"seal_key": foreign.seal_key, "seal_signature": foreign.seal_signature},
    }[field]
    with pytest.raises(BadSignature):
        alice.open_session(write_bundle(msgspec.structs.replace(bundle, **swapped)), now)
    with pytest.raises(BadSignature):  # a one-time key is not to be used as the last resort
        alice.open_session(write_bundle(msgspec.structs.replace(bundle, fallback=True)), now)
    with pytest.raises(BadSignature):  # nor a seal key for longer than its owner said
        alice.open_session(write_bundle(msgspec.structs.replace(bundle, seal_not_after=1 << 31)), now)
    with pytest.raises(BadSignature):
        alice.open_session(write_bundle(bundle), now + 9 * 24 * HOUR)


def test_a_device_that_certifies_itself_for_somebody_else(pair: Pair, now: int) -> None:
    """Mallory's keys under Bob's name, everything signed that Mallory can sign."""
    alice, bob = pair
    mallory = Device.create(Ed25519PrivateKey.generate(), now)
    forged = msgspec.structs.replace(mallory.certificate, user=bob.certificate.user)
    posing = Device(mallory.account, forged, mallory._seeds)
    with pytest.raises(BadSignature):
        alice.accept(forged, now)
    with pytest.raises(BadSignature):
        alice.learn(posing.last_resort(now), now)
    with pytest.raises(BadSignature, match="at this time"):
        alice.accept(bob.certificate, now + 400 * 24 * HOUR)
    with pytest.raises(BadSignature, match="at this time"):
        alice.accept(bob.certificate, now - 2 * HOUR)


def test_the_bundle_check_bites(pair: Pair, now: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With signatures unchecked a relay puts its own seal key in and sees who writes."""
    alice, bob = pair
    relay_seed = b"r" * 32
    bundle = msgspec.structs.replace(
        read_bundle(bob.bundles(1)[0]), seal_key=seal.public_of(relay_seed), seal_not_after=1 << 31
    )
    monkeypatch.setattr("filon_net.crypto.bundle.verify", lambda *_: None)
    alice.open_session(write_bundle(bundle), now)
    envelope = read_envelope(seal.open_seal(text(alice, bob, now), [relay_seed], bob.fingerprint))
    assert envelope.certificate == alice.certificate.encoded


def test_keys_of_no_strength_are_refused(pair: Pair) -> None:
    alice, bob = pair
    for weak in (bytes(32), b"\x01" + bytes(31)):
        with pytest.raises(CryptoError):
            alice.account.outbound(bob.certificate.curve25519, weak)


def test_replays_of_the_last_resort_are_not_shown_twice(
    new_device: Callable[[], Device], now: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fallback key can begin the same session again; with the memory of digests gone, the numbers still stop it."""
    alice, bob = new_device(), new_device()
    alice.accept(bob.certificate, now)
    bob.accept(alice.certificate, now)
    alice.open_session(bob.last_resort(now), now)
    blob = text(alice, bob, now)
    assert kinds(bob.receive(blob, now)) == [Read]
    forgetful = copy_of(bob, alice.fingerprint)
    forgetful.talks[alice.fingerprint].sessions = sessions.Sessions()
    assert forgetful.receive(blob, now) == [Duplicate(alice.fingerprint, 1)]
    forgetful.talks[alice.fingerprint].sessions = sessions.Sessions()
    forgetful.talks[alice.fingerprint].got.highest = 0  # without the numbers the attack passes
    assert kinds(forgetful.receive(blob, now)) == [Read]


def test_without_the_memory_a_duplicate_would_count_as_undecryptable(
    talking: Pair, now: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, bob = talking
    blob = text(alice, bob, now)
    bob.receive(blob, now)
    monkeypatch.setattr(sessions.Sessions, "was_read", lambda self, digest: False)
    assert kinds(bob.receive(blob, now)) == [Unread]


def test_the_memory_is_bounded(now: int) -> None:
    memory = sessions.Memory()
    for turn in range(2_000):
        memory.add(turn.to_bytes(16, "big"))
    assert len(memory) == sessions.REMEMBERED
    assert (1_999).to_bytes(16, "big") in memory
    assert sessions.Memory(memory.joined()).joined() == memory.joined()
