"""Everything taken from a seized relay, and what to look for in it."""

import hashlib
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from filon_net.wire import decode_frame
from filon_net.wire.errors import WireError
from filon_net.wire.frames import Stock
from seized.capture import Capture, messages_of

__all__ = ["KNOWN", "TRAFFIC", "Haul", "beyond", "door_name", "files_joined", "keys_in", "tables_of", "told_in"]

TRAFFIC = {"capture", "capture without masks"}
SEEN = {"memory"} | TRAFFIC
HELD = {"store"} | SEEN

# What may lie where, and nowhere else. The threat model says what each of these is worth to whoever seized the relay.
KNOWN = {
    "mailbox": HELD,
    "capability": SEEN,
    "capability digest": SEEN,
    "door": {"store", "memory"},
    "master public key": set(),
    "device id": set(),
    "device public key": set(),
    "fingerprint": set(),
    "user of the log": set(),
    "secret key": set(),
    "blob that waits": HELD,
}


@dataclass
class Haul:
    """``haystacks`` by name; ``values`` by kind; blobs that were erased, and that wait; all byte strings the relay was told."""

    mark: str
    haystacks: dict[str, bytes]
    values: dict[str, list[bytes]]
    fingerprints: list[bytes]
    read: list[bytes]
    waiting: list[bytes]
    told: set[bytes] = field(default_factory=set)
    maps: str = ""
    names: list[str] = field(default_factory=list)
    seeds: list[bytes] = field(default_factory=list)
    bundle_keys: dict[bytes, bytes] = field(default_factory=dict)
    """By mailbox what its bundles are sealed with; not from the relay."""


def door_name(mailbox: bytes, capability: bytes) -> bytes:
    """By what a relay finds a capability in its store."""
    return hashlib.sha256(mailbox + hashlib.sha256(capability).digest()).digest()


def tables_of(file: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables of a SQLite file."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as run:
        names = [row[0] for row in run.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: run.execute(f"SELECT * FROM {name}").fetchall() for name in names}


def windows(value: bytes) -> Iterable[bytes]:
    """The 32-byte strings in a value: every one of a short value, every fourth of a long one."""
    step = 1 if len(value) <= 64 else 4
    return (value[at : at + 32] for at in range(0, len(value) - 31, step))


def keys_in(values: Iterable[Any]) -> set[bytes]:
    """Every 32-byte string in byte strings, also in the sealed bundles and frames they may be."""
    found: set[bytes] = set()
    for value in values:
        if isinstance(value, bytes) and len(value) < 3_000:
            found.update(windows(value))
    return found


def told_in(capture: Capture) -> set[bytes]:
    """Every byte string but blobs in the frames that crossed."""
    found: set[bytes] = set()
    for crossing in capture.crossings:
        for data in messages_of(bytes(crossing.of_phone)) + messages_of(bytes(crossing.of_relay)):
            try:
                frame = decode_frame(data)
            except WireError:
                continue
            fields = [value for value in msgspec.to_builtins(frame, builtin_types=(bytes,)) if isinstance(value, bytes)]
            found.update(one for one in fields if len(one) < 3_000)
            if isinstance(frame, Stock):
                found.update(frame.bundles)
    return found


def files_joined(haystacks: dict[str, bytes]) -> dict[str, bytes]:
    """The files of the store as one haystack, beside the others."""
    store = b"".join(data for name, data in haystacks.items() if name.startswith("file "))
    return {"store": store, **{name: data for name, data in haystacks.items() if not name.startswith("file ")}}


def beyond(seen: dict[str, set[str]]) -> dict[str, set[str]]:
    """What lies where it is not known to lie."""
    return {kind: where - KNOWN[kind] for kind, where in seen.items() if kind in KNOWN and where - KNOWN[kind]}
