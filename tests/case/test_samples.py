"""Exports written by others, through the whole house: the right reader for each file, and counts taken by hand.

How the hand counts were taken stands beside them; the standard library takes them again where it can. The IRC logs are
reconciled line by line: every line is in exactly one record, or skipped, and its bytes lead back to it.
"""

import json
import random
import shutil
import sqlite3
import tarfile
import zipfile
from contextlib import closing

import numpy as np
import pyarrow as pa
import pytest
import zstandard

from filon.case import create_case
from filon.errors import EvidenceError
from filon.query.tree import All
from filon.settings import Settings

pytestmark = pytest.mark.samples

CHM = "chat-history-manager-rust/backend/resources/test"
MINER = "chat-miner/test"
RSMF = "rsmf-validator-samples/Documentation"

TELEGRAM = {
    # messages, service messages (`jq '[.. | .messages? // empty | .[].type] | group_by(.)'`), entries of the contact list
    f"{CHM}/telegram_2020-01/result.json": (42, 8, 6),
    f"{CHM}/telegram_2021-07/result.json": (0, 2, 3),
    f"{CHM}/telegram_2023-01/result.json": (1, 5, 3),
    f"{CHM}/telegram_2024-01/result.json": (1, 1, 0),
    f"{CHM}/telegram_2024-01_inline-bot-buttons/result.json": (5, 0, 0),
    f"{MINER}/telegram/test_batch_export.json": (2, 0, 0),
    f"{MINER}/telegram/test_single_export.json": (2, 0, 0),
    "telegram-export-md/fixtures/export/result.json": (13, 1, 0),
}
WHATSAPP = [f"{MINER}/whatsapp/test_{layout}.txt" for layout in
            ("[mmddyy]_24hrs", "ddmmyy_24hrs", "mmddyy_24hrs", "mmddyyyy_12hrs", "yyyymmdd_24hrs")]  # fmt: skip
INVALID = {
    # what Relativity's README and PDF say is wrong with each
    f"{RSMF}/Sample1/rsmf_manifest.json": ["rsmf-schema", "rsmf-unknown-participant", "rsmf-unknown-participant"],
    f"{RSMF}/Sample2/rsmf.zip": ["rsmf-missing-file"],
    f"{RSMF}/Sample3/message.eml": ["rsmf-extra-attachment"],
    f"{RSMF}/Sample3/sample.rsmf": ["rsmf-extra-attachment"],
    f"{RSMF}/Sample4/rsmf_manifest.json": [
        "rsmf-participant-outside-conversation", "rsmf-schema", "rsmf-undefined-property", "rsmf-unknown-participant",
    ],
}  # fmt: skip
TARGETS = {f"{MINER}/{app}/target.json": rows for app, rows in
           {"instagram": 2, "signal": 2, "telegram": 2, "whatsapp": 6}.items()}  # fmt: skip
"""What chat-miner expects of its own exports: lists of objects with timestamp, author and message. Nothing in such a file
says that it is no operator's table of messages, so it is offered as one, under a proposed mapping."""
EXPECTED = (
    dict.fromkeys(TELEGRAM, ("telegram",))
    | dict.fromkeys(WHATSAPP, ("whatsapp-text",))
    | dict.fromkeys(INVALID, ("rsmf",))
    | {f"{RSMF}/Sample2/rsmf.zip": ("archive", "rsmf")}
    | {f"{MINER}/signal/test_export.txt": ("signal-text",), f"{MINER}/instagram/test_export.json": ("meta",)}
    | dict.fromkeys(TARGETS, ("table",))
)
"""Every other file of the samples is kept as an item, and no reader takes it for a chat."""


@pytest.fixture(scope="module")
def taken(samples, tmp_path_factory):
    """A case with every sample but the IRC logs, and its items by path below the samples."""
    home = tmp_path_factory.mktemp("home")
    with create_case("all", Settings(home=home, who="ada")) as case:
        folders = sorted(path for path in samples.iterdir() if path.name != "irc-ubuntu")
        case.add(case.view(), folders)
        rows = {str(row.item.path).removeprefix(f"{samples}/"): row for row in case.items(case.view())}
        yield case, rows


def reading_of(rows, path):
    return rows[path].readings[-1]


def test_every_export_finds_its_reader_and_nothing_else_is_taken_for_a_chat(taken):
    _, rows = taken
    assert {path: tuple(r.format for r in row.readings) for path, row in rows.items() if row.readings} == EXPECTED
    never = ("LICENSE", ".ts", ".py", ".md", ".pdf", ".conll", ".jpg", ".webp", ".mp3", ".sql", "schema_2_0_0.json")
    kept = [path for path in rows if path.endswith(never) or "CASE-Examples" in path or "Recognizers-Text" in path]
    assert len(kept) >= 40
    assert not set(kept) & set(EXPECTED)


def test_every_reading_sums_up(taken):
    case, rows = taken
    readings = [reading for row in rows.values() for reading in row.readings]
    assert all(reading.tally.balanced for reading in readings)
    counts = case.counts(case.view())
    assert counts.messages == sum(reading.tally.messages for reading in readings)
    assert counts.events == sum(reading.tally.events for reading in readings)
    assert counts.defects == sum(reading.tally.defects for reading in readings)


def elements_of(path):
    """Types of all messages and the length of the contact list, by the standard library."""
    document = json.loads(path.read_bytes())
    chats = document.get("chats", [document])
    chats = chats["list"] if isinstance(chats, dict) else chats
    types = [message["type"] for chat in chats for message in chat["messages"]]
    return types.count("message"), types.count("service"), len(document.get("contacts", {}).get("list", []))


@pytest.mark.parametrize("path", TELEGRAM)
def test_telegram_counts(samples, taken, path):
    tally = reading_of(taken[1], path).tally
    messages, services, contacts = TELEGRAM[path]
    assert elements_of(samples / path) == TELEGRAM[path]
    assert (tally.messages, tally.events, tally.defects) == (messages, services, 0)
    assert (tally.units, tally.gave, sum(tally.skipped.values())) == (
        messages + services + contacts,
        messages + services,
        contacts,
    )


@pytest.mark.parametrize("path", WHATSAPP)
def test_whatsapp_counts(samples, taken, path):
    # `grep -cE '^\\[?[0-9]+[/-]'` 9; two of them without a sender (`grep -cE 'created group|You were added'`); `wc -l` 10,
    # the last line without its end makes 11
    assert len((samples / path).read_text("utf-8").splitlines()) == 11
    tally = reading_of(taken[1], path).tally
    assert (tally.units, tally.gave, tally.messages, tally.events, tally.defects) == (11, 11, 7, 2, 0)


def test_signal_and_instagram_counts(samples, taken):
    # `grep -c '^\\[2'` 2 heads on 3 lines
    tally = reading_of(taken[1], f"{MINER}/signal/test_export.txt").tally
    assert (tally.units, tally.messages, tally.events, tally.defects) == (3, 2, 0, 0)
    path = f"{MINER}/instagram/test_export.json"
    tally = reading_of(taken[1], path).tally
    assert len(json.loads((samples / path).read_bytes())["messages"]) == 2
    assert (tally.units, tally.messages, tally.events, tally.defects) == (2, 2, 0, 0)


@pytest.mark.parametrize("path", TARGETS)
def test_lists_of_rows_are_tables_under_a_proposed_mapping(samples, taken, path):
    reading = reading_of(taken[1], path)
    assert (
        len(json.loads((samples / path).read_bytes())) == TARGETS[path] == reading.tally.units == reading.tally.messages
    )
    assert "mapping:proposed" in reading.assumptions


@pytest.mark.parametrize("path", INVALID)
def test_invalid_packages_are_rejected_with_the_reason_and_read_as_far_as_they_go(taken, path):
    case, rows = taken
    reading = reading_of(rows, path)
    _, defects = case.defects(case.view(), item=rows[path].item.number)
    assert sorted(defect.code for defect in defects) == INVALID[path]
    assert all(defect.detail for defect in defects)
    assert (reading.tally.units, reading.tally.messages) == (1, 1)


@pytest.mark.parametrize("name", ["message/message.json", "sms_and_contacts/sms_and_contacts.json"])
def test_case_uco_documents_are_refused_and_not_mistaken(samples, case, name):
    path = samples / "CASE-Examples/examples/illustrations" / name
    with pytest.raises(EvidenceError, match="no reader recognises it"):
        case.add(case.view(), [path])
    [proposal] = case.propose(case.view(), [path])
    assert proposal.format is None
    assert case.counts(case.view()).items == 0


def test_the_whatsapp_database_of_android(samples, case, tmp_path):
    for name in ("msgstore", "wa"):
        script = (samples / CHM / "whatsapp-android_2023-10" / f"{name}.sql").read_text("utf-8")
        with closing(sqlite3.connect(tmp_path / f"{name}.db")) as database:
            database.executescript(script)
            database.commit()
    view = case.view()
    added = case.add(view, [tmp_path])
    found = {row.item.name: row for row in added.items}
    assert {name: [r.format for r in row.readings] for name, row in found.items()} == {
        "msgstore.db": ["whatsapp-android"],
        "wa.db": [],
    }
    [reading] = found["msgstore.db"].readings
    # `grep -c 'INSERT INTO message VALUES'` 4, one of them a system message; one row each of message_edit_info, message_revoked
    assert (reading.tally.units, reading.tally.messages, reading.tally.events) == (4, 3, 3)
    assert reading.tally.balanced
    assert "wa.db" in reading.beside
    assert (case.count(view, "is:edited"), case.count(view, "is:deleted")) == (1, 1)
    [deleted] = case.search(view, "is:deleted").hits
    assert [event.kind for event in case.message(view, deleted.message.id).events] == ["deletion"]


@pytest.fixture(scope="module")
def irc(samples):
    """The raw logs, by name; together 232,963 lines (`cat *.raw.txt | wc -l`), every one ended."""
    logs = {path.name: path.read_bytes() for path in sorted((samples / "irc-ubuntu").glob("*.raw.txt"))}
    assert len(logs) == 163
    assert sum(log.count(b"\n") for log in logs.values()) == 232_963
    assert all(log.endswith(b"\n") for log in logs.values())
    return logs


def as_they_are(samples, folder):
    shutil.copytree(samples / "irc-ubuntu", folder / "irc")
    return folder / "irc"


def as_a_zip(samples, folder):
    with zipfile.ZipFile(folder / "irc.zip", "w", zipfile.ZIP_DEFLATED) as out:
        for path in sorted((samples / "irc-ubuntu").iterdir()):
            out.write(path, f"logs/{path.name}")
    return folder / "irc.zip"


def as_a_packed_tar(samples, folder):
    packer = zstandard.ZstdCompressor().stream_writer((folder / "irc.tar.zst").open("wb"))
    with packer, tarfile.open(fileobj=packer, mode="w|") as out:
        out.add(samples / "irc-ubuntu", "logs")
    return folder / "irc.tar.zst"


@pytest.mark.slow
@pytest.mark.parametrize("box", [as_they_are, as_a_zip, as_a_packed_tar])
def test_every_line_of_the_irc_logs_is_in_one_record_and_leads_back(samples, irc, case, tmp_path, box):
    view = case.view()
    case.add(view, [box(samples, tmp_path)])
    logs = {name_of(row, reading): reading for row in case.items(view) for reading in row.readings}
    members = logs.pop(None, None)
    assert logs.keys() == irc.keys()
    records = records_of(case)
    for name, reading in logs.items():
        offsets, lengths, texts = records[reading.number]
        assert_reconciled(irc[name], offsets, lengths, texts)
        assert (reading.format, reading.tally.units) == ("irc", irc[name].count(b"\n"))
    # `grep -cE '^\\[..:..\\] <'` 207,761, `'^\\[..:..\\] +\\*'` 481, `'^==='` 24,673, and 48 notices or the like; of the lines
    # with === 652 are what a person did (their first word is a nick heard before)
    counts = case.counts(view)
    assert (counts.messages, counts.events, counts.defects) == (207_761 + 48 + 481 + 652, 24_673 - 652, 0)
    assert counts.messages + counts.events == 232_963
    if members is not None:  # 163 logs, 10 annotations, 1 licence; a tar also lists its folder
        folders = int(box is as_a_packed_tar)
        assert (members.tally.units, members.tally.gave, members.tally.balanced) == (174 + folders, 163, True)
    chance = random.Random(4)
    for hit in case.search(view, "", offset=chance.randrange(200_000), limit=3).hits:
        raw = case.raw(view, hit.message.id)
        line = irc[(raw.member or raw.item.name).rsplit("/")[-1]][raw.offset :].split(b"\n", 1)[0] + b"\n"
        assert (raw.data, raw.exact, raw.problem) == (line, True, None)


def name_of(row, reading):
    """The log a reading was made of; None for the reading of the archive itself."""
    return None if reading.format == "archive" else (reading.member or row.item.name).rsplit("/")[-1]


def records_of(case):
    """By reading: offset, length and text of every message and event, straight from the store."""
    store = case._site.store
    numbers = np.concatenate(list(store.index.ids(All())))
    messages = store.tables.messages(numbers).select(["id", "locator", "text"])
    events = store.tables.table("events").select(["id", "locator", "text"])
    both = pa.concat_tables([messages, events]).sort_by("id")
    readings = both["id"].to_numpy() >> 40
    locators = both["locator"].combine_chunks()
    offsets = np.asarray(locators.field("offset"))
    lengths = np.asarray(locators.field("length"))
    texts = both["text"].to_pylist()
    found = {}
    for number in np.unique(readings).tolist():
        begin, end = np.searchsorted(readings, [number, number + 1])
        found[number] = offsets[begin:end], lengths[begin:end], texts[begin:end]
    return found


def assert_reconciled(log, offsets, lengths, texts):
    """Each line of the log has one record, in its order, with exactly its bytes, and says what stands at its end."""
    lines = log.split(b"\n")[:-1]
    begins = np.cumsum([0, *(len(line) + 1 for line in lines)])
    assert np.array_equal(offsets, begins[:-1])
    assert np.array_equal(lengths, np.diff(begins))
    for line, text in zip(lines, texts, strict=True):
        assert shown(line).endswith(text) if text is not None else False, line


def shown(line):
    """A line as text: UTF-8, else Windows-1252 with what that leaves open as Latin-1; without blanks at its end."""
    try:
        return line.decode("utf-8").rstrip("\r")
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace").rstrip("\r")
