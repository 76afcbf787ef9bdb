"""Keys, sessions and seals: the only place where a letter turns into a sealed blob and back. Relays never import it."""

from filon_net.crypto.device import Device, Written
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
from filon_net.crypto.identity import Certificate, certify, check_certificate, fingerprint
from filon_net.crypto.letter import HEAL, Letter
from filon_net.crypto.store_key import Cost, Effort, guessing_cost, store_key, words
from filon_net.crypto.talk import Talk

__all__ = [
    "HEAL",
    "Certificate",
    "Cost",
    "Device",
    "Duplicate",
    "Effort",
    "Event",
    "GivenUp",
    "Healed",
    "Letter",
    "Missing",
    "Read",
    "Rejected",
    "Rewound",
    "Stranger",
    "Talk",
    "Unread",
    "Written",
    "certify",
    "check_certificate",
    "fingerprint",
    "guessing_cost",
    "store_key",
    "words",
]
