"""What lies directly under the seal: the sender's certificate and one Olm message.

An envelope is the canonical array ``[1, certificate (bytes), kind (0 pre-key, 1 normal), ciphertext]`` padded to the
length that belongs to the letter's bucket: the bucket in base64 plus 2,048 bytes, enough for both libraries' carriers.
So a sealed blob has one of five lengths, and neither the state of the ratchet nor the library that wrote it shows.
"""

from typing import Annotated

import msgspec

from filon_net.crypto.identity import SIZE
from filon_net.crypto.padding import BUCKETS, pad, unpad
from filon_net.crypto.seal import OVERHEAD
from filon_net.wire import canonical
from filon_net.wire.errors import Malformed

__all__ = ["ENVELOPE_SIZES", "SEALED_SIZES", "Envelope", "read_envelope", "write_envelope"]

ROOM = 2_048
ENVELOPE_SIZES = tuple((bucket * 8 + 5) // 6 + ROOM for bucket in BUCKETS)
SEALED_SIZES = tuple(size + OVERHEAD for size in ENVELOPE_SIZES)


class Envelope(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=1):
    """Who wrote, and the Olm message."""

    certificate: Annotated[bytes, msgspec.Meta(max_length=SIZE)]
    kind: Annotated[int, msgspec.Meta(ge=0, le=1)]
    ciphertext: Annotated[bytes, msgspec.Meta(min_length=1, max_length=ENVELOPE_SIZES[-1])]


def write_envelope(envelope: Envelope, bucket: int) -> bytes:
    """The padded bytes for a letter that was padded to ``bucket``. Malformed or TooLarge."""
    size = ENVELOPE_SIZES[BUCKETS.index(bucket)]
    data = canonical.encode(msgspec.to_builtins(envelope, builtin_types=(bytes,)))
    _shaped(data)
    return pad(data, (size,))


def read_envelope(padded: bytes) -> Envelope:
    """The envelope in padded bytes; Malformed or TooLarge."""
    return _shaped(unpad(padded, ENVELOPE_SIZES))


def _shaped(data: bytes) -> Envelope:
    try:
        value = canonical.decode(data, size=ENVELOPE_SIZES[-1])
        return msgspec.convert(value, Envelope, strict=True, builtin_types=(bytes,))
    except msgspec.ValidationError as error:
        raise Malformed(f"not an envelope: {error}") from error
