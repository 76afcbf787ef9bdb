"""One version of a team's policy, and the signatures it has so far.

    policy   [1, team (16), version, previous (32), name, [member (32) ...], [admin key (32) ...], needed,
             keep_at_least (seconds), hold, made_at]
    signed   [1, policy (bytes), [[admin key (32), signature (64)] ...]]        signatures ordered by key

Signed is ``DOMAIN`` ‖ policy. Members are users as the log names them; an admin is known by an Ed25519 key made for this.
"""

import hashlib
from typing import Annotated

import msgspec

from filon_net.crypto.letter import Millis
from filon_net.phone.bodies import Id, encode_body, shaped
from filon_net.phone.errors import PolicyRefused
from filon_net.wire.errors import BadSignature, WireError
from filon_net.wire.frames import Key, Signature
from filon_net.wire.proofs import verify

__all__ = ["DOMAIN", "FIRST", "MOST_ADMINS", "MOST_MEMBERS", "SignedPolicy", "TeamPolicy", "digest_of", "read_signed"]

DOMAIN = b"filon-net team policy v1\x00"
FIRST = bytes(32)
MOST_MEMBERS = 500
MOST_ADMINS = 16


class TeamPolicy(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=1):
    """One version of a team's policy."""

    team: Id
    version: Annotated[int, msgspec.Meta(ge=1, lt=1 << 31)]
    previous: Key
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    members: Annotated[tuple[Key, ...], msgspec.Meta(max_length=MOST_MEMBERS)]
    admins: Annotated[tuple[Key, ...], msgspec.Meta(min_length=1, max_length=MOST_ADMINS)]
    needed: Annotated[int, msgspec.Meta(ge=1, le=16)]
    keep_at_least: Annotated[int, msgspec.Meta(ge=0, le=31_622_400)] = 0
    hold: bool = False
    made_at: Millis = 0

    @property
    def encoded(self) -> bytes:
        """What is signed, without the domain."""
        return encode_body(self)


class SignedPolicy(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=1):
    """A policy and the signatures it has so far."""

    policy: Annotated[bytes, msgspec.Meta(max_length=32_000)]
    signatures: Annotated[tuple[tuple[Key, Signature], ...], msgspec.Meta(max_length=16)]

    @property
    def encoded(self) -> bytes:
        """The bytes that travel."""
        return encode_body(self)

    @property
    def content(self) -> TeamPolicy:
        """The policy. Malformed or TooLarge."""
        return shaped(self.policy, TeamPolicy)

    @property
    def holding(self) -> tuple[bytes, ...]:
        """The keys whose signatures hold, whoever they are of; each once."""
        return tuple(key for key, signature in dict(self.signatures).items() if self._holds(key, signature))

    @property
    def broken(self) -> int:
        """How many signatures do not hold: the policy was changed after they were made, or they never were."""
        return len(self.signatures) - len(self.holding)

    def _holds(self, key: bytes, signature: bytes) -> bool:
        try:
            verify(key, signature, DOMAIN + self.policy)
        except BadSignature:
            return False
        return True

    def signed_by(self, admins: tuple[bytes, ...]) -> int:
        """How many of these keys signed."""
        return sum(key in admins for key in self.holding)

    def only(self, admins: tuple[bytes, ...]) -> dict[bytes, bytes]:
        """The signatures that hold and are by these keys."""
        return {key: signature for key, signature in self.signatures if key in admins and self._holds(key, signature)}


def digest_of(policy: bytes) -> bytes:
    """What the next version names this one by (32 bytes)."""
    return hashlib.sha256(policy).digest()


def read_signed(data: bytes) -> SignedPolicy:
    """A signed policy from outside, its form checked and no signature yet. PolicyRefused."""
    try:
        made = shaped(data, SignedPolicy)
        content = made.content
    except WireError as error:
        raise PolicyRefused("this is no team policy", hint="ask for it again") from error
    ordered = sorted(set(content.admins)) == list(content.admins) and sorted(set(content.members)) == list(
        content.members
    )
    if not ordered or content.needed > len(content.admins) or (content.version == 1) != (content.previous == FIRST):
        raise PolicyRefused("this team policy is not well formed", hint="make it anew")
    return made
