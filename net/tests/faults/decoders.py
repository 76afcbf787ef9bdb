"""Every decoder that reads what others wrote, with something valid to start from: for hypothesis, and for ``net/bench/fuzz.py``.

A decoder given any bytes either refuses them with an error of ours, or what it gives can be written again and is the same.
"""

from faults.decoders_log import LOG_DECODERS
from faults.decoders_phone import PHONE_DECODERS
from faults.decoding import REFUSALS, Decoder

__all__ = ["DECODERS", "Decoder", "tried"]

DECODERS: dict[str, Decoder] = PHONE_DECODERS | LOG_DECODERS


def tried(name: str, data: bytes) -> bool:
    """Whether the bytes were taken; anything but a refusal of ours comes through."""
    try:
        DECODERS[name].read(data)
    except REFUSALS:
        return False
    return True
