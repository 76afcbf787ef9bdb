"""Letters on their way: an errand for each device, kept until the relay has the sealed blob.

An errand waits until its device may be written to (shown by the log, contact open and not held, a session and a seal key at
hand), is then sealed once, and posted as often as it takes: the blob that is posted again after a crash is the same one,
and its reader knows it. No blob is handed out before the turn that sealed it is on the disk.
"""

import os
from collections.abc import Iterator

import msgspec

from filon_net.crypto import HEAL, Certificate, fingerprint
from filon_net.crypto.bundle import check_bundle, read_bundle
from filon_net.crypto.sealed_bundle import open_bundle
from filon_net.phone.bodies import Body, Copied, Route, Text, encode_body, kind_of
from filon_net.phone.books import Books, device_fingerprint
from filon_net.phone.notices import Substituted
from filon_net.phone.state import Contact, ContactState, DeviceKeys, Errand
from filon_net.wire import HOURS_KEPT
from filon_net.wire.errors import CryptoError, WireError
from filon_net.wire.frames import Claimed, Code, Posted, Refused

__all__ = ["ClaimJob", "Outbox", "PostJob", "SenderJob", "Target", "lifetime"]

HOUR = 3_600_000
CLAIM_AGAIN = 10 * 60_000
"""Milliseconds until a bundle is asked for again where none came."""
POST_AGAIN = 30_000
"""Until a blob is posted again where the relay asked to wait and did not say how long."""
DOOR_AGAIN = HOUR
"""Until a blob is posted again where the mailbox or capability was not good: the contact may have sent a new card since."""
_STALE_AT_ONCE = 12
"""Bundles past their time that are taken out of stock one after another before it is waited."""
GIVEN_UP = 14 * 24 * HOUR
_CARD = "card"
_LEAST_LIFE = 24
"""Hours a relay is asked to keep a letter that disappears sooner: shorter lives would mark who writes with a short timer."""


class PostJob(msgspec.Struct, frozen=True):
    """Put this blob there, over a connection without login."""

    key: bytes
    relay: bytes
    url: str
    mailbox: bytes
    capability: bytes
    expires: int
    blob: bytes


class ClaimJob(msgspec.Struct, frozen=True):
    """Ask for a bundle of the device with the fingerprint ``key``; ``bundle_key`` opens it."""

    key: bytes
    relay: bytes
    url: str
    mailbox: bytes
    capability: bytes
    bundle_key: bytes


SenderJob = PostJob | ClaimJob


class Target(msgspec.Struct, frozen=True):
    """A device that the log shows, and how to write to it where that is known."""

    peer: bytes
    keys: DeviceKeys
    route: Route | None


class Outbox:
    """All errands of a phone."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._later: dict[bytes, int] = {}
        self._shut: set[bytes] = set()
        """Errands that the relay has no door for: letters behind them are told so each by itself."""
        self._stale: dict[bytes, int] = {}
        self.healing: set[bytes] = set()
        """Devices with which a new session is to be opened because a letter of theirs could not be read."""
        self.failed: list[tuple[Errand, str]] = []
        """Errands that failed in this turn and why; ``chats`` takes them up."""
        self.posted: list[Errand] = []

    def targets(self, user: bytes) -> list[Target]:
        """The devices of a contact, or the other devices of one's own user."""
        books, own = self._books, self._books.own
        if user == own.user:
            mine = books.device.certificate.device
            return [self._target(own.master, one, own.links.get(one.id)) for one in own.devices if one.id != mine]
        contact = books.contact(user)
        return [self._target(contact.master, one, contact.routes.get(one.id)) for one in contact.devices]

    def _target(self, master: bytes, keys: DeviceKeys, route: Route | None) -> Target:
        """A route to another relay than this phone's is none: its owner would learn this phone's network address."""
        good = route if route is not None and route.relay == self._books.own.relay else None
        return Target(device_fingerprint(master, keys.id, keys.sign, keys.agree), keys, good)

    def target(self, user: bytes, peer: bytes) -> Target | None:
        """One device by fingerprint, None where the log does not show it (any more)."""
        return next((one for one in self.targets(user) if one.peer == peer), None)

    def spread(self, user: bytes, body: Body, now: int, item: bytes = b"", wait: int = 0) -> list[bytes]:
        """A letter to every device of a contact (or of one's own), after ``wait`` ms; the fingerprints it goes to."""
        return [self.queue(user, one, body, now, item, wait) for one in self.targets(user)]

    def queue(self, user: bytes, target: Target, body: Body, now: int, item: bytes = b"", wait: int = 0) -> bytes:
        """A letter to one device, sealed and posted after ``wait`` ms; its fingerprint."""
        kind, data = kind_of(body), encode_body(body)
        errand = Errand(os.urandom(16), user, target.peer, target.keys.id, kind, data, now, item)
        errand.lives, errand.not_before = lifetime(body), now + wait if wait else 0
        self._books.keep_errand(errand)
        return target.peer

    def press(self, now: int) -> None:
        """Seal what can be sealed. Inside a turn."""
        for errand in sorted(self._books.errands.values(), key=lambda one: one.kind != _CARD):
            due = not errand.blob and errand.not_before <= now
            if due and self._allowed(errand) and self._ready(errand.peer, now):
                self._seal(errand, now)

    def _allowed(self, errand: Errand) -> bool:
        if errand.user == self._books.own.user:
            return self.target(errand.user, errand.peer) is not None
        contact = self._books.contacts.get(errand.user)
        if contact is None or contact.state is not ContactState.OPEN or contact.held or contact.broken:
            return False
        if contact.answers and errand.kind != _CARD:
            return False  # who invited opens a stranger's first letter only where it answers the invite
        return _shows(contact, errand.peer)

    def _ready(self, peer: bytes, now: int) -> bool:
        talk = self._books.device.talks.get(peer)
        return talk is not None and talk.sessions.can_write and talk.seal_not_after >= now // HOUR

    def _seal(self, errand: Errand, now: int) -> None:
        written = self._books.device.write(errand.peer, errand.kind, errand.body, now)
        errand.blob, errand.number, errand.body = written.blob, written.number, b""
        self._books.keep_talk(errand.peer)
        self._books.keep_errand(errand)

    def jobs(self, now: int) -> Iterator[SenderJob]:
        """Everything to post and to claim now. Only what is on the disk: call outside a turn."""
        held: set[bytes] = set()
        for errand in sorted(self._books.errands.values(), key=lambda one: one.number):
            if errand.blob and errand.not_before > now and errand.id not in self._shut:
                held.add(errand.peer)  # later letters must not overtake it by more than the ratchet walks forward
            due = errand.blob and errand.not_before <= now and errand.peer not in held
            if due and (target := self.target_of(errand)) and target.route:
                way = target.route
                expires = errand.expires or now // HOUR + errand.lives
                yield PostJob(
                    errand.id, way.relay, self._books.own.url, way.mailbox, way.capability, expires, errand.blob
                )
        for peer, target in self._wanting(now):
            to = target.route
            if to is not None and self._later.get(peer, 0) <= now:
                yield ClaimJob(peer, to.relay, self._books.own.url, to.mailbox, to.capability, to.bundle_key)

    def tried(self, job: SenderJob) -> None:
        """A job is on its way to the relay for the first time, or again. On the disk with the errand's next change."""
        errand = self._books.errands.get(job.key) if isinstance(job, PostJob) else None
        if errand is not None and isinstance(job, PostJob):
            errand.expires = job.expires

    def target_of(self, errand: Errand) -> Target | None:
        """The device an errand goes to, None where contact or device are gone."""
        known = errand.user == self._books.own.user or errand.user in self._books.contacts
        return self.target(errand.user, errand.peer) if known else None

    def _wanting(self, now: int) -> Iterator[tuple[bytes, Target]]:
        """Devices of which a bundle is needed."""
        seen: set[bytes] = set()
        for errand in self._books.errands.values():
            if errand.peer in seen or errand.blob or errand.not_before > now or not self._allowed(errand):
                continue
            seen.add(errand.peer)
            if not self._ready(errand.peer, now) and (target := self.target_of(errand)):
                yield errand.peer, target
        for peer in self.healing - seen:
            talk = self._books.device.talks.get(peer)
            owner = None if talk is None else self._owner(talk.peer)
            if owner is not None and (target := self.target(owner, peer)):
                yield peer, target

    def _owner(self, certificate: Certificate) -> bytes | None:
        if certificate.user == self._books.own.master:
            return self._books.own.user
        contact = self._books.by_master(certificate.user)
        return contact.user if contact is not None and contact.state is ContactState.OPEN else None

    def settle(self, job: SenderJob, answer: Posted | Claimed | Refused, now: int) -> None:
        """What the relay said to a job. Inside a turn."""
        if isinstance(job, PostJob):
            errand = self._books.errands.get(job.key)
            if errand is None:
                return
            if isinstance(answer, Posted):
                self.posted.append(errand)
                self._books.drop_errand(errand)
            elif isinstance(answer, Refused):
                self._put_off(errand, answer, now)
        elif isinstance(answer, Claimed):
            self._claimed(job, answer.bundle, now)
        elif isinstance(answer, Refused):
            self._later[job.key] = now + (answer.retry * 1_000 if answer.retry else CLAIM_AGAIN)
            if answer.code is Code.NO_SUCH_DOOR:
                self._all_failed(job.key, "refused")

    def _put_off(self, errand: Errand, answer: Refused, now: int) -> None:
        if answer.code is Code.NO_SUCH_DOOR:
            self.failed.append((errand, "refused"))
            errand.not_before = now + DOOR_AGAIN
            self._shut.add(errand.id)
        else:
            self._shut.discard(errand.id)
            errand.not_before = now + (answer.retry * 1_000 if answer.retry else POST_AGAIN)
        self._books.keep_errand(errand)

    def _all_failed(self, peer: bytes, why: str) -> None:
        self.failed += [(one, why) for one in self._books.errands.values() if one.peer == peer and not one.blob]

    def _claimed(self, job: ClaimJob, sealed: bytes, now: int) -> None:
        """A bundle: used only where it is of the device that the log shows."""
        books, peer = self._books, job.key
        self._later[peer] = now + CLAIM_AGAIN  # where it is good, nothing is wanted any more
        try:
            data = open_bundle(sealed, job.bundle_key, job.mailbox)
            if read_bundle(data).seal_not_after < now // HOUR:
                # it lay in stock for too long: the next may be fresh; where none is, its owner was away for over a week
                self._stale[peer] = self._stale.get(peer, 0) + 1
                if self._stale[peer] % _STALE_AT_ONCE:
                    self._later[peer] = now
                return
            self._stale.pop(peer, None)
            certificate = check_bundle(read_bundle(data), now // HOUR)
            if fingerprint(certificate) != peer:
                raise CryptoError("a bundle of another device than the log shows")
            books.accept(certificate, now)
            if peer in self.healing:
                self._heal(peer, data, now)
            elif books.device.talks[peer].sessions.can_write:
                books.device.learn(data, now)
            else:
                books.device.open_session(data, now)
        except (CryptoError, WireError):
            owner = next((one.user for one in books.errands.values() if one.peer == peer), books.own.user)
            books.notice(Substituted(user=owner), now, owner)
            return
        books.keep_talk(peer)
        self.press(now)

    def _heal(self, peer: bytes, data: bytes, now: int) -> None:
        books = self._books
        self.healing.discard(peer)
        talk = books.device.talks[peer]
        if not talk.may_heal(now):
            books.device.learn(data, now)
            return
        written = books.device.heal(data, now)
        owner = self._owner(talk.peer) or books.own.user
        books.keep_errand(
            Errand(os.urandom(16), owner, peer, talk.peer.device, HEAL, b"", now, b"", written.blob, written.number)
        )

    def route_changed(self, user: bytes, device: bytes) -> None:
        """A device of a contact has a new route: what was refused is tried at once."""
        for errand in self._books.errands.values():
            if errand.user == user and errand.device == device and errand.blob and errand.not_before:
                errand.not_before = 0
                self._books.keep_errand(errand)
            self._later.pop(errand.peer, None)

    def prune(self, now: int) -> None:
        """Drop errands to devices that are gone, and those past the time a relay would have kept them."""
        for errand in list(self._books.errands.values()):
            gone = self.target_of(errand) is None and self._settled(errand)
            if gone or now - errand.made_at > GIVEN_UP:
                self.failed.append((errand, "keys" if gone else "relay"))
                self._books.drop_errand(errand)

    def _settled(self, errand: Errand) -> bool:
        """True unless the owner of the device is only being asked for: then the device may still be shown."""
        contact = self._books.contacts.get(errand.user)
        return errand.user == self._books.own.user or contact is None or contact.state is not ContactState.ASKING


def lifetime(body: Body) -> int:
    """Hours a relay is asked to keep a letter: as long as it does, or where the message disappears sooner, no longer than that."""
    seconds = body.timer if isinstance(body, Text | Copied) else 0
    return min(HOURS_KEPT, max(_LEAST_LIFE, -(-seconds // 3_600))) if seconds else HOURS_KEPT


def _shows(contact: Contact, peer: bytes) -> bool:
    return any(device_fingerprint(contact.master, one.id, one.sign, one.agree) == peer for one in contact.devices)
