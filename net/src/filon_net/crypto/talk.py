"""Everything one device keeps about one device of somebody else: sessions, numbers, seal key, healing.

Must be durable before what it wrote leaves and before what it read is acknowledged: a talk that is put back to an
earlier state writes with keys it used before. That does not stay hidden (``Unread`` and ``Rewound`` at the other side),
but it costs letters.
"""

from typing import Any

from filon_net.crypto.at_rest import check_version, lock, unlock
from filon_net.crypto.identity import Certificate, fingerprint, read_certificate
from filon_net.crypto.numbers import Numbers
from filon_net.crypto.sessions import Sessions
from filon_net.wire import canonical
from filon_net.wire.errors import CryptoError

__all__ = ["HEALS_A_DAY", "HEAL_EVERY", "Talk"]

HEAL_EVERY = 3_600_000
"""Least time between two healings begun here, in milliseconds."""
HEALS_A_DAY = 5
IDS = 512
STATE_SIZE = 256 * 1024
DAY = 24 * HEAL_EVERY


class Talk:
    """One device's side of a conversation with one other device."""

    def __init__(self, peer: Certificate) -> None:
        self.peer = peer
        self.fingerprint = fingerprint(peer)
        self.seal_key = b""
        self.seal_not_after = 0
        self.sessions = Sessions()
        self.sent = 0
        self.got = Numbers()
        self.undecryptable = 0
        self._heals: list[int] = []
        self._ids: dict[int, bytes] = {}

    def sealing_key(self, hour: int) -> bytes:
        """The peer's seal key, where one is known and good. CryptoError otherwise."""
        if not self.seal_key or hour > self.seal_not_after:
            raise CryptoError("there is no seal key for this device that is still good", hint="claim a bundle of it")
        return self.seal_key

    def may_heal(self, now: int) -> bool:
        """True where a new session may be opened now: at most one an hour, five a day."""
        recent = [at for at in self._heals if now - at < DAY]
        return len(recent) < HEALS_A_DAY and all(now - at >= HEAL_EVERY for at in recent)

    def note_heal(self, now: int) -> None:
        """A healing begins now. CryptoError past the limits."""
        if not self.may_heal(now):
            raise CryptoError(
                "this device was healed too often", hint="compare safety codes with the other person; then wait"
            )
        self._heals = [at for at in self._heals if now - at < DAY] + [now]

    def is_rewound(self, number: int, letter_id: bytes) -> bool:
        """True where this number is known to belong to another letter."""
        return self._ids.get(number, letter_id[:8]) != letter_id[:8]

    def note_letter(self, number: int, letter_id: bytes) -> None:
        """Remember which letter had a number; the last 512 of them."""
        self._ids[number] = letter_id[:8]
        while len(self._ids) > IDS:
            del self._ids[next(iter(self._ids))]

    def save(self, key: bytes) -> bytes:
        """The whole state, encrypted with the store key (32 bytes)."""
        state: list[Any] = [
            1,
            self.peer.encoded,
            self.seal_key,
            self.seal_not_after,
            self.sessions.state(key),
            self.sent,
            [self.got.highest, [list(one) for one in self.got.missing]],
            self.undecryptable,
            self._heals,
            b"".join(number.to_bytes(8, "big") + letter_id for number, letter_id in self._ids.items()),
        ]
        return lock(canonical.encode(state), key, b"talk" + self.fingerprint)

    @classmethod
    def load(cls, data: bytes, key: bytes, peer: bytes) -> "Talk":
        """The talk with the device of this fingerprint. WrongStoreKey where key, peer or data do not belong together."""
        state = canonical.decode(unlock(data, key, b"talk" + peer), size=STATE_SIZE)
        check_version(state)
        talk = cls(read_certificate(state[1]))
        talk.seal_key, talk.seal_not_after = state[2], state[3]
        talk.sessions = Sessions.from_state(state[4], key)
        talk.sent, talk.undecryptable, talk._heals = state[5], state[7], state[8]
        talk.got = Numbers(state[6][0], [(first, last) for first, last in state[6][1]])
        ids = state[9]
        talk._ids = {int.from_bytes(ids[at : at + 8], "big"): ids[at + 8 : at + 16] for at in range(0, len(ids), 16)}
        return talk
