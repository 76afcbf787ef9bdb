"""The test cases of whatsapp-chat-parser (TypeScript, read as text) and the samples of chat-miner."""

import json
import os
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from filon.evidence.reading import Given
from filon.evidence.source import BytesSource
from filon.model.dates import OrderEvidence
from filon.model.records import Event, Message
from filon.readers.whatsapp_text import READER

SAMPLES = Path(os.environ.get("FILON_SAMPLES", "../shared/samples"))
CASES = SAMPLES / "whatsapp-chat-parser/tests"
MINER = SAMPLES / "chat-miner/test/whatsapp"
pytestmark = [
    pytest.mark.samples,
    pytest.mark.skipif(not CASES.is_dir() or not MINER.is_dir(), reason=f"no samples at {SAMPLES}"),
]


def read(text: str, **stated: str) -> list[Message | Event]:
    records = READER.read(BytesSource("x", text.encode()), Given(**stated))  # type: ignore[arg-type] - names of strings only
    return [record for record in records if isinstance(record, Message | Event)]


def wall(record: Message | Event) -> datetime:
    stamp = record.sent if isinstance(record, Message) else record.at
    assert stamp is not None
    assert stamp.local is not None
    return datetime(1970, 1, 1) + timedelta(microseconds=stamp.local)  # noqa: DTZ001 - a wall time


def literal(written: str) -> str:
    return written.replace("\\n", "\n").replace("\\'", "'")


def test_its_layouts_of_date_and_time() -> None:
    code = (CASES / "parser.test.ts").read_text()
    written = dict(re.findall(r"const format(\d+) = \[\{ system: false, msg: '(.*?)' \}\];", code))
    instants = dict(re.findall(r"const (expected\d) = '(.*?)Z';", code))
    wanted = dict(re.findall(r"expect\(parsed(\d+)\[0\]\.date\.toISOString\(\)\)\.toBe\((expected\d)\)", code))
    assert len(written) == len(wanted) == 12
    for number, line in written.items():
        (message,) = read(line)
        assert isinstance(message, Message)
        assert (message.account_from and message.account_from.name, message.text) == ("a", "m")
        assert wall(message) == datetime.fromisoformat(instants[wanted[number]]), line


def test_its_attachments() -> None:
    code = (CASES / "parser.test.ts").read_text()
    written = [literal(text) for text in re.findall(r"const format\d =\s+'(.*?)';", code, re.S)]
    names = re.findall(r"fileName\)\.toBe\(\s*'(.*?)'", code)
    assert len(written) == len(names) == 4
    for text, name in zip(written, names, strict=True):
        (message,) = read(text)
        assert isinstance(message, Message)
        assert [a.name for a in message.attachments] == [name]
        assert message.text == ("Dir auch frohe Ostern." if "Ostern" in text else None)


def test_its_lines_that_belong_together() -> None:
    code = (CASES / "parser.test.ts").read_text()
    block = code[: code.index("describe('parseMessages'")]
    first = literal(re.findall(r"multilineMessage = \['(.*?)', '(.*?)'\]", block)[0][0])
    (message,) = read(f"{first}\ntwo\n2016-04-29 10:30:00")
    assert message.text == "one\ntwo\n2016-04-29 10:30:00"
    (event,) = read('06/03/2017, 00:45 - You created group "Test"\nThis is another line')
    assert isinstance(event, Event)
    assert event.text == 'You created group "Test"\nThis is another line'
    (empty,) = read("03/02/17, 18:42 - Luke: ")
    assert isinstance(empty, Message)
    assert empty.text == ""


def test_its_options() -> None:
    days, months = (read("3/6/18, 1:55 p.m. - a: m", date_order=order)[0] for order in ("dmy", "mdy"))
    assert (wall(days).day, wall(days).month) == (3, 6)
    assert (wall(months).day, wall(months).month) == (6, 3)


def test_its_whole_chat() -> None:
    code = (CASES / "index.test.ts").read_text()
    chat = re.findall(r"chatExample = `(.*?)`", code, re.S)[0]
    records = read(chat)
    assert len(records) == 5
    assert [type(record) for record in records] == [Event, Event, Message, Message, Message]
    # It keeps the line end at the end of the file as part of the last message; we do not.
    assert records[4].text == "How are you?\n\nIs everything alright?"
    fix = re.findall(r"parseString\(\s*'(30/12.*?)'", code)[0]
    assert [str(wall(record)) for record in read(literal(fix))] == ["2020-12-30 13:00:00", "2021-01-13 13:00:00"]
    assert read("") == []


def test_its_evidence_for_the_order() -> None:
    """Two of its three methods are ours. It also guesses from how often a number changes; we ask instead."""
    code = (CASES / "date.test.ts").read_text()
    found = {}
    for part in ("checkAbove12", "checkDecreasing"):
        block = code[code.index(f"describe('{part}'") :].split("describe('", 2)[1]
        for name, numbers in re.findall(r"const (\w+) = \[\s*(\[.*?\]),?\s*\];", block, re.S):
            evidence = OrderEvidence()
            for date in re.findall(r"\[(\d+), (\d+), (\d+)\]", numbers):
                evidence.add((int(date[0]), int(date[1]), int(date[2])))
            found[part, name] = evidence.order
    assert found == {
        ("checkAbove12", "daysFirst"): "dmy",
        ("checkAbove12", "monthsFirst"): "mdy",
        ("checkAbove12", "undetectable"): None,
        ("checkDecreasing", "daysFirst"): "dmy",
        ("checkDecreasing", "monthsFirst"): "mdy",
        ("checkDecreasing", "undetectable"): None,
        ("checkDecreasing", "differentYears1"): "dmy",
        ("checkDecreasing", "differentYears2"): "mdy",
        ("checkDecreasing", "differentYears3"): None,
    }


@pytest.mark.parametrize("name", ["ddmmyy_24hrs", "mmddyy_24hrs", "[mmddyy]_24hrs", "mmddyyyy_12hrs", "yyyymmdd_24hrs"])
def test_chat_miner(name: str) -> None:
    """It joins the lines of a message with blanks, and drops the message whose text is a full stop after the colon."""
    source = BytesSource("x.txt", (MINER / f"test_{name}.txt").read_bytes())
    assert READER.sniff(source) > 0.8
    messages = [record for record in READER.read(source, Given()) if isinstance(record, Message)]
    found = [
        (wall(m).isoformat(), m.account_from and m.account_from.name, (m.text or "").replace("\n", " "))
        for m in messages
    ]
    target = json.loads((MINER / "target.json").read_text())
    expected = [(line["timestamp"], line["author"], line["message"]) for line in reversed(target)]
    assert [line for line in found if line[2] != "."] == expected
    assert [line for line in found if line[2] == "."] == [("2019-01-20T11:23:00", "John Doe", ".")]
