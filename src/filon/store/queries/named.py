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

    ``messages``: the columns it needs of the view ``messages``; none leaves the view out. ``summary``: whether it needs the
    view ``summary``, which adds messages up by reading, conversation and sender: ``messages``, ``undated``, ``walls``,
    ``attachments``, ``first``, ``last``; several rows of it may be about the same three. ``tables``: other tables,
    named as in ``filon.model.columns.TABLES``, and ``attachments``. ``values``: what must be given, by name, bound as
    ``$name`` and never written into the SQL; with ``None`` in its types a value may be left out.
    """

    name: str
    sql: str
    messages: tuple[str, ...] = ()
    summary: bool = False
    tables: tuple[str, ...] = ()
    values: dict[str, tuple[type, ...]] = msgspec.field(default_factory=dict)
