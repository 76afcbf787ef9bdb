"""The chain of a user's device lists, as a phone checks it and as the log admits it.

A phone reads every entry of the log in order. Of each user it knows it holds the master key (compared in person or from an
invitation), the version and the leaf hash of the newest list. The next list of that user must name that hash, count one
more, and be signed by that master key; whatever does not is an alarm: either the log let somebody write in the user's name,
or somebody has the user's master key. The user's own phones do the same with their own chain.

The log keeps the heads of all users in memory (about 250 bytes each) to refuse what every phone would refuse.
"""

from collections.abc import Mapping

import msgspec

from filon_net.errors import ChainBroken, Malformed, NotSigned
from filon_net.log.entries import (
    DEVICES,
    FIRST,
    RELEASE,
    Devices,
    Entry,
    devices_of,
    read_entry,
    release_of,
    require_master,
    signed_by,
)

__all__ = ["Admission", "Head", "follow_chain", "follow_chains", "require_next", "start_chain"]


class Head(msgspec.Struct, frozen=True):
    """Where a user's chain stands: ``leaf`` is the leaf hash of the entry of ``version``; version 0 is before the first."""

    user: bytes
    master: bytes
    version: int = 0
    leaf: bytes = FIRST
    devices: Devices | None = None


def start_chain(user: bytes, master: bytes) -> Head:
    """The chain of a user of whom only the master key is known."""
    return Head(user, master)


def follow_chain(head: Head, entry: Entry) -> Head:
    """The head after one more entry of the log; entries of other kinds and users leave it as it is.

    ChainBroken where the entry claims to be this user's and does not continue the chain; Malformed where it is no list.
    """
    if entry.kind != DEVICES:
        return head
    devices = devices_of(entry)
    if devices.user != head.user:
        return head
    require_next(head, devices)
    require_master(entry, devices, head.master)
    return Head(head.user, head.master, devices.version, entry.leaf, devices)


def follow_chains(heads: Mapping[bytes, Head], entry: Entry) -> Head | None:
    """The new head of the one user among many (``heads``, by user) whom the entry is about, or None; errors as above."""
    head = heads.get(devices_of(entry).user) if entry.kind == DEVICES else None
    return None if head is None else follow_chain(head, entry)


def require_next(head: Head, devices: Devices) -> None:
    """ChainBroken unless the list counts one more than the head and names the head's entry as the one before."""
    if devices.version != head.version + 1 or devices.previous != head.leaf:
        raise ChainBroken(
            "the device list of version {version} does not follow version {before}",
            hint="do not write to this user until you have compared keys in person",
            version=devices.version,
            before=head.version,
        )


class Admission:
    """What a log lets in: well-formed entries of known kinds, device lists that continue their user's chain.

    Whether the first list of a user is let in at all is for the log's host to say (``loghost.gate`` asks for the operator's
    token). Releases need one of ``release_keys``; phones ask for more of them.
    """

    def __init__(self, release_keys: tuple[bytes, ...] = ()) -> None:
        self._heads: dict[bytes, tuple[bytes, int, bytes]] = {}
        self._release_keys = release_keys

    def take(self, data: bytes) -> Entry:
        """The entry, noted as the newest of its user; errors as ``check``."""
        entry = self.check(data)
        self.note(entry)
        return entry

    def check(self, data: bytes) -> Entry:
        """The entry; Malformed, ChainBroken or NotSigned where the log must not hold it."""
        entry = read_entry(data)
        if entry.kind == DEVICES:
            devices = devices_of(entry)
            master, version, leaf = self._heads.get(devices.user, (devices.master, 0, FIRST))
            follow_chain(Head(devices.user, master, version, leaf), entry)
        elif entry.kind == RELEASE:
            release = release_of(entry)
            if not any(signed_by(entry, key) for key in self._release_keys):
                raise NotSigned("no known key signed the release {version}", version=release.version)
        else:
            raise Malformed("entries of kind {kind} are not taken yet", kind=entry.kind)
        return entry

    def note(self, entry: Entry) -> None:
        """Take over an entry that the log holds now."""
        if entry.kind == DEVICES:
            devices = devices_of(entry)
            self._heads[devices.user] = (devices.master, devices.version, entry.leaf)

    def head(self, user: bytes) -> tuple[int, bytes]:
        """Version and leaf hash of a user's newest list; (0, FIRST) where there is none."""
        _, version, leaf = self._heads.get(user, (b"", 0, FIRST))
        return version, leaf
