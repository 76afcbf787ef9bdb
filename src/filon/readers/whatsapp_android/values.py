"""Values of a database row, taken for what they should be or left out; and what WhatsApp's numbers mean."""

from collections.abc import Mapping

from filon.evidence.sqlite import Damaged, Row, Value
from filon.model.records import Locator
from filon.model.time import Stamp, from_utc, unreadable

__all__ = [
    "ACTIONS",
    "CALLS",
    "DELETED",
    "KINDS",
    "STATES",
    "SYSTEM",
    "UNDECRYPTABLE",
    "integer",
    "is_set",
    "led",
    "moment",
    "number",
    "text",
]

KINDS = {
    0: "text",
    1: "image",
    2: "audio",
    3: "video",
    4: "contact",
    5: "location",
    9: "file",
    11: "text",
    13: "video",
    14: "contact",
    15: "text",
    16: "location",
    20: "sticker",
    42: "image",
    43: "video",
    64: "text",
    66: "poll",
    81: "video",
    82: "voice",
}
"""``message_type`` and, before, ``media_wa_type``. 13 is an animated GIF, 42 and 43 were to be seen once."""
SYSTEM, UNDECRYPTABLE = 7, 11
DELETED = frozenset({15, 64})
CALLS = frozenset({8, 10})
STATES = {4: "sent", 5: "delivered", 8: "read", 13: "read"}
"""``status`` of a message sent from this telephone. 8 is a voice message that was played."""
ACTIONS = {
    1: "rename",
    4: "add",
    5: "leave",
    7: "remove",
    11: "create",
    12: "add",
    14: "remove",
    15: "mode",
    18: "key-change",
    20: "join",
    27: "topic",
    28: "nick",
    59: "timer",
}
"""``action_type`` of a system message. The others are events of kind ``other``, with the number as their value."""

_NAMES = {int: "number", float: "number", str: "text", Damaged: "text", bytes: "bytes"}
_PLAUSIBLE = range(1_230_768_000_000, 7_258_118_400_000)
"""Milliseconds from 2009, when WhatsApp began, to 2200."""


def integer(row: Row, column: str) -> int | None:
    """A whole number, or None where the row has none there."""
    value = row.get(column)
    if isinstance(value, int):
        return value
    _refused(row, column, value)
    return None


def is_set(row: Row, column: str) -> bool:
    """Whether a column that is 0 or 1 is 1."""
    value = row.get(column)
    if value != 1 and value != 0:
        _refused(row, column, value)
    return value == 1


def led(row: Row, column: str, found: Mapping[int, str]) -> str | None:
    """What the number of another row leads to; 0 and -1 lead nowhere by intent."""
    number = integer(row, column)
    if number is not None and number > 0 and number not in found:
        row.refuse(column, "leads nowhere")
    return None if number is None else found.get(number)


def number(row: Row, column: str) -> float | None:
    """A finite number, or None."""
    value = row.get(column)
    if isinstance(value, int | float) and abs(value) < 1e15:
        return float(value)
    _refused(row, column, value)
    return None


def text(row: Row, column: str) -> str | None:
    """A text that is not empty, or None. Bytes are no text."""
    value = row.get(column)
    if isinstance(value, str):
        return str(value) or None
    _refused(row, column, value)
    return None


def moment(row: Row, column: str) -> Stamp | None:
    """A time in milliseconds; None where it is not set (0, -1), only the raw value where it cannot be one."""
    value = row.get(column)
    if value is None or value in (0, -1):
        return None
    if isinstance(value, int) and value in _PLAUSIBLE:
        return from_utc(value * 1000, str(value))
    return unreadable(str(value)[:200])


def _refused(row: Row, column: str, value: Value) -> None:
    """Nothing, counted where a value says something else than is read there."""
    if value is not None and value not in ("", b""):
        row.refuse(column, _NAMES[type(value)])


def damaged(row: Row) -> bool:
    """True where a text of the row is not UTF-8."""
    return any(isinstance(value, Damaged) for value in row.values())


def locate(table: str, row: Row, column: str = "_id", units: int = 1) -> Locator:
    """Where a row stands: ``message._id=17``."""
    value = row.get(column)
    return Locator(f"{table}.{column}={value if isinstance(value, int) else repr(value)[:100]}", units=units)
