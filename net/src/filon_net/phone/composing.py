"""A team's policy while a person makes it: the first of a new team, or a change of the one in force."""

import os

import msgspec

from filon_net.phone.errors import PolicyRefused
from filon_net.phone.phone import Phone
from filon_net.phone.policies import FIRST, MOST_ADMINS, MOST_MEMBERS, SignedPolicy, TeamPolicy
from filon_net.phone.words import plain

__all__ = ["Composing", "key_of"]

_LONGEST_NAME = 64


def key_of(text: str) -> bytes:
    """An admin's key as it is shown: 64 hex digits, in groups or not. PolicyRefused."""
    digits = "".join(text.split())
    if len(digits) != 64 or not all(one in "0123456789abcdefABCDEF" for one in digits):
        raise PolicyRefused(
            "this is no admin's key: it has 64 digits and letters a to f", hint="copy it whole from their screen"
        )
    return bytes.fromhex(digits)


class Composing:
    """What is set so far. ``members`` are users, ``admins`` keys; ``keep`` seconds, 0 for no least time."""

    def __init__(self, phone: Phone, team: bytes | None = None, name: str = "") -> None:
        """A change of ``team``'s policy, else a new team with this phone's user and key in it. NoSuch, PolicyRefused."""
        self._base = None if team is None else phone.next_policy(team)
        before = self._base
        self.name = ""
        self.members: set[bytes] = set(before.members) if before else {phone.user}
        self.admins: set[bytes] = set(before.admins) if before else {phone.admin_key()}
        self.keep = before.keep_at_least if before else 0
        self.hold = before.hold if before else False
        self._needed = before.needed if before else 0
        self.call(before.name if before else name)

    @property
    def new(self) -> bool:
        """A team that is not there yet."""
        return self._base is None

    @property
    def needed(self) -> int:
        """How many admins must sign a change; more than half where nobody said."""
        return min(self._needed, len(self.admins)) or len(self.admins) // 2 + 1

    def call(self, name: str) -> None:
        """Name the team. PolicyRefused."""
        name = " ".join(name.split())
        if not 1 <= len(name) <= _LONGEST_NAME or plain(name) != name:
            raise PolicyRefused(
                "a team's name has 1 to {most} characters that can be seen", hint="take another", most=_LONGEST_NAME
            )
        self.name = name

    def member(self, user: bytes, into: bool = True) -> None:
        """Take somebody into the team, or out of it. PolicyRefused."""
        if into and user not in self.members and len(self.members) >= MOST_MEMBERS:
            raise PolicyRefused("a team has at most {most} members", hint="make two teams", most=MOST_MEMBERS)
        self.members = self.members | {user} if into else self.members - {user}

    def admin(self, key: bytes, into: bool = True) -> None:
        """Make the owner of a key an admin, or an admin no longer. PolicyRefused."""
        if into and key not in self.admins and len(self.admins) >= MOST_ADMINS:
            raise PolicyRefused("a team has at most {most} admins", hint="take one out first", most=MOST_ADMINS)
        if not into and self.admins <= {key}:
            raise PolicyRefused("a team has at least one admin", hint="add another first")
        self.admins = self.admins | {key} if into else self.admins - {key}

    def need(self, count: int) -> None:
        """Say how many admins must sign a change. PolicyRefused."""
        if not 1 <= count <= len(self.admins):
            raise PolicyRefused(
                "of {count} admins 1 to {count} can be asked for", hint="add admins first", count=len(self.admins)
            )
        self._needed = count

    def unsigned(self, now: int) -> bytes:
        """The draft, without a signature yet: to be shown in words, then signed. PolicyRefused where it says nothing new."""
        if not self.members:
            raise PolicyRefused("a team has at least one member", hint="add somebody first")
        base = self._base
        team, version, previous = (base.team, base.version, base.previous) if base else (os.urandom(16), 1, FIRST)
        members, admins = tuple(sorted(self.members)), tuple(sorted(self.admins))
        policy = TeamPolicy(
            team, version, previous, self.name, members, admins, self.needed, self.keep, self.hold, made_at=now
        )
        if base is not None and policy == msgspec.structs.replace(base, made_at=now):
            raise PolicyRefused("nothing is changed yet", hint="change something first")
        return SignedPolicy(policy.encoded, ()).encoded
