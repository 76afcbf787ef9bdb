"""Messages and what becomes of them: receipts, timers, gaps, *not delivered*."""

import hashlib
import os
import random
from typing import TypeVar

import msgspec

from filon_net.crypto import Letter, Talk
from filon_net.crypto.letter import BODY_SIZE
from filon_net.crypto.numbers import Range
from filon_net.phone.bodies import NOTE_SIZE, Again, Copied, Gossip, Receipts, Settled, Text, Timer
from filon_net.phone.books import Books
from filon_net.phone.errors import CannotSend, NoSuch
from filon_net.phone.gaps import without
from filon_net.phone.notices import (
    ArrivedCopy,
    ClockSkew,
    ContactChanged,
    Forgotten,
    Gap,
    ItemChanged,
    MessageArrived,
    NotDelivered,
)
from filon_net.phone.outbox import Outbox
from filon_net.phone.rules import Rules
from filon_net.phone.state import Contact, ContactState, Errand, Item, Owed, State
from filon_net.phone.teams import Teams

__all__ = ["Chats"]

T = TypeVar("T")
_MOST_RECEIPTS = 200
_MOST_SETTLED = 64
_BESIDE = 64
"""Bytes of a text's body beside text and checkpoint, and some to spare."""
_RESENT = 400
"""Newest own messages among which missing ones are looked for."""


class Chats:
    """The chats of a phone. Every call but ``pending`` is made inside a turn."""

    def __init__(self, books: Books, outbox: Outbox, teams: Teams, rules: Rules, draw: random.Random) -> None:
        self._books = books
        self._outbox = outbox
        self._teams = teams
        self._rules = rules
        self._draw = draw
        self._owed: dict[bytes, Owed] = self._load("owed", Owed)
        self._watched: dict[bytes, int] = self._load("watched", int)
        self._fading: dict[bytes, int] = self._load("fading", int)
        self._noting: dict[bytes, int] = {}
        """Contacts who are due a checkpoint, and when they get it if no letter took one along before."""
        self._settled: dict[bytes, list[Range]] = self._load("settled", list[Range])
        self._asked: dict[tuple[bytes, int], int] = {
            (peer, first): 0 for peer, talk in books.device.talks.items() for first, _ in self._open_gaps(peer, talk)
        }

    def _load(self, shelf: str, shape: type[T]) -> dict[bytes, T]:
        rows = self._books.store.rows(shelf)
        return {row.id: msgspec.msgpack.decode(row.data, type=shape) for row in rows}

    # what the person does

    def send(self, contact: Contact, text: str, now: int) -> Item:
        """Write a message. CannotSend where the contact is blocked, not shown by the log yet, or without devices."""
        self._may_send(contact)
        ident, own = os.urandom(16), self._books.own
        timer = self.timer(contact)
        state = State.HELD if contact.held else State.WAITING
        item = Item(ident, contact.user, True, text, now, now, state, timer)
        note = self.note_for(contact, now, BODY_SIZE - _BESIDE - len(text.encode()))
        body = Text(ident, text, contact.timer, own.settings.arrived, note)
        item.at = dict.fromkeys(self._outbox.spread(contact.user, body, now, ident), "waiting")
        self._outbox.spread(own.user, Copied(contact.user, ident, text, contact.timer, now), now)
        if timer:
            item.gone_at = now + timer * 1_000
        self._keep(item)
        self._watch(item, now + self._rules.not_at_relay)
        return item

    def _may_send(self, contact: Contact) -> None:
        if contact.state is ContactState.BLOCKED:
            raise CannotSend("this contact is blocked", hint="take the block back first")
        if contact.broken:
            raise CannotSend(
                "the log holds an entry in this contact's name that they did not sign",
                hint="meet or call them by another way before you write",
            )
        if contact.state is ContactState.ASKING or not contact.devices:
            raise CannotSend("the log does not show this contact's devices", hint="wait until it does, then try again")

    def mark_read(self, contact: Contact, idents: list[bytes], now: int) -> None:
        """The person has read these. Starts their timers."""
        for ident in idents:
            item = self._books.item(ident)
            if item is None or item.user != contact.user or item.mine or item.state is not State.ARRIVED:
                continue
            item.state, item.read_at = State.READ, now
            timer = self.timer(contact) if item.timer else 0
            if timer:
                item.gone_at = now + timer * 1_000
            self._keep(item)
            if self._books.own.settings.read:
                self._owe(contact.user, now).read.append(item.ref)
                self._keep_owed(contact.user)

    def set_timer(self, contact: Contact, seconds: int, now: int) -> None:
        """This side's timer of a chat, 0 for off. PolicyRefused where a team forbids it."""
        self._teams.require_timer(contact.user, seconds)
        contact.timer = seconds
        self._books.keep_contact(contact)
        self._outbox.spread(contact.user, Timer(seconds), now)
        self._line(contact, f"timer-mine {seconds}", now)

    def timer(self, contact: Contact) -> int:
        """Seconds after reading when messages of this chat disappear: the shorter of both sides', as the team allows."""
        set_by = [one for one in (contact.timer, contact.their_timer) if one]
        return self._teams.allowed_timer(contact.user, min(set_by)) if set_by else 0

    def forget(self, item: Item, now: int) -> None:
        """Erase a line."""
        self._books.drop_item(item)
        self._books.forget_id(item.id, now)
        for shelf, held in (("watched", self._watched), ("fading", self._fading)):
            if held.pop(item.id, None) is not None:
                self._books.store.drop(shelf, item.id)
        self._books.lift(NotDelivered, item.id)
        self._books.tell(Forgotten(user=item.user, item=item.id))

    def send_again(self, item: Item, now: int) -> None:
        """Write a message that did not arrive once more, under its own id: it is shown once."""
        contact = self._books.contact(item.user)
        if not item.mine or item.state is not State.NOT_DELIVERED:
            raise NoSuch("this message is not one that did not arrive")
        self._may_send(contact)
        self._write_again(contact, item, now, None)
        item.state = State.WAITING
        self._keep(item)
        self._watch(item, now + self._rules.not_at_relay)
        self._books.lift(NotDelivered, item.id)

    # what letters do

    def text(self, contact: Contact, letter: Letter, body: Text, late: bool, now: int) -> None:
        """A message of a contact's: shown once, however often it comes."""
        if body.timer != contact.their_timer or body.receipts != contact.receipts:
            contact.their_timer, contact.receipts = body.timer, body.receipts
            self._books.keep_contact(contact)
        ident = hashlib.sha256(b"came\x00" + contact.user + body.id).digest()[:16]
        if self._books.own.settings.arrived:
            self._owe(contact.user, now).arrived.append(body.id)
            self._keep_owed(contact.user)
        if self._books.item(ident) is not None or self._books.was_forgotten(ident):
            return
        item = Item(ident, contact.user, False, body.text, letter.sent_at, now, State.ARRIVED, self.timer(contact))
        item.ref, item.late = body.id, late
        self._books.keep_item(item)
        self._books.tell(MessageArrived(user=contact.user, item=ident))
        self._skew(contact, letter.sent_at, now)

    def _skew(self, contact: Contact, sent_at: int, now: int) -> None:
        """A letter from the future: one of the two clocks is off. One from the past says nothing, it may have waited."""
        if sent_at > now + self._rules.skew:
            minutes = (sent_at - now) // 60_000
            self._books.notice(ClockSkew(who="contact", minutes=minutes, user=contact.user), now, contact.user)
        else:
            self._books.lift(ClockSkew, contact.user)

    def copied(self, contact: Contact, body: Copied, now: int) -> None:
        """A message written on another device of this user."""
        if self._books.item(body.id) is not None or self._books.was_forgotten(body.id):
            return
        item = Item(body.id, contact.user, True, body.text, body.sent_at, now, State.SENT, self.timer(contact))
        if item.timer:
            item.gone_at = now + item.timer * 1_000
        self._keep(item)
        self._books.tell(ArrivedCopy(user=contact.user, item=item.id))

    def receipts(self, contact: Contact, peer: bytes, body: Receipts, now: int) -> None:
        """What a device of the contact has, and what was read there."""
        for ident in body.arrived + body.read:
            item = self._books.item(ident)
            if item is None or item.user != contact.user or not item.mine:
                continue
            item.at[peer] = "delivered"
            item.state = State.READ if ident in body.read or item.state is State.READ else State.DELIVERED
            self._unwatch(item)
            self._keep(item)

    def timer_set(self, contact: Contact, body: Timer, now: int) -> None:
        """The contact set their timer."""
        if contact.their_timer != body.seconds:
            contact.their_timer = body.seconds
            self._books.keep_contact(contact)
            self._line(contact, f"timer-theirs {body.seconds}", now)

    def missing(self, contact: Contact, peer: bytes, first: int, last: int, now: int) -> None:
        """Letters with these numbers have not come, later ones have: a line in the chat says so."""
        ident = hashlib.sha256(b"gap\x00" + peer + first.to_bytes(8, "big")).digest()[:16]
        item = Item(ident, contact.user, False, "", now, now, State.GAP, missing=(peer, first, last))
        self._keep(item)
        self._asked[peer, first] = now + self._rules.ask_again
        self._count_gaps(contact, now)

    def came_late(self, contact: Contact, peer: bytes, now: int) -> None:
        """A letter that was missing came after all: its gap closes when nothing of it is missing."""
        self._close_gaps(contact, peer, now)

    def _close_gaps(self, contact: Contact, peer: bytes, now: int) -> None:
        for _, item in self._books.items(contact.user, _RESENT):
            if item.state is State.GAP and item.missing and item.missing[0] == peer:
                _, first, last = item.missing
                if not self._left(peer, first, last):
                    self.forget(item, now)
        self._count_gaps(contact, now)

    def _left(self, peer: bytes, first: int, last: int) -> int:
        """How many numbers between these are still missing."""
        talk = self._books.device.talks.get(peer)
        ranges = self._open_gaps(peer, talk) if talk else []
        return sum(max(0, min(end, last) - max(begin, first) + 1) for begin, end in ranges)

    def _open_gaps(self, peer: bytes, talk: Talk) -> list[Range]:
        """What has not come of a device, and what it has not said to be settled."""
        return without(talk.got.missing, self._settled.get(peer, []))

    def settled(self, contact: Contact, peer: bytes, ranges: tuple[Range, ...], now: int) -> None:
        """The writer has written again what was in these letters: their gaps close, and should they come they are still read."""
        talk = self._books.device.talks[peer]
        left = without(self._open_gaps(peer, talk), ranges)
        self._settled[peer] = without(talk.got.missing, left)
        self._books.keep_value("settled", peer, self._settled[peer])
        self._close_gaps(contact, peer, now)

    def _count_gaps(self, contact: Contact, now: int) -> None:
        count = sum(
            last - first + 1
            for peer, talk in self._books.device.talks.items()
            if talk.peer.user == contact.master
            for first, last in self._open_gaps(peer, talk)
        )
        if count:
            self._books.notice(Gap(user=contact.user, count=count), now, contact.user)
        else:
            self._books.lift(Gap, contact.user)

    def again(self, contact: Contact, peer: bytes, above: int, missing: tuple[tuple[int, int], ...], now: int) -> int:
        """Write again what a device has not got: numbers above ``above`` and those in ``missing``; how many messages."""
        count = 0
        items = self._books.items(contact.user, _RESENT)
        known = [item.numbers[peer] for _, item in items if item.mine and peer in item.numbers]
        self._settle_gaps(contact, peer, missing, min(known, default=1 << 53) if len(items) == _RESENT else 1, now)
        for _, item in items:
            number = item.numbers.get(peer)
            if not item.mine or number is None or item.at.get(peer) == "delivered":
                continue
            if number > above or any(first <= number <= last for first, last in missing):
                self._write_again(contact, item, now, peer)
                count += 1
        contact.card_due = True
        self._books.keep_contact(contact)
        return count

    def _settle_gaps(self, contact: Contact, peer: bytes, missing: tuple[Range, ...], oldest: int, now: int) -> None:
        """Say which of these numbers nothing more is to be expected of: not those before ``oldest``, where nobody looks any
        more, and not those of letters that are still waiting for the relay."""
        target = self._outbox.target(contact.user, peer)
        waiting = [(one.number, one.number) for one in self._books.errands.values() if one.peer == peer and one.number]
        ranges = without(missing, [(1, oldest - 1), *waiting])[:_MOST_SETTLED]
        if target is not None and ranges:
            self._outbox.queue(contact.user, target, Settled(tuple(ranges)), now)

    def _write_again(self, contact: Contact, item: Item, now: int, only: bytes | None) -> None:
        body = Text(item.id, item.text, contact.timer, self._books.own.settings.arrived, b"")
        for target in self._outbox.targets(contact.user):
            waits = any(one.item == item.id and one.peer == target.peer for one in self._books.errands.values())
            if only in (None, target.peer) and not waits:
                self._outbox.queue(contact.user, target, body, now, item.id)
                item.at[target.peer] = "waiting"
        self._books.keep_item(item)

    # what the relay and the clock do

    def posted(self, errand: Errand, now: int) -> None:
        """The relay has a blob."""
        item = self._books.item(errand.item) if errand.item else None
        if item is None:
            return
        item.numbers[errand.peer] = errand.number
        if item.at.get(errand.peer) != "delivered":
            item.at[errand.peer] = "sent"
        self._settle(item, now)

    def failed(self, errand: Errand, why: str, now: int) -> None:
        """A blob will not get there, or not for long."""
        item = self._books.item(errand.item) if errand.item else None
        if item is None or item.at.get(errand.peer) == "delivered":
            return
        if why == "keys":  # the device is gone; the others decide
            item.at.pop(errand.peer, None)
            self._settle(item, now)
            return
        item.at[errand.peer] = "refused"
        self._not_delivered(item, why, now)

    def _settle(self, item: Item, now: int) -> None:
        """The state that the devices' states make together."""
        before = item.state in (State.WAITING, State.HELD, State.NOT_DELIVERED)
        if before and item.at and all(one in ("sent", "delivered") for one in item.at.values()):
            item.state = State.SENT
            self._books.lift(NotDelivered, item.id)
            self._watch(item, now + self._rules.not_arrived)
        self._keep(item)

    def release(self, contact: Contact, now: int) -> None:
        """The contact's new keys were accepted: what was held goes on, also to devices that are new since."""
        for _, item in self._books.items(contact.user, _RESENT):
            if item.state is State.HELD:
                item.state = State.WAITING
                self._write_again(contact, item, now, None)
                self._keep(item)
                self._watch(item, now + self._rules.not_at_relay)

    def tick(self, now: int) -> None:
        """Receipts that are due, messages that disappear or did not arrive, gaps to ask about, checkpoints to pass on."""
        for user, owed in list(self._owed.items()):
            if owed.due <= now:
                self._send_receipts(user, owed, now)
        for ident, at in list(self._fading.items()):
            if at <= now:
                self._fade(ident, now)
        for ident, at in list(self._watched.items()):
            if at <= now:
                self._overdue(ident, now)
        for (peer, first), at in list(self._asked.items()):
            if at <= now:
                del self._asked[peer, first]
                self._ask_again(peer, now)
        for contact in list(self._books.contacts.values()):
            if contact.state is ContactState.OPEN and now - contact.note_at >= self._rules.note_daily:
                wait = self._rules.spread(self._rules.notes_spread, self._draw)
                if self._noting.setdefault(contact.user, now + wait) <= now:
                    self._outbox_note(contact, now)
            else:
                self._noting.pop(contact.user, None)

    def next_due(self) -> int | None:
        """The earliest time at which ``tick`` has something to do, None where nothing waits."""
        waits = [*self._fading.values(), *self._watched.values(), *self._asked.values()]
        return min([*waits, *(one.due for one in self._owed.values())], default=None)

    def _send_receipts(self, user: bytes, owed: Owed, now: int) -> None:
        contact = self._books.contacts.get(user)
        if contact is not None and contact.state is ContactState.OPEN:
            arrived, read = tuple(owed.arrived[:_MOST_RECEIPTS]), tuple(owed.read[:_MOST_RECEIPTS])
            self._outbox.spread(user, Receipts(arrived, read, self.note_for(contact, now)), now)
            owed.arrived, owed.read = owed.arrived[_MOST_RECEIPTS:], owed.read[_MOST_RECEIPTS:]
        else:
            owed.arrived, owed.read = [], []
        if owed.arrived or owed.read:
            self._keep_owed(user)
        else:
            del self._owed[user]
            self._books.store.drop("owed", user)

    def _fade(self, ident: bytes, now: int) -> None:
        item = self._books.item(ident)
        if item is None:
            self._fading.pop(ident, None)
            self._books.store.drop("fading", ident)
        elif self._teams.holds(item.user):
            return  # a legal hold: nothing disappears while it lasts
        else:
            self.forget(item, now)

    def _overdue(self, ident: bytes, now: int) -> None:
        item = self._books.item(ident)
        contact = self._books.contacts.get(item.user) if item else None
        if item is None or contact is None or item.state is State.HELD:
            self._unwatch_id(ident)
        elif item.state is State.WAITING:
            self._not_delivered(item, "relay", now)
        elif item.state is State.SENT and contact.receipts:
            self._not_delivered(item, "receipt", now)
        else:
            self._unwatch_id(ident)

    def _not_delivered(self, item: Item, why: str, now: int) -> None:
        self._unwatch_id(item.id)
        item.state = State.NOT_DELIVERED
        self._keep(item)
        self._books.notice(NotDelivered(user=item.user, item=item.id, why=why), now, item.id)

    def _ask_again(self, peer: bytes, now: int) -> None:
        talk = self._books.device.talks.get(peer)
        contact = self._books.by_master(talk.peer.user) if talk else None
        target = self._outbox.target(contact.user, peer) if contact else None
        gaps = self._open_gaps(peer, talk) if talk else []
        if contact and target and gaps:
            self._outbox.queue(contact.user, target, Again(tuple(gaps[:_MOST_SETTLED])), now)

    def note_for(self, contact: Contact, now: int, room: int = NOTE_SIZE) -> bytes:
        """The newest checkpoint, where this contact was sent none for an hour and it fits into ``room`` bytes; else nothing."""
        note = self._books.follower.checkpoint
        if note is None or len(note) > room or now - contact.note_at < self._rules.note_every:
            return b""
        contact.note_at = now
        self._books.keep_contact(contact)
        return note

    def _outbox_note(self, contact: Contact, now: int) -> None:
        note = self.note_for(contact, now)
        if note:
            self._outbox.spread(contact.user, Gossip(note), now)

    def _line(self, contact: Contact, words: str, now: int) -> None:
        """A line in the chat that is no message."""
        item = Item(os.urandom(16), contact.user, False, words, now, now, State.NOTE)
        self._keep(item)
        self._books.tell(ContactChanged(user=contact.user))

    def _owe(self, user: bytes, now: int) -> Owed:
        owed = self._owed.get(user)
        if owed is None:
            owed = self._owed[user] = Owed(now + self._rules.receipt_delay(self._draw))
        return owed

    def _keep_owed(self, user: bytes) -> None:
        self._books.keep_value("owed", user, self._owed[user])

    def _keep(self, item: Item) -> None:
        self._books.keep_item(item)
        if item.gone_at:
            self._fading[item.id] = item.gone_at
            self._books.keep_value("fading", item.id, item.gone_at)
        self._books.tell(ItemChanged(user=item.user, item=item.id))

    def _watch(self, item: Item, at: int) -> None:
        self._watched[item.id] = at
        self._books.keep_value("watched", item.id, at)

    def _unwatch(self, item: Item) -> None:
        self._unwatch_id(item.id)
        self._books.lift(NotDelivered, item.id)

    def _unwatch_id(self, ident: bytes) -> None:
        if self._watched.pop(ident, None) is not None:
            self._books.store.drop("watched", ident)
