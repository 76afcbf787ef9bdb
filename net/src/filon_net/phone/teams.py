"""Teams: a policy that n admins sign together, version after version, and what it forbids on this phone.

    policy   [1, team (16), version, previous (32), name, [member (32) ...], [admin key (32) ...], needed,
             keep_at_least (seconds), hold, made_at]
    signed   [1, policy (bytes), [[admin key (32), signature (64)] ...]]        signatures ordered by key

Signed is ``DOMAIN`` ‖ policy. Members are users as the log names them; an admin is known by an Ed25519 key made for this. The
first version is signed by ``needed`` of its own admins, every later one by as many of the version before as that one asks for;
``previous`` is the SHA-256 of the version before. Two versions of one number that are both signed enough are a fork: an
alarm, and neither is followed any further. ``hold`` (a legal hold): nothing disappears between members.
"""

import hashlib
import os
from typing import Annotated

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from filon_net.crypto.letter import Millis
from filon_net.phone.bodies import Id, PolicyBody, encode_body, shaped
from filon_net.phone.books import Books
from filon_net.phone.errors import NoSuch, PolicyRefused
from filon_net.phone.notices import PolicyChanged, PolicyFork
from filon_net.phone.outbox import Outbox
from filon_net.wire.errors import BadSignature, WireError
from filon_net.wire.frames import Key, Signature
from filon_net.wire.proofs import verify

__all__ = ["SignedPolicy", "TeamPolicy", "Teams"]

DOMAIN = b"filon-net team policy v1\x00"
FIRST = bytes(32)
_MOST = 500


class TeamPolicy(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=1):
    """One version of a team's policy."""

    team: Id
    version: Annotated[int, msgspec.Meta(ge=1, lt=1 << 31)]
    previous: Key
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    members: Annotated[tuple[Key, ...], msgspec.Meta(max_length=_MOST)]
    admins: Annotated[tuple[Key, ...], msgspec.Meta(min_length=1, max_length=16)]
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

    def signed_by(self, admins: tuple[bytes, ...]) -> int:
        """How many of these keys signed."""
        count = 0
        for key, signature in dict(self.signatures).items():
            try:
                verify(key, signature, DOMAIN + self.policy)
            except BadSignature:
                continue
            count += key in admins
        return count


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


class _Kept(msgspec.Struct):
    signed: bytes
    admins: tuple[bytes, ...]
    """Whose signatures this version needed, and how many: a second one of its number needs the same."""
    needed: int
    forked: bool = False


class Teams:
    """The teams this phone knows."""

    def __init__(self, books: Books, outbox: Outbox) -> None:
        self._books = books
        self._outbox = outbox
        self._kept: dict[bytes, _Kept] = {}
        for row in books.store.rows("team"):
            self._kept[row.id] = msgspec.msgpack.decode(row.data, type=_Kept)

    def policies(self) -> list[TeamPolicy]:
        """The newest policy of every team."""
        return [read_signed(one.signed).content for one in self._kept.values()]

    def admin_key(self) -> bytes:
        """This phone's public key as an admin (32 bytes); made when first asked for. Inside a turn."""
        return self._key().public_key().public_bytes_raw()

    def _key(self) -> Ed25519PrivateKey:
        seed = self._books.store.get("admin", b"one")
        if seed is None:
            seed = os.urandom(32)
            self._books.store.put("admin", b"one", seed)
        return Ed25519PrivateKey.from_private_bytes(seed)

    def draft(self, policy: TeamPolicy) -> bytes:
        """A policy with this phone's signature; goes to the other admins by hand, or is taken where one is enough."""
        return self.sign(SignedPolicy(policy.encoded, ()).encoded)

    def sign(self, data: bytes) -> bytes:
        """The same draft with this phone's signature added. PolicyRefused where it is no draft."""
        made = read_signed(data)
        key = self._key()
        given = dict(made.signatures) | {key.public_key().public_bytes_raw(): key.sign(DOMAIN + made.policy)}
        return SignedPolicy(made.policy, tuple(sorted(given.items()))).encoded

    def next_version(self, team: bytes) -> TeamPolicy:
        """The newest policy counted on, to be changed with ``msgspec.structs.replace`` and drafted. NoSuch."""
        kept = self._kept.get(team)
        if kept is None:
            raise NoSuch("there is no such team on this phone")
        made = read_signed(kept.signed)
        return msgspec.structs.replace(
            made.content, version=made.content.version + 1, previous=hashlib.sha256(made.policy).digest()
        )

    def take(self, data: bytes, now: int) -> bool:
        """A signed policy from anybody; True where it is new here and was taken, and is passed on. PolicyRefused."""
        made = read_signed(data)
        content = made.content
        kept = self._kept.get(content.team)
        before = read_signed(kept.signed) if kept else None
        if kept is None and self._books.own.user not in content.members:
            raise PolicyRefused("this team does not count this phone's user among its members")
        if before is not None and kept is not None and content.version <= before.content.version:
            return self._compare(kept, before, made, now)
        if kept is not None and kept.forked:
            raise PolicyRefused(
                "this team's admins signed two policies of one version", hint="ask them which one holds"
            )
        rule = before.content if before else content
        _require_signed(rule.admins, rule.needed, made)
        if before is not None and content.previous != hashlib.sha256(before.policy).digest():
            if content.version == before.content.version + 1:  # they signed another version of the one held here
                self._fork(before.content, now)
            raise PolicyRefused("this team policy does not follow the one this phone has", hint="ask for those between")
        self._kept[content.team] = _Kept(data, rule.admins, rule.needed)
        self._books.keep_value("team", content.team, self._kept[content.team])
        self._books.tell(PolicyChanged(team=content.team, version=content.version))
        for member in content.members:
            if member in self._books.contacts:
                self._outbox.spread(member, PolicyBody(data), now)
        return True

    def _compare(self, kept: _Kept, before: SignedPolicy, made: SignedPolicy, now: int) -> bool:
        """Not newer: the same one again, an older one, or a fork."""
        if made.content.version == before.content.version and made.policy != before.policy:
            _require_signed(kept.admins, kept.needed, made)
            self._fork(before.content, now)
        return False

    def _fork(self, policy: TeamPolicy, now: int) -> None:
        kept = self._kept[policy.team]
        kept.forked = True
        self._books.keep_value("team", policy.team, kept)
        self._books.notice(PolicyFork(team=policy.team, name=policy.name, version=policy.version), now, policy.team)

    def _between(self, user: bytes) -> list[TeamPolicy]:
        own = self._books.own.user
        return [one for one in self.policies() if own in one.members and user in one.members]

    def holds(self, user: bytes) -> bool:
        """Whether a legal hold lies on the chat with this contact."""
        return any(one.hold for one in self._between(user))

    def allowed_timer(self, user: bytes, seconds: int) -> int:
        """The timer that may run where ``seconds`` is set: 0 under a hold, never below what a team keeps at least."""
        if self.holds(user):
            return 0
        return max([seconds, *(one.keep_at_least for one in self._between(user))])

    def require_timer(self, user: bytes, seconds: int) -> None:
        """PolicyRefused where a team forbids this timer."""
        if seconds and self.holds(user):
            raise PolicyRefused(
                "a legal hold of a team lies on this chat: nothing may disappear", hint="ask the admins"
            )
        least = max((one.keep_at_least for one in self._between(user)), default=0)
        if seconds and seconds < least:
            raise PolicyRefused(
                "a team keeps messages for at least {least} seconds", hint="set a longer timer", least=least
            )


def _require_signed(admins: tuple[bytes, ...], needed: int, made: SignedPolicy) -> None:
    count = made.signed_by(admins)
    if count < needed:
        raise PolicyRefused(
            "{count} of {needed} admins signed this policy", hint="give it to the others", count=count, needed=needed
        )
