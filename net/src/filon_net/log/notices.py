"""What following a log may tell a phone: changes of keys, releases, silence, and the alarms.

A notice is an event, told once. What a phone shows for as long as it lasts (a log that is silent, a contact whose chain is
broken) it reads from the ``Follower``.
"""

from typing import TypeAlias

import msgspec

from filon_net.errors import LogError
from filon_net.log.chains import Head
from filon_net.log.entries import Release

__all__ = [
    "ChainBrokenAlarm",
    "ForeignEntry",
    "KeyChange",
    "LogAhead",
    "LogLate",
    "LogSilent",
    "NewRelease",
    "NotUpdated",
    "Notice",
    "RolledBackAlarm",
    "SplitViewAlarm",
]


class KeyChange(msgspec.Struct, frozen=True):
    """A known user's device list changed, signed by that user's master key; ``before`` is None for the first list."""

    user: bytes
    before: Head | None
    after: Head


class ForeignEntry(msgspec.Struct, frozen=True):
    """An alarm: entry number ``index`` is about this phone's own user, and no own phone said that it would send it."""

    user: bytes
    index: int
    leaf: bytes
    entry: bytes


class ChainBrokenAlarm(msgspec.Struct, frozen=True):
    """An alarm: entry number ``index`` claims to be a known user's and does not follow from that user's list before it."""

    user: bytes
    index: int
    entry: bytes
    reason: str


class NewRelease(msgspec.Struct, frozen=True):
    """A release that enough release keys signed is entry number ``index``."""

    index: int
    release: Release


class NotUpdated(msgspec.Struct, frozen=True):
    """Nothing new is known, and why: the log was not reached, or what it served cannot be believed. Not used, not kept."""

    error: LogError


class LogLate(msgspec.Struct, frozen=True):
    """The witnesses last vouched over an hour ago, at POSIX second ``since`` (None: never, as far as this phone knows)."""

    since: int | None


class LogAhead(msgspec.Struct, frozen=True):
    """Enough witnesses vouched ``seconds`` after the time of this phone: its clock is behind, so their age cannot be told."""

    seconds: int


class LogSilent(msgspec.Struct, frozen=True):
    """An alarm: no word of the witnesses for three hours; somebody may keep the log from this phone."""

    since: int | None


class RolledBackAlarm(msgspec.Struct, frozen=True):
    """An alarm: the log shows less (``found``) than it had shown (``shown``) to this phone, or hours ago to another one.

    Both are signed notes.
    """

    shown: bytes
    found: bytes


class SplitViewAlarm(msgspec.Struct, frozen=True):
    """An alarm: two signed notes of one log that cannot both be true; anybody can check them."""

    ours: bytes
    theirs: bytes


Notice: TypeAlias = (
    KeyChange
    | ForeignEntry
    | ChainBrokenAlarm
    | NewRelease
    | NotUpdated
    | LogAhead
    | LogLate
    | LogSilent
    | RolledBackAlarm
    | SplitViewAlarm
)
