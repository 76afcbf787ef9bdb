"""Letters between two devices, and what is asked of what becomes of them."""

from typing import Any

from filon_net.crypto import Device, Read, Talk

HOUR = 3_600_000
KEY = b"k" * 32
Pair = tuple[Device, Device]


def text(sender: Device, receiver: Device, now: int, body: bytes = b"words") -> bytes:
    return sender.write(receiver.fingerprint, "text", body, now).blob


def bodies(events: list[Any]) -> list[bytes]:
    return [event.letter.body for event in events if isinstance(event, Read)]


def kinds(events: list[Any]) -> list[type]:
    return [type(event) for event in events]


def copy_of(device: Device, peer: bytes) -> Device:
    """A second device with the same keys and state, by way of the disk."""
    copied = Device.load(device.save(KEY), KEY)
    copied.talks[peer] = Talk.load(device.talks[peer].save(KEY), KEY, peer)
    return copied
