"""What the columns of a table mean: a value that a person can read, change, save as TOML and hand to the other side."""

import json
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

import msgspec

from filon.errors import ReadingError

__all__ = [
    "FORMS",
    "TIMES",
    "Columns",
    "Conversations",
    "Device",
    "Mapping",
    "Rows",
    "Time",
    "Words",
    "shipped",
    "shipped_names",
]

TIMES = ("sent", "received", "read", "edited", "deleted", "expires")
"""The times a message can have; ``expires`` is the burn time."""
FORMS = ("auto", "iso", "dmy", "mdy", "ymd", "excel", "excel-1904", "s", "ms", "us", "ns")
"""How a time is written. ``excel``: days since 1899-12-30; ``s ms us ns``: since 1970-01-01 UTC; the rest is text.

``auto`` reads what can be read in one way only: ISO 8601, a year in front, a month by name, a typed date of a workbook."""


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A table of the TOML."""


class Time(_Part, frozen=True, kw_only=True):
    """Where one time stands and how it is written."""

    column: str
    clock: str | None = None
    """Second column with the time of day, where ``column`` holds the day alone."""
    form: str = "auto"
    zone: str | None = None
    """``UTC``, ``+02:00``, ``Europe/Paris``; None: not known."""
    zone_column: str | None = None
    """Column that names the zone row by row."""
    zone_basis: str = "user"
    """``source`` where the table itself states ``zone`` (in a header), ``user`` where a person does."""


class Columns(_Part, frozen=True, kw_only=True):
    """Names of columns. Either ``direction`` and ``contact``, or ``sender`` and ``recipients``."""

    direction: str | None = None
    contact: str | None = None
    nickname: str | None = None
    """Name of the contact in the device's own contact list."""
    sender: str | None = None
    sender_name: str | None = None
    recipients: str | None = None
    recipient_names: str | None = None
    participants: str | None = None
    """Everybody in the conversation, the sender included; stands in for recipients where they have no column."""
    owner: str | None = None
    """The device's own account, where another column names the device."""
    text: str | None = None
    conversation: str | None = None
    title: str | None = None
    native_id: str | None = None
    sequence: str | None = None
    status: str | None = None
    deleted: str | None = None
    """Yes or no."""
    kind: str | None = None
    platform: str | None = None
    reply_to: str | None = None
    attachments: tuple[str, ...] = ()
    latitude: str | None = None
    longitude: str | None = None


class Device(_Part, frozen=True, kw_only=True):
    """Whose copy a row is: exactly one of these, or none."""

    column: str | None = None
    constant: str | None = None
    sheet: bool = False
    """The name of the sheet."""
    file: str | None = None
    """Name of the file with ``{device}`` in it: ``messages_{device}.csv``."""


class Rows(_Part, frozen=True, kw_only=True):
    """Which rows are messages."""

    sheets: tuple[str, ...] = ()
    """Names of sheets; empty: every sheet with these columns."""
    header: int | None = None
    """Number of the header row; 0: there is none, columns are called ``column 1``…; None: looked for."""
    charset: str | None = None
    delimiter: str | None = None
    path: str | None = None
    """Where the rows of a JSON document stand: ``/messages/*``; None: its list, or one object after another."""
    short: str = "defect"
    """``pad`` where the table leaves out empty cells at the end of a row; else such a row is a defect."""
    totals: tuple[str, ...] = ("total", "totaal", "summe", "gesamt", "total general", "sum")


class Words(_Part, frozen=True, kw_only=True):
    """Words of the table, folded. What is not named here is looked up among the shipped words."""

    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    states: dict[str, str] = {}
    kinds: dict[str, str] = {}


class Conversations(_Part, frozen=True, kw_only=True):
    """What the column ``conversation`` holds."""

    shared: bool = False
    """True where an id means the same conversation on every device."""
    kind: str | None = None
    """``group`` where only groups have an id."""


class Mapping(_Part, frozen=True, kw_only=True):
    """What the columns of a table mean."""

    name: str
    note: str | None = None
    platform: str | None = None
    """Network of the accounts; None: the tables of this mapping stand for a network of their own."""
    account_form: str = "id"
    """``id``: the cell is the handle. ``id-name``: handle, blank, display name, maybe ``(owner)``. ``name``: a display name, which
    identifies nobody outside its table."""
    separator: str | None = None
    """Between several recipients or attachments in one cell; None: line breaks and semicolons."""
    columns: Columns = Columns()
    times: dict[str, Time] = {}
    device: Device = Device()
    rows: Rows = Rows()
    words: Words = Words()
    conversations: Conversations = Conversations()

    def __post_init__(self) -> None:
        _check("time", self.times, TIMES)
        _check("form of a time", (time.form for time in self.times.values()), FORMS)
        _check("basis of a zone", (time.zone_basis for time in self.times.values()), ("source", "user"))
        _check("account form", (self.account_form,), ("id", "id-name", "name"))
        _check("rule for short rows", (self.rows.short,), ("defect", "pad"))

    @classmethod
    def from_dict(cls, values: "dict[str, object]") -> "Mapping":
        """A mapping from plain values; ``{"name": …}`` alone names a shipped one. ReadingError where it is not one."""
        if set(values) == {"name"}:
            return shipped(str(values["name"]))
        try:
            return msgspec.convert(values, cls)
        except msgspec.ValidationError as error:
            raise ReadingError(
                "the table mapping cannot be used: {reason}", hint="see docs/reference/mappings.md", reason=str(error)
            ) from error

    @classmethod
    def from_toml(cls, text: str) -> "Mapping":
        """A mapping from its TOML."""
        try:
            return cls.from_dict(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise ReadingError(
                "the table mapping is not TOML: {reason}", hint="see docs/reference/mappings.md", reason=str(error)
            ) from error

    def to_dict(self) -> "dict[str, object]":
        """Plain values, as ``Given.mapping`` takes them; defaults are left out."""
        plain: dict[str, object] = msgspec.to_builtins(self)
        return plain

    def to_toml(self) -> str:
        """The mapping as TOML."""
        return _toml(self.to_dict())

    def used(self) -> set[str]:
        """Every column the mapping names."""
        plain = msgspec.to_builtins(self.columns)
        names = {value for value in plain.values() if isinstance(value, str)} | set(self.columns.attachments)
        for time in self.times.values():
            names.update(name for name in (time.column, time.clock, time.zone_column) if name)
        if self.device.column:
            names.add(self.device.column)
        return names


@cache
def shipped(name: str) -> Mapping:
    """The mapping that filon brings under this name; ReadingError with the names where there is none."""
    known = shipped_names()
    if name not in known:
        raise ReadingError(
            "there is no mapping called {name!r}", hint="filon brings {known}", name=name, known=", ".join(known)
        )
    return Mapping.from_toml((_folder() / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def shipped_names() -> tuple[str, ...]:
    """Names of the mappings that filon brings."""
    files = (entry.name for entry in _folder().iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in files if name.endswith(".toml")))


def _folder() -> Traversable:
    return resources.files("filon.readers.tables") / "mappings"


def _check(what: str, values: Iterable[str], allowed: tuple[str, ...]) -> None:
    for value in values:
        if value not in allowed:
            raise ValueError(f"{value!r} is not a {what}; one of {', '.join(allowed)}")


def _toml(table: "dict[str, object]", prefix: str = "") -> str:
    """TOML of strings, numbers, truths, lists of strings and tables of them: all that a mapping holds."""
    lines = [f"{_key(key)} = {_value(value)}" for key, value in table.items() if not isinstance(value, dict)]
    text = "\n".join(lines) + "\n" if lines else ""
    for key, value in table.items():
        if isinstance(value, dict):
            name = f"{prefix}{_key(key)}"
            inner = _toml(value, f"{name}.")
            bare = all(isinstance(deeper, dict) for deeper in value.values())
            text += inner if bare and value else f"\n[{name}]\n{inner}"
    return text


def _key(key: str) -> str:
    return key if key.isascii() and key.replace("_", "").replace("-", "").isalnum() else _string(key)


def _value(value: object) -> str:
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return json.dumps(value)


def _string(text: str) -> str:
    """A basic string: JSON's escapes are TOML's, but DEL must be escaped too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
