"""How a team's policy stands on this phone: one in force, or one on its way to enough signatures."""

import enum

import msgspec

from filon_net.phone.policies import SignedPolicy, TeamPolicy, digest_of

__all__ = ["AdminName", "Draft", "InForce", "Place", "draft_of"]


class Place(enum.Enum):
    """Where a policy comes, seen from what this phone has of its team."""

    NEW = "new"
    """The first of a team this phone does not know."""
    NEXT = "next"
    """It follows the one in force here."""
    UNKNOWN = "unknown"
    """A later one of a team this phone does not know: what it changes cannot be told."""
    IN_FORCE = "in force"
    OLDER = "older"
    OTHER = "other"
    """Another one than that in force here, of the same version: both signed enough would be a fork."""
    APART = "apart"
    """It follows another one than that in force here."""


class AdminName(msgspec.Struct, frozen=True):
    """Whose an admin's key is, as the person at this phone said: a contact's (``user``), or a name they gave."""

    user: bytes = b""
    name: str = ""


class InForce(msgspec.Struct, frozen=True):
    """A policy in force. ``signed``: keys of the admins who signed it; ``since``: when this phone took it, None where unknown."""

    policy: TeamPolicy
    signed: tuple[bytes, ...]
    since: int | None
    forked: bool
    member: bool
    """This phone's user is one."""
    joined: bool
    """It binds this phone."""


class Draft(msgspec.Struct, frozen=True):
    """A policy with the signatures it came with, held against what this phone has.

    ``admins`` and ``needed``: whose signatures count and how many must be there, which the version before says. ``own``: this
    phone's key as an admin, None where it was never made.
    """

    data: bytes
    policy: TeamPolicy
    before: TeamPolicy | None
    place: Place
    admins: tuple[bytes, ...]
    needed: int
    signed: tuple[bytes, ...]
    others: int
    """Signatures that hold and do not count."""
    broken: int
    """Signatures that do not hold: it was changed after they were made."""
    own: bytes | None
    twice: bool = False
    """This phone signed another draft of the same version."""
    forked: bool = False

    @property
    def id(self) -> bytes:
        """What tells it from other drafts (16 bytes)."""
        return digest_of(self.policy.encoded)[:16]

    @property
    def open(self) -> bool:
        """Signatures can still bring it into force."""
        return self.place in (Place.NEW, Place.NEXT) and not self.broken and not self.forked

    @property
    def mine(self) -> bool:
        """This phone signed it."""
        return self.own is not None and self.own in self.signed

    @property
    def may_sign(self) -> bool:
        """A signature of this phone would count and is not there yet."""
        return self.open and self.own in self.admins and not self.mine

    @property
    def enough(self) -> bool:
        """It can be put into force."""
        return self.open and len(self.signed) >= self.needed


def draft_of(made: SignedPolicy, before: SignedPolicy | None, own: bytes | None) -> Draft:
    """The standing of a policy, where ``before`` is the one in force."""
    policy, held = made.content, before.content if before else None
    place = _place(made, policy, before, held)
    rule = held if held is not None and place is Place.NEXT else policy
    holding = made.holding
    signed = tuple(one for one in holding if one in rule.admins) if place is not Place.UNKNOWN else ()
    return Draft(
        made.encoded,
        policy,
        held,
        place,
        rule.admins,
        rule.needed,
        signed,
        len(holding) - len(signed),
        made.broken,
        own,
    )


def _place(made: SignedPolicy, policy: TeamPolicy, before: SignedPolicy | None, held: TeamPolicy | None) -> Place:
    if before is None or held is None:
        return Place.NEW if policy.version == 1 else Place.UNKNOWN
    if made.policy == before.policy:
        return Place.IN_FORCE
    if policy.version == held.version:
        return Place.OTHER
    if policy.version < held.version:
        return Place.OLDER
    return Place.NEXT if policy.previous == digest_of(before.policy) else Place.APART
