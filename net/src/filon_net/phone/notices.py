"""What a phone tells: notices that stay until somebody acknowledges them, and events that pass.

Both are values with a code (``code``) and fields; ``words`` says them in a language. A notice is a banner or an alarm; it is
in the store before it is told, comes back after a restart, and goes only by ``acknowledge`` (some also when what they
tell is over). ``user`` is a contact (32 bytes).
"""

from typing import TypeAlias

import msgspec

__all__ = [
    "ArrivedCopy",
    "BrokenChain",
    "CertificateEnds",
    "ClockSkew",
    "ContactAdded",
    "ContactChanged",
    "EmojiReady",
    "Event",
    "Forgotten",
    "Gap",
    "ItemChanged",
    "Joined",
    "KeyChanged",
    "LogLate",
    "LogRefused",
    "LogSilent",
    "MessageArrived",
    "NewRelease",
    "NoSpareToken",
    "NotDelivered",
    "NotInLog",
    "NotListed",
    "Notice",
    "NoticeGone",
    "NoticeTold",
    "OwnKeyForeign",
    "OwnReleaseUnknown",
    "PolicyChanged",
    "PolicyFork",
    "RelayOffline",
    "RelayOnline",
    "Rewound",
    "RolledBack",
    "SplitView",
    "Stranger",
    "Substituted",
    "TeamAsks",
    "Told",
    "Undecryptable",
    "Verified",
]


class _Value(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Root: the tag in the store is the class's name, which is also the code."""

    @property
    def code(self) -> str:
        """The name of the kind."""
        return type(self).__name__


class KeyChanged(_Value, frozen=True):
    """The contact's devices changed, signed by their master key. ``held``: they were verified, messages wait until this is
    accepted, and it is an alarm."""

    user: bytes
    added: int
    removed: int
    version: int
    held: bool


class BrokenChain(_Value, frozen=True):
    """Alarm: the log holds an entry in this contact's name that they did not sign. Nothing is sent to them any more."""

    user: bytes
    entry: int


class OwnKeyForeign(_Value, frozen=True):
    """Alarm: an entry about this phone's own user that no phone of theirs sent. Entry number in the log, and its leaf hash."""

    entry: int
    leaf: bytes


class LogLate(_Value, frozen=True):
    """The witnesses last vouched for the log over an hour ago, at POSIX second ``since`` (None: never seen)."""

    since: int | None


class LogSilent(_Value, frozen=True):
    """Alarm: no word of the witnesses for three hours."""

    since: int | None


class SplitView(_Value, frozen=True):
    """Alarm: the log showed two histories. Both signed notes, and who had shown the second (None: the log itself)."""

    ours: bytes
    theirs: bytes
    user: bytes | None = None


class RolledBack(_Value, frozen=True):
    """Alarm: the log shows less than it had shown. Both signed notes."""

    shown: bytes
    found: bytes


class NotDelivered(_Value, frozen=True):
    """A message has no sign of arrival after the stated time. ``why``: relay, receipt, refused, keys."""

    user: bytes
    item: bytes
    why: str


class Gap(_Value, frozen=True):
    """``count`` letters of this contact's have not come, and later ones have."""

    user: bytes
    count: int


class Undecryptable(_Value, frozen=True):
    """``total`` letters of this contact's could not be read; a new session was asked for where the limits allow."""

    user: bytes
    total: int


class Rewound(_Value, frozen=True):
    """The contact's phone was put back to an earlier state."""

    user: bytes


class Stranger(_Value, frozen=True):
    """``count`` letters came from devices that no contact of this phone owns; they were not opened."""

    count: int


class NotInLog(_Value, frozen=True):
    """A device that says it is this contact's is not in the log after the stated time; its letters were dropped."""

    user: bytes


class Substituted(_Value, frozen=True):
    """Alarm: the relay handed out keys for this contact that are not those the log shows. They were not used."""

    user: bytes


class TeamAsks(_Value, frozen=True):
    """A team counts this user among its members; its policy binds nothing here before they join."""

    team: bytes
    name: str


class PolicyFork(_Value, frozen=True):
    """Alarm: a team's admins signed two different policies of one version. The team's name, and the version."""

    team: bytes
    name: str
    version: int


class OwnReleaseUnknown(_Value, frozen=True):
    """Alarm: the program that runs here is not a release the log shows. ``manifest`` is its hash."""

    manifest: bytes
    why: str


class NewRelease(_Value, frozen=True):
    """The log shows a newer release."""

    product: str
    version: str


class ClockSkew(_Value, frozen=True):
    """Clocks differ by ``minutes`` (positive: the other is ahead). ``who``: relay, witnesses, or contact with ``user``."""

    who: str
    minutes: int
    user: bytes | None = None


class LogRefused(_Value, frozen=True):
    """The log does not take this user's device list; ``why`` is what it said."""

    status: int
    why: str


class NotListed(_Value, frozen=True):
    """The log took this user's device list at ``since`` (ms), and an hour later its witnesses have not seen it."""

    since: int


class NoSpareToken(_Value, frozen=True):
    """The mailbox is past its month and there is no token for another."""


class CertificateEnds(_Value, frozen=True):
    """This device's certificate ends in ``days``; the backup code renews it."""

    days: int


Notice: TypeAlias = (
    KeyChanged
    | BrokenChain
    | OwnKeyForeign
    | LogLate
    | LogSilent
    | SplitView
    | RolledBack
    | NotDelivered
    | Gap
    | Undecryptable
    | Rewound
    | Stranger
    | NotInLog
    | Substituted
    | PolicyFork
    | TeamAsks
    | OwnReleaseUnknown
    | NewRelease
    | ClockSkew
    | LogRefused
    | NotListed
    | NoSpareToken
    | CertificateEnds
)


class Told(msgspec.Struct, frozen=True):
    """A notice as it is kept: ``id`` to acknowledge it by, and when it came."""

    id: bytes
    at: int
    notice: Notice


class NoticeTold(_Value, frozen=True):
    """Event: a notice is there, or one that was there says more."""

    told: Told


class NoticeGone(_Value, frozen=True):
    """Event: a notice was acknowledged, or what it told is over."""

    id: bytes


class MessageArrived(_Value, frozen=True):
    """Event: a message from a contact, for the first time. ``item`` is its id in the chat."""

    user: bytes
    item: bytes


class ArrivedCopy(_Value, frozen=True):
    """Event: a message this user wrote on another device of theirs."""

    user: bytes
    item: bytes


class ItemChanged(_Value, frozen=True):
    """Event: a line of a chat changed its state, or is new and not a message (gap, note)."""

    user: bytes
    item: bytes


class Forgotten(_Value, frozen=True):
    """Event: a line of a chat disappeared; it is erased."""

    user: bytes
    item: bytes


class ContactAdded(_Value, frozen=True):
    """Event: the log has shown a new contact; letters may go both ways."""

    user: bytes


class ContactChanged(_Value, frozen=True):
    """Event: name, devices, verification or settings of a contact changed."""

    user: bytes


class Joined(_Value, frozen=True):
    """Event: the log shows this device."""


class EmojiReady(_Value, frozen=True):
    """Event: seven emoji (indices into ``emoji.EMOJI``) to compare by voice with this contact."""

    user: bytes
    talk: bytes
    indices: tuple[int, ...]


class Verified(_Value, frozen=True):
    """Event: the contact was verified, or comparing ended without (``done`` False)."""

    user: bytes
    done: bool


class PolicyChanged(_Value, frozen=True):
    """Event: a team has a newer policy."""

    team: bytes
    version: int


class RelayOnline(_Value, frozen=True):
    """Event: the mailbox is open."""


class RelayOffline(_Value, frozen=True):
    """Event: the connection to the mailbox ended; ``why`` is for a local log."""

    why: str


Event: TypeAlias = (
    NoticeTold
    | NoticeGone
    | MessageArrived
    | ArrivedCopy
    | ItemChanged
    | Forgotten
    | ContactAdded
    | ContactChanged
    | Joined
    | EmojiReady
    | Verified
    | PolicyChanged
    | RelayOnline
    | RelayOffline
)
