"""Comparing emoji: both sides commit before they see the other's key, so that nobody in between can look for a match.

    asks      0  SHA-256("filon-net sas v1" ‖ 0x00 ‖ talk ‖ key)
    asked     1  key
    asks      2  key
    both      3 same, or 4 stop

Seven emoji, 42 bits, from the shared secret and a text that names both master keys, both devices, both keys and the talk: where
somebody put other keys in between, the two screens differ. Nothing of it outlives a restart.
"""

import hashlib
import os

import msgspec

from filon_net.crypto.olm import OlmSas
from filon_net.phone.bodies import Sas
from filon_net.phone.books import Books
from filon_net.phone.errors import CannotSend, NoSuch
from filon_net.phone.notices import EmojiReady
from filon_net.phone.outbox import Outbox
from filon_net.phone.people import People
from filon_net.phone.state import Contact
from filon_net.wire.errors import CryptoError

__all__ = ["Comparing"]

COMMIT, ANSWER, REVEAL, SAME, STOP = range(5)
_MOST = 8


class _Talk(msgspec.Struct):
    user: bytes
    asks: bool
    sas: OlmSas
    peer: bytes = b""
    commitment: bytes = b""
    indices: tuple[int, ...] = ()


def _commitment(talk: bytes, key: bytes) -> bytes:
    return hashlib.sha256(b"filon-net sas v1\x00" + talk + key).digest()


class Comparing:
    """The comparisons under way. Calls are made inside a turn."""

    def __init__(self, books: Books, outbox: Outbox, people: People) -> None:
        self._books = books
        self._outbox = outbox
        self._people = people
        self._talks: dict[bytes, _Talk] = {}

    def start(self, contact: Contact, now: int) -> bytes:
        """Ask a contact to compare; the talk's id. CannotSend where the log shows no device of theirs."""
        if not contact.devices:
            raise CannotSend("the log does not show this contact's devices", hint="wait until it does, then try again")
        talk, sas = os.urandom(16), OlmSas()
        self._hold(talk, _Talk(contact.user, True, sas))
        self._outbox.spread(contact.user, Sas(COMMIT, talk, _commitment(talk, sas.public)), now)
        return talk

    def _hold(self, talk: bytes, held: _Talk) -> None:
        self._talks[talk] = held
        while len(self._talks) > _MOST:
            del self._talks[next(iter(self._talks))]

    def take(self, contact: Contact, peer: bytes, body: Sas, now: int) -> None:
        """One step of the other side's."""
        held = self._talks.get(body.talk)
        if body.step == COMMIT and held is None and len(body.data) == 32:
            answer = _Talk(contact.user, False, OlmSas(), peer, body.data)
            self._hold(body.talk, answer)
            self._say(contact, peer, Sas(ANSWER, body.talk, answer.sas.public), now)
        elif held is None or held.user != contact.user or (held.peer and held.peer != peer):
            return
        elif body.step == ANSWER and held.asks and not held.peer:
            held.peer = peer
            self._say(contact, peer, Sas(REVEAL, body.talk, held.sas.public), now)
            self._show(contact, body.talk, held, body.data)
        elif body.step == REVEAL and not held.asks and not held.indices:
            if _commitment(body.talk, body.data) != held.commitment:
                self._end(contact, body.talk)
                return
            self._show(contact, body.talk, held, body.data)
        elif body.step == STOP:
            self._end(contact, body.talk)

    def _show(self, contact: Contact, talk: bytes, held: _Talk, key: bytes) -> None:
        ours = (self._books.own.master, self._books.device.fingerprint, held.sas.public)
        theirs = (contact.master, held.peer, key)
        first, second = (ours, theirs) if held.asks else (theirs, ours)
        info = "|".join(["filon-net sas v1", talk.hex(), *(one.hex() for one in (*first, *second))])
        try:
            held.indices = held.sas.emoji(key, info)
        except CryptoError:
            self._end(contact, talk)
            return
        self._books.tell(EmojiReady(user=contact.user, talk=talk, indices=held.indices))

    def confirm(self, talk: bytes, same: bool, now: int) -> Contact:
        """The person says whether both screens show the same. NoSuch where nothing is being compared."""
        held = self._talks.get(talk)
        if held is None or not held.indices:
            raise NoSuch("nothing is being compared here", hint="begin again")
        contact = self._books.contact(held.user)
        self._say(contact, held.peer, Sas(SAME if same else STOP, talk, b""), now)
        del self._talks[talk]
        self._people.verified(contact, same)
        return contact

    def _end(self, contact: Contact, talk: bytes) -> None:
        if self._talks.pop(talk, None) is not None:
            self._people.verified(contact, False)

    def _say(self, contact: Contact, peer: bytes, body: Sas, now: int) -> None:
        target = self._outbox.target(contact.user, peer)
        if target is not None:
            self._outbox.queue(contact.user, target, body, now)
