"""Items of evidence as received, and what a reader made of them."""

import msgspec

from filon.model.given import Given

__all__ = ["Item", "Reading", "Tally"]


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One file of evidence as received. ``path`` as the user gave it; ``copied`` where the case holds the bytes."""

    number: int
    sha256: str
    size: int
    path: str
    name: str
    at: str
    """Where its bytes are read from: an absolute path, or relative to the case where the case holds a copy."""
    root: str | None = None
    """The folder it was added in; what lies beside it there may be looked into."""
    added_at: int
    """UTC microseconds."""
    added_by: str
    copied: bool = False
    withdrawn: str | None = None
    """The reason given, where the item was withdrawn from every view."""


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """The account of one reading: ``units == gave + sum(skipped)`` or ``balanced`` is false, which is a defect itself."""

    unit: str
    units: int | None
    """As the reader counted them on its own; None where it could not finish."""
    gave: int = 0
    skipped: dict[str, int] = msgspec.field(default_factory=dict)
    unread: dict[str, int] = msgspec.field(default_factory=dict)
    messages: int = 0
    events: int = 0
    accounts: int = 0
    conversations: int = 0
    attachments: int = 0
    defects: int = 0

    @property
    def balanced(self) -> bool:
        """True where every unit gave a record or was skipped for a stated reason."""
        return self.units is not None and self.units == self.gave + sum(self.skipped.values())

    @property
    def records(self) -> int:
        """Everything that came out."""
        return self.messages + self.events + self.accounts + self.conversations + self.attachments + self.defects


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What one reader, in one version, with stated assumptions, made of an item (or one member of it)."""

    number: int
    item: int
    member: str | None
    """Path inside the archive, ``a.zip!b.txt`` for nested ones; None where the item itself was read."""
    sha256: str
    """Of the bytes that were parsed."""
    size: int
    format: str
    version: int
    given: Given
    """What the reader was told: zone, date order, owner, mapping."""
    assumptions: tuple[str, ...] = ()
    beside: dict[str, str] = msgspec.field(default_factory=dict)
    """SHA-256 of every other file the reader looked into: a contact database beside a message database."""
    tally: Tally | None = None
