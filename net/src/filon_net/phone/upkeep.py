"""This user's own part: device list, mailboxes, bundles in stock, keys that are renewed, further devices.

The master key is here for the length of a call only, from the backup code (or from the store, where its owner chose to
keep it there): a new device, a revocation and a renewed certificate need it, everyday use does not.
"""

import hashlib
import os
import random
from collections.abc import Iterator

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from filon_net.crypto import Certificate, Device
from filon_net.crypto.bundle import read_bundle
from filon_net.crypto.identity import certify
from filon_net.crypto.sealed_bundle import KEY_SIZE, seal_bundle
from filon_net.log import Device as LogDevice
from filon_net.log import Devices, Entry, Head, read_entry, sign_entry
from filon_net.log.entries import FIRST, devices_of
from filon_net.phone import notices
from filon_net.phone.backup import Master
from filon_net.phone.bodies import Card, Hello, Keys, Listed, Route
from filon_net.phone.books import Books
from filon_net.phone.errors import BadBackupCode, BadLink, NeedsBackupCode, NoSuch
from filon_net.phone.links import DeviceLink, Leave, link_of
from filon_net.phone.outbox import Outbox
from filon_net.phone.people import People, forget_others, keys_of
from filon_net.phone.rules import Rules
from filon_net.phone.state import Box, ContactState
from filon_net.phone.tokens import ends, serial, still_good, tokens_of
from filon_net.wire.frames import Code, Done, Opened, Refused
from filon_net.wire.proofs import mailbox_of

__all__ = ["GrantJob", "OwnerJob", "RevokeJob", "StockJob", "Upkeep", "new_box", "own_list"]

HOUR = 3_600_000
DAY = 24 * HOUR
DAILY = 2_000
"""Blobs a day one capability may post."""
_LINK_GOOD = 30 * 60_000
_A_MOMENT = 10 * 60_000
"""Until an entry that another device may still claim as its own is an alarm."""
_OWN = b"own"
_STOCK_AT_ONCE = 30


class GrantJob(msgspec.Struct, frozen=True):
    """Let whoever shows the secret behind ``capability`` (a digest) post. ``key``: whom it is for."""

    key: bytes
    capability: bytes
    daily: int


class RevokeJob(msgspec.Struct, frozen=True):
    """Take it back."""

    key: bytes
    capability: bytes


class StockJob(msgspec.Struct, frozen=True):
    """Leave bundles, sealed."""

    key: bytes
    bundles: tuple[bytes, ...]
    last_resort: bytes | None


OwnerJob = GrantJob | RevokeJob | StockJob


def new_box(relay: bytes, url: str, token: bytes, now: int) -> Box:
    """A mailbox that the relay does not know yet."""
    seed = os.urandom(32)
    mailbox = mailbox_of(Ed25519PrivateKey.from_private_bytes(seed))
    return Box(mailbox, seed, relay, url, now, os.urandom(KEY_SIZE), token)


def seal_digest(device: Device, now: int) -> bytes:
    """SHA-256 of the device's seal key as it is when the device is listed."""
    return hashlib.sha256(read_bundle(device.last_resort(now)).seal_key).digest()


def own_list(master: Master, head: Head | None, add: LogDevice | None, without: bytes | None = None) -> Entry:
    """The next device list of a user: that of ``head`` with a device more and one less (by id)."""
    before = head.devices.devices if head and head.devices else ()
    kept = {one.id: one for one in before if one.id != without}
    if add is not None:
        kept[add.id] = add
    devices = tuple(kept[ident] for ident in sorted(kept))
    version, previous = (head.version + 1, head.leaf) if head else (1, FIRST)
    return sign_entry(Devices(master.user, version, previous, master.public, devices), master.key)


class Upkeep:
    """What has to be done for the phone itself. Calls but ``owner_jobs`` are made inside a turn."""

    def __init__(self, books: Books, outbox: Outbox, people: People, rules: Rules, draw: random.Random) -> None:
        self._draw = draw
        self._books = books
        self._outbox = outbox
        self._people = people
        self._rules = rules
        self._stock: dict[bytes, StockJob] = {}
        self._foreign = {
            row.id: msgspec.msgpack.decode(row.data, type=tuple[int, int]) for row in books.store.rows("foreign")
        }
        self._listed = {row.id for row in books.store.rows("listed")}
        self._revoking: dict[bytes, list[bytes]] = {}
        for row in books.store.rows("revoke"):
            mailbox, capability = row.id[:32], row.id[32:]
            self._revoking.setdefault(mailbox, []).append(capability)

    @property
    def box(self) -> Box:
        """The mailbox in use."""
        return next(one for one in self._books.own.boxes if not one.until)

    # the master key

    def master(self, code: str | None) -> Master:
        """The master key from the code, or from the store. NeedsBackupCode, BadBackupCode."""
        own = self._books.own
        if code is None and not own.seed:
            raise NeedsBackupCode("this needs the backup code", hint="type the code from the paper")
        made = Master.of_code(code) if code is not None else Master(own.seed)
        if made.public != own.master:
            raise BadBackupCode("this is the backup code of somebody else", hint="look for the paper of this phone")
        return made

    def revoke_device(self, device: bytes, code: str | None, now: int) -> None:
        """List this user's devices without one: contacts write to it no more. NoSuch, NeedsBackupCode."""
        if not any(one.id == device for one in self._books.own.devices):
            raise NoSuch("the log shows no such device of this user")
        entry = own_list(self.master(code), self._head(), None, device)
        self._outbox.spread(self._books.own.user, Listed(entry.leaf), now)
        self._submit(entry)

    def renew_certificate(self, code: str | None, now: int, days: int = 365) -> None:
        """A certificate for the same keys, good from now on; contacts see it with the next letter."""
        old, master = self._books.device.certificate, self.master(code)
        hour = now // HOUR
        self._books.device.certificate = certify(
            master.key, old.device, old.ed25519, old.curve25519, hour - 1, hour + 24 * days
        )
        self._books.keep_device()
        for box in self._books.own.boxes:
            box.seal_hour = -1  # bundles carry the certificate: stock anew
        self._books.keep_own()
        self._books.lift(notices.CertificateEnds)

    def _head(self) -> Head | None:
        return self._books.follower.head(self._books.own.user)

    def _submit(self, entry: Entry) -> None:
        own = self._books.own
        own.entry, own.entry_at, own.entry_taken = entry.data, 0, 0
        self._books.keep_own()

    def list_this(self, master: Master, now: int) -> None:
        """List this device beside those that the log shows. For a device made with the backup code of an older one."""
        certificate = self._books.device.certificate
        seal = seal_digest(self._books.device, now)
        self._books.keep_device()
        add = LogDevice(certificate.device, certificate.ed25519, certificate.curve25519, seal)
        self._submit(own_list(master, self._head(), add))

    # entries and the log

    def entry_due(self, now: int) -> bytes | None:
        """The device list to be sent to the log now, or None."""
        own = self._books.own
        return own.entry if own.entry and now - own.entry_at >= self._rules.entry_again else None

    def entry_sent(self, now: int, taken: bool) -> None:
        """The log took it, or was asked in vain; it is sent again until it is seen in the log."""
        own = self._books.own
        own.entry_at = now
        if taken and not own.entry_taken:
            own.entry_taken = now
        self._books.keep_own()

    def expect(self) -> None:
        """Tell the follower which entry is one's own."""
        if self._books.own.entry:
            self._books.follower.expect(read_entry(self._books.own.entry).leaf)

    def follow(self, head: Head | None, now: int) -> None:
        """What the log shows of this user."""
        own = self._books.own
        if head is not None and head.version > own.version:
            before = set(own.devices)
            own.devices, own.version = keys_of(head), head.version
            if own.entry and _version_of(own.entry) <= head.version:
                own.entry = b""
                self._books.lift(notices.NotListed)
            forget_others(self._books, own.master, own.devices)
            mine = self._books.device.certificate.device
            if not own.listed and any(one.id == mine for one in own.devices):
                own.listed = True
                own.pending_seed = b""
                self._books.tell(notices.Joined())
            for one in set(own.devices) - before:
                if one.id in own.links:
                    self._introduce_all(now)
            self._books.keep_own()
        if own.pending_seed and not own.listed and not own.entry and self._books.follower.checkpoint is not None:
            self.list_this(Master(own.pending_seed), now)
        self._withheld(now)
        self._greet(now)
        for leaf, (entry, until) in list(self._foreign.items()):
            if until <= now:
                self.broken(entry, leaf, now)

    def _withheld(self, now: int) -> None:
        """A list that the log took, and that the witnesses have not seen long after, is being kept from everybody."""
        own, vouched = self._books.own, self._books.follower.vouched_at(now // 1_000)
        if own.entry and own.entry_taken and (vouched or 0) * 1_000 - own.entry_taken >= self._rules.not_listed:
            self._books.notice(notices.NotListed(since=own.entry_taken), now)

    def foreign(self, entry: int, leaf: bytes, now: int) -> None:
        """An entry about this user that this phone did not send. Where a link is open, or there are other devices, they have a
        moment to say that it was theirs."""
        own = self._books.own
        if own.pending_seed or leaf in self._listed:
            return  # a new device reads what older ones did; or another device has said that it was itself
        linking = bool(own.link) and now <= own.link_until
        if linking or len(own.devices) > 1:
            self._foreign[leaf] = (entry, now + _A_MOMENT)
            self._books.keep_value("foreign", leaf, self._foreign[leaf])
            return
        self.broken(entry, leaf, now)

    def broken(self, entry: int, leaf: bytes, now: int) -> None:
        """An entry about this user that no phone of theirs can have sent, or that none has said to be its own."""
        self._known(leaf)
        self._books.notice(notices.OwnKeyForeign(entry=entry, leaf=leaf), now, leaf)

    def _known(self, leaf: bytes) -> None:
        if self._foreign.pop(leaf, None) is not None:
            self._books.store.drop("foreign", leaf)

    # further devices

    def open_link(self, now: int) -> str:
        """A link (QR) for a device that is being made with the backup code; good for half an hour."""
        own, box = self._books.own, self.box
        own.link, own.link_until = os.urandom(16), now + _LINK_GOOD
        self._books.keep_own()
        note = self._books.follower.checkpoint or b""
        return link_of(DeviceLink(own.master, self._own_route(box), own.link, note))

    def _own_route(self, box: Box) -> Route:
        device = self._books.device.certificate.device
        own = self._books.own
        return Route(device, box.relay, box.url, box.mailbox, own.own_capability, box.bundle_key, box.made_at)

    def _greet(self, now: int) -> None:
        """A new device says so to the one that linked it, as soon as the log shows both."""
        own = self._books.own
        if not own.hello or not own.listed:
            return
        leaf = self._head()
        for target in self._outbox.targets(own.user):
            if target.route is not None and leaf is not None:
                self._outbox.queue(own.user, target, Hello(own.hello, leaf.leaf, self._own_route(self.box)), now)
                own.hello = b""
                self._books.keep_own()
                return

    def hello(self, certificate: Certificate, body: Hello, now: int) -> None:
        """A linked device says hello: its entry was no stranger's, and it is told of all contacts."""
        own = self._books.own
        if not own.link or body.secret != own.link or body.route.device != certificate.device:
            return
        own.link = b""
        own.links[certificate.device] = body.route
        self._books.keep_own()
        self._known(body.leaf)
        self._books.lift(notices.OwnKeyForeign, body.leaf)
        if any(one.id == certificate.device for one in own.devices):
            self._introduce_all(now)

    def listed(self, body: Listed) -> None:
        """Another device of this user says that a list was its own."""
        self._listed.add(body.leaf)
        self._books.store.put("listed", body.leaf, b"")
        self._known(body.leaf)
        self._books.lift(notices.OwnKeyForeign, body.leaf)

    def _introduce_all(self, now: int) -> None:
        """Every contact to this user's other devices."""
        own = self._books.own
        for contact in self._books.contacts.values():
            if contact.state is not ContactState.ASKING:
                self._outbox.spread(own.user, self._people.introduction(contact), now)

    def introduce(self, user: bytes, now: int) -> None:
        """One contact, new or changed, to this user's other devices."""
        contact = self._books.contacts.get(user)
        if contact is not None:
            self._outbox.spread(self._books.own.user, self._people.introduction(contact), now)

    # the mailbox

    def opened(self, mailbox: bytes, answer: Opened) -> None:
        """The relay opened or made a mailbox."""
        box = self._find(mailbox)
        if box is None:
            return
        box.token, box.bundles = None, answer.bundles
        self._books.keep_own()

    def refused(self, mailbox: bytes, answer: Refused, now: int) -> None:
        """The relay does not let this mailbox in: a spent token is replaced by the next, a mailbox it lost by a new one."""
        box, own = self._find(mailbox), self._books.own
        if box is not None and box.token is None and answer.code is Code.NO_SUCH_DOOR:
            if box.until:
                own.boxes.remove(box)
                self._books.keep_own()
            elif self.rotate(now, lost=True):
                self.tell_own_route(now, 0)
            return
        if box is None or box.token is None or answer.code is not Code.TOKEN_SPENT:
            return
        box.token = self._next_token(now)
        if box.token is None:
            self._books.notice(notices.NoSpareToken(), now)
        self._books.keep_own()

    def _find(self, mailbox: bytes) -> Box | None:
        return next((one for one in self._books.own.boxes if one.mailbox == mailbox), None)

    def prepare(self, mailbox: bytes, now: int) -> None:
        """Make the bundles that a mailbox lacks; they leave once this turn is on the disk."""
        box = self._find(mailbox)
        if box is None or box.bundles < 0 or mailbox in self._stock:
            return
        stale = box.seal_hour != self._books.own.seal_made // HOUR
        full = box.bundles >= self._rules.stock_low or bool(
            box.until
        )  # of an old mailbox only the last resort is kept fresh
        if full and not stale:
            return
        count = 0 if full else min(_STOCK_AT_ONCE, self._rules.stock_full - box.bundles)
        bundles = tuple(seal_bundle(one, box.bundle_key, mailbox) for one in self._books.device.bundles(count))
        last = seal_bundle(self._books.device.last_resort(now), box.bundle_key, mailbox)
        self._stock[mailbox] = StockJob(_OWN, bundles, last)
        self._books.keep_device()

    def owner_jobs(self, mailbox: bytes) -> Iterator[OwnerJob]:
        """What to ask of the relay as the owner of a mailbox. Outside a turn."""
        box = self._find(mailbox)
        if box is None:
            return
        for capability in self._revoking.get(mailbox, []):
            yield RevokeJob(b"revoke" + capability, hashlib.sha256(capability).digest())
        if mailbox in self._stock:
            yield self._stock[mailbox]
        if box.until:
            return
        if not box.own_granted:
            yield GrantJob(_OWN, hashlib.sha256(self._books.own.own_capability).digest(), DAILY)
        for invite in self._books.invites.values():
            if invite.mailbox == mailbox and not invite.granted:
                yield GrantJob(invite.secret, hashlib.sha256(invite.capability).digest(), DAILY)
        for contact in self._books.contacts.values():
            given = contact.given.get(mailbox)
            if given is not None and not given.granted and contact.state is ContactState.OPEN:
                yield GrantJob(contact.user, hashlib.sha256(given.capability).digest(), DAILY)

    def settle(self, mailbox: bytes, job: OwnerJob, answer: Done | Refused) -> None:
        """What the relay said to a job."""
        box = self._find(mailbox)
        if box is None or isinstance(answer, Refused):
            self._stock.pop(mailbox, None)
            return
        if isinstance(job, StockJob):
            self._stock.pop(mailbox, None)
            box.bundles += len(job.bundles)
            box.seal_hour = self._books.own.seal_made // HOUR
            self._books.keep_own()
        elif isinstance(job, GrantJob):
            self._granted(box, job.key)
        else:
            capability = job.key.removeprefix(b"revoke")
            self._revoking[mailbox] = [one for one in self._revoking.get(mailbox, []) if one != capability]
            self._books.store.drop("revoke", mailbox + capability)

    def _granted(self, box: Box, key: bytes) -> None:
        if key == _OWN:
            box.own_granted = True
            self._books.keep_own()
        invite, contact = self._books.invites.get(key), self._books.contacts.get(key)
        if invite is not None:
            invite.granted = True
            self._books.keep_invite(invite)
        elif contact is not None and box.mailbox in contact.given:
            contact.given[box.mailbox].granted = True
            self._books.keep_contact(contact)

    def take_revoked(self) -> None:
        """Capabilities to be taken back are kept until the relay has done it."""
        for mailbox, capability in self._people.revoked:
            if self._find(mailbox) is not None:
                self._revoking.setdefault(mailbox, []).append(capability)
                self._books.store.put("revoke", mailbox + capability, b"")
        self._people.revoked = []

    def rotate(self, now: int, lost: bool = False) -> bool:
        """A new mailbox with a spare token; the old one is emptied for two weeks. False without a token. Contacts are told of
        it one after another, unless the old one is ``lost``: then nobody can write before they know."""
        own, token = self._books.own, self._next_token(now)
        if token is None:
            self._books.notice(notices.NoSpareToken(), now)
            return False
        old = self.box
        own.boxes.append(new_box(old.relay, old.url, token, now))
        old.until = now + self._rules.mailbox_kept
        own.own_capability = os.urandom(32)
        self._books.keep_own()
        self._books.lift(notices.NoSpareToken)
        if not lost:
            self._people.spread_cards(now, self._draw)
        return True

    def add_tokens(self, tokens: list[bytes]) -> None:
        """Tokens from the operator, for mailboxes to come."""
        self._books.own.tokens += tokens
        self._books.keep_own()
        self._books.lift(notices.NoSpareToken)

    def take_tokens(self, link: str, leave: Leave, now: int) -> int:
        """The tokens in the operator's link that this phone has not had yet; how many. BadLink."""
        own = self._books.own
        fresh = [one for one in tokens_of(link, leave, now) if serial(one) not in own.handed]
        if not fresh:
            raise BadLink("this phone has had these tokens already", hint="ask the operator for new ones")
        own.handed = {one: end for one, end in own.handed.items() if end > now}
        own.handed |= {serial(one): ends(one) or 0 for one in fresh}
        self.add_tokens(fresh)
        return len(fresh)

    def _next_token(self, now: int) -> bytes | None:
        """A spare token that is still good, taken out; those past their time go with it."""
        own = self._books.own
        good = still_good(own.tokens, now)
        if len(good) < len(own.tokens) or good:
            own.tokens = good[1:]
            self._books.keep_own()
        return good[0] if good else None

    def tell_own_route(self, now: int, longest: int) -> None:
        """The new mailbox to this user's other devices, within ``longest`` ms."""
        own = self._books.own
        card = Card(own.settings.name, own.name_key, self._own_route(self.box), b"", b"")
        self._outbox.spread(own.user, card, now, wait=self._rules.spread(longest, self._draw))

    def _tell_keys(self, now: int) -> None:
        """The new seal key to everybody, so that nobody has to take a bundle out of stock for it; to each at another time, because
        the relay sees the stock renewed now, and whoever wrote to all contacts now would be its owner."""
        body = Keys(self._books.device.last_resort(now))
        known = [one.user for one in self._books.contacts.values() if one.state is ContactState.OPEN]
        for user in [*known, self._books.own.user]:
            self._outbox.spread(user, body, now, wait=self._rules.spread(self._rules.keys_spread, self._draw))

    def tick(self, now: int) -> None:
        """Weekly and monthly work."""
        own = self._books.own
        self._people.drop_old_invites(now)
        if now - own.seal_made >= self._rules.seal_every:
            self._books.device.renew_seal_key(now)
            own.seal_made = now
            self._tell_keys(now)
            self._books.keep_device()
            self._books.keep_own()
        left = (self._books.device.certificate.not_after * HOUR - now) // DAY
        if left < 30:
            self._books.notice(notices.CertificateEnds(days=max(0, left)), now)
        due = now - self.box.made_at >= self._rules.mailbox_every and self.box.token is None
        if due and self.rotate(now):
            self.tell_own_route(now, self._rules.cards_spread)
        for box in [one for one in own.boxes if one.until and one.until <= now]:
            own.boxes.remove(box)
            for contact in self._books.contacts.values():
                if contact.given.pop(box.mailbox, None) is not None:
                    self._books.keep_contact(contact)
            self._books.keep_own()


def _version_of(entry: bytes) -> int:
    return devices_of(read_entry(entry)).version
