"""Contacts: invited and answered, shown by the log before anything is sent or shown, verified, changed, blocked."""

import hashlib
import os
import random

from filon_net.errors import ChainBroken
from filon_net.log.chains import Head
from filon_net.phone.backup import user_of
from filon_net.phone.bodies import Card, Introduced, Route
from filon_net.phone.books import Books, device_fingerprint
from filon_net.phone.errors import BadLink, CannotSend
from filon_net.phone.links import InviteLink, VerifyLink, link_of, read_link
from filon_net.phone.notices import BrokenChain, ContactAdded, ContactChanged, KeyChanged, NotInLog, Verified
from filon_net.phone.outbox import Outbox
from filon_net.phone.rules import Rules
from filon_net.phone.state import Box, Contact, ContactState, DeviceKeys, Given, Invite

__all__ = ["People", "forget_others", "keys_of"]

_INVITE_GOOD = 14 * 24 * 3_600_000


def keys_of(head: Head) -> tuple[DeviceKeys, ...]:
    """The devices of a head of the log."""
    listed = head.devices.devices if head.devices else ()
    return tuple(DeviceKeys(one.id, one.sign, one.agree) for one in listed)


def forget_others(books: Books, master: bytes, shown: tuple[DeviceKeys, ...]) -> None:
    """Forget every session with a device of this user that the log does not show (any more)."""
    good = {device_fingerprint(master, one.id, one.sign, one.agree) for one in shown}
    for peer, talk in list(books.device.talks.items()):
        if talk.peer.user == master and peer not in good:
            books.drop_talk(peer)


class People:
    """Everybody this phone knows. Calls are made inside a turn."""

    def __init__(self, books: Books, outbox: Outbox, rules: Rules) -> None:
        self._books = books
        self._outbox = outbox
        self._rules = rules
        self.to_know: list[tuple[bytes, bytes]] = []
        """Users (and master keys) to be followed in the log from now on."""
        self.to_compare: list[tuple[bytes | None, bytes]] = []
        """Checkpoints other phones were shown, and whose phones."""
        self.revoked: list[tuple[bytes, bytes]] = []
        """Mailbox and capability to be taken back at the relay."""
        self.opened: list[Contact] = []
        """Contacts that opened in this turn: letters that came early are read now."""

    # invites

    def invite(self, box: Box, now: int) -> Invite:
        """A new invite; its link is good once the relay granted its capability."""
        made = Invite(os.urandom(16), os.urandom(32), box.mailbox, now)
        self._books.keep_invite(made)
        return made

    def drop_old_invites(self, now: int) -> None:
        """Take back what nobody answered in time."""
        for invite in list(self._books.invites.values()):
            if now - invite.made_at > _INVITE_GOOD:
                self.revoked.append((invite.mailbox, invite.capability))
                self._books.drop_invite(invite)

    def link(self, invite: Invite, box: Box) -> str:
        """The link of an invite."""
        own = self._books.own
        route = self._route(box, invite.capability, invite.made_at)
        note = self._books.follower.checkpoint or b""
        return link_of(InviteLink(own.master, own.name_key, own.settings.name, route, invite.secret, note))

    def _route(self, box: Box, capability: bytes, serial: int) -> Route:
        device = self._books.device.certificate.device
        return Route(device, box.relay, box.url, box.mailbox, capability, box.bundle_key, serial)

    def answer(self, text: str, now: int) -> Contact:
        """Take up an invite. BadLink; CannotSend where it is one's own or of a blocked contact."""
        link = read_link(text, InviteLink)
        user = user_of(link.name_key, link.master)
        if link.master == self._books.own.master:
            raise BadLink("this is an invite of your own", hint="give it to somebody else")
        if link.route.relay != self._books.own.relay:
            raise BadLink("this invite is of another network", hint="both of you need a leave of the same operator")
        contact = self._books.contacts.get(user)
        if contact is None:
            contact = Contact(user, link.master, link.name_key, link.name, ContactState.ASKING, now)
        elif contact.state is ContactState.BLOCKED:
            raise CannotSend("this contact is blocked", hint="take the block back first")
        contact.routes[link.route.device] = link.route
        contact.answers, contact.card_due = link.secret, True
        self._books.keep_contact(contact)
        self.to_know.append((user, link.master))
        if link.note:
            self.to_compare.append((user, link.note))
        return contact

    def answered(self, master: bytes, card: Card, now: int) -> Contact | None:
        """A card from somebody unknown: a contact that waits for the log, where it answers an open invite; else None."""
        invite = self._books.invites.get(card.answers)
        if invite is None or now - invite.made_at > _INVITE_GOOD:
            return None
        user = user_of(card.name_key, master)
        contact = self._books.contacts.get(user) or Contact(
            user, master, card.name_key, card.name, ContactState.ASKING, now
        )
        contact.given[invite.mailbox] = Given(invite.capability, invite.granted)
        contact.card_due, contact.card_from = True, 0
        self._books.drop_invite(invite)
        self.take_card(contact, card)
        self.to_know.append((user, master))
        return contact

    def take_card(self, contact: Contact, card: Card) -> bool:
        """A card of a contact's; True where its route is newer than the one held here, which this user's other devices need."""
        newer = self._take_route(contact, card.route)
        if card.answers in self._books.invites:
            invite = self._books.invites[card.answers]
            contact.given[invite.mailbox] = Given(invite.capability, invite.granted)
            self._books.drop_invite(invite)
        if contact.name != card.name:
            contact.name = card.name
        if card.note:
            self.to_compare.append((contact.user, card.note))
        self._books.keep_contact(contact)
        self._books.tell(ContactChanged(user=contact.user))
        return newer

    def _take_route(self, contact: Contact, route: Route) -> bool:
        held = contact.routes.get(route.device)
        if held is not None and held.serial >= route.serial:
            return False
        contact.routes[route.device] = route
        self._outbox.route_changed(contact.user, route.device)
        return True

    def send_cards(self, box: Box, now: int) -> None:
        """A card to every contact who is due one and whose capability the relay has granted."""
        own = self._books.own
        for contact in list(self._books.contacts.values()):
            if contact.state is not ContactState.OPEN or not contact.devices:
                continue
            given = contact.given.get(box.mailbox)
            if given is None:
                given = contact.given[box.mailbox] = Given(os.urandom(32))
                self._books.keep_contact(contact)
            if not given.granted or (given.told and not contact.card_due):
                continue
            if contact.card_from > now and not contact.answers:
                continue
            note = self._books.follower.checkpoint or b""
            route = self._route(box, given.capability, now)
            self._outbox.spread(contact.user, Card(own.settings.name, own.name_key, route, contact.answers, note), now)
            given.told, contact.card_due, contact.answers, contact.note_at = True, False, b"", now
            contact.card_from = 0
            self._books.keep_contact(contact)

    def spread_cards(self, now: int, draw: random.Random) -> None:
        """There is something new to be told to every contact: to each at another time."""
        for contact in self._books.contacts.values():
            if contact.state is ContactState.OPEN:
                contact.card_from = now + self._rules.spread(self._rules.cards_spread, draw)
                self._books.keep_contact(contact)

    def tell_name(self, now: int, draw: random.Random) -> None:
        """This phone's user has a new name: a card to every contact, to each at another time."""
        self.spread_cards(now, draw)
        for contact in self._books.contacts.values():
            contact.card_due = True
            self._books.keep_contact(contact)

    # the log

    def follow(self, contact: Contact, head: Head | None, broken: bool, now: int) -> None:
        """What the log shows of a contact now."""
        if broken and not contact.broken:
            contact.broken = True
            self._books.keep_contact(contact)
            self._books.notice(BrokenChain(user=contact.user, entry=0), now, contact.user)
        if head is None or head.version <= contact.version or head.master != contact.master:
            self._overdue(contact, now)
            return
        before, after = set(contact.devices), keys_of(head)
        added, removed = len(set(after) - before), len(before - set(after))
        first = contact.state is ContactState.ASKING
        contact.devices, contact.version = after, head.version
        forget_others(self._books, contact.master, after)
        if first:
            contact.state = ContactState.OPEN
            self.opened.append(contact)
            self._books.tell(ContactAdded(user=contact.user))
        elif added or removed:
            contact.held = contact.held or contact.verified
            told = KeyChanged(user=contact.user, added=added, removed=removed, version=head.version, held=contact.held)
            self._books.notice(told, now, contact.user)
            self._books.tell(ContactChanged(user=contact.user))
        if added:
            contact.card_due, contact.card_from = True, 0
        self._books.keep_contact(contact)

    def _overdue(self, contact: Contact, now: int) -> None:
        """Somebody who answered or was answered, and whom the log does not show: told after a day, once."""
        if contact.state is ContactState.ASKING and now - contact.since > self._rules.not_in_log:
            self._books.notice(NotInLog(user=contact.user), now, contact.user)

    def accept_change(self, contact: Contact) -> None:
        """The person accepts the contact's new devices; they stay verified, because the same master key signed them."""
        contact.held = False
        self._books.keep_contact(contact)
        self._books.lift(KeyChanged, contact.user)
        self._books.tell(ContactChanged(user=contact.user))

    # verifying

    def safety_code(self, contact: Contact) -> str:
        """Sixty digits both sides see alike: SHA-256 over both master keys in order, to be read aloud or compared."""
        joined = b"".join(sorted((self._books.own.master, contact.master)))
        number = int.from_bytes(hashlib.sha256(b"filon-net safety code v1\x00" + joined).digest(), "big") % 10**60
        digits = f"{number:060d}"
        return " ".join(digits[at : at + 5] for at in range(0, 60, 5))

    def verify_link(self, contact: Contact) -> str:
        """What this phone shows for the contact's phone to scan."""
        return link_of(VerifyLink(self._books.own.master, contact.master))

    def scanned(self, text: str) -> Contact:
        """What was scanned from a contact's screen: verified where both keys agree with what this phone holds. BadLink."""
        link = read_link(text, VerifyLink)
        contact = self._books.by_master(link.mine)
        if contact is None or link.yours != self._books.own.master:
            raise BadLink(
                "these are not the keys this phone holds for any contact",
                hint="if this is the person in front of you, do not write to them: somebody put in other keys",
            )
        self.verified(contact, True)
        return contact

    def verified(self, contact: Contact, done: bool) -> None:
        """The person compared, and it agreed (or not)."""
        if done:
            contact.verified = True
            self.accept_change(contact)
        self._books.keep_contact(contact)
        self._books.tell(Verified(user=contact.user, done=done))

    # the rest

    def rename(self, contact: Contact, alias: str) -> None:
        """The name this phone shows for a contact; empty for the one they chose."""
        contact.alias = alias
        self._books.keep_contact(contact)
        self._books.tell(ContactChanged(user=contact.user))

    def block(self, contact: Contact) -> None:
        """Take back what the contact may post with, and read nothing more of theirs."""
        contact.state = ContactState.BLOCKED
        self.revoked += [(mailbox, given.capability) for mailbox, given in contact.given.items()]
        contact.given = {}
        self._books.keep_contact(contact)
        self._books.tell(ContactChanged(user=contact.user))

    def unblock(self, contact: Contact) -> None:
        """Let the contact write again, with a new capability."""
        contact.state = ContactState.OPEN if contact.devices else ContactState.ASKING
        contact.card_due, contact.card_from = True, 0
        self._books.keep_contact(contact)
        self._books.tell(ContactChanged(user=contact.user))

    def introduction(self, contact: Contact) -> Introduced:
        """A contact as this user's other devices are told of them."""
        return Introduced(
            contact.name,
            contact.alias,
            contact.name_key,
            contact.master,
            tuple(contact.routes[key] for key in sorted(contact.routes)),
            contact.verified,
            contact.state is ContactState.BLOCKED,
            contact.timer,
        )

    def introduced(self, body: Introduced, now: int) -> None:
        """A contact as told by another device of this user; waits for the log like any other."""
        user = user_of(body.name_key, body.master)
        if body.master == self._books.own.master:
            return
        contact = self._books.contacts.get(user)
        if contact is None:
            contact = Contact(user, body.master, body.name_key, body.name, ContactState.ASKING, now)
            contact.card_due = True
            self.to_know.append((user, body.master))
        contact.alias, contact.verified, contact.timer = body.alias, contact.verified or body.verified, body.timer
        for route in body.routes:
            self._take_route(contact, route)
        self._books.keep_contact(contact)
        if body.blocked and contact.state is not ContactState.BLOCKED:
            self.block(contact)

    def know_all(self) -> None:
        """Follow everybody in the log; what is broken is seen at ``follow``."""
        waiting, self.to_know = self.to_know, []
        for user, master in waiting:
            try:
                self._books.follower.know(user, master)
            except ChainBroken:
                contact = self._books.contacts.get(user)
                if contact is not None:
                    self.follow(contact, None, True, 0)
