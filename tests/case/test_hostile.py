"""Hostile evidence through the whole house: an add ends with an account, and nothing else is harmed.

Every attack lies in a folder with an ordinary export. Whatever it is, the add ends; the ordinary export is read; the attack
is accounted for (read with defects, refused, or kept unread); nothing is written outside of the case; the case checks out.
"""

import io
import json
import os
import resource
import socket
import sqlite3
import struct
import tarfile
import time
import zipfile
import zlib
from contextlib import closing

import msgspec
import pytest
import zstandard

from case import made_exports as exports
from evidence.boxes import RawZip, tar_with, zip_of
from filon.case import create_case
from filon.errors import EvidenceError, QueryError
from filon.model.display import visible
from filon.settings import Limits, Settings

MIB = 1 << 20
LIMITS = Limits(
    archive_depth=3,
    archive_members=2_000,
    archive_ratio=50,
    archive_ratio_from=2 * MIB,
    member_bytes=64 * MIB,
    worker_memory=768 * MIB,
    worker_cpu=60,
    worker_silence=60,
)
GOOD = "z good #harbour.log"
BESIDE = "beside"


@pytest.fixture
def case(tmp_path):
    """A case with small limits."""
    home = tmp_path / "home"
    home.mkdir()
    with create_case("ops", Settings(home=home, who="ada", limits=LIMITS)) as made:
        yield made


def tree_of(folder, case):
    """Everything below the test's folder but the case, with size and time of change."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if not path.is_relative_to(case.root):
            about = path.lstat()
            found[str(path)] = (about.st_mode, about.st_size, about.st_mtime_ns)
    return found


class Attack:
    """What an attack came to."""

    def __init__(self, case, folder, **given):
        (folder / GOOD).write_bytes(exports.irc())
        top, view = folder.parent, case.view()
        (top / BESIDE).mkdir(exist_ok=True)
        before, memory = tree_of(top, case), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.monotonic()
        self.added = case.add(view, [folder], **given)
        self.seconds = time.monotonic() - began
        assert tree_of(top, case) == before
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 256 * 1024
        assert list((case.root / "tmp").iterdir()) == []
        good = next(row for row in self.added.items if row.item.name == GOOD)
        assert [(r.format, r.tally.messages) for r in good.readings] == [("irc", 300)]
        self.rows = [row for row in self.added.items if row.item.name != GOOD]
        self.readings = [reading for row in self.rows for reading in row.readings]
        self.defects = case.defects(view, limit=10_000)[1]
        self.codes = sorted({defect.code for defect in self.defects})
        self.left_out = dict(self.added.refused)
        assert all(reading.tally.balanced or reading.tally.defects for reading in self.readings)
        assert case.count(view, "platform:irc") >= 300
        assert case.verify(view).problems == ()


@pytest.fixture
def evil(tmp_path):
    """The folder the attack lies in."""
    (tmp_path / "evil").mkdir()
    return tmp_path / "evil"


# archives


def zip_bomb(size=40 * MIB):
    return zip_of([("bomb.log", bytes(size))])


def nested_bomb(levels, wide):
    data = zip_bomb()
    for level in range(levels):
        data = zip_of([(f"{level}-{n}.zip", data) for n in range(wide)])
    return data


def xlsx_bomb():
    sheet = b"<worksheet><sheetData>" + b"<row><c><v>1</v></c></row>" * MIB + b"</sheetData></worksheet>"
    types = b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    return zip_of(
        [("[Content_Types].xml", types), ("xl/workbook.xml", b"<workbook/>"), ("xl/worksheets/sheet1.xml", sheet)]
    )


BOMBS = {
    "bomb.zip": (zip_bomb, "archive-ratio"),
    "nested.zip": (lambda: nested_bomb(2, 4), "archive-ratio"),
    "deep.zip": (lambda: nested_bomb(6, 1), "archive-depth"),
    "bomb.log.gz": (lambda: zlib.compress(bytes(100 * MIB), 9, wbits=31), "archive-ratio"),
    "bomb.log.zst": (lambda: zstandard.ZstdCompressor().compress(bytes(100 * MIB)), "archive-ratio"),
    "many.zip": (lambda: zip_of([(f"{n}.txt", b"x") for n in range(3_000)]), "archive-members"),
    "large.zip": (lambda: zip_of([("large.log", os.urandom(MIB) * 70)], zipfile.ZIP_STORED), "member-size"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_as_soon_as_they_are_seen_for_what_they_are(case, evil, name):
    make, code = BOMBS[name]
    (evil / name).write_bytes(make())
    attack = Attack(case, evil)
    assert code in attack.codes
    assert sum(reading.tally.messages for reading in attack.readings) == 0
    assert attack.seconds < 60


def test_a_workbook_that_unpacks_to_too_much_ends_as_a_defect(case, evil):
    (evil / "bomb.xlsx").write_bytes(xlsx_bomb())
    attack = Attack(case, evil)
    assert sum(reading.tally.messages for reading in attack.readings) == 0
    assert attack.codes == ["archive-ratio"]


def tar_of_names(names):
    box = io.BytesIO()
    with tarfile.open(fileobj=box, mode="w") as out:
        for name in names:
            member = tarfile.TarInfo(name)
            data = exports.irc(lines=3)
            member.size = len(data)
            out.addfile(member, io.BytesIO(data))
    return box.getvalue()


def zip_of_names(names):
    box = RawZip()
    for name in names:
        box.add(name.encode(), exports.irc(lines=3))
    return box.bytes()


OUTSIDE = ["../beside/x.log", "/tmp/x.log", "a/../../beside/x.log", "..\\beside\\x.log", "C:\\x.log", "inside.log"]


@pytest.mark.parametrize("make", [tar_of_names, zip_of_names])
def test_names_that_leave_the_archive_are_refused_and_the_rest_is_read(case, evil, make):
    (evil / "names.box").write_bytes(make(OUTSIDE))
    attack = Attack(case, evil)
    assert attack.codes == ["member-name"]
    assert len(attack.defects) == len(OUTSIDE) - 1
    assert [r.member for r in attack.readings] == [None, "inside.log"]
    account = attack.readings[0].tally
    assert (account.units, account.gave, account.balanced) == (len(OUTSIDE), len(OUTSIDE), True)


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.GNUTYPE_SPARSE]
)
def test_links_and_special_members_of_a_tar_are_not_followed(case, evil, kind):
    (evil / "special.tar").write_bytes(tar_with(kind, "odd.log", link="/etc/passwd"))
    attack = Attack(case, evil)
    assert attack.codes in (["member-link"], ["member-special"])
    assert all("root:" not in repr(defect) for defect in attack.defects)


def test_links_of_a_zip_are_not_followed(case, evil):
    box = RawZip().add(b"link.log", b"/etc/passwd", mode=0o120777).add(b"inside.log", exports.irc(lines=3))
    (evil / "links.zip").write_bytes(box.bytes())
    attack = Attack(case, evil)
    assert attack.codes == ["member-link"]


def test_headers_that_differ_are_refused(case, evil):
    box = RawZip()
    box.add(b"report.log", exports.irc(lines=3), own_name=b"other!.log")
    box.add(b"size.log", exports.irc(lines=3), own_size=7)
    box.add(b"inside.log", exports.irc(lines=3))
    (evil / "two-faced.zip").write_bytes(box.bytes())
    attack = Attack(case, evil)
    assert set(attack.codes) == {"member-headers-differ"}
    assert [r.member for r in attack.readings] == [None, "inside.log"]


def test_members_that_share_their_bytes_are_refused(case, evil):
    """Many members over one stretch of packed bytes: a bomb without nesting."""
    box = RawZip().add(b"0.log", exports.irc(lines=30))
    for number in range(1, 200):
        box.add(f"{number}.log".encode(), exports.irc(lines=30), own_name=b"0.log", at=0)
    (evil / "overlap.zip").write_bytes(box.bytes())
    attack = Attack(case, evil)
    assert set(attack.codes) <= {"member-overlap", "member-headers-differ"}
    assert sum(r.tally.messages for r in attack.readings) <= 30


def test_what_is_no_file_in_a_folder_is_left_out_and_said(case, evil, tmp_path):
    os.mkfifo(evil / "fifo.log")
    (evil / "link.log").symlink_to("/etc/passwd")
    (evil / "loop").symlink_to(evil)
    (evil / "dangling.log").symlink_to(evil / "nowhere")
    (tmp_path / "short").mkdir()
    with closing(socket.socket(socket.AF_UNIX)) as listening:
        os.chdir(evil)
        try:
            listening.bind("socket.log")
        finally:
            os.chdir("/")
        attack = Attack(case, evil)
    assert attack.rows == []
    assert {path.rsplit("/")[-1] for path in attack.left_out} == {
        "fifo.log", "link.log", "loop", "dangling.log", "socket.log",
    }  # fmt: skip
    assert all(attack.left_out.values())


def test_names_that_act_on_a_terminal_are_shown_and_not_obeyed(case, evil):
    names = [
        "\x1b[31mred\x1b[0m.log",
        "two\nlines.log",
        "\u202egol.exe",
        "a\u200bb.log",
        "'; DROP TABLE x.log",
        "-rf.log",
    ]
    for number, name in enumerate(names):
        (evil / name).write_bytes(exports.irc(lines=3, seed=number))
    attack = Attack(case, evil)
    held = {row.item.name for row in attack.rows}
    assert held == set(names)
    for name in held:
        shown = visible(name)
        assert shown.isprintable()
        assert "\x1b" not in shown
    assert case.count(case.view(), "") == 300 + 3 * len(names)


def test_a_name_that_is_no_text_is_left_out_or_kept_and_said(case, evil):
    with open(os.path.join(os.fsencode(evil), b"caf\xe9.log"), "wb") as file:  # noqa: PTH118, PTH123 - bytes are the point
        file.write(exports.irc(lines=3))
    attack = Attack(case, evil)
    assert len(attack.rows) + len(attack.left_out) == 1
    msgspec.json.encode(attack.left_out)


# texts, documents and databases


def one_long_line():
    return exports.irc(lines=3) + b"09:00 <dylan> " + b"x" * (17 * MIB) + b"\n" + b"09:01 <dylan> after\n"


def test_a_line_without_end_is_cut_and_the_next_is_read(case, evil):
    (evil / "#long.log").write_bytes(one_long_line())
    attack = Attack(case, evil)
    assert attack.codes == ["line-too-long"]
    assert attack.readings[0].tally.messages == 5
    assert case.count(case.view(), "after") == 1


def telegram(*messages):
    head = b'{"name": "Bert", "type": "personal_chat", "id": 7, "messages": [\n'
    return head + b",\n".join(messages) + b"\n]}"


def message(text, **more):
    about = {"id": 1, "type": "message", "date": "2023-01-01T10:00:00", "from": "Bert", "from_id": "user7"}
    return json.dumps(about | more | {"text": text}).encode()


DOCUMENTS = {
    "deep": telegram(message("one"), b'{"id": 2, "text": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", message("two")),
    "deep-objects": telegram(message("one"), b'{"id": 2, "text": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}",
                             message("two")),
    "unclosed": telegram(message("one"), message("two"), b'{"id": 3, "text": "' + b"x" * MIB),
    "surrogates": telegram(message("one"), b'{"id": 2, "type": "message", "text": "half \\ud83d and \\udc00\\u0000"}',
                           message("two")),
    "numbers": telegram(message("one", id=10**40), message("two", date_unixtime=str(10**30), edited_unixtime="-" + "9" * 40),
                        b'{"id": 1e999, "type": "message", "date_unixtime": "NaN", "text": "three"}',
                        b'{"id": ' + b"9" * 5_000 + b', "type": "message", "text": "four"}'),
    "keys": telegram(b'{"text": "one", "text": "two", "id": 1, "id": 2, "type": "message"}', message("two"), message("one")),
    "places": telegram(message("one", location_information={"latitude": 1e308, "longitude": float("-inf")}), message("two")),
}  # fmt: skip


@pytest.mark.parametrize("name", DOCUMENTS)
def test_json_made_to_break_readers_gives_its_messages_and_defects(case, evil, name):
    (evil / "result.json").write_bytes(DOCUMENTS[name])
    attack = Attack(case, evil)
    [reading] = attack.readings
    assert (reading.format, reading.tally.balanced) == ("telegram", True)
    view = case.view()
    for word in ("one", "two"):
        assert case.count(view, f"platform:telegram {word}") >= 1
    assert "reader-failed" not in attack.codes
    assert "reader-ended" not in attack.codes
    for hit in case.search(view, "platform:telegram").hits:
        case.message(view, hit.message.id)
        case.raw(view, hit.message.id)


LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
PROJECT = b'<project xmlns="http://pa.cellebrite.com/report/2.0"><decodedData>%s</decodedData></project>'
XML = {
    "laughs": b'<?xml version="1.0"?><!DOCTYPE project [<!ENTITY l0 "lol">' + LAUGHS + b"]>" + PROJECT % b"&l9;",
    "outside": b'<?xml version="1.0"?><!DOCTYPE project [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + PROJECT % b"&x;",
    "parameter": b'<!DOCTYPE project [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;]>' + PROJECT % b"",
    "deep": PROJECT % (b"<model>" * 100_000),
    "attributes": PROJECT % (b"<model " + b" ".join(b'a%d="1"' % n for n in range(200_000)) + b"/>"),
    "long": PROJECT % (b'<model type="Chat" id="' + b"x" * (12 * MIB) + b'"/>'),
}


@pytest.mark.parametrize("name", XML)
def test_xml_made_to_break_parsers_opens_nothing_and_grows_nowhere(case, evil, name):
    (evil / "report.xml").write_bytes(XML[name])
    attack = Attack(case, evil)
    [reading] = attack.readings
    assert reading.format == "cellebrite-ufdr"
    assert reading.tally.messages == 0
    assert attack.codes == (
        [] if name == "attributes" else ["xml-doctype"] if name in ("parameter", "outside") else ["xml-broken"]
    )
    assert all("root:" not in str(defect) for defect in attack.defects)
    assert attack.seconds < 30


def database(script):
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(script)
        return connection.serialize()


TABLES = (
    "CREATE TABLE jid (_id INTEGER PRIMARY KEY, user TEXT, server TEXT, raw_string TEXT);"
    "CREATE TABLE chat (_id INTEGER PRIMARY KEY, jid_row_id INTEGER, subject TEXT);"
    "CREATE TABLE message_system_chat_participant (message_row_id INTEGER, user_jid_row_id INTEGER, sender_jid_row_id);"
    "INSERT INTO jid VALUES (1, '32470000001', 's.whatsapp.net', NULL);"
    "INSERT INTO chat VALUES (1, 1, NULL);"
)
MESSAGES = (
    "CREATE TABLE message (_id INTEGER PRIMARY KEY, chat_row_id INTEGER, from_me INTEGER, key_id TEXT, text_data TEXT);"
)
ONE = "INSERT INTO message VALUES (1, 1, 0, 'K', 'hello');"
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS _id, 'x' AS text_data FROM n"


def broken_schema():
    data = bytearray(database(TABLES + MESSAGES + ONE))
    at = data.find(b"CREATE TABLE message (")
    data[at : at + 12] = b"CREATE TABLE"[::-1]
    return bytes(data)


def endless_cells():
    """A page that points back to itself."""
    data = bytearray(database(TABLES + MESSAGES + "".join(f"INSERT INTO message VALUES ({n}, 1, 0, 'K{n}', '{'x' * 900}');"
                                                          for n in range(1, 60))))  # fmt: skip
    for page in range(2, len(data) // 4096):
        if data[page * 4096] == 5:
            struct.pack_into(">I", data, page * 4096 + 8, page + 1)
    return bytes(data)


DATABASES = {
    # name: (database, messages at most)
    "view-for-table": (lambda: database(TABLES + f"CREATE VIEW message AS {ENDLESS};"), 0),
    "trigger": (lambda: database(TABLES + MESSAGES + ONE + "CREATE TRIGGER t AFTER INSERT ON message BEGIN"
                                 " DELETE FROM message; END;"), 1),
    "generated": (lambda: database(TABLES + "CREATE TABLE message (_id INTEGER PRIMARY KEY, chat_row_id INTEGER, from_me INTEGER,"
                                   " key_id TEXT, text_data TEXT GENERATED ALWAYS AS (hex(zeroblob(100000000))));"
                                   "INSERT INTO message VALUES (1, 1, 0, 'K');"), 1),
    "check-and-default": (lambda: database(TABLES + "CREATE TABLE message (_id INTEGER PRIMARY KEY, chat_row_id INTEGER,"
                                           " from_me INTEGER, key_id TEXT, text_data TEXT CHECK (length(text_data) < 99),"
                                           " more TEXT DEFAULT (hex(zeroblob(10))));"
                                           "INSERT INTO message VALUES (1, 1, 0, 'K', 'hello', 'm');"), 1),
    "virtual": (lambda: database(TABLES + "CREATE VIRTUAL TABLE message USING fts5(chat_row_id, from_me, key_id, text_data);"), 0),
    "index-expression": (lambda: database(TABLES + MESSAGES + ONE + "CREATE INDEX i ON message (abs(_id));"), 1),
    "names": (lambda: database(TABLES + MESSAGES + ONE + 'CREATE TABLE "x""; DROP TABLE message; --" (a);'
                               'CREATE TABLE "\x1b[31m" (a); INSERT INTO "\x1b[31m" VALUES (1);'), 1),
    "broken-schema": (broken_schema, 1),
    "endless-cells": (endless_cells, 59),
    "huge-integers": (lambda: database(TABLES + "CREATE TABLE message (_id, chat_row_id, from_me, key_id, text_data, timestamp);"
                                       "INSERT INTO message VALUES (-9223372036854775808, 9223372036854775807, 1e308, x'00ff',"
                                       " x'c328', 9223372036854775807), (NULL, NULL, NULL, NULL, NULL, NULL);"), 2),
}  # fmt: skip


@pytest.mark.parametrize("name", DATABASES)
def test_databases_made_to_do_things_are_read_as_rows_or_not_at_all(case, evil, name):
    make, most = DATABASES[name]
    data = make()
    (evil / "msgstore.db").write_bytes(data)
    attack = Attack(case, evil)
    assert (evil / "msgstore.db").read_bytes() == data
    assert sum(reading.tally.messages for reading in attack.readings) <= most
    assert attack.seconds < 60
    if most == 1 and name not in ("generated", "broken-schema"):
        assert case.count(case.view(), "platform:whatsapp hello") == 1


# tables


def operator(**cells):
    row = {
        "device": "ada",
        "direction": "out",
        "contact": "bert",
        "sent (UTC)": "2020-04-01T10:00:00Z",
        "text": "hello",
    } | cells
    keys = ";".join(row)
    return f"{keys}\r\n" + ";".join('"' + str(value).replace('"', '""') + '"' for value in row.values()) + "\r\n"


CELLS = {
    "million": ("text", "word " * 200_000),
    "formula": ("text", "=cmd|' /C calc'!A0"),
    "escapes": ("text", "\x1b]0;title\x07\x1b[2J\u202e\u2066\ufeff"),
    "nul": ("text", "a\x00b"),
    "number": ("contact", "9" * 400),
    "time": ("sent (UTC)", "99999-13-45T99:99:99Z"),
    "handle": ("contact", "\u202e=@\x1b[0m'\"<script>alert(1)</script>"),
}


@pytest.mark.parametrize("name", CELLS)
def test_cells_made_to_harm_are_kept_as_they_are(case, evil, tmp_path, name):
    column, value = CELLS[name]
    (evil / "table.csv").write_text(operator(**{column: value}), "utf-8", newline="")
    attack = Attack(case, evil)
    view = case.view()
    assert [reading.tally.units for reading in attack.readings] == [2]
    hits = case.search(view, "platform:table OR item:table").hits
    if column == "text":
        [hit] = hits
        assert hit.message.text.strip() == value.strip()
        assert len(hit.snippet) <= 240
    for kind in ("csv", "xlsx", "jsonl", "parquet"):
        case.export(view, "", kind, tmp_path / BESIDE / f"{name}.{kind}")


def test_bytes_that_mean_nothing_under_every_extension_are_kept_unread(case, evil):
    import random

    for n, name in enumerate(
        ("a.json", "a.xml", "a.csv", "a.db", "a.zip", "a.txt", "a.rsmf", "a.parquet", "a.xlsx", "a.tar.zst")
    ):
        (evil / name).write_bytes(random.Random(n).randbytes(20_000))
    attack = Attack(case, evil)
    assert sum(reading.tally.messages for reading in attack.readings) == 0


def huge_mail():
    """An e-mail of so many lines that it does not fit into the memory it is taken apart in."""
    head = b"X-RSMF-Version: 2.0.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n"
    return head + b"l\r\n" * (12 * MIB)


@pytest.fixture
def narrow(tmp_path):
    """A case whose parsing processes have little memory."""
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    limits = msgspec.structs.replace(LIMITS, worker_memory=450 * MIB)
    with create_case("narrow", Settings(home=home, who="ada", limits=limits)) as made:
        yield made


def test_a_parser_that_needs_too_much_ends_alone(narrow, evil):
    (evil / "huge.rsmf").write_bytes(huge_mail())
    attack = Attack(narrow, evil)
    assert attack.codes == ["reader-ended"] or "memory" in "".join(attack.left_out.values())


def test_a_member_that_ends_the_parser_does_not_take_its_archive_along(narrow, evil):
    inside = [("a.log", exports.irc(lines=5, seed=1)), ("b.rsmf", huge_mail()), ("c.log", exports.irc(lines=7, seed=2))]
    (evil / "telephone.zip").write_bytes(zip_of(inside, zipfile.ZIP_STORED))
    attack = Attack(narrow, evil)
    gave = [(r.format, r.member, r.tally.messages) for r in attack.readings if r.member != "b.rsmf"]
    assert gave == [("archive", None, 0), ("irc", "a.log", 5), ("irc", "c.log", 7)]
    # Whether looking at it or reading it takes the last of the memory depends on the machine; one of the two does.
    assert attack.codes == ["reader-ended"]
    read = [r for r in attack.readings if r.member == "b.rsmf"]
    assert read or [defect.path for defect in attack.defects] == ["b.rsmf"]
    assert all(r.tally.messages == 0 for r in read)
    assert attack.readings[0].tally.balanced


@pytest.mark.parametrize(
    "text",
    ["/(a+)+$/", "/(x+x+)+y/", "text:/(a|aa)+$/", "text:/(.*)*(.*)*b/", "text:/^(([a-z])+.)+[A-Z]([a-z])+$/", "*aaaa*"],
)
def test_patterns_made_to_run_forever_are_linear(case, evil, text):
    lines = "".join(f"09:{n % 60:02d} <dylan> {'a' * 5_000}!\n" for n in range(200))
    (evil / "#a.log").write_text(lines)
    Attack(case, evil)
    began = time.monotonic()
    case.search(case.view(), text)
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("text", ["/(a{1000}){1000}/", "text:/(/", "(" * 5_000, "NOT " * 2_000,
                                  "a" * 20_000])  # fmt: skip
def test_searches_made_to_break_the_language_are_refused(case, text):
    with pytest.raises(QueryError):
        case.search(case.view(), text)


def test_evidence_alone_that_cannot_be_taken_leaves_the_case_as_it_was(case, evil):
    (evil / "bomb.zip").write_bytes(zip_bomb())
    os.mkfifo(evil / "fifo")
    head, counts = case.head, case.counts(case.view())
    with pytest.raises(EvidenceError):
        case.add(case.view(), [evil / "fifo"])
    assert (case.head, case.counts(case.view())) == (head, counts)
    added = case.add(case.view(), [evil / "bomb.zip"])
    assert [row.readings[0].format for row in added.items] == ["archive"]
    assert added.tally.defects == 1
    with zipfile.ZipFile(evil / "bomb.zip") as box:
        assert box.namelist() == ["bomb.log"]
