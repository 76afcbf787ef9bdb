"""Teams: a policy that n admins sign together, version after version, and what it forbids on this phone.

The first version is signed by ``needed`` of its own admins, every later one by as many of the version before as that one asks
for; ``previous`` is the SHA-256 of the version before. Two versions of one number that are both signed enough are a fork: an
alarm, and neither is followed any further. ``hold`` (a legal hold): nothing disappears between members. What came from others
binds no chat here before a person has joined: else any contact could keep what two others let disappear. ``policies`` has
the forms, ``standing`` how one stands here.
"""

import os
from collections.abc import Iterable

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from filon_net.phone.bodies import PolicyBody
from filon_net.phone.books import Books
from filon_net.phone.errors import NoSuch, PolicyRefused
from filon_net.phone.notices import PolicyChanged, PolicyFork, TeamAsks
from filon_net.phone.outbox import Outbox
from filon_net.phone.policies import DOMAIN, FIRST, SignedPolicy, TeamPolicy, digest_of, read_signed
from filon_net.phone.standing import AdminName, Draft, InForce, draft_of

__all__ = ["DOMAIN", "FIRST", "SignedPolicy", "TeamPolicy", "Teams"]

_MOST_DRAFTS = 16
"""Kept on a phone; the oldest goes for a newer one."""


class _Kept(msgspec.Struct):
    signed: bytes
    admins: tuple[bytes, ...]
    """Whose signatures this version needed, and how many: a second one of its number needs the same."""
    needed: int
    forked: bool = False
    since: int = 0
    """When it was taken (milliseconds since 1970), 0 where it was not noted."""
    joined: bool = True
    """A person here put it into force, signed it, or joined."""


class _KeptDraft(msgspec.Struct):
    data: bytes
    at: int


class Teams:
    """The teams this phone knows."""

    def __init__(self, books: Books, outbox: Outbox) -> None:
        self._books = books
        self._outbox = outbox
        self._kept: dict[bytes, _Kept] = {}
        for row in books.store.rows("team"):
            self._kept[row.id] = msgspec.msgpack.decode(row.data, type=_Kept)
        self._drafts = {row.id: msgspec.msgpack.decode(row.data, type=_KeptDraft) for row in books.store.rows("draft")}

    def policies(self) -> list[TeamPolicy]:
        """The newest policy of every team."""
        return [read_signed(one.signed).content for one in self._kept.values()]

    def in_force(self, team: bytes) -> InForce:
        """The policy counted on, and how it came to be. NoSuch."""
        kept = self._held(team)
        made = read_signed(kept.signed)
        signed = tuple(one for one in made.holding if one in kept.admins)
        content = made.content
        member = self._books.own.user in content.members
        return InForce(content, signed, kept.since or None, kept.forked, member, kept.joined)

    def _held(self, team: bytes) -> _Kept:
        kept = self._kept.get(team)
        if kept is None:
            raise NoSuch("there is no such team on this phone")
        return kept

    def admin_key(self) -> bytes:
        """This phone's public key as an admin (32 bytes); made when first asked for. Inside a turn."""
        return self._key().public_key().public_bytes_raw()

    def known_key(self) -> bytes | None:
        """The same where it was made already, else None."""
        seed = self._books.store.get("admin", b"one")
        return None if seed is None else Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()

    def whose(self, key: bytes) -> AdminName | None:
        """Whose an admin's key was said to be on this phone; None where nobody said."""
        return self._books.value("admin-name", key, AdminName)

    def call_admin(self, key: bytes, user: bytes, name: str) -> None:
        """Say whose an admin's key is. Inside a turn."""
        self._books.keep_value("admin-name", key, AdminName(user, name))

    def _key(self) -> Ed25519PrivateKey:
        seed = self._books.store.get("admin", b"one")
        if seed is None:
            seed = os.urandom(32)
            self._books.store.put("admin", b"one", seed)
        return Ed25519PrivateKey.from_private_bytes(seed)

    def sign(self, data: bytes) -> bytes:
        """The same draft with this phone's signature added. PolicyRefused where it is no draft, or signing it would not count."""
        made, key = read_signed(data), self._key()
        own = key.public_key().public_bytes_raw()
        draft = self._standing(made, own)
        if draft.broken:
            raise PolicyRefused(
                "a signature of this policy does not hold: it was changed on the way", hint="ask for it again"
            )
        if not draft.open:
            raise PolicyRefused(
                "this policy does not follow the one this phone has", hint="make the change anew from the one in force"
            )
        if own not in draft.admins:
            raise PolicyRefused(
                "this phone's key is not one of the admins whose signatures count", hint="ask the admins"
            )
        given = made.only(draft.admins) | {own: key.sign(DOMAIN + made.policy)}
        return SignedPolicy(made.policy, tuple(sorted(given.items()))).encoded

    def read(self, data: bytes) -> Draft:
        """A policy from anybody, held against what this phone has; nothing is kept. PolicyRefused."""
        return self._standing(read_signed(data), self.known_key())

    def _standing(self, made: SignedPolicy, own: bytes | None) -> Draft:
        kept = self._kept.get(made.content.team)
        draft = draft_of(made, read_signed(kept.signed) if kept else None, own)
        return msgspec.structs.replace(
            draft, twice=self._signed_another(draft), forked=kept is not None and kept.forked
        )

    def _signed_another(self, draft: Draft) -> bool:
        """Whether this phone put its signature under another draft of this version."""
        others = (read_signed(one.data) for ident, one in self._drafts.items() if ident != draft.id)
        version = (draft.policy.team, draft.policy.version)
        return any((one.content.team, one.content.version) == version and draft.own in one.holding for one in others)

    def drafts(self) -> list[Draft]:
        """Policies on their way to enough signatures, the newest first."""
        rows = sorted(self._drafts.values(), key=lambda one: -one.at)
        return [self.read(one.data) for one in rows]

    def keep_draft(self, data: bytes, now: int) -> Draft:
        """Keep one that signatures can bring into force, with the signatures that are here already. PolicyRefused."""
        draft = self.read(data)
        if not draft.open:
            return draft
        made, before = read_signed(data), self._drafts.get(draft.id)
        given = made.only(draft.admins)
        if before is not None:
            given = read_signed(before.data).only(draft.admins) | given
        kept = SignedPolicy(made.policy, tuple(sorted(given.items()))).encoded
        self._drafts[draft.id] = _KeptDraft(kept, now)
        self._books.keep_value("draft", draft.id, self._drafts[draft.id])
        for ident, _ in sorted(self._drafts.items(), key=lambda pair: -pair[1].at)[_MOST_DRAFTS:]:
            self.drop_draft(ident)
        return self.read(kept)

    def drop_draft(self, ident: bytes) -> None:
        """Forget a draft."""
        if self._drafts.pop(ident, None) is not None:
            self._books.store.drop("draft", ident)

    def next_version(self, team: bytes) -> TeamPolicy:
        """The newest policy counted on, to be changed with ``msgspec.structs.replace`` and drafted. NoSuch."""
        made = read_signed(self._held(team).signed)
        return msgspec.structs.replace(made.content, version=made.content.version + 1, previous=digest_of(made.policy))

    def join(self, team: bytes, now: int) -> None:
        """Let the team's policy bind this phone, in every version to come. NoSuch, PolicyRefused."""
        kept = self._held(team)
        content = read_signed(kept.signed).content
        if self._books.own.user not in content.members:
            raise PolicyRefused("this team does not count this phone's user among its members")
        kept.joined = True
        self._books.keep_value("team", team, kept)
        self._books.lift(TeamAsks, team)
        self._books.tell(PolicyChanged(team=team, version=content.version))
        self._pass_on(content.members, kept.signed, now)

    def _pass_on(self, users: Iterable[bytes], signed: bytes, now: int) -> None:
        for user in users:
            if user in self._books.contacts:
                self._outbox.spread(user, PolicyBody(signed), now)

    def take(self, data: bytes, now: int, *, join: bool = False) -> bool:
        """A signed policy from anybody; True where it is new here and was taken. PolicyRefused.

        It binds this phone, which passes it on, where the person at it wants that: ``join``, or by joining or signing before.
        """
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
        if before is not None and content.previous != digest_of(before.policy):
            if content.version == before.content.version + 1:  # they signed another version of the one held here
                self._fork(before.content, now)
            raise PolicyRefused("this team policy does not follow the one this phone has", hint="ask for those between")
        joined = join or (kept.joined if kept else self.known_key() in made.only(rule.admins))
        self._kept[content.team] = _Kept(data, rule.admins, rule.needed, since=now, joined=joined)
        self._books.keep_value("team", content.team, self._kept[content.team])
        self._books.tell(PolicyChanged(team=content.team, version=content.version))
        for draft in self.drafts():
            if draft.policy.team == content.team and not draft.open:
                self.drop_draft(draft.id)
        if joined or self._books.own.user not in content.members:
            self._books.lift(TeamAsks, content.team)
        else:
            self._books.notice(TeamAsks(team=content.team, name=content.name), now, content.team)
        if joined:
            left = set(before.content.members) - set(content.members) if before else set()
            self._pass_on([*content.members, *sorted(left)], data, now)  # who is out must hear of it
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
        own, kept = self._books.own.user, [one for one in self._kept.values() if one.joined]
        policies = [read_signed(one.signed).content for one in kept]
        return [one for one in policies if own in one.members and user in one.members]

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
