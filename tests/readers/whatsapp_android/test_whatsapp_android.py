"""WhatsApp's Android database: both generations, what lies beside, damage, and the public one of 2023-10."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from filon.evidence.reading import Given
from filon.evidence.source import BytesSource
from filon.model.records import Account, Defect, Event, Message, Record, Skipped, Unread
from filon.model.time import Stamp
from filon.readers.whatsapp_android import READER
from readers.golden import accounted, check, fixture_bytes, folder_source

HERE = Path(__file__).parent
SAMPLE = Path(os.environ.get("FILON_SAMPLES", "../shared/samples")) / (
    "chat-history-manager-rust/backend/resources/test/whatsapp-android_2023-10"
)


def read(data: bytes, folder: Path, beside: dict[str, bytes] | None = None, given: Given = Given()) -> list[Record]:  # noqa: B008
    records = list(READER.read(BytesSource("msgstore.db", data, beside or {}, folder), given))
    assert accounted(records)
    return records


@pytest.mark.parametrize("name", ["newer", "older"])
def test_fixtures(name: str, tmp_path: Path) -> None:
    source = folder_source(HERE / f"{name}.sql", tmp_path)
    assert READER.sniff(source) == 0.9
    assert READER.ask(source, Given()) == ()
    records = list(READER.read(source, Given()))
    assert accounted(records)
    check(records, HERE / f"{name}.sql.expected.jsonl")
    assert sorted(path.name for path in tmp_path.iterdir()) == [source.name, "wa.db"]


def test_a_message_in_both_tables_is_given_once(tmp_path: Path) -> None:
    records = read(fixture_bytes(HERE / "newer.sql"), tmp_path)
    messages = [r for r in records if isinstance(r, Message)]
    assert [m.locator.path for m in messages if m.native_id in {"M3", "L1"}] == ["message._id=14", "messages._id=3"]
    skipped = [r.reason for r in records if isinstance(r, Skipped)]
    assert skipped.count("also in the table message") == 1
    assert Unread("table message_media: rows without a message", 1) in records
    assert Unread("message type 977", 1) in records


def test_a_stated_owner_stands_on_its_own(tmp_path: Path) -> None:
    records = read(fixture_bytes(HERE / "older.sql"), tmp_path, given=Given(owner="+32 470 00 00 01"))
    sent = next(r for r in records if isinstance(r, Message) and r.direction == "out")
    assert sent.account_from is not None
    assert (sent.account_from.id, sent.device, sent.assumptions) == (
        "32470000001@s.whatsapp.net",
        "+32 470 00 00 01",
        (),
    )
    assert [r.ref.id for r in records if isinstance(r, Account) and r.owner] == ["32470000001@s.whatsapp.net"]


def test_the_log_beside_is_read(tmp_path: Path) -> None:
    """Rows that are only in ``msgstore.db-wal`` are read, and the evidence is left as it is."""
    live = tmp_path / "live.db"
    with closing(sqlite3.connect(live)) as connection:
        connection.executescript("PRAGMA journal_mode=WAL;" + (HERE / "older.sql").read_text(encoding="utf-8"))
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("UPDATE messages SET data = 'only in the log' WHERE _id = 2")
        connection.commit()
        data, log = live.read_bytes(), (tmp_path / "live.db-wal").read_bytes()
    folder = tmp_path / "copies"
    folder.mkdir()
    with_log, without = (
        next(r for r in read(data, folder, beside) if isinstance(r, Message)).text
        for beside in ({"msgstore.db-wal": log, "msgstore.db": data}, {"msgstore.db": data})
    )
    assert (with_log, without) == ("only in the log", "hello")
    assert [path.name for path in folder.iterdir()] == ["msgstore.db"]
    assert (folder / "msgstore.db").read_bytes() == data


def test_media_beside_the_database(tmp_path: Path) -> None:
    path = "Media/WhatsApp Images/IMG-20220228-WA0001.jpg"
    beside = {path: b"x", "copy/IMG-20220228-WA0001.jpg": b"x"}
    records = read(fixture_bytes(HERE / "newer.sql"), tmp_path, beside)
    assert [a.member for r in records if isinstance(r, Message) for a in r.attachments if a.kind == "image"] == [path]


def test_an_encrypted_backup_is_told(tmp_path: Path) -> None:
    source = BytesSource("msgstore.db.crypt14", b"\x01\x02" * 50, {}, tmp_path)
    assert READER.sniff(source) == 0.9
    records = list(READER.read(source, Given()))
    assert [r.code for r in records if isinstance(r, Defect)] == ["encrypted"]
    assert accounted(records)


def test_other_databases_are_left_alone(tmp_path: Path) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE sms (_id INTEGER, body TEXT)")
        assert READER.sniff(BytesSource("mmssms.db", connection.serialize(), {}, tmp_path)) == 0
    assert READER.sniff(BytesSource("x", b"")) == 0


def test_tables_without_the_columns_of_a_message(tmp_path: Path) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript("CREATE TABLE message (x); INSERT INTO message VALUES (1), ('a'), (NULL);")
        connection.executescript(
            "CREATE TABLE message_media (message_row_id TEXT); INSERT INTO message_media VALUES ('z');"
        )
        records = read(connection.serialize(), tmp_path)
    assert len([r for r in records if isinstance(r, Message)]) == 3
    assert Unread("table message_media: rows without a message", 1) in records


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data(), st.sampled_from(["newer", "older"]))
def test_damaged_databases_are_accounted_for(tmp_path: Path, data: st.DataObject, name: str) -> None:
    whole = bytearray(_BUILT[name])
    for at in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=12)):
        whole[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.sampled_from([len(whole), len(whole) // 2, 5000, 100, 16, 0]))
    source = BytesSource("msgstore.db", bytes(whole[:cut]), {}, tmp_path)
    assert 0 <= READER.sniff(source) <= 1
    assert accounted(list(READER.read(source, Given())))


_BUILT = {name: fixture_bytes(HERE / f"{name}.sql") for name in ("newer", "older")}


@pytest.mark.samples
def test_public_database(tmp_path: Path) -> None:
    if not SAMPLE.is_dir():
        pytest.skip(f"no sample at {SAMPLE}")
    beside = {f"{name}.db": fixture_bytes(SAMPLE / f"{name}.sql") for name in ("msgstore", "wa")}
    records = read(beside["msgstore.db"], tmp_path, beside)
    added, last, place, deleted = (r for r in records if isinstance(r, Event | Message) and r.locator.units)
    assert isinstance(added, Event)
    assert isinstance(last, Message)
    assert isinstance(place, Message)
    assert isinstance(deleted, Message)
    assert (added.kind, [a.name for a in added.accounts]) == ("add", ["Hey look it's me!"])
    assert (last.text, last.reply_to, last.direction) == ("Last group message", "GROUPMSG00100", "out")
    assert last.edited is not None
    assert last.edited.at == 1661417955000 * 1000
    assert place.place is not None
    assert place.place.label == "New Bahari, Jl. Gurita No.21x, Denpasar, Bali"
    assert deleted.state == "deleted"
    changes = [(r.target, r.text) for r in records if isinstance(r, Event) and r.kind == "deletion"]
    assert changes == [(deleted.native_id, "revoked_key_id=PERSONALMSGDELETED")]


def test_changes_without_a_time_mark_the_message_and_lead_to_it(tmp_path: Path) -> None:
    """A row of message_revoked or message_edit_info says that it happened, also where it does not say when."""
    untimed = (
        "UPDATE message_revoked SET revoke_timestamp = 0; UPDATE message_edit_info SET edited_timestamp = 0;"
        "UPDATE message SET message_type = 0 WHERE _id IN (18, 19);"
    )
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript((HERE / "newer.sql").read_text(encoding="utf-8") + untimed)
        records = read(connection.serialize(), tmp_path)
    held = {r.locator.path: r for r in records if isinstance(r, Message)}
    revoked, edited = held["message._id=18"], held["message._id=19"]
    assert (revoked.state, revoked.deleted, revoked.edited) == ("deleted", None, None)
    assert edited.edited == Stamp()
    changes = {(e.kind, e.target): e.text for e in records if isinstance(e, Event) and e.kind in ("edit", "deletion")}
    assert changes == {
        ("deletion", revoked.native_id): "revoked_key_id=M7OLD",
        ("edit", edited.native_id): "original_key_id=M8OLD",
    }
