"""Short ways to say what tests say often."""

import hashlib
import os

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from filon_net.relay.asks import Ask
from filon_net.wire import BLOB_SIZES, check_token, sign_token
from filon_net.wire.frames import Ack, Claim, Grant, Open, Post, Revoke, Stock

OPERATOR = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
OPERATORS = frozenset({OPERATOR.public_key().public_bytes_raw()})
HOUR = 500_000
ROOMY = (10_000, 1 << 30)


def digest(capability):
    return hashlib.sha256(capability).digest()


def invite(serial=None, not_after=HOUR + 10, quota=ROOMY):
    """The bytes of an invite of ``OPERATOR``."""
    return sign_token(OPERATOR, serial or os.urandom(16), not_after, *quota)


def token(serial=None, not_after=HOUR + 10, quota=ROOMY):
    return check_token(invite(serial, not_after, quota), OPERATORS, not_after)


def blob(mark=b"", size=BLOB_SIZES[0]):
    """A sealed blob as a relay sees one: noise, with a mark tests can look for."""
    return mark + os.urandom(size - len(mark))


class Phone:
    """What one mailbox asks, as asks of a store."""

    def __init__(self, name, capability=b"c" * 32) -> None:
        self.name = name
        self.capability = capability

    def open(self):
        return Ask(self.name, Open(self.name, b"s" * 64))

    def admit(self, *args, **keys):
        return Ask(self.name, token(*args, **keys))

    def grant(self, daily=100, capability=None, request=1):
        return Ask(self.name, Grant(request, digest(capability or self.capability), daily))

    def revoke(self, capability=None, request=2):
        return Ask(self.name, Revoke(request, digest(capability or self.capability)))

    def stock(self, *bundles, last=None, request=3):
        return Ask(self.name, Stock(request, bundles, last))

    def ack(self, *numbers):
        return Ask(self.name, Ack(numbers))

    def post(self, what=None, expires=HOUR + 336, capability=None, request=4):
        return Ask(self.name, Post(request, self.name, capability or self.capability, expires, what or blob()))

    def claim(self, capability=None, request=5):
        return Ask(self.name, Claim(request, self.name, capability or self.capability))
