"""Proof that a phone owns a mailbox: an Ed25519 signature (RFC 8032) over what only this connection has.

A mailbox is named by the public key of a key pair made for it alone, so a relay needs no list of owners and two
mailboxes of one phone have nothing in common. Signed bytes: ``DOMAIN`` ‖ purpose (1 byte: 1 open, 2 admit) ‖ relay
name (32) ‖ nonce (32) ‖ mailbox (32). The relay's name is in it because a hostile relay could otherwise pass on the
challenge of another relay and open a mailbox there.
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from filon_net.wire.errors import BadSignature

__all__ = ["ADMIT", "DOMAIN", "OPEN", "check_proof", "mailbox_of", "prove", "verify"]

DOMAIN = b"filon-net mailbox proof v1\x00"
OPEN = 1
ADMIT = 2


def mailbox_of(key: Ed25519PrivateKey) -> bytes:
    """The mailbox that belongs to a key: its 32 public bytes."""
    return key.public_key().public_bytes_raw()


def prove(key: Ed25519PrivateKey, purpose: int, relay: bytes, nonce: bytes) -> bytes:
    """64 bytes that prove ownership on the one connection that got this nonce."""
    return key.sign(_signed(purpose, relay, nonce, mailbox_of(key)))


def check_proof(mailbox: bytes, signature: bytes, purpose: int, relay: bytes, nonce: bytes) -> None:
    """BadSignature unless the owner of ``mailbox`` signed this nonce for this relay and this purpose."""
    verify(mailbox, signature, _signed(purpose, relay, nonce, mailbox))


def verify(public: bytes, signature: bytes, message: bytes) -> None:
    """BadSignature unless ``signature`` (64 bytes) over ``message`` is by the key ``public`` (32 bytes)."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError) as error:
        raise BadSignature("the signature does not hold") from error


def _signed(purpose: int, relay: bytes, nonce: bytes, mailbox: bytes) -> bytes:
    return DOMAIN + bytes([purpose]) + relay + nonce + mailbox
