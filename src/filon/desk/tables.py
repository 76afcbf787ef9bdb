"""The relational tables of people's work. Every change is also an action, so that it can be shown and undone.

Rows that point at a message carry its number and, for the day the case is gone, the SHA-256 of its item and its
locator. Times are UTC microseconds.
"""

from sqlalchemy import BigInteger, Column, Integer, MetaData, String, Table, Text

__all__ = ["actions", "marks", "metadata", "notes", "searches", "tags"]

metadata = MetaData()

actions = Table(
    "actions",
    metadata,
    Column("action", Integer, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("who", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("undone_by", Integer),
    Column("digest", String, nullable=False),
)
"""``kind``: tag, untag, note, delete-note, save-search, delete-search, undo. ``body``: JSON, the rows it put in or took away.

``digest``: SHA-256, hexadecimal, over the digest before it and this row (``filon.desk.actions``): a changed history shows,
and the other tables must be what the history comes to (``filon.desk.check``)."""

tags = Table(
    "tags",
    metadata,
    Column("tag", String, primary_key=True),
    Column("message", BigInteger, primary_key=True, autoincrement=False),
    Column("item_sha256", String, nullable=False),
    Column("locator", Text, nullable=False),
    Column("who", String, nullable=False),
    Column("at", BigInteger, nullable=False),
)

notes = Table(
    "notes",
    metadata,
    Column("note", Integer, primary_key=True, autoincrement=True),
    Column("message", BigInteger, nullable=False, index=True),
    Column("item_sha256", String, nullable=False),
    Column("locator", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("who", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("deleted_at", BigInteger),
)

searches = Table(
    "searches",
    metadata,
    Column("name", String, primary_key=True),
    Column("text", Text, nullable=False),
    Column("language_version", Integer, nullable=False),
    Column("zone", String, nullable=False),
    Column("who", String, nullable=False),
    Column("at", BigInteger, nullable=False),
)

marks = Table(
    "marks",
    metadata,
    Column("who", String, primary_key=True),
    Column("conversation", Integer, primary_key=True, autoincrement=False),
    Column("message", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
)
