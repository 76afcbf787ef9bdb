"""Every user's newest device list, as read from the log in order: what lets a phone look somebody up without asking.

Of a user nobody here knows only the newest entry is kept, about 550 bytes of memory with one device; it must count on from
the one before and name it, under the same master key. Its signature is checked once the user becomes known: it covers
the hash of the entry before, and so the whole chain.
"""

from collections.abc import Iterable, Mapping

import msgspec

from filon_net.errors import ChainBroken, LogBusy, LogError
from filon_net.log.chains import Head, follow_chain, require_next, start_chain
from filon_net.log.entries import DEVICES, Entry, devices_of, read_entry, require_master

__all__ = ["MOST_KEPT", "Roll", "Turn"]

MOST_KEPT = 128 * 1024 * 1024
"""Bytes of entries kept for all users together: 50,000 users with two phones each need 22 MB."""

_COMPARE = "do not write to this user until you have compared keys in person"


class Turn(msgspec.Struct, frozen=True):
    """What one entry did to a user's chain; ``broken`` says why it did nothing, where it is not allowed to."""

    user: bytes
    before: Head | None
    after: Head | None
    broken: str | None = None


class Roll:
    """The newest lists of all users by user, and the master keys of those who are known."""

    def __init__(
        self,
        known: Mapping[bytes, bytes] | None = None,
        newest: Mapping[bytes, bytes] | None = None,
        broken: Iterable[bytes] = (),
    ) -> None:
        self.known = dict(known or {})
        self.newest = dict(newest or {})
        self.broken = set(broken)
        """Users in whose name the log holds an entry that does not belong to their chain."""
        self.changed: set[int] = set()
        """Pages that are not as they were when this was made or ``changed`` was last emptied."""
        self._kept = sum(map(len, self.newest.values()))

    def copy(self) -> "Roll":
        """Another one with the same content; entries are shared."""
        made = Roll(self.known, self.newest, self.broken)
        made.changed = set(self.changed)
        return made

    def pages(self, numbers: Iterable[int]) -> dict[int, bytes]:
        """The newest lists of all users whose id begins with one of these bytes, as one page each for the phone's disk.

        So a phone that reads six new lists of a log with 50,000 users writes half a megabyte, and not all 17.
        """
        found: dict[int, dict[bytes, bytes]] = {number: {} for number in numbers}
        for user, data in self.newest.items():
            if user[0] in found:
                found[user[0]][user] = data
        return {number: msgspec.msgpack.encode(page) for number, page in found.items()}

    def head(self, user: bytes) -> Head | None:
        """Where the chain of a user stands, signature checked if the user is known; None before the first list."""
        data = self.newest.get(user)
        return None if data is None else _head_of(read_entry(data))

    def know(self, user: bytes, master: bytes) -> None:
        """Follow this user's chain under this master key. ChainBroken where the log shows another chain for the user."""
        if self.known.get(user, master) != master:
            raise ChainBroken("this user is already known under another master key", hint=_COMPARE)
        if user in self.broken:
            raise ChainBroken("the log holds entries in this user's name that do not belong together", hint=_COMPARE)
        data = self.newest.get(user)
        if data is not None:
            entry = read_entry(data)
            require_master(entry, devices_of(entry), master)
        self.known[user] = master

    def take(self, entry: Entry) -> Turn | None:
        """One more entry of the log, in order; None where it is no device list. LogBusy where too much would be kept."""
        if entry.kind != DEVICES:
            return None
        listed = devices_of(entry)
        before = self.head(listed.user)
        master = self.known.get(listed.user)
        try:
            if master is not None:
                after = follow_chain(before or start_chain(listed.user, master), entry)
            else:
                expected = before or start_chain(listed.user, listed.master)
                require_next(expected, listed)
                _require_same_master(expected, listed.master)
                after = _head_of(entry)
        except LogError as error:
            self.broken.add(listed.user)
            return Turn(listed.user, before, before, str(error))
        self._keep(listed.user, entry.data)
        return Turn(listed.user, before, after)

    def _keep(self, user: bytes, data: bytes) -> None:
        kept = self._kept + len(data) - len(self.newest.get(user, b""))
        if kept > MOST_KEPT:
            raise LogBusy(
                "the log holds more device lists than the {most} bytes a phone keeps",
                hint="ask the operator: the log may be flooded",
                most=MOST_KEPT,
            )
        self.newest[user] = data
        self.changed.add(user[0])
        self._kept = kept


def _require_same_master(head: Head, master: bytes) -> None:
    if head.master != master:
        raise ChainBroken("the device list names another master key than the one before", hint=_COMPARE)


def _head_of(entry: Entry) -> Head:
    listed = devices_of(entry)
    return Head(listed.user, listed.master, listed.version, entry.leaf, listed)
