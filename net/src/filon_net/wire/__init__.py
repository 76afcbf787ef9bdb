"""The wire between phones and relays: frames as bytes, and both ends of a connection without sockets or clocks.

This package is all of the protocol that a relay imports. It knows sealed blobs; no plaintext, no kind of message and no
sender has a name here.
"""

from filon_net.wire.connection import Closed, Limits
from filon_net.wire.frames import (
    BLOB_SIZES,
    DAYS_KEPT,
    FRAME_SIZE,
    HOURS_KEPT,
    VERSION,
    Code,
    Frame,
    decode_frame,
    encode_frame,
)
from filon_net.wire.phone_end import PhoneEnd, Told
from filon_net.wire.relay_end import Asked, RelayEnd
from filon_net.wire.tokens import Token, check_token, sign_token

__all__ = [
    "BLOB_SIZES",
    "DAYS_KEPT",
    "FRAME_SIZE",
    "HOURS_KEPT",
    "VERSION",
    "Asked",
    "Closed",
    "Code",
    "Frame",
    "Limits",
    "PhoneEnd",
    "RelayEnd",
    "Token",
    "Told",
    "check_token",
    "decode_frame",
    "encode_frame",
    "sign_token",
]
