"""The master key as a person keeps it: a backup code on paper, and what is derived from it.

The code is the 32-byte seed of the master key and the first 3 bytes of SHA-256("filon-net backup 1" ‖ 0x00 ‖ seed) in base 32
with the letters of ``ALPHABET`` (no I, L, O, U), in 14 groups of four. Whoever has it is the user. From the seed comes also the key
of the user's name in the log, so that a phone made from the code alone finds its own device list.
"""

import hashlib
import os

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from filon_net.log import user_hash
from filon_net.phone.errors import BadBackupCode

__all__ = ["ALPHABET", "Master", "code_of", "seed_of", "user_of"]

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LIKE = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})
_GROUPS, _GROUP = 14, 4
_CHECK = 3


def _check(seed: bytes) -> bytes:
    return hashlib.sha256(b"filon-net backup 1\x00" + seed).digest()[:_CHECK]


def code_of(seed: bytes) -> str:
    """The backup code of a seed of 32 bytes: 56 letters and digits in groups of four."""
    number = int.from_bytes(seed + _check(seed), "big")
    letters = "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(_GROUPS * _GROUP)))
    return "-".join(letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP))


def seed_of(code: str) -> bytes:
    """The seed in a code as typed: case, spaces and dashes do not matter, O is 0, I and L are 1. BadBackupCode."""
    letters = "".join(one for one in code.upper() if not one.isspace() and one not in "-–—_.").translate(_LIKE)
    if len(letters) != _GROUPS * _GROUP or any(one not in ALPHABET for one in letters):
        raise BadBackupCode(
            "a backup code has {count} letters and digits; this has {found}",
            hint="type it again as it stands on the paper, group by group",
            count=_GROUPS * _GROUP,
            found=len(letters),
        )
    number = 0
    for one in letters:
        number = number << 5 | ALPHABET.index(one)
    data = number.to_bytes(32 + _CHECK, "big")
    seed = data[:32]
    if _check(seed) != data[32:]:
        raise BadBackupCode("a letter of this backup code is wrong", hint="compare it with the paper, group by group")
    return seed


class Master:
    """A user's master key while it is on the phone: for the length of one call."""

    def __init__(self, seed: bytes | None = None) -> None:
        self.seed = os.urandom(32) if seed is None else seed
        self.key = Ed25519PrivateKey.from_private_bytes(self.seed)
        self.public = self.key.public_key().public_bytes_raw()
        self.name_key = HKDF(SHA256(), 32, None, b"filon-net name key 1").derive(self.seed)
        self.user = user_of(self.name_key, self.public)

    @classmethod
    def of_code(cls, code: str) -> "Master":
        """The master key of a backup code. BadBackupCode."""
        return cls(seed_of(code))

    @property
    def code(self) -> str:
        """The backup code, to be shown once."""
        return code_of(self.seed)


def user_of(name_key: bytes, master: bytes) -> bytes:
    """The user as the log names them (32 bytes): the keyed hash of the master key in hexadecimal."""
    return user_hash(name_key, master.hex())
