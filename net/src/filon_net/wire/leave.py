"""What the operator hands to a person, as a link: leave to join, later more tokens.

    leave    [1, relay address, relay (32), [log address ...], log's verifier key, [witness's verifier key ...], witnesses
             needed, operator (32), [relay token ...], log admission token, [release key (32) ...], release keys needed]
    tokens   [1, relay (32), [relay token ...]]

Whoever has a leave can join in the person's place until it was used; whoever has tokens can make mailboxes with them. Both are
handed over as secrets are. Nothing in ``tokens`` says whom they are for.
"""

from typing import Annotated

import msgspec

from filon_net.wire.frames import Key

__all__ = ["Leave", "MoreTokens"]

_Address = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
_KeyText = Annotated[str, msgspec.Meta(min_length=1, max_length=512)]
_Tokens = Annotated[
    tuple[Annotated[bytes, msgspec.Meta(max_length=256)], ...], msgspec.Meta(min_length=1, max_length=64)
]


class Leave(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=1):
    """``leave``: which relay and log, whom to believe, and tokens to be let in by.

    ``tokens`` make one mailbox each, the first of them the one a phone begins with; ``log_token`` admits the first device list.
    """

    relay_url: _Address
    relay: Key
    log_urls: Annotated[tuple[_Address, ...], msgspec.Meta(min_length=1, max_length=8)]
    log_key: _KeyText
    witness_keys: Annotated[tuple[_KeyText, ...], msgspec.Meta(min_length=1, max_length=32)]
    needed: Annotated[int, msgspec.Meta(ge=1, le=32)]
    operator: Key
    tokens: _Tokens
    log_token: Annotated[bytes, msgspec.Meta(max_length=512)]
    release_keys: Annotated[tuple[Key, ...], msgspec.Meta(max_length=16)] = ()
    releases_needed: Annotated[int, msgspec.Meta(ge=1, le=16)] = 1


class MoreTokens(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=1):
    """``tokens``: for a phone that is in already, mailboxes to come at the relay of this name."""

    relay: Key
    tokens: _Tokens
