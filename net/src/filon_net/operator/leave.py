"""Leave for new people, and tokens for those who are in: signed here, handed over by hand (``wire.leave``).

A phone changes its mailbox every month, and each needs a token. Those kept for later months are good until then; their last
hour is the end of a block of 30 days that all share, because the relay sees it and must not learn from it which mailboxes
came out of one hand.
"""

import os
import time

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from filon_net.log import sign_admission
from filon_net.operator.folder import Network
from filon_net.wire import sign_token
from filon_net.wire.leave import Leave, MoreTokens

__all__ = ["MONTH", "last_hour", "sign_leave", "sign_tokens"]

MONTH = 30
"""Days of a block in which tokens kept for later end, and about the days a phone keeps a mailbox."""
_DAY = 24


def last_hour(days: int) -> int:
    """The last hour (since 1970) of tokens that are to be good for at least so many days: the end of its block."""
    hour = int(time.time()) // 3600 + _DAY * days
    return -(-hour // (_DAY * MONTH)) * _DAY * MONTH


def sign_leave(
    private: Ed25519PrivateKey, network: Network, mailboxes: int, days: int, quota_messages: int, quota_bytes: int
) -> Leave:
    """A leave for one person, to be used within ``days``: tokens for so many mailboxes, one for the log.

    The tokens after the first are for the months to come and good until then.
    """
    last = int(time.time()) // 3600 + _DAY * days
    later = last_hour(days + (MONTH + 1) * mailboxes)
    tokens = tuple(
        sign_token(private, os.urandom(16), later if number else last, quota_messages, quota_bytes)
        for number in range(mailboxes)
    )
    return Leave(
        network.relay_url,
        bytes.fromhex(network.relay),
        network.log_urls,
        network.log_key,
        network.witness_keys,
        network.needed,
        private.public_key().public_bytes_raw(),
        tokens,
        sign_admission(private, network.origin, last),
        tuple(map(bytes.fromhex, network.release_keys)),
        network.releases_needed,
    )


def sign_tokens(
    private: Ed25519PrivateKey, network: Network, last: int, count: int, quota_messages: int, quota_bytes: int
) -> MoreTokens:
    """``count`` tokens for somebody who is in, good until the hour ``last``."""
    made = (sign_token(private, os.urandom(16), last, quota_messages, quota_bytes) for _ in range(count))
    return MoreTokens(bytes.fromhex(network.relay), tuple(made))
