"""Every decoder of this floor, given anything: a value or a WireError or CryptoError, and little memory."""

import tracemalloc
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import example, given, settings
from hypothesis import strategies as st

from filon_net.crypto import Device, Read, Rejected, Stranger, Talk, Unread
from filon_net.crypto.bundle import check_bundle, read_bundle
from filon_net.crypto.carrier import read_carrier, write_carrier
from filon_net.crypto.envelope import ENVELOPE_SIZES, Envelope, read_envelope, write_envelope
from filon_net.crypto.identity import check_certificate, read_certificate
from filon_net.crypto.letter import Letter, read_letter, write_letter
from filon_net.crypto.numbers import read_report
from filon_net.crypto.olm import OlmAccount, OlmSession, from_base64, session_of, to_base64
from filon_net.crypto.padding import BUCKETS, pad, unpad
from filon_net.crypto.seal import open_seal, public_of, seal
from filon_net.wire import canonical
from filon_net.wire.errors import CryptoError, Malformed, TooLarge, WireError

NOW = 1_800_000_000_000
ALICE = Device.create(Ed25519PrivateKey.from_private_bytes(b"a" * 32), NOW)
BOB = Device.create(Ed25519PrivateKey.from_private_bytes(b"b" * 32), NOW)
CERTIFICATE = ALICE.certificate
BUNDLE = ALICE.bundles(1)[0]
SESSION = ALICE.account.outbound(BOB.certificate.curve25519, BOB.account.one_time_keys(1)[0])
PRE_KEY_MESSAGE = SESSION.encrypt(b"words")[1]
LETTER = write_letter(Letter("text", b"i" * 16, 1, NOW, 0, b"words"))
CARRIER = write_carrier(LETTER, CERTIFICATE, BOB.certificate)
ENVELOPE = write_envelope(Envelope(CERTIFICATE.encoded, 0, PRE_KEY_MESSAGE), 256)
SEED = b"s" * 32

DECODERS: dict[str, tuple[Callable[[bytes], object], bytes]] = {
    "certificate": (lambda data: check_certificate(read_certificate(data), NOW // 3_600_000), CERTIFICATE.encoded),
    "bundle": (lambda data: check_bundle(read_bundle(data), NOW // 3_600_000), BUNDLE),
    "letter": (read_letter, LETTER),
    "padding": (unpad, LETTER),
    "carrier": (lambda data: read_carrier(data, CERTIFICATE, BOB.certificate), CARRIER),
    "envelope": (read_envelope, ENVELOPE),
    "report": (read_report, b"\x82\x05\x81\x82\x01\x02"),
    "seal": (lambda data: open_seal(data, [SEED], b"f" * 32), seal(b"words", public_of(SEED), b"f" * 32)),
    "session id": (session_of, PRE_KEY_MESSAGE),
    "pre-key message": (lambda data: OlmAccount().inbound(CERTIFICATE.curve25519, data), PRE_KEY_MESSAGE),
    "normal message": (lambda data: SESSION.decrypt(1, data), PRE_KEY_MESSAGE),
    "session": (lambda data: OlmSession.unpickle(data, SEED), SESSION.pickle(SEED)),
    "account": (lambda data: OlmAccount.unpickle(data, SEED), ALICE.account.pickle(SEED)),
    "device": (lambda data: Device.load(data, SEED), ALICE.save(SEED)),
    "talk": (lambda data: Talk.load(data, SEED, BOB.fingerprint), Talk(BOB.certificate).save(SEED)),
    "one-time key": (lambda data: ALICE.account.outbound(BOB.certificate.curve25519, data), CERTIFICATE.curve25519),
    "seal key": (lambda data: seal(b"", data, b""), public_of(SEED)),
    "base64": (lambda data: from_base64(data.decode("latin-1")), b"QUJD"),
}
GOOD = [name for name in DECODERS if name not in ("pre-key message", "normal message")]


def tried(name: str, data: bytes) -> bool:
    try:
        DECODERS[name][0](data)
    except (WireError, CryptoError):
        return False
    return True


@pytest.mark.parametrize("name", GOOD)
def test_the_good_one_is_read(name: str) -> None:
    DECODERS[name][0](DECODERS[name][1])


@pytest.mark.parametrize("name", DECODERS)
@given(data=st.binary(max_size=600))
@example(data=b"")
@example(data=b"\xff" * 300)
@example(data=b"[" * 70_000)
@example(data=b'{"type":' * 5_000)
@settings(max_examples=60, deadline=None)
def test_anything(name: str, data: bytes) -> None:
    tried(name, data)


@pytest.mark.parametrize("name", DECODERS)
@given(draw=st.data())
@settings(max_examples=60, deadline=None)
def test_the_good_one_changed(name: str, draw: st.DataObject) -> None:
    data = bytearray(DECODERS[name][1])
    for _ in range(draw.draw(st.integers(1, 3))):
        where = draw.draw(st.integers(0, len(data) - 1))
        match draw.draw(st.integers(0, 2)):
            case 0:
                data[where] ^= draw.draw(st.integers(1, 255))
            case 1:
                data = data[: where + 1]
            case _:
                data[where:where] = draw.draw(st.binary(max_size=9))
    read = tried(name, bytes(data))
    if name in ("certificate", "seal", "device", "talk", "account", "session") and bytes(data) != DECODERS[name][1]:
        assert not read


@given(st.integers(0, 2), st.binary(max_size=500))
@settings(max_examples=100, deadline=None)
def test_a_sealed_anything_is_said_to_be_something(depth: int, data: bytes) -> None:
    """What is inside may be anything: the events say so, nothing is raised."""
    bob = Device.load(BOB.save(SEED), SEED)
    bob.accept(CERTIFICATE, NOW)
    if depth == 2:
        data = write_envelope(Envelope(CERTIFICATE.encoded, len(data) % 2, data or b"x"), 256)
    elif depth == 1:
        data = pad(data, ENVELOPE_SIZES)
    events = bob.receive(seal(data, public_of(bob._seeds[0][0]), bob.fingerprint), NOW)
    assert [type(event) in (Rejected, Unread, Stranger) for event in events] == [True]
    assert not any(isinstance(event, Read) for event in events)


kinds = st.from_regex(r"\A[a-z0-9.-]{1,48}\Z")
times = st.integers(0, (1 << 53) - 1)
letters = st.builds(
    Letter,
    kinds,
    st.binary(min_size=16, max_size=16),
    st.integers(1, (1 << 53) - 1),
    times,
    times,
    st.binary(max_size=2_000),
)


@given(letters)
def test_a_letter_comes_back_and_has_a_bucket(letter: Letter) -> None:
    padded = write_letter(letter)
    assert len(padded) in BUCKETS
    assert read_letter(padded) == letter


@given(st.integers(0, 65_535))
def test_padding_takes_the_shortest_bucket(size: int) -> None:
    padded = pad(b"\x00" * size)
    assert len(padded) == min(bucket for bucket in BUCKETS if bucket > size)
    assert unpad(padded) == b"\x00" * size


def test_padding_past_the_last_bucket() -> None:
    with pytest.raises(TooLarge):
        pad(bytes(65_536))


def test_a_carrier_of_another_kind_or_too_long() -> None:
    """The browser's library sends carriers of its own, such as m.dummy: they are no letters."""
    with pytest.raises(Malformed, match="another kind"):
        read_carrier(CARRIER.replace(b"filon-net.letter", b"m.dummy"), CERTIFICATE, BOB.certificate)
    with pytest.raises(TooLarge):
        read_carrier(CARRIER + b" " * 90_000, CERTIFICATE, BOB.certificate)
    more = CARRIER[:-1] + b',"sender_device_keys":{"user_id":"x"}}'
    assert read_carrier(more, CERTIFICATE, BOB.certificate) == LETTER


def test_what_could_not_be_read_is_not_written() -> None:
    with pytest.raises(Malformed):
        write_envelope(Envelope(CERTIFICATE.encoded, 2, b"x"), 256)
    with pytest.raises(Malformed):
        write_letter(Letter("Not a kind", b"i" * 16, 1, NOW, 0, b""))


@pytest.mark.parametrize("data", [b"", b"x\x80" + bytes(298), b"x" * 256, bytes(256), b"x\x81" + bytes(254)])
def test_padding_that_is_not_ours(data: bytes) -> None:
    with pytest.raises(Malformed):
        unpad(data)


@pytest.mark.parametrize("seed", [b"", b"s" * 31, b"s" * 33])
def test_a_seal_key_has_one_size(seed: bytes) -> None:
    """The expansion would take any number of bytes: a key of too few must not come to be by mistake."""
    with pytest.raises(CryptoError):
        public_of(seed)


@given(st.binary(max_size=80))
def test_base64_has_one_spelling(data: bytes) -> None:
    text = to_base64(data)
    assert from_base64(text) == data
    for other in (text + "=", text + "\n", text + " ", "=" + text):
        with pytest.raises(CryptoError):
            from_base64(other)


@pytest.mark.parametrize("name", DECODERS)
def test_little_memory(name: str) -> None:
    """A megabyte of anything costs a decoder at most a few copies of it."""
    data = canonical.encode([1, b"x" * 100_000]) * 10
    tracemalloc.start()
    try:
        tried(name, data)
        assert tracemalloc.get_traced_memory()[1] < 8 * len(data)
    finally:
        tracemalloc.stop()
