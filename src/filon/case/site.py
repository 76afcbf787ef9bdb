"""What the flows work on: the handles of one open case, handed down by the door."""

from pathlib import Path

import msgspec

from filon.case.ledger import Ledger
from filon.evidence.custody import Custody
from filon.model.layout import Layout
from filon.settings import Settings
from filon.store import Backend

__all__ = ["Site"]


class Site(msgspec.Struct, frozen=True):
    """The handles of one open case."""

    layout: Layout
    store: Backend
    custody: Custody
    ledger: Ledger
    settings: Settings

    @property
    def tmp(self) -> Path:
        """Where temporary files of this case lie."""
        return self.layout.temporary
