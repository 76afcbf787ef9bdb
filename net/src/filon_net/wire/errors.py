"""What can go wrong with bytes from outside: two branches of the tree of ``filon_net.errors``.

WireError             bytes or calls that the protocol does not allow
├── Malformed         not one canonical value of a known shape
├── TooLarge          longer, deeper or more than a limit
└── OutOfTurn         a frame or a call that the state of the connection does not allow
CryptoError           a key, a signature, a seal or a session does not agree
├── BadSignature      a signature or a certificate does not hold
├── NotSealed         the outer seal is missing, of another kind, or not for this device
├── Undecryptable     the inner session cannot read the message
├── WrongParty        read, but written by or for somebody else than the certificate says
└── WrongStoreKey     what is at rest cannot be opened with this key
"""

from filon_net.errors import FilonNetError

__all__ = [
    "BadSignature",
    "CryptoError",
    "Malformed",
    "NotSealed",
    "OutOfTurn",
    "TooLarge",
    "Undecryptable",
    "WireError",
    "WrongParty",
    "WrongStoreKey",
]


class WireError(FilonNetError):
    """Bytes or calls that the protocol does not allow."""


class Malformed(WireError):
    """Not one canonical value of a known shape."""


class TooLarge(WireError):
    """Longer, deeper or more than a limit."""


class OutOfTurn(WireError):
    """A frame or a call that the state of the connection does not allow."""


class CryptoError(FilonNetError):
    """A key, a signature, a seal or a session does not agree."""


class BadSignature(CryptoError):
    """A signature or a certificate does not hold."""


class NotSealed(CryptoError):
    """The outer seal is missing, of another kind, or not for this device."""


class Undecryptable(CryptoError):
    """The inner session cannot read the message."""


class WrongParty(CryptoError):
    """Read, but written by or for somebody else than the certificate says."""


class WrongStoreKey(CryptoError):
    """What is at rest cannot be opened with this key."""
