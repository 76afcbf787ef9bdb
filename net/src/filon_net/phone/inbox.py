"""Sealed blobs as they are delivered, and what their letters change.

Everything a delivery changes is on the disk before it is acknowledged. A blob from a device that is not known here is
*kept*, unopened, until the log shows whose it is; only where an invite is open is it opened to see whether it answers
that invite, and then nothing of it is shown before the log shows its writer.
"""

import hashlib
from collections.abc import Sequence

import msgspec

from filon_net.crypto import (
    Certificate,
    Duplicate,
    GivenUp,
    Healed,
    Letter,
    Missing,
    Read,
    Rejected,
    Rewound,
    Unread,
    fingerprint,
)
from filon_net.crypto import Event as LetterEvent
from filon_net.crypto import Stranger as StrangerCame
from filon_net.crypto.bundle import check_bundle, read_bundle
from filon_net.phone import notices
from filon_net.phone.bodies import (
    Again,
    Body,
    Card,
    Copied,
    Gossip,
    Hello,
    Introduced,
    Keys,
    Listed,
    PolicyBody,
    Receipts,
    Sas,
    Settled,
    Text,
    Timer,
    decode_body,
)
from filon_net.phone.books import Books, device_fingerprint
from filon_net.phone.chats import Chats
from filon_net.phone.comparing import Comparing
from filon_net.phone.errors import PolicyRefused
from filon_net.phone.outbox import Outbox
from filon_net.phone.people import People
from filon_net.phone.rules import Rules
from filon_net.phone.state import Contact, ContactState
from filon_net.phone.teams import Teams
from filon_net.phone.upkeep import Upkeep
from filon_net.wire.errors import CryptoError, WireError
from filon_net.wire.frames import Deliver

__all__ = ["Inbox"]

_MOST_KEPT = 256
"""Blobs of unknown devices kept for the log; beyond, the oldest goes and is counted as a stranger's."""
_MOST_EARLY = 256
HOUR = 3_600_000


class _Kept(msgspec.Struct):
    """A blob that waits for the log."""

    blob: bytes
    at: int
    master: bytes
    peer: bytes


class _Early(msgspec.Struct):
    """A letter that was read before the log had shown its writer."""

    user: bytes
    peer: bytes
    letter: bytes
    late: bool


class Inbox:
    """All that comes in. Calls are made inside a turn."""

    def __init__(
        self,
        books: Books,
        outbox: Outbox,
        people: People,
        chats: Chats,
        comparing: Comparing,
        teams: Teams,
        rules: Rules,
        upkeep: Upkeep,
    ) -> None:
        self._books = books
        self._outbox = outbox
        self._people = people
        self._chats = chats
        self._comparing = comparing
        self._teams = teams
        self._rules = rules
        self._upkeep = upkeep
        self.unknown_kinds = 0
        self.log_wanted = False
        """A blob waits for the log: look soon."""

    @property
    def waiting(self) -> bool:
        """Whether blobs wait for the log."""
        return self._books.store.count("kept") > 0

    def take(self, deliveries: Sequence[Deliver], now: int) -> None:
        """Blobs in the order of the relay."""
        for one in deliveries:
            self._skew(one.hour, now)
            self._blob(one.blob, now, keep=True)
        self._books.keep_device()

    def _skew(self, hour: int, now: int) -> None:
        """A blob cannot arrive at the relay after it is read here: then this clock is behind, or the relay's ahead."""
        ahead = hour - now // HOUR
        if ahead > 1:
            self._books.notice(notices.ClockSkew(who="relay", minutes=ahead * 60), now, b"relay")

    def _blob(self, blob: bytes, now: int, keep: bool) -> bool:
        """One blob; False where it is of a device that may not be read yet."""
        for event in self._books.device.receive(blob, now):
            if isinstance(event, StrangerCame):
                return self._stranger(event.certificate, blob, now, keep)
            self._letter_event(event, now)
        return True

    def _stranger(self, certificate: Certificate, blob: bytes, now: int, keep: bool) -> bool:
        peer = fingerprint(certificate)
        if self._shown(certificate, peer):
            self._books.accept(certificate, now)
            self._blob(blob, now, keep=False)
            return True
        known = certificate.user == self._books.own.master or self._books.by_master(certificate.user) is not None
        if not known and self._books.invites and self._answers(certificate, blob, now):
            self.log_wanted = True
            return True
        if not known:
            self._count_stranger(now)
            return True
        if keep:
            self._keep(_Kept(blob, now, certificate.user, peer), now)
        return False

    def _shown(self, certificate: Certificate, peer: bytes) -> bool:
        """Whether the log shows this device as one of a contact's or one's own."""
        own = self._books.own
        contact = self._books.by_master(certificate.user)
        devices = own.devices if certificate.user == own.master else contact.devices if contact else ()
        return any(device_fingerprint(certificate.user, one.id, one.sign, one.agree) == peer for one in devices)

    def _answers(self, certificate: Certificate, blob: bytes, now: int) -> bool:
        """Open a blob of somebody unknown: does it answer an open invite? Where not, nothing of it is kept."""
        talk = self._books.accept(certificate, now)
        for event in self._books.device.receive(blob, now):
            card = _card_of(event)
            if card is not None and self._people.answered(certificate.user, card, now) is not None:
                return True
        self._books.drop_talk(talk.fingerprint)
        return False

    def _count_stranger(self, now: int) -> None:
        told = next((one for one in self._books.notices.values() if isinstance(one.notice, notices.Stranger)), None)
        before = told.notice.count if told and isinstance(told.notice, notices.Stranger) else 0
        self._books.notice(notices.Stranger(count=before + 1), now)

    def _keep(self, kept: _Kept, now: int) -> None:
        if self._books.store.count("kept") >= _MOST_KEPT:
            self._books.store.drop("kept", self._books.store.rows("kept")[0].id)
            self._count_stranger(now)
        ident = hashlib.sha256(kept.blob).digest()[:16]
        self._books.keep_value("kept", ident, kept)
        self.log_wanted = True

    def look_again(self, now: int) -> None:
        """The log was read on: blobs that waited for it, and letters of contacts that opened."""
        for row in self._books.store.rows("kept"):
            kept = msgspec.msgpack.decode(row.data, type=_Kept)
            if self._blob(kept.blob, now, keep=False):
                self._books.store.drop("kept", row.id)
                self._books.keep_device()
            elif now - kept.at > self._rules.not_in_log:
                self._books.store.drop("kept", row.id)
                contact = self._books.by_master(kept.master)
                user = contact.user if contact else self._books.own.user
                self._books.notice(notices.NotInLog(user=user), now, kept.peer)
        opened, self._people.opened = self._people.opened, []
        for contact in opened:
            self._read_early(contact, now)

    def _read_early(self, contact: Contact, now: int) -> None:
        for row in self._books.store.rows("early"):
            early = msgspec.msgpack.decode(row.data, type=_Early)
            if early.user != contact.user:
                continue
            self._books.store.drop("early", row.id)
            if self._outbox.target(contact.user, early.peer) is None:
                continue  # the log shows the user, and not the device that wrote this
            letter = msgspec.msgpack.decode(early.letter, type=Letter)
            self._letter(contact, early.peer, letter, early.late, now)

    def _letter_event(self, event: LetterEvent, now: int) -> None:
        if isinstance(event, Rejected | StrangerCame):
            return
        self._books.keep_talk(event.peer)
        master = self._books.device.talks[event.peer].peer.user
        if master == self._books.own.master:
            self._of_own_device(event, now)
            return
        contact = self._books.by_master(master)
        if contact is None or contact.state is ContactState.BLOCKED or isinstance(event, Duplicate):
            return
        if isinstance(event, Read):
            self._read(contact, event, now)
        elif contact.state is ContactState.ASKING:
            return
        elif isinstance(event, Missing | GivenUp):
            self._chats.missing(contact, event.peer, *event.numbers, now)
        elif isinstance(event, Unread):
            self._unread(contact, event, now)
        elif isinstance(event, Healed):
            self._chats.again(contact, event.peer, event.highest, event.missing, now)
        elif isinstance(event, Rewound):
            self._books.notice(notices.Rewound(user=contact.user), now, contact.user)

    def _unread(self, contact: Contact, event: Unread, now: int) -> None:
        total = sum(
            talk.undecryptable for talk in self._books.device.talks.values() if talk.peer.user == contact.master
        )
        self._books.notice(notices.Undecryptable(user=contact.user, total=total), now, contact.user)
        if event.heal:
            self._outbox.healing.add(event.peer)

    def _of_own_device(self, event: LetterEvent, now: int) -> None:
        if isinstance(event, Unread) and event.heal:
            self._outbox.healing.add(event.peer)
        if not isinstance(event, Read):
            return
        body = _body_of(event.letter)
        if isinstance(body, Copied) and body.user in self._books.contacts:
            self._chats.copied(self._books.contacts[body.user], body, now)
        elif isinstance(body, Introduced):
            self._people.introduced(body, now)
        elif isinstance(body, Hello):
            self._upkeep.hello(self._books.device.talks[event.peer].peer, body, now)
        elif isinstance(body, Listed):
            self._upkeep.listed(body)
        elif isinstance(body, PolicyBody):
            self._policy(body, now)
        elif isinstance(body, Keys):
            self._keys(event.peer, body, now)
        elif isinstance(body, Card):
            self._books.own.links[body.route.device] = body.route
            self._books.keep_own()
            self._outbox.route_changed(self._books.own.user, body.route.device)

    def _read(self, contact: Contact, event: Read, now: int) -> None:
        if event.late:
            self._chats.came_late(contact, event.peer, now)
        if contact.state is ContactState.ASKING:
            self._hold_early(contact, event)
            return
        self._letter(contact, event.peer, event.letter, event.late, now)

    def _hold_early(self, contact: Contact, event: Read) -> None:
        """The log has not shown this contact: the letter is kept and not shown. A card's route is taken when it is read."""
        if self._books.store.count("early") < _MOST_EARLY:
            letter = msgspec.msgpack.encode(event.letter)
            early = _Early(contact.user, event.peer, letter, event.late)
            self._books.keep_value("early", event.letter.id, early)

    def _letter(self, contact: Contact, peer: bytes, letter: Letter, late: bool, now: int) -> None:
        body = _body_of(letter)
        note = body.note if isinstance(body, Text | Receipts | Gossip | Card) else b""
        if note:
            self._people.to_compare.append((contact.user, note))
        if isinstance(body, Text):
            self._chats.text(contact, letter, body, late, now)
        elif isinstance(body, Receipts):
            self._chats.receipts(contact, peer, body, now)
        elif isinstance(body, Card):
            mine = body.route.device == self._books.device.talks[peer].peer.device
            if mine and self._people.take_card(contact, body):
                self._upkeep.introduce(contact.user, now)
        elif isinstance(body, Timer):
            self._chats.timer_set(contact, body, now)
        elif isinstance(body, Again):
            self._chats.again(contact, peer, 1 << 53, body.missing, now)
        elif isinstance(body, Settled):
            self._chats.settled(contact, peer, body.missing, now)
        elif isinstance(body, Sas):
            self._comparing.take(contact, peer, body, now)
        elif isinstance(body, PolicyBody):
            self._policy(body, now)
        elif isinstance(body, Keys):
            self._keys(peer, body, now)
        elif body is None:
            self.unknown_kinds += 1

    def _keys(self, peer: bytes, body: Keys, now: int) -> None:
        """A newer seal key, where the bundle is the writing device's own and holds."""
        try:
            if fingerprint(check_bundle(read_bundle(body.bundle), now // HOUR)) == peer:
                self._books.device.learn(body.bundle, now)
        except (WireError, CryptoError):
            self.unknown_kinds += 1

    def _policy(self, body: PolicyBody, now: int) -> None:
        try:
            self._teams.take(body.policy, now)
        except PolicyRefused:
            self.unknown_kinds += 1


def _body_of(letter: Letter) -> Body | None:
    """The body of a letter; None where it is of an unknown kind or not well formed."""
    try:
        return decode_body(letter.kind, letter.body)
    except (WireError, CryptoError):
        return None


def _card_of(event: LetterEvent) -> Card | None:
    if not isinstance(event, Read):
        return None
    body = _body_of(event.letter)
    return body if isinstance(body, Card) else None
