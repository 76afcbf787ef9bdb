"""What every reader keeps, whoever wrote it: walks over all built-in readers and their fixtures."""

import importlib
import io
import random
import re
from pathlib import Path
from typing import BinaryIO

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from filon.evidence.reading import Given, Reader
from filon.evidence.source import BytesSource
from filon.model.records import Defect, Event, Message, Record
from filon.model.time import Stamp
from filon.readers import BUILT_IN, all_readers, recognise, surest
from readers.golden import accounted, fixture_bytes, folder_source

HERE = Path(__file__).parent
LOADED = [loaded for loaded in all_readers() if loaded.origin in BUILT_IN]
READERS = [loaded.reader for loaded in LOADED if loaded.reader is not None]
NOT_FIXTURES = {".py", ".md", ".pyc"}
SNIFF_BYTES = 2 << 20
"""What recognising may read of a large item."""


def folder_of(reader: Reader) -> Path:
    origin = next(loaded.origin for loaded in LOADED if loaded.reader is reader)
    return HERE / origin.split(":")[0].rpartition(".")[2]


def fixtures(reader: Reader) -> list[Path]:
    """Every file with expected records beside it."""
    found = folder_of(reader).rglob("*.expected.jsonl")
    return sorted(path.with_name(path.name.removesuffix(".expected.jsonl")) for path in found)


CASES = [
    pytest.param(reader, path, id=f"{reader.format.name}-{path.name}")
    for reader in READERS
    for path in fixtures(reader)
]
each_reader = pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.format.name)
each_fixture = pytest.mark.parametrize(("reader", "path"), CASES)


def stamps(record: Record) -> list[Stamp]:
    values = (
        getattr(record, name, None) for name in ("sent", "received", "read", "edited", "deleted", "expires", "at")
    )
    return [value for value in values if isinstance(value, Stamp)]


@pytest.mark.parametrize("loaded", LOADED, ids=lambda loaded: loaded.name)
def test_it_loads(loaded: object) -> None:
    assert getattr(loaded, "error") is None  # noqa: B009 - whatever the registry lists


def test_names_are_unique() -> None:
    names = [reader.format.name for reader in READERS]
    assert len(set(names)) == len(names) == len(BUILT_IN)


@each_reader
def test_it_says_what_it_was_made_on(reader: Reader) -> None:
    module = importlib.import_module(next(loaded.origin for loaded in LOADED if loaded.reader is reader).split(":")[0])
    told = module.__doc__ or ""
    assert len(told) > 150
    assert re.search(r"https?://|\bseen\b|\[20\d\d\] EW", told, re.IGNORECASE)
    assert reader.format.seen or reader.format.made
    assert reader.format.version >= 1
    assert reader.format.unit


@each_reader
def test_it_has_fixtures_and_says_where_they_are_from(reader: Reader) -> None:
    found = fixtures(reader)
    assert found
    manifest = (folder_of(reader) / "MANIFEST.md").read_text(encoding="utf-8")
    assert [path.name for path in found if path.stem not in manifest] == []


@each_fixture
def test_the_surest_is_found_without_asking_all(reader: Reader, path: Path, tmp_path: Path) -> None:
    source = folder_source(path, tmp_path)
    scores = recognise(source)
    assert surest(source) == scores[0]
    assert all(score <= each.format.surest for score, each in scores)


@each_fixture
def test_it_recognises_its_own_fixtures(reader: Reader, path: Path, tmp_path: Path) -> None:
    scores = recognise(folder_source(path, tmp_path))
    assert scores
    best = max(score for score, _ in scores)
    assert reader.format.name in [each.format.name for score, each in scores if score == best]


@each_fixture
def test_its_records_are_sound(reader: Reader, path: Path, tmp_path: Path) -> None:
    """Types as declared, texts that can be written, locators inside the item, no zone that nobody stated."""
    source = folder_source(path, tmp_path)
    records = list(reader.read(source, Given()))
    assert accounted(records)
    for record in records:
        assert msgspec.convert(msgspec.to_builtins(record), type(record)) == record
        msgspec.json.encode(record)
        assert not [
            stamp
            for stamp in stamps(record)
            if stamp.basis == "user" or (stamp.at is not None and stamp.local is not None)
        ]
        if isinstance(record, Message | Event | Defect):
            where = record.locator
            assert where.path
            assert (where.offset is None) == (where.length is None)
            if where.offset is not None and where.length is not None:
                assert 0 <= where.offset <= where.offset + where.length <= source.size
    assert list(reader.read(source, Given())) == records


@each_fixture
def test_edits_and_deletions_mark_the_message_they_are_about(reader: Reader, path: Path, tmp_path: Path) -> None:
    """A search for edited or deleted messages looks at messages only, so each reader says it there as well."""
    records = list(reader.read(folder_source(path, tmp_path), Given()))
    messages = {(m.conversation, m.native_id): m for m in records if isinstance(m, Message) and m.native_id}
    for event in records:
        if isinstance(event, Event) and event.kind in ("edit", "deletion") and event.target is not None:
            message = messages.get((event.conversation, event.target))
            if message is not None and event.kind == "edit":
                assert message.edited is not None
            elif message is not None:
                assert message.deleted is not None or message.state in ("deleted", "unsent")


@each_fixture
def test_damage_is_told_and_not_raised(reader: Reader, path: Path, tmp_path: Path) -> None:
    """Bytes flipped, cut out and put in, at places that are the same in every run."""
    data = fixture_bytes(path)
    chance = random.Random(path.name)
    for kind in ("flip", "flip", "cut", "insert", "end", "double"):
        at = chance.randrange(len(data))
        match kind:
            case "flip":
                spots = {chance.randrange(len(data)) for _ in range(8)}
                harmed = bytes(byte ^ 0x5A if n in spots else byte for n, byte in enumerate(data))
            case "cut":
                harmed = data[:at] + data[at + chance.randrange(1, 400) :]
            case "insert":
                harmed = data[:at] + chance.randbytes(40) + data[at:]
            case "end":
                harmed = data[:at]
            case _:
                harmed = data[:at] + data
        source = BytesSource(path.name, harmed, {}, tmp_path)
        assert 0 <= reader.sniff(source) <= 1
        reader.ask(source, Given())
        assert accounted(list(reader.read(source, Given()))), kind


@each_reader
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=600), name=st.text(max_size=30))
def test_any_bytes_under_any_name(reader: Reader, tmp_path: Path, data: bytes, name: str) -> None:
    score = reader.sniff(BytesSource(name, data))
    assert isinstance(score, float)
    assert 0 <= score <= 1
    records = list(reader.read(BytesSource("item", data, {}, tmp_path), Given()))
    assert accounted(records)
    for record in records:
        msgspec.json.encode(record)


class Endless(BytesSource):
    """A source of 1 GB whose reads are counted: its fixture over and over."""

    def __init__(self, name: str, data: bytes) -> None:
        super().__init__(name, data * (1 + (1 << 18) // len(data)))
        self.taken = 0

    @property
    def size(self) -> int:
        return 1 << 30

    def open(self) -> BinaryIO:
        return _Counted(self)

    def head(self, length: int = 65536) -> bytes:
        self.taken += length
        return super().head(length)


class _Counted(io.BytesIO):
    def __init__(self, source: Endless) -> None:
        super().__init__(source._data)
        self._source = source

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = (1 << 30) if size is None or size < 0 else size
        self._source.taken += wanted
        return super().read(min(wanted, 1 << 20)).ljust(min(wanted, 1 << 20), b"\0")


@each_fixture
def test_recognising_reads_a_little_only(reader: Reader, path: Path) -> None:
    source = Endless(path.name.removesuffix(".sql"), fixture_bytes(path))
    reader.sniff(source)
    assert source.taken <= SNIFF_BYTES
