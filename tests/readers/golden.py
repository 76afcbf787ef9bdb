"""Expected records of fixtures, one JSON object a line: what a reader gives is compared with what was once checked by hand.

``FILON_WRITE_EXPECTED=1`` writes the files anew; read the difference before you commit it.
"""

import os
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from filon.evidence.source import BytesSource
from filon.model.records import Defect, Event, Message, Record, Skipped, Total

__all__ = ["accounted", "check", "fixture_bytes", "folder_source", "shown"]


def shown(record: Record) -> dict[str, Any]:
    """A record as JSON would have it, without what is unset."""
    body = msgspec.to_builtins(record)
    return {"record": type(record).__name__, **_set_only(body)}


def _set_only(body: dict[str, Any]) -> dict[str, Any]:
    return {
        key: _set_only(value) if isinstance(value, dict) else value
        for key, value in body.items()
        if value is not None and value != [] and value != ()
    }


def check(records: Iterable[Record], expected: Path) -> None:
    """The records are those of the file ``expected``."""
    found = [msgspec.json.decode(msgspec.json.encode(shown(record))) for record in records]
    if os.environ.get("FILON_WRITE_EXPECTED"):
        expected.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in found))
    lines = expected.read_bytes().splitlines()
    assert found == [msgspec.json.decode(line) for line in lines]


def fixture_bytes(path: Path) -> bytes:
    """The bytes of a fixture; one kept as SQL text is built into the database it describes."""
    if path.suffix != ".sql":
        return path.read_bytes()
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(path.read_text(encoding="utf-8"))
        return connection.serialize()


def folder_source(path: Path, folder: Path | None = None) -> BytesSource:
    """A fixture with everything that lies beside it. ``folder`` is for readers that need a file."""
    beside = {_name(other): fixture_bytes(other) for other in path.parent.iterdir() if other.is_file()}
    return BytesSource(_name(path), fixture_bytes(path), beside, folder)


def _name(path: Path) -> str:
    return path.name.removesuffix(".sql") + ".db" if path.suffix == ".sql" else path.name


def accounted(records: list[Record]) -> bool:
    """The equation every reader keeps: units counted == units that gave records + units skipped, one Total at the end."""
    totals = [record for record in records if isinstance(record, Total)]
    gave = sum(record.locator.units for record in records if isinstance(record, Message | Event | Defect))
    skipped = sum(record.units for record in records if isinstance(record, Skipped))
    return len(totals) == 1 and records[-1] is totals[0] and totals[0].units == gave + skipped
