"""Bundles as a relay holds them: one length, nothing to read, and of no other mailbox."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filon_net.crypto.bundle import BUNDLE_SIZE, check_bundle, read_bundle
from filon_net.crypto.identity import SIZE as CERTIFICATE_SIZE
from filon_net.crypto.seal import PUBLIC_SIZE
from filon_net.crypto.sealed_bundle import SIZE, open_bundle, seal_bundle
from filon_net.wire.errors import CryptoError, NotSealed, TooLarge, WireError

KEY, MAILBOX = b"k" * 32, b"m" * 32


def test_a_bundle_comes_out_as_it_went_in(pair, now):
    _, bob = pair
    for bundle in (*bob.bundles(2), bob.last_resort(now)):
        sealed = seal_bundle(bundle, KEY, MAILBOX)
        assert open_bundle(sealed, KEY, MAILBOX) == bundle
        certificate = check_bundle(read_bundle(bundle), now // 3_600_000)
        assert len(sealed) == SIZE <= 2_900
        shown = (certificate.user, certificate.device, certificate.ed25519, certificate.curve25519)
        assert all(one in bundle for one in shown)
        assert not any(one in sealed for one in shown)


def test_no_two_are_alike(pair, now):
    _, bob = pair
    assert len({seal_bundle(bob.last_resort(now), KEY, MAILBOX)[:29] for _ in range(50)}) == 50


def test_every_bundle_fits():
    longest = CERTIFICATE_SIZE + PUBLIC_SIZE + 3 * 64 + 32 + 40  # and the heads of ten fields
    assert longest <= BUNDLE_SIZE
    assert len(seal_bundle(bytes(BUNDLE_SIZE), KEY, MAILBOX)) == SIZE
    with pytest.raises(TooLarge):
        seal_bundle(bytes(BUNDLE_SIZE + 1), KEY, MAILBOX)


def test_another_key_or_mailbox_does_not_open_it():
    sealed = seal_bundle(b"bundle", KEY, MAILBOX)
    for key, mailbox in ((b"x" * 32, MAILBOX), (KEY, b"x" * 32)):
        with pytest.raises(NotSealed):
            open_bundle(sealed, key, mailbox)
    with pytest.raises(CryptoError):
        seal_bundle(b"bundle", b"short", MAILBOX)


@given(place=st.integers(0, SIZE - 1), change=st.integers(1, 255))
def test_a_changed_byte_is_found(place, change):
    sealed = bytearray(seal_bundle(b"bundle", KEY, MAILBOX))
    sealed[place] ^= change
    with pytest.raises(NotSealed):
        open_bundle(bytes(sealed), KEY, MAILBOX)


@given(st.binary(max_size=2_900))
def test_anything_else_is_refused(data):
    with pytest.raises((CryptoError, WireError)):
        open_bundle(data, KEY, MAILBOX)
