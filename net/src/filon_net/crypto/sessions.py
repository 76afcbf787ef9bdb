"""The Olm sessions with one device: which one writes, which one reads, what was read before. Bounded.

Two devices can hold several sessions at once: both may write first, and a healed session stands beside the one that
failed. The session read from most recently writes next, so that both sides soon turn the same ratchet. A session that
was there when a healing began is *retired*: it still reads, and writes no more.

Every session remembers the digests of what it read. The ratchet itself reads nothing twice; the memory is there to
tell a letter that was delivered again (a lost acknowledgement) from one that cannot be read.
"""

import hashlib
from collections.abc import Callable
from typing import Any, TypeVar

from filon_net.crypto.olm import PRE_KEY, OlmAccount, OlmSession, session_of
from filon_net.wire.errors import CryptoError, Undecryptable

__all__ = ["HELD", "REMEMBERED", "AlreadyRead", "Held", "Memory", "Sessions"]

HELD = 5
"""Most sessions with one device."""
REMEMBERED = 512
"""Digests remembered by one session: twice the most deliveries a relay may have under way."""
DIGEST = 16

T = TypeVar("T")


class AlreadyRead(CryptoError):
    """This very message was read, or found unreadable, before."""


class Memory:
    """The last ``REMEMBERED`` digests, oldest first."""

    def __init__(self, joined: bytes = b"") -> None:
        self._digests = dict.fromkeys(joined[place : place + DIGEST] for place in range(0, len(joined), DIGEST))

    def __contains__(self, digest: bytes) -> bool:
        return digest in self._digests

    def __len__(self) -> int:
        return len(self._digests)

    def add(self, digest: bytes) -> None:
        """Keep a digest, forget the oldest past the limit."""
        self._digests[digest] = None
        if len(self._digests) > REMEMBERED:
            del self._digests[next(iter(self._digests))]

    def joined(self) -> bytes:
        """All digests in one string, for keeping."""
        return b"".join(self._digests)


class Held:
    """One session and what it read."""

    def __init__(
        self, session: OlmSession, read: Memory | None = None, retired: bool = False, healing: bool = False
    ) -> None:
        self.session = session
        self.read = read or Memory()
        self.retired = retired
        self.healing = healing


class Sessions:
    """The sessions with one device, the one that writes first."""

    def __init__(self, held: list[Held] | None = None, failed: Memory | None = None) -> None:
        self.held = held or []
        self.failed = failed or Memory()

    @property
    def can_write(self) -> bool:
        """True where a letter can be written now."""
        return any(not one.retired for one in self.held)

    def write(self, plaintext: bytes) -> tuple[int, bytes]:
        """Kind and ciphertext by the first session that may write. CryptoError where there is none."""
        for one in self.held:
            if not one.retired:
                return one.session.encrypt(plaintext)
        raise CryptoError("there is no session with this device", hint="claim a bundle of it and open a session")

    def begin(self, session: OlmSession, healing: bool = False) -> None:
        """Hold a session made here. Where it heals, all others are retired."""
        if healing:
            for one in self.held:
                one.retired = True
        self._first(Held(session, healing=healing))

    def retire_older(self) -> None:
        """The peer healed: only the session just read from, and those made for healing, write from now on."""
        for one in self.held[1:]:
            one.retired = one.retired or not one.healing
        self.held[0].retired = False
        self.held[0].healing = True

    def read(self, kind: int, ciphertext: bytes, peer: bytes, account: OlmAccount, check: Callable[[bytes], T]) -> T:
        """What ``check`` makes of the plaintext. ``peer`` is the writing device's curve25519 key.

        AlreadyRead where this message came before; Undecryptable where no session reads it; what ``check`` raises
        otherwise, and then a session that the message would have begun is not held.
        """
        digest = hashlib.sha256(bytes([kind]) + ciphertext).digest()[:DIGEST]
        if self.was_read(digest):
            raise AlreadyRead("this message came before")
        try:
            if kind == PRE_KEY:
                return self._read_pre_key(ciphertext, digest, peer, account, check)
            return self._read_normal(ciphertext, digest, kind, check)
        except Undecryptable:
            self.failed.add(digest)
            raise

    def was_read(self, digest: bytes) -> bool:
        """True where any session, or the list of those that failed, remembers the digest."""
        return digest in self.failed or any(digest in one.read for one in self.held)

    def _read_pre_key(
        self, ciphertext: bytes, digest: bytes, peer: bytes, account: OlmAccount, check: Callable[[bytes], T]
    ) -> T:
        wanted = session_of(ciphertext)
        for one in self.held:
            if one.session.id == wanted:
                return self._done(one, one.session.decrypt(PRE_KEY, ciphertext), digest, check)
        session, plaintext = account.inbound(peer, ciphertext)
        result = check(plaintext)
        held = Held(session)
        held.read.add(digest)
        self._first(held)
        return result

    def _read_normal(self, ciphertext: bytes, digest: bytes, kind: int, check: Callable[[bytes], T]) -> T:
        for one in list(self.held):
            try:
                plaintext = one.session.decrypt(kind, ciphertext)
            except Undecryptable:
                continue
            return self._done(one, plaintext, digest, check)
        raise Undecryptable("no session with this device reads the message")

    def _done(self, held: Held, plaintext: bytes, digest: bytes, check: Callable[[bytes], T]) -> T:
        held.read.add(digest)
        if not held.retired:
            self._first(held)
        return check(plaintext)

    def _first(self, held: Held) -> None:
        others = [one for one in self.held if one is not held]
        self.held = [held, *sorted(others, key=lambda one: one.retired)][:HELD]

    def state(self, key: bytes) -> list[Any]:
        """Everything as plain values, sessions pickled with ``key``."""
        rows = [[one.session.pickle(key), one.read.joined(), one.retired, one.healing] for one in self.held]
        return [rows, self.failed.joined()]

    @classmethod
    def from_state(cls, state: list[Any], key: bytes) -> "Sessions":
        """The sessions out of ``state``."""
        rows, failed = state
        held = [Held(OlmSession.unpickle(row[0], key), Memory(row[1]), row[2], row[3]) for row in rows]
        return cls(held, Memory(failed))
