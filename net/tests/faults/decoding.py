"""What the lists of decoders share: how one is tried, and keys, tokens and a log that are the same in every run."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from filon_net.errors import FilonNetError
from filon_net.log.tokens import sign_admission
from filon_net.wire import sign_token
from filon_net.wire.errors import CryptoError, WireError
from log.builders import NOW, MemoryLog, public, some_entries

__all__ = [
    "ADMISSION",
    "HOUR",
    "KEY",
    "LOG",
    "MILLIS",
    "NOTE",
    "ORIGIN",
    "PUBLIC",
    "REFUSALS",
    "RELEASE_KEYS",
    "TOKEN",
    "Decoder",
    "again",
    "in_a_file",
    "text",
]

REFUSALS = (WireError, CryptoError, FilonNetError)
MILLIS = NOW * 1_000
HOUR = NOW // 3_600
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
PUBLIC = KEY.public_key().public_bytes_raw()
LOG = MemoryLog(some_entries(20))
NOTE = LOG.note(NOW, NOW)
ORIGIN = "log.example.org/phones"
TOKEN = sign_token(KEY, b"s" * 16, HOUR, 10_000, 1 << 30)
RELEASE_KEYS = (public("r1"), public("r2"))
ADMISSION = sign_admission(KEY, ORIGIN, HOUR, b"s" * 16)


class Decoder(NamedTuple):
    """``read`` takes any bytes; ``good`` are some it takes gladly."""

    read: Callable[[bytes], object]
    good: list[bytes]


def again(read: Callable[[bytes], Any], write: Callable[[Any], bytes]) -> Callable[[bytes], object]:
    """What is read and written again is what was read."""

    def call(data: bytes) -> object:
        value = read(data)
        assert write(value) == data, "there is a second spelling"
        return value

    return call


def text(read: Callable[[str], object]) -> Callable[[bytes], object]:
    return lambda data: read(data.decode("utf-8", "surrogateescape"))


def in_a_file(read: Callable[[Path], object]) -> Callable[[bytes], object]:
    """What is handed over as a file."""

    def call(data: bytes) -> object:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "given"
            path.write_bytes(data)
            return read(path)

    return call
