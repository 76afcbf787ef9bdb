"""What a case answers: frozen values, complete enough for a page, a command or a notebook to show without asking again.

Message numbers are strings (``7:1042``). Accounts, conversations, items and readings are small integers that never
change inside a case. Times are microseconds with ``zone_known`` beside them, or None.
"""

import msgspec

from filon.evidence.reading import Question
from filon.model.items import Item, Reading, Tally
from filon.model.records import Attachment, Place
from filon.model.time import Stamp

__all__ = [
    "AccountRow",
    "AccountView",
    "Activity",
    "Added",
    "Completion",
    "ConversationHead",
    "ConversationPage",
    "ConversationRow",
    "Counts",
    "DefectRow",
    "EventView",
    "Explained",
    "Exported",
    "FacetBucket",
    "FacetView",
    "FirstHits",
    "Hit",
    "Hits",
    "ItemRow",
    "MessageDetail",
    "MessageView",
    "NameView",
    "Note",
    "Overview",
    "Problem",
    "Proposal",
    "Raw",
    "SavedSearch",
    "Span",
    "TagCount",
    "TermHits",
    "Verified",
]


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How much a view of a case holds. ``records`` is the sum of the six kinds below it."""

    items: int
    bytes: int
    readings: int
    records: int
    messages: int
    events: int
    accounts: int
    conversations: int
    attachments: int
    defects: int
    withdrawn_items: int = 0


class NameView(msgspec.Struct, frozen=True):
    """A name an account was met under, and on which device."""

    text: str
    kind: str
    device: str | None


class AccountView(msgspec.Struct, frozen=True, kw_only=True):
    """An account as it is shown: ``label`` is the handle, or the name in quotes where there is only a name."""

    account: int
    platform: str
    label: str
    native_id: str | None = None
    name: str | None = None
    device: str | None = None
    """Set where the account is known by name only and therefore stays on this device or item."""


class AccountRow(msgspec.Struct, frozen=True, kw_only=True):
    """An account in a list."""

    account: AccountView
    names: tuple[NameView, ...]
    sent: int
    conversations: int
    first: int | None
    last: int | None
    owner_of: tuple[str, ...] = ()


class ConversationRow(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation in a list. ``title`` is the source's, or made of the participants' labels."""

    conversation: int
    title: str
    platform: str
    kind: str | None
    messages: int
    participants: tuple[AccountView, ...]
    participant_count: int
    first: int | None
    last: int | None


class MessageView(msgspec.Struct, frozen=True, kw_only=True):
    """A message as it is read."""

    id: str
    conversation: int | None
    conversation_title: str | None
    sender: AccountView | None
    recipients: tuple[AccountView, ...]
    time: int | None
    zone_known: bool
    text: str | None
    kind: str
    platform: str
    device: str | None
    direction: str | None
    state: str | None
    edited: bool
    deleted: bool
    native_id: str | None
    reply_to: str | None
    """Native id of the quoted message, as the source says."""
    reply_id: str | None
    """Its number in this case, where it is held."""
    forwarded_from: str | None
    attachments: tuple[Attachment, ...]
    place: Place | None
    tags: tuple[str, ...] = ()
    noted: bool = False


class Span(msgspec.Struct, frozen=True):
    """A stretch of a text, in code points, end excluded."""

    start: int
    end: int


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """A message that was found, with where its text matches and a passage of at most 240 characters."""

    message: MessageView
    snippet: str
    spans: tuple[Span, ...]
    """Inside ``snippet``."""


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """What a search text was taken to mean: canonical text, plain words, and which accounts each name took."""

    canonical: str
    words: str
    accounts: dict[str, tuple[AccountView, ...]]


class Hits(msgspec.Struct, frozen=True, kw_only=True):
    """One page of hits. ``total`` is exact."""

    total: int
    hits: tuple[Hit, ...]
    offset: int
    explained: Explained


class FirstHits(msgspec.Struct, frozen=True, kw_only=True):
    """One page of hits before all are counted. ``total`` is exact, None where more must be seen than this page to know it;
    ``more``: whether there are hits after these."""

    total: int | None
    hits: tuple[Hit, ...]
    offset: int
    more: bool
    explained: Explained


class FacetBucket(msgspec.Struct, frozen=True):
    """``term`` narrows the search to this bucket: it can be joined to the search text as it is."""

    value: str
    label: str
    count: int
    term: str


class FacetView(msgspec.Struct, frozen=True, kw_only=True):
    """The biggest buckets of a field. ``exact`` is false where the counts are lower bounds."""

    field: str
    buckets: tuple[FacetBucket, ...]
    distinct: int
    exact: bool = True


class TermHits(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a word list, tried: hits in all and by conversation; ``error`` where it cannot be understood."""

    term: str
    total: int
    conversations: tuple[FacetBucket, ...] = ()
    error: str | None = None


class Completion(msgspec.Struct, frozen=True):
    """Text that may stand from ``start`` on instead of what was typed, and what to show beside it."""

    start: int
    text: str
    label: str
    count: int | None = None


class Activity(msgspec.Struct, frozen=True, kw_only=True):
    """Messages over time: bucket starts (microseconds, in the view's zone as wall time) and counts; undated apart."""

    step: str
    starts: tuple[int, ...]
    counts: tuple[int, ...]
    undated: int


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """The first page of a case."""

    name: str
    counts: Counts
    first: int | None
    last: int | None
    zone_unknown: int
    """Messages whose times stand without a zone."""
    platforms: tuple[FacetBucket, ...]
    conversations: tuple[ConversationRow, ...]
    accounts: tuple[AccountRow, ...]
    items: tuple["ItemRow", ...]
    defects: tuple[FacetBucket, ...]
    """By code."""
    head: str
    """Head of the custody log."""


class ItemRow(msgspec.Struct, frozen=True, kw_only=True):
    """An item, its readings and the account of each, and whether its bytes are at hand."""

    item: Item
    readings: tuple[Reading, ...]
    at_hand: bool
    custody_line: int
    """Number of the entry in the custody log that took it in."""


class EventView(msgspec.Struct, frozen=True, kw_only=True):
    """An event as it is read."""

    id: str
    kind: str
    conversation: int | None
    actor: AccountView | None
    accounts: tuple[AccountView, ...]
    time: int | None
    zone_known: bool
    target: str | None
    value: str | None
    text: str | None
    platform: str


class ConversationHead(msgspec.Struct, frozen=True, kw_only=True):
    """What stands above a conversation. ``days``: (ISO date, place of its first message, count)."""

    conversation: ConversationRow
    days: tuple[tuple[str, int, int], ...]
    undated: int
    devices: tuple[str, ...]
    read_to: str | None
    """The message number up to which this user has read, or None."""


class ConversationPage(msgspec.Struct, frozen=True, kw_only=True):
    """Messages at places ``offset ...`` of a conversation, and the events that fall between them by time."""

    offset: int
    total: int
    messages: tuple[MessageView, ...]
    events: tuple[EventView, ...]
    events_left_out: bool = False
    """True where more events fall there than a page shows."""


class DefectRow(msgspec.Struct, frozen=True, kw_only=True):
    """Evidence that could not be read as it should, and where it stands."""

    id: str
    code: str
    detail: str | None
    raw: str | None
    item: Item
    reading: int
    member: str | None
    path: str
    offset: int | None
    length: int | None


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """A note on a message, by whom and when."""

    note: int
    message: str
    text: str
    who: str
    at: int


class TagCount(msgspec.Struct, frozen=True):
    """A tag and on how many messages it is."""

    tag: str
    messages: int


class SavedSearch(msgspec.Struct, frozen=True, kw_only=True):
    """A search kept by name, with the language version and zone it was written in."""

    name: str
    text: str
    language_version: int
    zone: str
    who: str
    at: int


class MessageDetail(msgspec.Struct, frozen=True, kw_only=True):
    """Everything known about one message: times as written, locator, item, reading, assumptions, events, desk."""

    message: MessageView
    times: dict[str, Stamp]
    """sent, received, read, edited, deleted, expires: those the source states."""
    sequence: int | None
    locator_path: str
    locator_offset: int | None
    locator_length: int | None
    reading: Reading
    item: Item
    at_hand: bool
    assumptions: tuple[str, ...]
    events: tuple[EventView, ...]
    place_in_conversation: int | None
    tags: tuple[tuple[str, str, int], ...]
    """(tag, who, when)."""
    notes: tuple[Note, ...]


class Raw(msgspec.Struct, frozen=True, kw_only=True):
    """The record as it stands in the item: bytes where the format is made of bytes, else a faithful text of the row."""

    data: bytes
    exact: bool
    """True where ``data`` are bytes of the member at offset; false where they are a rendering of a row or cell."""
    path: str
    offset: int | None
    item: Item
    member: str | None
    problem: str | None = None
    """Why the bytes could not be had (item not at hand, changed since), or None."""


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """What would be done with one source, before anything is done."""

    path: str
    member: str | None
    size: int
    format: str | None
    """None: no reader recognises it; kept as a file other records may refer to."""
    title: str | None
    confidence: float
    rivals: tuple[tuple[str, float], ...]
    questions: tuple[Question, ...]
    mapping: str | None = None
    """For tables: the proposed mapping as TOML."""
    preview: tuple[dict[str, str | None], ...] = ()
    """For tables: up to 20 rows as they would be read."""
    already: bool = False
    refused: str | None = None
    """Why the source cannot be taken, or None."""


class Added(msgspec.Struct, frozen=True, kw_only=True):
    """The closing account of an add."""

    items: tuple[ItemRow, ...]
    already: tuple[str, ...]
    """Paths whose bytes the case holds already; nothing was done."""
    refused: tuple[tuple[str, str], ...]
    """(path, reason)."""
    tally: Tally
    seconds: float
    head: str


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Something that does not agree. ``where`` is a path in the case or an item."""

    where: str
    what: str


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a check. ``checked``: what was looked at, with counts."""

    checked: dict[str, int]
    problems: tuple[Problem, ...]
    head: str
    seconds: float


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was written."""

    path: str
    rows: int
    sha256: str
    head: str
