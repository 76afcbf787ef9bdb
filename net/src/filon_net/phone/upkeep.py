"""This user's own part: device list, keys that are renewed, further devices; ``mailboxes`` has the rest.

The master key is here for the length of a call only, from the backup code (or from the store, where its owner chose to
keep it there): a new device, a revocation and a renewed certificate need it, everyday use does not.
"""

import hashlib
import os
import random

import msgspec

from filon_net.crypto import Certificate, Device
from filon_net.crypto.bundle import read_bundle
from filon_net.crypto.identity import certify
from filon_net.log import Device as LogDevice
from filon_net.log import Devices, Entry, Head, read_entry, sign_entry
from filon_net.log.entries import FIRST, devices_of
from filon_net.phone import notices
from filon_net.phone.backup import Master
from filon_net.phone.bodies import Hello, Keys, Listed
from filon_net.phone.books import Books
from filon_net.phone.errors import BadBackupCode, NeedsBackupCode, NoSuch
from filon_net.phone.links import DeviceLink, link_of
from filon_net.phone.mailboxes import Mailboxes
from filon_net.phone.outbox import Outbox
from filon_net.phone.people import People, forget_others, keys_of
from filon_net.phone.rules import Rules
from filon_net.phone.state import ContactState

__all__ = ["Upkeep", "own_list", "seal_digest"]

HOUR = 3_600_000
DAY = 24 * HOUR
_LINK_GOOD = 30 * 60_000
_A_MOMENT = 10 * 60_000
"""Until an entry that another device may still claim as its own is an alarm."""


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
    """What has to be done for the phone itself. Calls are made inside a turn."""

    def __init__(
        self, books: Books, outbox: Outbox, people: People, rules: Rules, draw: random.Random, mailboxes: Mailboxes
    ) -> None:
        self._draw = draw
        self._mailboxes = mailboxes
        self._books = books
        self._outbox = outbox
        self._people = people
        self._rules = rules
        self._foreign = {
            row.id: msgspec.msgpack.decode(row.data, type=tuple[int, int]) for row in books.store.rows("foreign")
        }
        self._listed = {row.id for row in books.store.rows("listed")}

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
        own, box = self._books.own, self._mailboxes.box
        own.link, own.link_until = os.urandom(16), now + _LINK_GOOD
        self._books.keep_own()
        note = self._books.follower.checkpoint or b""
        return link_of(DeviceLink(own.master, self._mailboxes.own_route(box), own.link, note))

    def _greet(self, now: int) -> None:
        """A new device says so to the one that linked it, as soon as the log shows both."""
        own = self._books.own
        if not own.hello or not own.listed:
            return
        leaf = self._head()
        for target in self._outbox.targets(own.user):
            if target.route is not None and leaf is not None:
                self._outbox.queue(
                    own.user, target, Hello(own.hello, leaf.leaf, self._mailboxes.own_route(self._mailboxes.box)), now
                )
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
        self._mailboxes.tick(now)


def _version_of(entry: bytes) -> int:
    return devices_of(read_entry(entry)).version
