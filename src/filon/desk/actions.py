"""The history of the desk: actions, each chained by hash to the one before."""

import hashlib
from time import time_ns
from typing import Any

import msgspec
from sqlalchemy import Connection, insert, select

from filon.desk.tables import actions

__all__ = ["FIRST", "Action", "digest_of", "log_action", "now", "shown"]

FIRST = "0" * 64
"""What stands before the first action."""


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the history. ``subject``: the tag, note number or name; ``messages``: how many it touched."""

    action: int
    at: int
    who: str
    kind: str
    subject: str
    messages: int
    undone: bool


def now() -> int:
    """UTC microseconds."""
    return time_ns() // 1_000


def digest_of(before: str, at: int, who: str, kind: str, subject: str, body: str) -> str:
    """What the ``digest`` of an action must be. ``undone_by`` is left out: it is set later, by an action of its own."""
    return hashlib.sha256(msgspec.json.encode([before, at, who, kind, subject, body])).hexdigest()


def log_action(connection: Connection, who: str, kind: str, subject: str, rows: list[dict[str, Any]]) -> int:
    """Add an action to the history and return its number."""
    last = select(actions.c.digest).order_by(actions.c.action.desc()).limit(1)
    before = connection.scalar(last) or FIRST
    at, body = now(), msgspec.json.encode(rows).decode()
    row = {"at": at, "who": who, "kind": kind, "subject": subject, "body": body}
    row["digest"] = digest_of(before, at, who, kind, subject, body)
    key = connection.execute(insert(actions).values(**row)).inserted_primary_key
    assert key is not None
    return int(key[0])


def shown(row: dict[str, Any]) -> Action:
    """A row of the history as it is shown."""
    rows = msgspec.json.decode(row["body"])
    return Action(
        action=row["action"],
        at=row["at"],
        who=row["who"],
        kind=row["kind"],
        subject=row["subject"],
        messages=sum("message" in entry for entry in rows),
        undone=row["undone_by"] is not None,
    )
