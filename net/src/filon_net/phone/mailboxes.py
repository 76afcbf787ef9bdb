"""This phone's mailboxes: opened and changed with the operator's tokens, stocked with bundles, opened to contacts by capabilities.

A new one comes every month, and the one before is emptied for a while. ``owner_jobs`` is what the relay is to be asked as their
owner, again until ``settle`` has heard the answer.
"""

import hashlib
import os
import random
from collections.abc import Iterator

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from filon_net.crypto.sealed_bundle import KEY_SIZE, seal_bundle
from filon_net.phone import notices
from filon_net.phone.bodies import Card, Route
from filon_net.phone.books import Books
from filon_net.phone.errors import BadLink
from filon_net.phone.links import Leave
from filon_net.phone.outbox import Outbox
from filon_net.phone.people import People
from filon_net.phone.rules import Rules
from filon_net.phone.state import Box, ContactState
from filon_net.phone.tokens import ends, serial, still_good, tokens_of
from filon_net.wire.frames import Code, Done, Opened, Refused
from filon_net.wire.proofs import mailbox_of

__all__ = ["GrantJob", "Mailboxes", "OwnerJob", "RevokeJob", "StockJob", "new_box"]

HOUR = 3_600_000
DAILY = 2_000
"""Blobs a day one capability may post."""
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


class Mailboxes:
    """The mailboxes of this phone. Calls but ``box`` and ``owner_jobs`` are made inside a turn."""

    def __init__(self, books: Books, outbox: Outbox, people: People, rules: Rules, draw: random.Random) -> None:
        self._draw = draw
        self._books = books
        self._outbox = outbox
        self._people = people
        self._rules = rules
        self._stock: dict[bytes, StockJob] = {}
        self._revoking: dict[bytes, list[bytes]] = {}
        for row in books.store.rows("revoke"):
            mailbox, capability = row.id[:32], row.id[32:]
            self._revoking.setdefault(mailbox, []).append(capability)

    @property
    def box(self) -> Box:
        """The mailbox in use."""
        return next(one for one in self._books.own.boxes if not one.until)

    def own_route(self, box: Box) -> Route:
        """How this user's other devices write to this one."""
        device = self._books.device.certificate.device
        own = self._books.own
        return Route(device, box.relay, box.url, box.mailbox, own.own_capability, box.bundle_key, box.made_at)

    def opened(self, mailbox: bytes, answer: Opened) -> None:
        """The relay opened or made a mailbox."""
        box = self._find(mailbox)
        if box is None:
            return
        box.token, box.bundles = None, answer.bundles
        # what was on its way when the last connection ended may be in stock: a bundle that lies there twice is given to two
        # people, and the second one's letter cannot be read
        self._stock.pop(mailbox, None)
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
        card = Card(own.settings.name, own.name_key, self.own_route(self.box), b"", b"")
        self._outbox.spread(own.user, card, now, wait=self._rules.spread(longest, self._draw))

    def tick(self, now: int) -> None:
        """Monthly work: a new mailbox, and an end to old ones."""
        due = now - self.box.made_at >= self._rules.mailbox_every and self.box.token is None
        if due and self.rotate(now):
            self.tell_own_route(now, self._rules.cards_spread)
        own = self._books.own
        for box in [one for one in own.boxes if one.until and one.until <= now]:
            own.boxes.remove(box)
            for contact in self._books.contacts.values():
                if contact.given.pop(box.mailbox, None) is not None:
                    self._books.keep_contact(contact)
            self._books.keep_own()
