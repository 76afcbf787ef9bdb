"""What a named query is: SQL of our own over views of fixed columns, and the values it takes."""

import msgspec

__all__ = ["MESSAGE_COLUMNS", "Named"]

MESSAGE_COLUMNS = (
    "id",
    "time",
    "wall",
    "conversation",
    "sender",
    "reading",
    "platform",
    "device",
    "direction",
    "kind",
    "state",
)
"""Columns of the view ``messages``; ``wall`` is true where the time stands without a zone."""


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A relational query by name.

    ``messages``: the columns it needs of the view ``messages``; none leaves the view out. ``tables``: other tables,
    named as in ``filon.model.columns.TABLES``, and ``attachments``. ``values``: what must be given, by name, bound as
    ``$name`` and never written into the SQL; with ``None`` in its types a value may be left out.
    """

    name: str
    sql: str
    messages: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    values: dict[str, tuple[type, ...]] = msgspec.field(default_factory=dict)
