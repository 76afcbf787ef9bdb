"""The Olm ratchet, as few typed functions over ``vodozemac``; nothing else in the project imports that library.

Olm (https://gitlab.matrix.org/matrix-org/olm/-/blob/master/docs/olm.md): triple Diffie-Hellman on Curve25519, then a
double ratchet with AES-256-CBC and HMAC-SHA-256. The bindings speak version 1, whose MAC is cut to 8 bytes; the outer
seal (``crypto.seal``) is a full AEAD around it. Keys are 32 bytes, a *kind* is 0 for a pre-key message (it can start a
session) and 1 for a normal one. Every failure is a CryptoError; a message that cannot be read changes no session.
"""

import base64
import binascii
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import vodozemac

from filon_net.wire.errors import CryptoError, Undecryptable, WrongStoreKey

__all__ = ["NORMAL", "PRE_KEY", "OlmAccount", "OlmSas", "OlmSession", "from_base64", "session_of", "to_base64"]

PRE_KEY = 0
NORMAL = 1


def to_base64(data: bytes) -> str:
    """Base64 without padding, as Matrix writes keys and signatures."""
    return base64.b64encode(data).decode("ascii").rstrip("=")


def from_base64(text: str, size: int | None = None) -> bytes:
    """Bytes of unpadded base64, of exactly ``size`` bytes where given. CryptoError otherwise."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise CryptoError("not base64") from error
    if to_base64(data) != text or (size is not None and len(data) != size):
        raise CryptoError("not base64 of the right length")
    return data


class OlmSession:
    """One Olm session. ``id`` is the same at both ends."""

    def __init__(self, session: vodozemac.Session) -> None:
        self._session = session
        self.id = from_base64(session.session_id, 32)

    def encrypt(self, plaintext: bytes) -> tuple[int, bytes]:
        """Kind and ciphertext; the session moves on."""
        with _errors(CryptoError, "the session cannot write"):
            return self._session.encrypt(plaintext).to_parts()

    def decrypt(self, kind: int, ciphertext: bytes) -> bytes:
        """The plaintext; the session moves on. Undecryptable leaves the session as it was."""
        with _errors(Undecryptable, "this session cannot read the message"):
            return self._session.decrypt(vodozemac.AnyOlmMessage.from_parts(kind, ciphertext))

    def pickle(self, key: bytes) -> bytes:
        """The session's state, encrypted with ``key`` (32 bytes)."""
        with _errors(CryptoError, "the session cannot be kept"):
            return self._session.pickle(key).encode("ascii")

    @classmethod
    def unpickle(cls, data: bytes, key: bytes) -> "OlmSession":
        """A session out of ``pickle``; WrongStoreKey where key and data do not belong together."""
        with _errors(WrongStoreKey, "the session cannot be opened with this key"):
            return cls(vodozemac.Session.from_pickle(data.decode("ascii"), key))


class OlmAccount:
    """The long-term keys of one device and its one-time keys."""

    def __init__(self, account: vodozemac.Account | None = None) -> None:
        self._account = account or vodozemac.Account()
        self.curve25519 = self._account.curve25519_key.to_bytes()
        self.ed25519 = from_base64(self._account.ed25519_key.to_base64(), 32)

    def sign(self, message: bytes) -> bytes:
        """64 bytes: Ed25519 by the device's own key."""
        return from_base64(self._account.sign(message).to_base64(), 64)

    def one_time_keys(self, count: int) -> list[bytes]:
        """``count`` (at most 50) new public keys; the private halves stay here until used or pushed out by newer ones."""
        if not 0 <= count <= self._account.max_number_of_one_time_keys:
            raise CryptoError("more one-time keys than an account holds")
        self._account.generate_one_time_keys(count)
        keys = [key.to_bytes() for key in self._account.one_time_keys.values()]
        self._account.mark_keys_as_published()
        return keys

    def fallback_key(self) -> bytes:
        """A new public key to be used when no one-time key is left. The one before it is kept, the one before that not."""
        account: Any = self._account  # the library's stubs leave fallback keys out
        account.generate_fallback_key()
        (key,) = account.fallback_key.values()
        account.mark_keys_as_published()
        return bytes(key.to_bytes())

    def outbound(self, curve25519: bytes, one_time_key: bytes) -> OlmSession:
        """A new session towards a device. CryptoError where a key is not one (a zero key among them)."""
        with _errors(CryptoError, "no session can be made with these keys"):
            identity = vodozemac.Curve25519PublicKey.from_bytes(curve25519)
            one_time = vodozemac.Curve25519PublicKey.from_bytes(one_time_key)
            return OlmSession(self._account.create_outbound_session(identity, one_time))

    def inbound(self, curve25519: bytes, ciphertext: bytes) -> tuple[OlmSession, bytes]:
        """The session and plaintext of a pre-key message from a device; its one-time key is used up. Undecryptable."""
        with _errors(Undecryptable, "no session can be made of this message"):
            message = vodozemac.AnyOlmMessage.from_parts(PRE_KEY, ciphertext).to_pre_key()
            if message is None:
                raise Undecryptable("not a pre-key message")
            identity = vodozemac.Curve25519PublicKey.from_bytes(curve25519)
            session, plaintext = self._account.create_inbound_session(identity, message)
        return OlmSession(session), plaintext

    def pickle(self, key: bytes) -> bytes:
        """The account's state, encrypted with ``key`` (32 bytes)."""
        with _errors(CryptoError, "the account cannot be kept"):
            return self._account.pickle(key).encode("ascii")

    @classmethod
    def unpickle(cls, data: bytes, key: bytes) -> "OlmAccount":
        """An account out of ``pickle``; WrongStoreKey where key and data do not belong together."""
        with _errors(WrongStoreKey, "the account cannot be opened with this key"):
            return cls(vodozemac.Account.from_pickle(data.decode("ascii"), key))


class OlmSas:
    """One side of comparing a short code (Curve25519, then HKDF-SHA256 as Matrix's SAS does). Used once."""

    def __init__(self) -> None:
        self._sas = vodozemac.Sas()
        self.public = self._sas.public_key.to_bytes()

    def emoji(self, theirs: bytes, info: str) -> tuple[int, ...]:
        """Seven numbers below 64 that both sides get alike where nobody stands between. CryptoError for a key that is none."""
        with _errors(CryptoError, "no code can be made with this key"):
            agreed = self._sas.diffie_hellman(vodozemac.Curve25519PublicKey.from_bytes(theirs))
            return tuple(agreed.bytes(info).emoji_indices)


def session_of(ciphertext: bytes) -> bytes:
    """The id (32 bytes) of the session a pre-key message belongs to. Undecryptable where it is none."""
    with _errors(Undecryptable, "not a pre-key message"):
        message = vodozemac.AnyOlmMessage.from_parts(PRE_KEY, ciphertext).to_pre_key()
        if message is None:
            raise Undecryptable("not a pre-key message")
        return from_base64(message.session_id(), 32)


@contextmanager
def _errors(kind: type[CryptoError], message: str) -> Iterator[None]:
    """Give the library's errors (all of them ValueErrors) our name, and keep its words in the cause only."""
    try:
        yield
    except ValueError as error:
        raise kind(message) from error
