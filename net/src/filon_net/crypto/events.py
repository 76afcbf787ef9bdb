"""What a received blob turns out to be. Nothing that arrives is passed over without one of these.

``peer`` is the fingerprint of the writing device (``crypto.identity``).
"""

from typing import TypeAlias

import msgspec

from filon_net.crypto.identity import Certificate
from filon_net.crypto.letter import Letter
from filon_net.crypto.numbers import Range

__all__ = [
    "Duplicate",
    "Event",
    "GivenUp",
    "Healed",
    "Missing",
    "Read",
    "Rejected",
    "Rewound",
    "Stranger",
    "Unread",
]


class Read(msgspec.Struct, frozen=True):
    """A letter, for the first time. ``late``: its number had been reported missing."""

    peer: bytes
    letter: Letter
    late: bool


class Duplicate(msgspec.Struct, frozen=True):
    """Came before; not shown again. ``number`` is None where it was known without opening it."""

    peer: bytes
    number: int | None


class Missing(msgspec.Struct, frozen=True):
    """These numbers have not come and later ones have. They may still come late, or be asked for again."""

    peer: bytes
    numbers: Range


class GivenUp(msgspec.Struct, frozen=True):
    """These numbers are missing for so long that they are no longer waited for; shown to the person."""

    peer: bytes
    numbers: Range


class Unread(msgspec.Struct, frozen=True):
    """Undecryptable. ``total`` counts them for this peer; ``heal``: a new session should and may be opened now."""

    peer: bytes
    total: int
    heal: bool


class Healed(msgspec.Struct, frozen=True):
    """The peer could not read something and opened a new session; it has not got these, and nothing above ``highest``."""

    peer: bytes
    highest: int
    missing: tuple[Range, ...]


class Rewound(msgspec.Struct, frozen=True):
    """The peer used a number a second time for another letter: its state was put back to an earlier day."""

    peer: bytes
    number: int


class Stranger(msgspec.Struct, frozen=True):
    """A valid certificate of a device that was not accepted yet: look it up in the log, accept it, receive again."""

    certificate: Certificate


class Rejected(msgspec.Struct, frozen=True):
    """Not a letter: no seal, a wrong seal, a bad certificate, another's words. ``total`` counts them on this device."""

    why: str
    total: int


Event: TypeAlias = Read | Duplicate | Missing | GivenUp | Unread | Healed | Rewound | Stranger | Rejected
