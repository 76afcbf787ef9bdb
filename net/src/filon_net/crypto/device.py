"""One device's own keys, and the two doors: a letter out as a sealed blob, a sealed blob in as events.

Times are milliseconds since 1970 (UTC), handed in. The caller makes device and talk durable (``save``) before a blob
leaves and before a delivery is acknowledged, and accepts a device only after the transparency log has shown it.
"""

import os
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from filon_net.crypto.at_rest import check_version, lock, unlock
from filon_net.crypto.bundle import Bundle, check_bundle, read_bundle, write_bundle
from filon_net.crypto.carrier import read_carrier, write_carrier
from filon_net.crypto.envelope import Envelope, read_envelope, write_envelope
from filon_net.crypto.events import (
    Duplicate,
    Event,
    GivenUp,
    Healed,
    Missing,
    Read,
    Rejected,
    Rewound,
    Stranger,
    Unread,
)
from filon_net.crypto.identity import Certificate, certify, check_certificate, fingerprint, read_certificate
from filon_net.crypto.letter import HEAL, Letter, read_letter, write_letter
from filon_net.crypto.numbers import Arrival, read_report
from filon_net.crypto.olm import OlmAccount
from filon_net.crypto.published import canonical_json, device_keys, one_time_text, seal_text
from filon_net.crypto.seal import SEED_SIZE, open_seal, public_of, seal
from filon_net.crypto.sessions import AlreadyRead
from filon_net.crypto.talk import Talk
from filon_net.wire import HOURS_KEPT, canonical
from filon_net.wire.errors import CryptoError, Malformed, Undecryptable, WireError, WrongParty

__all__ = ["SEAL_HOURS", "Device", "Written"]

HOUR = 3_600_000
SEAL_HOURS = 8 * 24
"""A seal key is sealed to for this many hours at most; it is renewed every week."""
SEAL_KEPT = SEAL_HOURS + HOURS_KEPT + 24
"""Hours after which a seal key is erased: no relay holds anything sealed to it any more."""
FALLBACK_HOURS = 24 * 24
"""A fallback key is renewed after this many hours, and the ratchet keeps one older key. So a key that was handed out on its
last day, used on the last day of its bundle (8 days) and delivered on the last day of its blob (14 days) still reads."""
AHEAD = 1 << 20
"""A peer may know of this many letters more than this state does, when the state was put back; beyond, it is making them up."""
STATE_SIZE = 128 * 1024


class Written(msgspec.Struct, frozen=True):
    """A letter that is ready to leave: the sealed blob and the letter's number and id."""

    blob: bytes
    number: int
    id: bytes


class Device:
    """The keys of this device and its talks, by the other device's fingerprint."""

    def __init__(self, account: OlmAccount, certificate: Certificate, seeds: list[tuple[bytes, int]]) -> None:
        self.account = account
        self.certificate = certificate
        self.fingerprint = fingerprint(certificate)
        self.talks: dict[bytes, Talk] = {}
        self.rejected = 0
        self._seeds = seeds
        self._fallback = b""
        self._fallback_made = 0

    @classmethod
    def create(cls, master: Ed25519PrivateKey, now: int, days: int = 365) -> "Device":
        """A new device of the user whose master key is lent for the moment. Certificate good for ``days``."""
        account = OlmAccount()
        hour = now // HOUR
        certificate = certify(master, os.urandom(16), account.ed25519, account.curve25519, hour - 1, hour + 24 * days)
        device = cls(account, certificate, [])
        device.renew_seal_key(now)
        return device

    @property
    def undecryptable(self) -> int:
        """Letters that could not be read, over all talks; 0 where everybody is honest and nothing was put back."""
        return sum(talk.undecryptable for talk in self.talks.values())

    def renew_seal_key(self, now: int) -> None:
        """Make a new seal key and erase those that nothing can be sealed to any more. Once a week."""
        hour = now // HOUR
        kept = [(seed, made) for seed, made in self._seeds if hour - made <= SEAL_KEPT]
        self._seeds = [(os.urandom(SEED_SIZE), hour), *kept]

    def bundles(self, count: int) -> list[bytes]:
        """``count`` (at most 50) bundles with a one-time key each."""
        return [self._bundle(key, fallback=False) for key in self.account.one_time_keys(count)]

    def last_resort(self, now: int) -> bytes:
        """A bundle with the fallback key, a new one where it is past its time; made again after every new seal key."""
        hour = now // HOUR
        if not self._fallback or hour - self._fallback_made > FALLBACK_HOURS:
            self._fallback, self._fallback_made = self.account.fallback_key(), hour
        return self._bundle(self._fallback, fallback=True)

    def accept(self, certificate: Certificate, now: int) -> Talk:
        """The talk with a device, begun where there is none. BadSignature where the certificate does not hold."""
        check_certificate(certificate, now // HOUR)
        talk = self.talks.setdefault(fingerprint(certificate), Talk(certificate))
        if certificate.not_after > talk.peer.not_after:
            talk.peer = certificate
        return talk

    def learn(self, data: bytes, now: int) -> tuple[Talk, Bundle]:
        """The accepted device a bundle belongs to, its newer seal key noted. CryptoError or WireError otherwise."""
        bundle = read_bundle(data)
        certificate = check_bundle(bundle, now // HOUR)
        talk = self.talks.get(fingerprint(certificate))
        if talk is None:
            raise CryptoError("this device was not accepted", hint="look it up in the transparency log first")
        if bundle.seal_not_after > talk.seal_not_after:
            talk.seal_key, talk.seal_not_after = bundle.seal_key, bundle.seal_not_after
        return talk, bundle

    def open_session(self, data: bytes, now: int) -> Talk:
        """Open a session with the accepted device that this bundle belongs to."""
        talk, bundle = self.learn(data, now)
        talk.sessions.begin(self.account.outbound(talk.peer.curve25519, bundle.key))
        return talk

    def heal(self, data: bytes, now: int) -> Written:
        """Open one new session, retire the others, and tell the peer what has not come. CryptoError past the limits."""
        talk, bundle = self.learn(data, now)
        session = self.account.outbound(talk.peer.curve25519, bundle.key)
        talk.note_heal(now)
        talk.sessions.begin(session, healing=True)
        return self.write(talk.fingerprint, HEAL, talk.got.report(), now)

    def write(self, peer: bytes, kind: str, body: bytes, now: int, expires_at: int = 0) -> Written:
        """A letter to an accepted device. CryptoError without session or seal key; TooLarge, Malformed."""
        talk = self.talks.get(peer)
        if talk is None:
            raise CryptoError("this device was not accepted", hint="look it up in the transparency log first")
        key = talk.sealing_key(now // HOUR)
        letter = Letter(kind, os.urandom(16), talk.sent + 1, now, expires_at, body)
        padded = write_letter(letter)
        olm_kind, ciphertext = talk.sessions.write(write_carrier(padded, self.certificate, talk.peer))
        envelope = write_envelope(Envelope(self.certificate.encoded, olm_kind, ciphertext), len(padded))
        blob = seal(envelope, key, peer)
        talk.sent = letter.number
        return Written(blob, letter.number, letter.id)

    def receive(self, blob: bytes, now: int) -> list[Event]:
        """What a blob turns out to be. Never raises for what is in it."""
        try:
            inside = open_seal(blob, [seed for seed, _ in self._seeds], self.fingerprint)
            envelope = read_envelope(inside)
            certificate = read_certificate(envelope.certificate)
            check_certificate(certificate, now // HOUR)
        except (WireError, CryptoError) as error:
            return [self._reject(error)]
        talk = self.talks.get(fingerprint(certificate))
        if talk is None:
            return [Stranger(certificate)]

        def check(plaintext: bytes) -> Letter:
            return read_letter(read_carrier(plaintext, certificate, self.certificate))

        try:
            letter = talk.sessions.read(envelope.kind, envelope.ciphertext, certificate.curve25519, self.account, check)
        except AlreadyRead:
            return [Duplicate(talk.fingerprint, None)]
        except Undecryptable:
            talk.undecryptable += 1
            return [Unread(talk.fingerprint, talk.undecryptable, talk.may_heal(now))]
        except (WireError, WrongParty) as error:
            return [self._reject(error)]
        return self._take(talk, letter)

    def _take(self, talk: Talk, letter: Letter) -> list[Event]:
        """The events of a letter that was read: the letter itself, and what its number says."""
        peer = talk.fingerprint
        arrival, gap, given_up = talk.got.take(letter.number)
        events: list[Event] = []
        if arrival is Arrival.SEEN:
            if not talk.is_rewound(letter.number, letter.id):
                return [Duplicate(peer, letter.number)]
            events.append(Rewound(peer, letter.number))
        talk.note_letter(letter.number, letter.id)
        if gap:
            events.append(Missing(peer, gap))
        if given_up:
            events.append(GivenUp(peer, given_up))
        if letter.kind == HEAL:
            events.append(self._healed(talk, letter))
        else:
            events.append(Read(peer, letter, arrival is Arrival.LATE))
        return events

    def _healed(self, talk: Talk, letter: Letter) -> Event:
        try:
            highest, missing = read_report(letter.body)
            if highest > talk.sent + AHEAD:
                raise Malformed("a peer that has letters nobody wrote")
        except WireError as error:
            return self._reject(error)
        talk.sessions.retire_older()
        talk.sent = max(talk.sent, highest)  # numbers it has are never used again, even where this state was put back
        return Healed(talk.fingerprint, highest, missing)

    def _reject(self, error: Exception) -> Rejected:
        self.rejected += 1
        return Rejected(str(error), self.rejected)

    def _bundle(self, key: bytes, fallback: bool) -> bytes:
        seed, made = self._seeds[0]
        public, not_after = public_of(seed), made + SEAL_HOURS
        sign = self.account.sign
        return write_bundle(
            Bundle(
                self.certificate.encoded,
                sign(canonical_json(device_keys(self.certificate))),
                fallback,
                key,
                sign(one_time_text(key, fallback)),
                public,
                not_after,
                sign(seal_text(self.certificate, public, not_after)),
            )
        )

    def save(self, key: bytes) -> bytes:
        """The device without its talks, encrypted with the store key (32 bytes)."""
        seeds = [[seed, made] for seed, made in self._seeds]
        fallback = [self._fallback, self._fallback_made]
        state: list[Any] = [1, self.account.pickle(key), self.certificate.encoded, seeds, self.rejected, fallback]
        return lock(canonical.encode(state), key, b"device")

    @classmethod
    def load(cls, data: bytes, key: bytes) -> "Device":
        """A device out of ``save``, without its talks. WrongStoreKey."""
        state = canonical.decode(unlock(data, key, b"device"), size=STATE_SIZE)
        check_version(state)
        account = OlmAccount.unpickle(state[1], key)
        device = cls(account, read_certificate(state[2]), [(seed, made) for seed, made in state[3]])
        device.rejected = state[4]
        device._fallback, device._fallback_made = state[5]
        return device
