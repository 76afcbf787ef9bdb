"""The plaintext of Olm: a Matrix to-device event, because that is what the browser's library reads and writes.

``{"type": "filon-net.letter", "content": {"padded": <padded letter, unpadded base64>}, "sender": user, "recipient":
user, "keys": {"ed25519": sender device}, "recipient_keys": {"ed25519": receiving device}}`` in JSON (UTF-8); other
members are ignored (that library adds ``sender_device_keys``). Sender, receiver and both device keys are checked: Olm by
itself does not say whom a message was meant for, so its reader could pass it on as his own (unknown key share).
"""

import msgspec

from filon_net.crypto.identity import Certificate
from filon_net.crypto.olm import from_base64, to_base64
from filon_net.crypto.padding import BUCKETS
from filon_net.crypto.published import canonical_json, user_text
from filon_net.wire.errors import CryptoError, Malformed, TooLarge, WrongParty

__all__ = ["PLAIN_SIZE", "TYPE", "read_carrier", "write_carrier"]

TYPE = "filon-net.letter"
PLAIN_SIZE = BUCKETS[-1] * 4 // 3 + 2_048


class _Content(msgspec.Struct):
    padded: str


class _Keys(msgspec.Struct):
    ed25519: str


class _Carrier(msgspec.Struct):
    type: str
    content: _Content
    sender: str
    recipient: str
    keys: _Keys
    recipient_keys: _Keys


def write_carrier(padded: bytes, sender: Certificate, receiver: Certificate) -> bytes:
    """The plaintext for Olm."""
    return canonical_json(
        {
            "type": TYPE,
            "content": {"padded": to_base64(padded)},
            "sender": user_text(sender),
            "recipient": user_text(receiver),
            "keys": {"ed25519": to_base64(sender.ed25519)},
            "recipient_keys": {"ed25519": to_base64(receiver.ed25519)},
        }
    )


def read_carrier(plaintext: bytes, sender: Certificate, receiver: Certificate) -> bytes:
    """The padded letter; WrongParty where it names other people or devices, Malformed or TooLarge where it is no carrier."""
    if len(plaintext) > PLAIN_SIZE:
        raise TooLarge("longer than any letter")
    try:
        carrier = msgspec.json.decode(plaintext, type=_Carrier)
        padded = from_base64(carrier.content.padded)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, CryptoError) as error:
        raise Malformed("not a letter's carrier") from error
    if carrier.type != TYPE:
        raise Malformed("a carrier of another kind")
    check_parties(carrier, sender, receiver)
    return padded


def check_parties(carrier: _Carrier, sender: Certificate, receiver: Certificate) -> None:
    """WrongParty unless written by ``sender`` for ``receiver``."""
    if carrier.sender != user_text(sender) or carrier.keys.ed25519 != to_base64(sender.ed25519):
        raise WrongParty("written by somebody else than its certificate says")
    if carrier.recipient != user_text(receiver) or carrier.recipient_keys.ed25519 != to_base64(receiver.ed25519):
        raise WrongParty("written for somebody else")
