"""What can go wrong with a relay itself; what a phone does wrong is answered on the wire.

FilonNetError
└── RelayError            a relay cannot start, or go on, as it was asked to
    ├── BadFolder         the relay's folder is not what it should be
    ├── RelayBusy         another process runs on this folder
    └── StoreFailed       the store did not do what it was asked; nothing of it was kept
        └── OutcomeUnknown    the store was lost while it committed: kept or not, nobody knows
"""

from filon_net.errors import FilonNetError

__all__ = ["BadFolder", "OutcomeUnknown", "RelayBusy", "RelayError", "StoreFailed"]


class RelayError(FilonNetError):
    """A relay cannot start, or go on, as it was asked to."""


class BadFolder(RelayError):
    """The relay's folder, or a file in it, is not what it should be."""


class RelayBusy(RelayError):
    """Another process runs on this folder."""


class StoreFailed(RelayError):
    """The store did not do what it was asked; nothing of it was kept."""


class OutcomeUnknown(StoreFailed):
    """The store was lost while it committed: whether the batch was kept is not known."""
