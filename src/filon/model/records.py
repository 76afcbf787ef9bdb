"""What a reader yields: the words of the field as frozen values.

A reader turns an item into a stream of these. Messages, events and defects are numbered in the order they are
yielded; accounts and conversations are merged by identity; ``Skipped``, ``Unread`` and ``Total`` let the intake
prove that every unit of the item is accounted for:

    Total.units == sum of locator.units over messages, events and defects + sum of Skipped.units

What the source does not say is None: no 1970, no "Unknown", no prose of ours in a field of evidence.
"""

import msgspec

from filon.model.time import Stamp

__all__ = [
    "Account",
    "AccountRef",
    "Attachment",
    "Conversation",
    "ConversationRef",
    "Defect",
    "Event",
    "Locator",
    "Message",
    "Name",
    "Place",
    "Record",
    "Skipped",
    "Total",
    "Unread",
]


class Locator(msgspec.Struct, frozen=True, gc=False):
    """Where in the item (or archive member) a record stands, exact enough to show it again.

    ``path`` is the format's own pointer: ``line 12``, ``/chats/list/3/messages/7``, ``messages.rowid=17``,
    ``Sheet1!7``. ``offset`` and ``length`` are bytes of the member where the format is made of bytes, else None.
    ``units`` says how many of the format's units the record stands for (a message of three lines: 3).
    """

    path: str
    offset: int | None = None
    length: int | None = None
    units: int = 1


class AccountRef(msgspec.Struct, frozen=True, gc=False):
    """A handle on one platform, as one record names it.

    ``id`` is the native identifier (number, handle, jid). Where a source has only a display name, ``id`` is None
    and the account stays inside its device or item: equal names elsewhere are not the same account.
    """

    platform: str
    id: str | None = None
    name: str | None = None


class ConversationRef(msgspec.Struct, frozen=True, gc=False):
    """A conversation as one record names it.

    ``shared`` says that ``id`` means the same conversation on every device: groups, channels, or an id made of both
    handles. A direct chat that a phone files under the other person's id is not shared: two phones that talk with
    the same person file different conversations under the same id. Without ``shared`` it stays inside its item.
    """

    platform: str
    id: str | None = None
    title: str | None = None
    shared: bool = False


class Place(msgspec.Struct, frozen=True, gc=False):
    """A position in degrees (WGS 84) as stated by the source."""

    latitude: float
    longitude: float
    label: str | None = None


class Attachment(msgspec.Struct, frozen=True, gc=False):
    """A file that a message carries or refers to.

    ``kind``: image, video, audio, voice, file, sticker, contact, location. ``member`` names the file inside the same
    archive or folder where it lies there, else None. ``note`` is the source's own reason for a missing file.
    """

    kind: str
    name: str | None = None
    media_type: str | None = None
    size: int | None = None
    member: str | None = None
    note: str | None = None


class Name(msgspec.Struct, frozen=True, gc=False):
    """A name under which an account is known. ``kind``: handle, display, nickname (in somebody's contacts)."""

    text: str
    kind: str


class Account(msgspec.Struct, frozen=True, gc=False):
    """What the item says about an account beside its messages: contact lists, profile, participants."""

    ref: AccountRef
    locator: Locator
    names: tuple[Name, ...] = ()
    device: str | None = None
    owner: bool = False
    """True where the item says that this account belongs to the device it came from."""


class Conversation(msgspec.Struct, frozen=True, gc=False):
    """What the item says about a conversation. ``kind``: direct, group, channel, self, broadcast."""

    ref: ConversationRef
    locator: Locator
    kind: str | None = None
    participants: tuple[AccountRef, ...] = ()
    device: str | None = None


class Message(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One message as one device holds it.

    ``device``: the phone or account whose copy this is. ``direction``: in, out. ``kind``: text, action (``/me``), image,
    video, audio, voice, file, sticker, contact, location, call, poll, payment, link, other. ``state``: draft, failed,
    sent, delivered, read, deleted, unsent, undecryptable. ``reply_to``: native id of the quoted message. ``edited`` and
    ``deleted`` without any value say that it happened and not when.
    ``assumptions``: codes such as ``zone:Europe/Paris`` or ``date-order:dmy`` under which the values above were read.
    """

    locator: Locator
    platform: str
    conversation: ConversationRef | None = None
    device: str | None = None
    account_from: AccountRef | None = None
    accounts_to: tuple[AccountRef, ...] = ()
    direction: str | None = None
    native_id: str | None = None
    sequence: int | None = None
    sent: Stamp | None = None
    received: Stamp | None = None
    read: Stamp | None = None
    edited: Stamp | None = None
    deleted: Stamp | None = None
    expires: Stamp | None = None
    text: str | None = None
    kind: str = "text"
    state: str | None = None
    reply_to: str | None = None
    forwarded_from: str | None = None
    attachments: tuple[Attachment, ...] = ()
    place: Place | None = None
    assumptions: tuple[str, ...] = ()


class Event(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Something that happened to a message, a conversation or an account.

    ``kind``: edit, deletion, reaction, receipt, join, leave, add, remove, create, rename, topic, pin, call, timer,
    key-change, mode, nick, other. ``target``: native id of the message it is about. ``value``: the reaction, the text before the
    edit, the new title, seconds of a call. ``accounts``: whom it concerns beside the actor. ``text``: the source's own words.
    A search for edited or deleted messages looks at messages: a reader that tells of the edit or deletion of a message it
    also gives sets ``edited``, ``deleted`` or ``state`` there as well.
    """

    locator: Locator
    platform: str
    kind: str
    conversation: ConversationRef | None = None
    device: str | None = None
    actor: AccountRef | None = None
    accounts: tuple[AccountRef, ...] = ()
    target: str | None = None
    at: Stamp | None = None
    value: str | None = None
    text: str | None = None
    assumptions: tuple[str, ...] = ()


class Defect(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Evidence that could not be read as it should. ``code`` is stable and worded at the edge; ``raw`` is an excerpt."""

    locator: Locator
    code: str
    detail: str | None = None
    raw: str | None = None


class Skipped(msgspec.Struct, frozen=True, gc=False):
    """Units that give no record, and why (``blank line``, ``header``, ``byte order mark``). Counted, never silent."""

    reason: str
    units: int = 1


class Unread(msgspec.Struct, frozen=True, gc=False):
    """Things seen but not interpreted that are not units: keys, tables, columns. ``what`` e.g. ``key views``."""

    what: str
    count: int = 1


class Total(msgspec.Struct, frozen=True, gc=False):
    """How many units the item holds, counted on its own and not as a sum of what was yielded."""

    units: int


Record = Message | Event | Account | Conversation | Defect | Skipped | Unread | Total
