"""IRC logs: every layout, every line accounted for, and the public Ubuntu logs."""

import os
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filon.evidence.reading import Given
from filon.evidence.source import BytesSource
from filon.model.records import ConversationRef, Defect, Event, Message, Record, Skipped
from filon.readers.irc import READER
from filon.readers.irc.clock import day_in_name
from filon.readers.irc.grammar import parse
from readers.golden import accounted, check, folder_source

HERE = Path(__file__).parent
FIXTURES = sorted(p for p in HERE.iterdir() if p.suffix in {".log", ".txt", ".weechatlog"})
SAMPLES = Path(os.environ.get("FILON_SAMPLES", "../shared/samples")) / "irc-ubuntu"


def read(data: bytes, name: str = "x.log", given: Given = Given()) -> list[Record]:  # noqa: B008 - frozen
    return list(READER.read(BytesSource(name, data), given))


@pytest.mark.parametrize("path", FIXTURES, ids=lambda p: p.name)
def test_fixtures(path: Path) -> None:
    source = folder_source(path)
    assert READER.sniff(source) > 0.55
    records = list(READER.read(source, Given()))
    assert accounted(records)
    check(records, path.with_name(path.name + ".expected.jsonl"))


def test_a_stated_zone_makes_instants() -> None:
    data = b"[12:18] <ada> x\n"
    local, stated = (read(data, "2004-07-15.log", Given(zone=zone))[0] for zone in (None, "Europe/Paris"))
    assert isinstance(local, Message)
    assert isinstance(stated, Message)
    assert local.sent is not None
    assert stated.sent is not None
    assert (local.sent.at, local.sent.basis) == (None, "unknown")
    assert stated.sent.at == (local.sent.local or 0) - 2 * 3600 * 10**6
    assert stated.assumptions == ("day:file-name", "zone:Europe/Paris")


def test_a_day_that_nothing_states_stays_unknown() -> None:
    message = read(b"[12:18] <ada> x\n")[0]
    assert isinstance(message, Message)
    assert message.sent is not None
    assert (message.sent.order, message.sent.raw) == (None, "12:18")
    assert message.assumptions == ()


def test_the_zone_is_asked_for_unless_written() -> None:
    assert [q.name for q in READER.ask(BytesSource("x", b"[12:18] <ada> x\n"), Given())] == ["zone"]
    assert READER.ask(BytesSource("x", b"[12:18] <ada> x\n"), Given(zone="UTC")) == ()
    assert READER.ask(BytesSource("x", b"2020-01-02T03:04:05Z <ada> x\n"), Given()) == ()


def test_what_a_person_does_cannot_pass_for_the_system() -> None:
    log = b"[12:17] -!- eve [e@h.example] has joined #a\n[12:18] * bert has quit (gone)\n"
    records = read(log)
    assert isinstance(records[0], Event)
    assert isinstance(records[1], Message)
    assert records[1].text == "has quit (gone)"


def test_conversations_of_one_channel_are_equal_across_files() -> None:
    by_name = read(b"[12:18] <ada> x\n", "2004-11-15/#Tea.txt")[0]
    by_line = read(b"[12:18] -!- ada [a@h] has joined #tea\n[12:18] <ada> x\n")[1]
    assert isinstance(by_name, Message)
    assert isinstance(by_line, Message)
    assert by_name.conversation == ConversationRef("irc", "#tea", "#Tea", shared=True)
    assert by_line.conversation == ConversationRef("irc", "#tea", "#tea", shared=True)
    assert by_line.assumptions == ("channel:first-lines",)


def test_days_in_names() -> None:
    names = ("2004/11/15/#ubuntu.txt", "#a_20041115.log", "a.2004-11-15.log", "20041399", "12345678901", "1.2.3")
    assert [str(day_in_name(name)) for name in names] == ["2004-11-15"] * 3 + ["None"] * 3


def test_a_line_that_is_too_long_is_cut_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("filon.readers.irc.reader.LINE_BYTES", 20)
    records = read(b"[12:18] <ada> " + b"x" * 100 + b"\n")
    assert isinstance(records[0], Message)
    assert records[0].text == "x" * 6
    assert isinstance(records[1], Defect)
    assert records[1].code == "line-too-long"
    assert accounted(records)


pieces = st.sampled_from(
    [
        "[12:18] ",
        "23:59 ",
        "2004-11-15 12:18:33\t",
        "Nov 15 12:18:33 ",
        "Jan  1 ",
        "<ada> ",
        "< @x>",
        "=== ",
        "-!- ",
        "*** ",
        "* ",
        "-->\t",
        "ada ",
        "[n=a@b] ",
        "has joined ",
        "#tea ",
        "has left ",
        "is now known as ",
        "mode/#tea [+o x] by ",
        "--- Day changed Wed Nov 17 2004",
        "Session Ident: ",
        "0-0-0",
        "99:99 ",
        "-n- ",
        "(a/#b) ",
        "\r",
        "\x00",
        "\x03",
        "é",
        "\n",
        "9999",
        "Topic changed on #a by ",
        ": ",
        "+99:99 ",
        "-05:30 ",
        ".123456",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(pieces | st.text(max_size=5), max_size=40).map(lambda parts: "".join(parts).encode()) | st.binary())
def test_any_bytes_are_accounted_for(data: bytes) -> None:
    READER.sniff(BytesSource("a", data))
    for zone in (None, "Pacific/Chatham"):
        assert accounted(read(data, "9999-12-31 2199-12-31.log", Given(zone=zone)))


@pytest.mark.parametrize(
    "text",
    [
        "<workbook/>",
        "<?xml version='1.0'?>\n<a>\n<b>",
        "<html>\n<p>Hello</p>\n<b>you</b>\n",
        "<!DOCTYPE html>\n<html>\n",
    ],
)
def test_markup_is_no_log(text: str) -> None:
    assert READER.sniff(BytesSource("page.html", text.encode())) == 0


def test_a_log_of_people_who_talk_about_markup_is_one() -> None:
    assert READER.sniff(BytesSource("x.log", b"[12:00] <ada> close it with </b>\n[12:01] <bert> <br/>\n")) > 0.9


def test_unreadable_lines_are_not_irc() -> None:
    assert parse("30/06/2023, 12:18 - Ada: hello") is None
    assert READER.sniff(BytesSource("a", b"30/06/2023, 12:18 - Ada: hello\n" * 20)) == 0
    assert READER.sniff(BytesSource("a", b"time\tname\ttext\n2019-09-19 15:35:36\tada\thi\n" * 20)) < 0.5


@pytest.mark.samples
def test_public_ubuntu_logs() -> None:
    if not SAMPLES.is_dir():
        pytest.skip(f"no samples at {SAMPLES}")
    counts: Counter[str] = Counter()
    for path in sorted(SAMPLES.glob("*.raw.txt")):
        data = path.read_bytes()
        source = BytesSource(path.name, data)
        assert READER.sniff(source) > 0.9
        records = list(READER.read(source, Given()))
        assert accounted(records)
        counts["lines"] += data.count(b"\n")
        for record in records:
            match record:
                case Message():
                    counts["marked" if record.kind != "action" else record.assumptions[-1]] += 1
                    assert record.sent is not None
                case Event():
                    counts[record.kind] += 1
                case Defect() | Skipped():
                    counts["lost"] += 1
    assert counts["lines"] == 232_963
    assert counts["lost"] == 0
    # As grep counts them: "=== .*has joined #", "=== .*@.*has left #".
    assert counts["join"] == 16_351
    assert counts["leave"] == 2_634
    assert counts["other"] < 100


@pytest.mark.parametrize(
    "line",
    [
        "[12:18]" + " " * 300_000 + "x",
        "[12:18] <a" + " " * 300_000 + ">",
        "=== " + "a] " * 100_000,
        "=== a [" + "@" * 300_000 + " has joined",
        '=== a has changed topic for #x from "' + '" to' * 100_000,
        "=== mode/#x [" + "] " * 100_000 + "by",
        "--- Day changed " + "Mon " * 100_000,
        "[12:18] -a(" + "(" * 300_000 + "- x",
    ],
    ids=range(8),
)
def test_long_lines_take_no_longer_than_their_length(line: str) -> None:
    """Made to have a pattern try every way to split a run of the same signs. In the square of 300,000 it would take hours."""
    begun = time.process_time()
    assert accounted(read(f"[12:17] <ada> x\n{line}\n".encode()))
    assert time.process_time() - begun < 10
