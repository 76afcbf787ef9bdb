"""Text, JSON, XML and tables made to break what reads them."""

import json
import random

import pytest

from case import made_exports as exports
from case.hostile.attack import BESIDE, MIB, Attack


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
    for n, name in enumerate(
        ("a.json", "a.xml", "a.csv", "a.db", "a.zip", "a.txt", "a.rsmf", "a.parquet", "a.xlsx", "a.tar.zst")
    ):
        (evil / name).write_bytes(random.Random(n).randbytes(20_000))
    attack = Attack(case, evil)
    assert sum(reading.tally.messages for reading in attack.readings) == 0
