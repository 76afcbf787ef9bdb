"""Invite tokens and proofs of ownership: what holds, what does not, and what each check stops."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from filon_net.wire import canonical, tokens
from filon_net.wire.errors import BadSignature, CryptoError, Malformed, WireError
from filon_net.wire.proofs import ADMIT, OPEN, check_proof, mailbox_of, prove

OPERATOR = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
OPERATORS = frozenset({OPERATOR.public_key().public_bytes_raw()})
TOKEN = tokens.sign_token(OPERATOR, b"s" * 16, 100, 10_000, 1 << 30)


def test_a_token_holds_until_its_last_hour() -> None:
    token = tokens.check_token(TOKEN, OPERATORS, 100)
    assert (token.serial, token.quota_messages, token.quota_bytes) == (b"s" * 16, 10_000, 1 << 30)
    with pytest.raises(BadSignature, match="past"):
        tokens.check_token(TOKEN, OPERATORS, 101)
    with pytest.raises(BadSignature, match="operator"):
        tokens.check_token(TOKEN, frozenset(), 100)


def test_no_token_is_signed_that_could_not_be_read() -> None:
    with pytest.raises(Malformed):
        tokens.sign_token(OPERATOR, b"short", 100, 10, 10)


@given(st.integers(0, len(TOKEN) - 1), st.integers(1, 255))
def test_no_byte_of_a_token_can_be_changed(place: int, change: int) -> None:
    data = bytearray(TOKEN)
    data[place] ^= change
    with pytest.raises((WireError, CryptoError)):
        tokens.check_token(bytes(data), OPERATORS, 100)


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_no_token(data: bytes) -> None:
    with pytest.raises((WireError, CryptoError)):
        tokens.check_token(data, OPERATORS, 100)


def test_a_token_cannot_raise_its_quota(monkeypatch: pytest.MonkeyPatch) -> None:
    fields = canonical.decode(TOKEN)
    fields[3] = 1 << 40
    with pytest.raises(BadSignature):
        tokens.check_token(canonical.encode(fields), OPERATORS, 100)
    monkeypatch.setattr(tokens, "verify", lambda *_: None)
    assert tokens.check_token(canonical.encode(fields), OPERATORS, 100).quota_messages == 1 << 40


def test_a_proof_is_good_for_one_relay_one_nonce_one_purpose() -> None:
    key = Ed25519PrivateKey.generate()
    relay, nonce = b"r" * 32, b"n" * 32
    proof = prove(key, OPEN, relay, nonce)
    check_proof(mailbox_of(key), proof, OPEN, relay, nonce)
    other = mailbox_of(Ed25519PrivateKey.generate())
    for wrong in (
        (mailbox_of(key), proof, ADMIT, relay, nonce),
        (mailbox_of(key), proof, OPEN, b"R" * 32, nonce),
        (mailbox_of(key), proof, OPEN, relay, b"N" * 32),
        (other, proof, OPEN, relay, nonce),
        (mailbox_of(key), proof[:-1] + bytes([proof[-1] ^ 1]), OPEN, relay, nonce),
    ):
        with pytest.raises(BadSignature):
            check_proof(*wrong)
