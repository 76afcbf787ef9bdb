"""Arrow schemas of everything the store keeps, one per table.

Accounts and conversations are int32 ordinals, numbered from 0 in the order the case first met them. Times are
microseconds: ``at`` in UTC, ``local`` of a clock without zone, ``time`` whichever of them there is, for sorting.
"""

from typing import Any, cast

import pyarrow as pa

__all__ = [
    "ACCOUNTS",
    "ATTACHMENT",
    "CONVERSATIONS",
    "DEFECTS",
    "EVENTS",
    "LOCATOR",
    "MESSAGES",
    "NAMES",
    "PARTICIPANTS",
    "PLACE",
    "STAMP",
    "TABLES",
    "integers",
    "strings",
]


def _schema(fields: "list[pa.Field[Any]]") -> pa.Schema:
    return pa.schema(fields)


_WORD = pa.dictionary(pa.int32(), pa.string())
"""A string of few values: kinds, states, platforms."""

STAMP = pa.struct(
    [
        pa.field("at", pa.int64()),
        pa.field("local", pa.int64()),
        pa.field("raw", pa.string()),
        pa.field("basis", pa.string()),
        pa.field("precision", pa.string()),
    ]
)
LOCATOR = pa.struct(
    [
        pa.field("path", pa.string()),
        pa.field("offset", pa.int64()),
        pa.field("length", pa.int64()),
        pa.field("units", pa.int32()),
    ]
)
ATTACHMENT = pa.struct(
    [
        pa.field("kind", pa.string()),
        pa.field("name", pa.string()),
        pa.field("media_type", pa.string()),
        pa.field("size", pa.int64()),
        pa.field("member", pa.string()),
        pa.field("note", pa.string()),
    ]
)
PLACE = pa.struct(
    [pa.field("latitude", pa.float64()), pa.field("longitude", pa.float64()), pa.field("label", pa.string())]
)

MESSAGES = _schema(
    [
        pa.field("id", pa.int64(), nullable=False),
        pa.field("conversation", pa.int32()),
        pa.field("sender", pa.int32()),
        pa.field("recipients", pa.list_(pa.int32())),
        pa.field("time", pa.int64()),
        pa.field("text", pa.string()),
        pa.field("platform", _WORD),
        pa.field("device", _WORD),
        pa.field("direction", _WORD),
        pa.field("kind", _WORD),
        pa.field("state", _WORD),
        pa.field("native_id", pa.string()),
        pa.field("sequence", pa.int64()),
        pa.field("sent", STAMP),
        pa.field("received", STAMP),
        pa.field("read", STAMP),
        pa.field("edited", STAMP),
        pa.field("deleted", STAMP),
        pa.field("expires", STAMP),
        pa.field("reply_to", pa.string()),
        pa.field("forwarded_from", pa.string()),
        pa.field("attachments", pa.list_(ATTACHMENT)),
        pa.field("place", PLACE),
        pa.field("locator", LOCATOR),
        pa.field("assumptions", pa.list_(pa.string())),
    ]
)
EVENTS = _schema(
    [
        pa.field("id", pa.int64(), nullable=False),
        pa.field("kind", _WORD),
        pa.field("conversation", pa.int32()),
        pa.field("actor", pa.int32()),
        pa.field("accounts", pa.list_(pa.int32())),
        pa.field("time", pa.int64()),
        pa.field("at", STAMP),
        pa.field("platform", _WORD),
        pa.field("device", _WORD),
        pa.field("target", pa.string()),
        pa.field("value", pa.string()),
        pa.field("text", pa.string()),
        pa.field("locator", LOCATOR),
        pa.field("assumptions", pa.list_(pa.string())),
    ]
)
DEFECTS = _schema(
    [
        pa.field("id", pa.int64(), nullable=False),
        pa.field("code", _WORD),
        pa.field("detail", pa.string()),
        pa.field("raw", pa.string()),
        pa.field("locator", LOCATOR),
    ]
)
ACCOUNTS = _schema(
    [
        pa.field("account", pa.int32(), nullable=False),
        pa.field("key", pa.string(), nullable=False),
        pa.field("platform", pa.string()),
        pa.field("native_id", pa.string()),
        pa.field("name", pa.string()),
        pa.field("device", pa.string()),
        pa.field("reading", pa.int32()),
    ]
)
NAMES = _schema(
    [
        pa.field("account", pa.int32(), nullable=False),
        pa.field("text", pa.string()),
        pa.field("kind", pa.string()),
        pa.field("device", pa.string()),
        pa.field("owner", pa.bool_()),
        pa.field("reading", pa.int32()),
    ]
)
CONVERSATIONS = _schema(
    [
        pa.field("conversation", pa.int32(), nullable=False),
        pa.field("key", pa.string(), nullable=False),
        pa.field("platform", pa.string()),
        pa.field("native_id", pa.string()),
        pa.field("title", pa.string()),
        pa.field("kind", pa.string()),
        pa.field("reading", pa.int32()),
    ]
)
PARTICIPANTS = _schema(
    [
        pa.field("conversation", pa.int32(), nullable=False),
        pa.field("account", pa.int32(), nullable=False),
        pa.field("reading", pa.int32()),
    ]
)

ITEMS = _schema(
    [
        pa.field("item", pa.int32(), nullable=False),
        pa.field("sha256", pa.string()),
        pa.field("size", pa.int64()),
        pa.field("path", pa.string()),
        pa.field("body", pa.string()),
    ]
)
"""``body``: the whole ``filon.model.items.Item`` as JSON; the other columns are for queries."""
READINGS = _schema(
    [
        pa.field("reading", pa.int32(), nullable=False),
        pa.field("item", pa.int32()),
        pa.field("format", pa.string()),
        pa.field("body", pa.string()),
    ]
)
"""``body``: the whole ``filon.model.items.Reading`` as JSON."""

TABLES = {
    "events": EVENTS,
    "defects": DEFECTS,
    "accounts": ACCOUNTS,
    "names": NAMES,
    "conversations": CONVERSATIONS,
    "participants": PARTICIPANTS,
    "items": ITEMS,
    "readings": READINGS,
}
"""Every table beside the messages, by name."""


def strings(column: "pa.ChunkedArray[Any]") -> list[str]:
    """The texts of a column that is never null."""
    return cast("list[str]", column.to_pylist())


def integers(column: "pa.ChunkedArray[Any]") -> list[int]:
    """The numbers of a column that is never null."""
    return cast("list[int]", column.to_pylist())
