"""What a phone keeps, as plain values. Each is one encrypted row of the store; times are milliseconds since 1970 (UTC).

These rows never leave the phone; what travels is in ``bodies``.
"""

import enum

import msgspec

from filon_net.phone.bodies import Route
from filon_net.wire import HOURS_KEPT

__all__ = [
    "Box",
    "Contact",
    "ContactState",
    "DeviceKeys",
    "Errand",
    "Given",
    "Invite",
    "Item",
    "Owed",
    "Own",
    "Settings",
    "State",
]


class State(enum.Enum):
    """How far a message of one's own has come, or one that came in."""

    WAITING = "waiting"
    """Not at the relay yet."""
    HELD = "held"
    """The contact was verified and their keys changed: it leaves when the change is accepted."""
    SENT = "sent"
    """Durable at the relay of every device it goes to."""
    DELIVERED = "delivered"
    """A device of the contact says it has it."""
    READ = "read"
    """The contact says it was read; or, for one that came in, it was read here."""
    NOT_DELIVERED = "not delivered"
    """The stated time is over and nothing says that it arrived. It may still."""
    ARRIVED = "arrived"
    """Came in, not read yet."""
    GAP = "gap"
    """No message but a mark: something a contact wrote has not come."""
    NOTE = "note"
    """No message but a mark: something about the chat changed (``text`` is a word for it)."""


class ContactState(enum.Enum):
    """Where an acquaintance stands."""

    ASKING = "asking"
    """The log has not shown this user yet: nothing is sent, nothing is shown."""
    OPEN = "open"
    BLOCKED = "blocked"


class Settings(msgspec.Struct):
    """What the person set on this phone."""

    name: str = ""
    arrived: bool = True
    """Send receipts of arrival."""
    read: bool = False
    """Send receipts of reading."""


class Box(msgspec.Struct):
    """A mailbox of this device. ``token`` is set until the relay let it in; ``until`` 0 while it is the one in use."""

    mailbox: bytes
    seed: bytes
    relay: bytes
    url: str
    made_at: int
    bundle_key: bytes
    """What bundles are sealed with before the relay gets them (32 bytes)."""
    token: bytes | None = None
    until: int = 0
    bundles: int = -1
    """Bundles in stock as the relay last said, -1 before."""
    seal_hour: int = -1
    """The seal key the last resort in stock was made with."""
    own_granted: bool = False
    """The relay knows the capability of the user's other devices."""


class DeviceKeys(msgspec.Struct, frozen=True):
    """One device as the log shows it."""

    id: bytes
    sign: bytes
    agree: bytes


class Own(msgspec.Struct):
    """Who this phone's user is, and this device's part in it."""

    user: bytes
    master: bytes
    name_key: bytes
    relay: bytes
    url: str
    settings: Settings
    boxes: list[Box]
    tokens: list[bytes]
    log_token: bytes
    own_capability: bytes
    """What the user's other devices write to this one with."""
    seed: bytes = b""
    """The master seed, only where the user chose to keep it on this phone."""
    pending_seed: bytes = b""
    """The same on a device made from the backup code, until the log shows it: its list must follow the one that is there."""
    entry: bytes = b""
    """A device list that waits to be taken by the log."""
    entry_at: int = 0
    """When it was last sent."""
    entry_taken: int = 0
    """When the log first said that it took it, 0 before."""
    listed: bool = False
    """The log has shown this device."""
    seal_made: int = 0
    link: bytes = b""
    """Secret of a link to a further device that is open now, and until when."""
    link_until: int = 0
    links: dict[bytes, Route] = {}
    """How to write to the user's other devices, by device id."""
    devices: tuple[DeviceKeys, ...] = ()
    """The user's devices as the log shows them, this one among them."""
    version: int = 0
    hello: bytes = b""
    """Secret to greet the linking device with, until it was sent."""
    handed: dict[bytes, int] = {}
    """Serials of tokens the operator handed over later, used or not, and when they end: a link pasted again adds none."""


class Given(msgspec.Struct):
    """The capability a contact has for one of this device's mailboxes; ``granted``: the relay knows it."""

    capability: bytes
    granted: bool = False
    told: bool = False
    """The contact was sent a card with it."""


class Contact(msgspec.Struct):
    """Somebody this phone writes to. ``user`` and ``master`` never change; devices do, as the log shows."""

    user: bytes
    master: bytes
    name_key: bytes
    name: str
    state: ContactState
    since: int
    alias: str = ""
    routes: dict[bytes, Route] = {}
    given: dict[bytes, Given] = {}
    version: int = 0
    devices: tuple[DeviceKeys, ...] = ()
    verified: bool = False
    held: bool = False
    broken: bool = False
    """The log holds an entry in this user's name that does not belong there: nothing is sent any more."""
    receipts: bool = True
    """Their last text said that they send receipts of arrival."""
    timer: int = 0
    their_timer: int = 0
    note_at: int = 0
    """When a checkpoint was last sent to them."""
    answers: bytes = b""
    """The invite we answer, until the card was written."""
    card_due: bool = False
    card_from: int = 0
    """A card that is no answer waits until then: a new mailbox or name is told to one contact after another."""

    @property
    def shown(self) -> str:
        """The name this phone shows: the one its owner gave, else the one they chose."""
        return self.alias or self.name


class Item(msgspec.Struct):
    """One line of a chat."""

    id: bytes
    """Of one's own: the message's id, as receipts name it. Of others': a hash of user and message id."""
    user: bytes
    mine: bool
    text: str
    sent_at: int
    arrived_at: int
    state: State
    timer: int = 0
    gone_at: int = 0
    """When it disappears; 0: no time is set (yet)."""
    read_at: int = 0
    at: dict[bytes, str] = {}
    """For one's own: the contact's devices by fingerprint → waiting, sent, delivered, refused."""
    numbers: dict[bytes, int] = {}
    ref: bytes = b""
    """Of others': the message's id, for receipts."""
    late: bool = False
    missing: tuple[bytes, int, int] | None = None
    """Of a GAP: the device's fingerprint, first and last number that are missing."""


class Owed(msgspec.Struct):
    """Receipts owed to a contact, sent together at ``due``."""

    due: int
    arrived: list[bytes] = []
    read: list[bytes] = []


class Errand(msgspec.Struct):
    """A letter on its way to one device: waiting for keys (``blob`` empty), or sealed and waiting for the relay."""

    id: bytes
    user: bytes
    peer: bytes
    device: bytes
    kind: str
    body: bytes
    made_at: int
    item: bytes = b""
    blob: bytes = b""
    number: int = 0
    not_before: int = 0
    lives: int = HOURS_KEPT
    """Hours the relay is asked to keep it."""
    expires: int = 0
    """The expiry hour the relay was asked for at the first try; 0 before. A later one would tell that it is a later try."""


class Invite(msgspec.Struct):
    """An invite given out and not answered yet."""

    secret: bytes
    capability: bytes
    mailbox: bytes
    made_at: int
    granted: bool = False
