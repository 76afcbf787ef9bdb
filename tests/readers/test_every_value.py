"""No value is lost silently: whatever stands where a reader wants something else reaches a record or is told.

One value of a fixture is replaced by one of another type. Then it must stand in a record as it was, or be counted as
unread, or be told by a defect, compared with the same fixture without it.
"""

import copy
import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from filon.evidence.json_values import Undecodable, decode
from filon.evidence.reading import Given, Reader
from filon.evidence.source import BytesSource
from filon.model.records import Defect, Record, Unread
from readers.golden import accounted, fixture_bytes
from readers.test_every_reader import READERS, fixtures

NEEDLE = "7777123"
"""Stands in every replacement, so that it can be found again."""
OTHERS: list[Any] = [
    NEEDLE,
    int(NEEDLE),
    int(NEEDLE + "0" * 14),
    int(NEEDLE + "0" * 24),
    float(NEEDLE) + 0.5,
    [NEEDLE],
    [[NEEDLE]],
    [{"a": NEEDLE}],
    {"a": NEEDLE},
    {"a": {"b": [NEEDLE]}},
]
_KINDS: tuple[tuple[type, ...], ...] = ((dict,), (list,), (str,), (bool,), (int, float))
patient = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
Path_ = tuple[str | int, ...]


def kind(value: Any) -> int:
    return next((n for n, types in enumerate(_KINDS) if isinstance(value, types)), -1)


def places(value: Any, path: Path_ = ()) -> Iterator[Path_]:
    """Every place in a document at which a value stands, but the whole."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        yield (*path, key)
        yield from places(one, (*path, key))


def at(value: Any, path: Path_) -> Any:
    for key in path:
        value = value[key]
    return value


def put(document: Any, path: Path_, value: Any) -> Any:
    changed = copy.deepcopy(document)
    at(changed, path[:-1])[path[-1]] = value
    return changed


def cut(document: Any, path: Path_) -> Any:
    changed = copy.deepcopy(document)
    del at(changed, path[:-1])[path[-1]]
    return changed


def told(records: list[Record]) -> Counter[Any]:
    """What the reader says it did not read, and what it says is wrong."""
    unread = Counter({one.what: one.count for one in records if isinstance(one, Unread)})
    return unread + Counter((one.code, one.detail) for one in records if isinstance(one, Defect))


def silent(found: list[Record], *others: list[Record]) -> bool:
    """Whether nothing of the value is left in the records, and they say no more than the ``others`` of it."""
    assert accounted(found)
    if any(NEEDLE in msgspec.json.encode(one).decode() for one in found if not isinstance(one, Unread)):
        return False
    return not any(told(found) - told(other) for other in others)


def unread_above(found: list[Record], where: Path_) -> bool:
    """Whether something that holds the value is counted as a whole."""
    names = {one.what.removeprefix("key ").split(" ")[0].rpartition("/")[2] for one in found if isinstance(one, Unread)}
    return any(key in names for key in where[:-1])


def documents() -> Iterator[Any]:
    for reader in READERS:
        for path in fixtures(reader):
            if path.suffix == ".json":
                try:
                    document, _ = decode(path.read_bytes())
                except Undecodable:
                    continue  # truncated on purpose, or several documents
                yield pytest.param(reader, path, document, id=f"{reader.format.name}-{path.name}")


def read(reader: Reader, name: str, data: bytes, folder: Path | None = None) -> list[Record]:
    return list(reader.read(BytesSource(name, data, {}, folder), Given()))


@pytest.mark.parametrize(("reader", "path", "document"), list(documents()))
@patient
@given(data=st.data())
def test_json(reader: Reader, path: Path, document: Any, data: st.DataObject) -> None:
    # A document that begins with two brackets is no table to anybody.
    where = data.draw(st.sampled_from([place for place in places(document) if place != (0,)]))
    other = data.draw(st.sampled_from([one for one in OTHERS if kind(one) != kind(at(document, where))]))
    changed = (put(document, where, other), cut(document, where), document)
    found, *others = (read(reader, path.name, json.dumps(one).encode()) for one in changed)
    assert not silent(found, *others) or unread_above(found, where), (where, other)


def cells(reader: Reader) -> Iterator[Any]:
    """Fixtures that are databases, with (table, row, column) of every value in them."""
    for path in fixtures(reader):
        if path.suffix == ".sql":
            with closing(sqlite3.connect(":memory:")) as connection:
                connection.deserialize(fixture_bytes(path))
                connection.text_factory = lambda data: data.decode(errors="replace")
                found = []
                for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                    for row in connection.execute(f"SELECT rowid, * FROM {table}"):
                        names = [name for name, *_ in connection.execute(f"SELECT * FROM {table}").description]
                        found += [(table, row[0], name, old) for name, old in zip(names, row[1:], strict=True)]
            yield pytest.param(reader, path, found, id=path.name)


def set_cell(data: bytes, table: str, row: int, column: str, value: Any) -> bytes:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(data)
        connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (value, row))
        connection.commit()
        return connection.serialize()


BYTES = NEEDLE.encode()
IN_CELLS: list[Any] = [NEEDLE + "x", BYTES, float(NEEDLE) + 0.5]


@pytest.mark.parametrize(("reader", "path", "found"), [case for reader in READERS for case in cells(reader)])
@patient
@given(data=st.data())
def test_sqlite(reader: Reader, path: Path, found: list[Any], tmp_path: Path, data: st.DataObject) -> None:
    """A value of a column that is read: without it, the records are others."""
    table, row, column, old = data.draw(st.sampled_from(found))
    other = data.draw(st.sampled_from([one for one in IN_CELLS if kind(one) != kind(old)]))
    whole = fixture_bytes(path)
    assert not silent_cell(reader, whole, (table, row, column), other, tmp_path), (table, row, column, other)


def silent_cell(reader: Reader, whole: bytes, cell: tuple[str, int, str], other: Any, folder: Path) -> bool:
    try:
        changed = [set_cell(whole, *cell, value) for value in (other, None)]
    except sqlite3.IntegrityError:  # the column takes no such value
        return False
    found, without, original = (read(reader, "msgstore.db", one, folder) for one in (*changed, whole))
    return without != original and silent(found, without, original)


def values_in(root: Any) -> list[Any]:
    """Values of all models but those of a type that is counted as a whole."""
    found = root.xpath("//*[local-name() = 'value' and text() and not(ancestor::*[@type = 'SearchedItem'])]")
    return list(found)


def nested(value: Any) -> None:
    etree.SubElement(value, value.tag).text, value.text = NEEDLE, None


def other_text(value: Any) -> None:
    value.text = NEEDLE + "x"


def other_list(value: Any) -> None:
    other_text(value)
    value.getparent().tag = value.getparent().tag.replace("}field", "}multiField")


def nothing(value: Any) -> None:
    value.getparent().remove(value)


IN_XML = (nested, other_text, other_list)


def harmed(data: bytes, index: int, how: Callable[[Any], None]) -> bytes:
    root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    how(values_in(root)[index])
    return bytes(etree.tostring(root))


REPORTS = [
    pytest.param(reader, path, id=path.name) for reader in READERS for path in fixtures(reader) if path.suffix == ".xml"
]


@pytest.mark.parametrize(("reader", "path"), REPORTS)
@patient
@given(data=st.data())
def test_xml(reader: Reader, path: Path, data: st.DataObject) -> None:
    whole = fixture_bytes(path)
    index = data.draw(st.integers(0, len(values_in(etree.fromstring(whole))) - 1))
    how = data.draw(st.sampled_from(IN_XML))
    found, *others = (read(reader, path.name, harmed(whole, index, one)) for one in (how, nothing))
    assert not silent(found, *others, read(reader, path.name, whole)), (index, how.__name__)
