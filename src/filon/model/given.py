"""What a person stated about an item."""

import msgspec

__all__ = ["NOTHING_STATED", "Given"]


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What a person stated about an item. None: not stated, and no reader may invent it."""

    zone: str | None = None
    """Zone of wall times: ``Europe/Paris``."""
    date_order: str | None = None
    """``dmy``, ``mdy`` or ``ymd`` where a written date leaves it open."""
    owner: str | None = None
    """The device or account whose copy this item is."""
    mapping: dict[str, object] | None = None
    """For tables: see ``filon.readers.tables``."""


NOTHING_STATED = Given()
