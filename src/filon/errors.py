"""Every error filon raises on purpose, as one tree.

    FilonError
    ├── EvidenceError     an item cannot be taken as it is (missing, refused, changed, too large)
    ├── ReadingError      a reader cannot be chosen or told what it needs (zone, mapping)
    ├── QueryError        a search text cannot be understood; knows the character position
    ├── StoreError        a part of the case on disk is missing, damaged or of another version
    │   ├── CaseBusy      another process is writing to the case
    │   └── NotHeld       what was asked for is not in the case, or not in this view
    ├── CustodyError      the custody log, a hash or a signature does not agree
    ├── DeskError         people's work (tags, notes, searches) cannot be changed as asked
    ├── PermissionDenied  the view does not allow it
    ├── Unsupported       this backend cannot answer; raised before it starts
    └── Interrupted       stopped by the user; what was finished is kept

An error carries a code and values, not prose: it is worded at the edge (``filon.words``), in the
language of the person who reads it. ``str(error)`` is the English wording. ``hint`` says what to do next.
"""

__all__ = [
    "CaseBusy",
    "CustodyError",
    "DeskError",
    "EvidenceError",
    "FilonError",
    "Interrupted",
    "NotHeld",
    "PermissionDenied",
    "QueryError",
    "ReadingError",
    "StoreError",
    "Unsupported",
]


class FilonError(Exception):
    """Root of the tree. ``message`` is an English template with ``{names}`` filled from ``values``."""

    def __init__(self, message: str, *, hint: str | None = None, **values: object) -> None:
        self.message = message
        self.hint_message = hint
        self.values = values
        super().__init__(message, hint, values)

    def __str__(self) -> str:
        return self.message.format(**self.values)

    @property
    def hint(self) -> str | None:
        """What to do next, in English, or None."""
        return self.hint_message.format(**self.values) if self.hint_message else None


class EvidenceError(FilonError):
    """An item cannot be taken as it is."""


class ReadingError(FilonError):
    """A reader cannot be chosen, or was not told what it needs."""


class QueryError(FilonError):
    """A search text cannot be understood. ``position`` counts characters from 0."""

    def __init__(self, message: str, *, position: int, hint: str | None = None, **values: object) -> None:
        super().__init__(message, hint=hint, position=position, **values)
        self.position = position


class StoreError(FilonError):
    """A part of the case on disk is missing, damaged or of another version."""


class CaseBusy(StoreError):
    """Another process is writing to the case."""


class NotHeld(StoreError):
    """What was asked for is not in the case, or not in this view."""


class CustodyError(FilonError):
    """The custody log, a hash or a signature does not agree with what is there."""


class DeskError(FilonError):
    """People's work cannot be changed as asked."""


class PermissionDenied(FilonError):
    """The view does not allow it."""


class Unsupported(FilonError):
    """This backend cannot answer the question; raised before anything runs."""


class Interrupted(FilonError):
    """Stopped by the user; what was finished is kept and the work can be resumed."""
