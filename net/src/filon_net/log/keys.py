"""Named Ed25519 keys of signed notes (c2sp.org/signed-note, "Signatures", "Signature types", "Verifier keys").

    key id        first 4 bytes of SHA-256(name || 0x0A || type || public key)
    verifier key  NAME+KEYID+BASE64(type || public key), the key id in 8 lower-case hexadecimal digits

Type 0x01 signs the text of a note, type 0x04 is a witness's timestamped cosignature (c2sp.org/tlog-cosignature). A name
is not empty and holds no Unicode space and no plus sign. The two types of one key have two ids and never stand for each
other.
"""

import hashlib

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from filon_net.errors import Malformed
from filon_net.log.strict import base64_text, encoded, read_base64

__all__ = ["COSIGNATURE", "NOTE", "Signer", "VerifierKey", "read_verifier_key", "require_name", "signature_agrees"]

NOTE = 0x01
"""Ed25519 over the text of a note."""
COSIGNATURE = 0x04
"""Ed25519 over a timestamp and the text of a checkpoint."""

_LONGEST_NAME = 255


def require_name(name: str) -> None:
    """Malformed unless ``name`` may stand in a signature line."""
    if not name or len(name) > _LONGEST_NAME or "+" in name or any(one.isspace() or one < " " for one in name):
        raise Malformed(
            "{name} cannot be the name of a key",
            hint="use an address without scheme, such as log.example.org/phones",
            name=name,
        )
    encoded(name, "the name of a key")


def signature_agrees(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether an Ed25519 signature (RFC 8032) of 64 bytes is that of the 32-byte public key over the message."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):  # ValueError: not a point, or not 32 bytes
        return False
    return True


class VerifierKey(msgspec.Struct, frozen=True):
    """A public key somebody trusts, with the name and the type it signs under."""

    name: str
    kind: int
    public: bytes

    def __post_init__(self) -> None:
        require_name(self.name)
        if self.kind not in (NOTE, COSIGNATURE):
            raise Malformed("signatures of type {kind} are not known here", kind=self.kind)
        if len(self.public) != 32:
            raise Malformed("an Ed25519 key has 32 bytes, not {length}", length=len(self.public))

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that stand before every signature of this key."""
        named = self.name.encode() + b"\n" + bytes([self.kind]) + self.public
        return hashlib.sha256(named).digest()[:4]

    @property
    def text(self) -> str:
        """The verifier key as one writes it into a configuration."""
        return f"{self.name}+{self.key_id.hex()}+{base64_text(bytes([self.kind]) + self.public)}"


def read_verifier_key(text: str) -> VerifierKey:
    """A verifier key from its text; Malformed where a part is missing or the key id is not that of the key."""
    parts = text.split("+", 2)  # base64 may hold plus signs, a name may not
    if len(parts) != 3:
        raise Malformed("{text} is not a verifier key", hint="it looks like NAME+KEYID+BASE64", text=text)
    data = read_base64(parts[2], "a verifier key")
    if not data:
        raise Malformed("{text} holds no key", text=text)
    key = VerifierKey(parts[0], data[0], data[1:])
    if parts[1] != key.key_id.hex():
        raise Malformed("the key id {given} is not that of the key {text}", given=parts[1], text=text)
    return key


class Signer:
    """A private key with its name and type."""

    def __init__(self, name: str, kind: int, private: Ed25519PrivateKey) -> None:
        self.key = VerifierKey(name, kind, private.public_key().public_bytes_raw())
        self._private = private

    @classmethod
    def make(cls, name: str, kind: int) -> "Signer":
        """A signer with a new key."""
        return cls(name, kind, Ed25519PrivateKey.generate())

    @classmethod
    def of_seed(cls, name: str, kind: int, seed: bytes) -> "Signer":
        """A signer from the 32 bytes of an RFC 8032 private key; Malformed where they are not 32."""
        if len(seed) != 32:
            raise Malformed("an Ed25519 private key has 32 bytes, not {length}", length=len(seed))
        return cls(name, kind, Ed25519PrivateKey.from_private_bytes(seed))

    def sign(self, message: bytes) -> bytes:
        """64 bytes over exactly ``message``."""
        return self._private.sign(message)
