"""Padding to a few lengths, so that a length says little.

Padded: the data, the byte ``0x80``, zero bytes up to the length (ISO/IEC 7816-4). Unpadding accepts exactly that.
"""

from filon_net.wire.errors import Malformed, TooLarge

__all__ = ["BUCKETS", "pad", "unpad"]

BUCKETS = (256, 1_024, 4_096, 16_384, 65_536)
"""Lengths of a padded letter in bytes."""


def pad(data: bytes, sizes: tuple[int, ...] = BUCKETS) -> bytes:
    """``data`` at the shortest of ``sizes`` (rising) that holds it and its end mark. TooLarge past the last."""
    for size in sizes:
        if len(data) < size:
            return data + b"\x80" + bytes(size - len(data) - 1)
    raise TooLarge(f"{len(data)} bytes, at most {sizes[-1] - 1} fit", hint="send it as an attachment")


def unpad(data: bytes, sizes: tuple[int, ...] = BUCKETS) -> bytes:
    """What ``pad`` was given, at any of ``sizes``. Malformed where the length or the padding is any other."""
    if len(data) not in sizes:
        raise Malformed("padded to an unknown length")
    inside = data.rstrip(b"\x00")
    if not inside.endswith(b"\x80"):
        raise Malformed("padding that is not ours")
    return inside[:-1]
