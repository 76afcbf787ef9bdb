"""WhatsApp's exported chats: fixtures, layouts, sentences, and the test cases of two other projects."""

import re
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filon.evidence.reading import Given
from filon.evidence.source import BytesSource
from filon.model.records import Account, Defect, Event, Message, Record
from filon.readers.whatsapp_text import READER
from filon.readers.whatsapp_text.phrases import told
from readers.golden import accounted, check, folder_source

HERE = Path(__file__).parent
FIXTURES = sorted(HERE.rglob("*.txt"))


def read(text: str, name: str = "x.txt", beside: tuple[str, ...] = (), **stated: str) -> list[Record]:
    source = BytesSource(name, text.encode(), dict.fromkeys(beside, b""))
    records = list(READER.read(source, Given(**stated)))  # type: ignore[arg-type] - names of strings only
    assert accounted(records)
    return records


def message(text: str, **stated: str) -> Message:
    found = read(text, **stated)[0]
    assert isinstance(found, Message)
    return found


def wall(record: Message | Event) -> str | None:
    stamp = record.sent if isinstance(record, Message) else record.at
    if stamp is None or stamp.local is None:
        return None
    return str(datetime(1970, 1, 1) + timedelta(microseconds=stamp.local))  # noqa: DTZ001 - a wall time


@pytest.mark.parametrize("path", FIXTURES, ids=lambda p: p.name)
def test_fixtures(path: Path) -> None:
    source = folder_source(path)
    assert READER.sniff(source) >= 0.85
    records = list(READER.read(source, Given()))
    assert accounted(records)
    check(records, path.with_name(path.name + ".expected.jsonl"))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("[12.6.2018 klo 14.08.18] a: m", "2018-06-12 14:08:18"),
        ("2018/6/13 下午1:55 - a: m", "2018-06-13 13:55:00"),
        ("2018年6月13日 上午12:05 - a: m", "2018-06-13 00:05:00"),
        ("[2018. 6. 13. 오후 1:55:00] a: m", "2018-06-13 13:55:00"),
        ("2018년 6월 13일 오전 1:55, a : m", "2018-06-13 01:55:00"),
        ("۱۳۹۷/۳/۲۳،\u200f ۱۶:۱۵ - a: m", "2018-06-13 16:15:00"),
        ("๑๓/๖/๒๕๖๑ ๑๖:๑๕ - a: m", "2018-06-13 16:15:00"),
        ("13/6/2561 16:15 - a: m", "2018-06-13 16:15:00"),
        ("13.06.18, 21:25 – a: m", "2018-06-13 21:25:00"),
        ("13-06-2018 21:25 - a: m", "2018-06-13 21:25:00"),
        ("13/06/2018, 12:05 a. m. - a: m", "2018-06-13 00:05:00"),
        ("13/06/2018 à 21:25 - a: m", "2018-06-13 21:25:00"),
        ("13/06/2018, 25:61 - a: m", None),
        ("99/99/9999, 9:59 PM - a: m", None),
        ("1/1/1445, 9:59 - a: m", None),
    ],
)
def test_layouts(line: str, expected: str | None) -> None:
    found = message(line)
    assert wall(found) == expected
    assert found.sent is not None
    assert found.sent.raw == re.split(r"\]| [-–] |, a", line.lstrip("["))[0]
    assert found.account_from is not None
    assert (found.account_from.name, found.text) == ("a", "m")


def test_senders() -> None:
    assert (
        message("1/2/2020, 10:00 - Jean \u201cJo\u201d D: hi").account_from
        == message("1/2/2020, 10:00 - Jean “Jo” D: x").account_from
    )
    assert isinstance(read('1/2/2020, 10:00 - Ada changed the subject to "a: b"')[0], Event)
    mine, other = (message(f"1/2/2020, 10:00 - {name}: x", owner="Ada") for name in ("Ada", "Bert"))
    assert (mine.direction, mine.device, other.direction) == ("out", "Ada", "in")
    numbered = read("1/2/2020, 10:00 - +32 470 00 00 01: x", owner="+32470000001")
    assert isinstance(numbered[0], Message)
    assert numbered[0].direction == "out"
    assert [(r.ref.id, r.owner) for r in numbered if isinstance(r, Account)] == [("32470000001@s.whatsapp.net", True)]


@pytest.mark.parametrize(
    ("sentence", "kind", "actor", "others", "value"),
    [
        ("You created group “Tea”", "create", None, (), "Tea"),
        ("Ada added Bert and Carl", "add", "Ada", ("Bert", "Carl"), None),
        ("Bert left", "leave", "Bert", (), None),
        ("Ada removed you", "remove", "Ada", (), None),
        ("Ada's security code changed. Tap to learn more.", "key-change", "Ada", (), None),
        ("You're now an admin", "mode", None, (), None),
        ("Ada pinned a message", "pin", "Ada", (), None),
        ("Missed voice call", "call", None, (), None),
        ("Ada changed this group's icon", "other", "Ada", (), None),
        ("Ada turned on disappearing messages. New messages will disappear", "timer", "Ada", (), None),
        ("Vous avez créé le groupe « Thé »", "create", None, (), "Thé"),
        ("Ada a ajouté Bert, Carl et Dora", "add", "Ada", ("Bert", "Carl", "Dora"), None),
        ("Bert est parti", "leave", "Bert", (), None),
        ("Ada a retiré Bert", "remove", "Ada", ("Bert",), None),
        ("Ada a changé le sujet de « Thé » à « Café »", "rename", "Ada", (), "Café"),
        ("Ada heeft de groep 'Thee' gemaakt", "create", "Ada", (), "Thee"),
        ("Je hebt Bert toegevoegd", "add", None, ("Bert",), None),
        ("Bert heeft de groep verlaten", "leave", "Bert", (), None),
        ("Ada heeft Bert verwijderd", "remove", "Ada", ("Bert",), None),
        ("Berichten en gesprekken worden end-to-end versleuteld. Tik voor info.", "other", None, (), None),
        ("Du hast die Gruppe „Tee“ erstellt", "create", None, (), "Tee"),
        ("Ada hat Bert hinzugefügt", "add", "Ada", ("Bert",), None),
        ("Bert hat die Gruppe verlassen", "leave", "Bert", (), None),
        ("Ada hat den Betreff von „Tee“ zu „Kaffee“ geändert", "rename", "Ada", (), "Kaffee"),
        ("Ada hat Bert entfernt", "remove", "Ada", ("Bert",), None),
        ('Creaste el grupo "Té"', "create", None, (), "Té"),
        ("Ada añadió a Bert", "add", "Ada", ("Bert",), None),
        ("Bert salió del grupo", "leave", "Bert", (), None),
        ("Ada eliminó a Bert", "remove", "Ada", ("Bert",), None),
        ("Los mensajes y las llamadas están cifrados de extremo a extremo.", "other", None, (), None),
        ('Ada criou o grupo "Chá"', "create", "Ada", (), "Chá"),
        ("Ada adicionou Bert", "add", "Ada", ("Bert",), None),
        ("Bert saiu", "leave", "Bert", (), None),
        ("Você foi adicionado(a)", "add", None, (), None),
        ('Ada mudou o nome do grupo de "Chá" para "Café"', "rename", "Ada", (), "Café"),
    ],
)
def test_sentences(sentence: str, kind: str, actor: str | None, others: tuple[str, ...], value: str | None) -> None:
    found = told(sentence)
    assert found is not None
    assert (found.kind, found.actor, found.others, found.value) == (kind, actor, others, value)


def test_what_a_person_writes_is_no_sentence_of_whatsapps() -> None:
    """Android gives such words to a sender; on iOS WhatsApp's own begin with a mark that nobody types."""
    for text in ("Ada left", "Ada added Bert", "You were removed"):
        for line in (f"1/2/2020, 10:00 - Eve: {text}", f"[1/2/2020, 10:00:00] x: y\n[1/2/2020, 10:00:00] Eve: {text}"):
            assert isinstance(read(line)[line.count("\n")], Message)
    assert isinstance(read("[1/2/2020, 10:00:00] Eve: \u200eAda left")[0], Event)


@pytest.mark.parametrize(
    ("text", "kind", "caption"),
    [
        ("<Média omis>", "file", None),
        ("<Medien ausgeschlossen>", "file", None),
        ("\u200eafbeelding weggelaten", "image", None),
        ("\u200eVideo weggelassen", "video", None),
        ("\u200eaudio omitido", "audio", None),
        ("\u200efigurinha omitida", "sticker", None),
        ("report.pdf • 3 pages \u200edocument omitted", "file", None),
        ("\u200eContact card omitted", "contact", None),
        ("<Media omitted>\nlook", "file", "look"),
    ],
)
def test_media_left_out(text: str, kind: str, caption: str | None) -> None:
    found = message(f"1/2/2020, 10:00 - a: {text}")
    assert (found.kind, found.text, len(found.attachments)) == (kind, caption, 1)
    assert found.attachments[0].note == text.split("\n")[0].strip("\u200e")


def test_an_open_order_is_asked_for_and_a_stated_one_taken() -> None:
    source = BytesSource("x", b"3/6/2018, 10:00 - a: m\n4/6/2018, 10:00 - a: m\n")
    zone, order = READER.ask(source, Given())
    assert (zone.name, zone.proposal) == ("zone", None)
    assert (order.name, order.proposal, order.choices) == ("date_order", "dmy", ("dmy", "mdy"))
    stated = message("3/6/2018, 10:00 - a: m", date_order="mdy", zone="Europe/Paris")
    assert stated.assumptions == ("date-order:mdy", "zone:Europe/Paris")
    assert stated.sent is not None
    assert stated.sent.at == int(datetime.fromisoformat("2018-03-06T09:00+00:00").timestamp() * 1e6)


def test_a_stated_order_that_the_file_contradicts_is_told() -> None:
    records = read("30/6/2018, 10:00 - a: m\n", date_order="mdy")
    assert [r.code for r in records if isinstance(r, Defect)] == ["date-order-contradicted"]
    assert isinstance(records[0], Message)
    assert wall(records[0]) == "2018-06-30 10:00:00"


def test_lines_before_the_first_message_are_kept() -> None:
    first = read("end of something\nmore\n1/2/2020, 10:00 - a: m\n")[0]
    assert isinstance(first, Defect)
    assert (first.code, first.locator.units, first.raw) == ("text-before-first-message", 2, "end of something\nmore")


def test_an_endless_message_is_cut_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("filon.readers.whatsapp_text.reader.LINE_BYTES", 60)
    records = read("1/2/2020, 10:00 - a: m\n" + "more\n" * 50)
    assert isinstance(records[0], Message)
    assert len(records[0].text or "") < 60
    assert records[0].locator.units == 51
    assert [r.code for r in records if isinstance(r, Defect)] == ["message-cut"]


pieces = st.sampled_from(
    [
        "30/06/2023, 16:15 - ",
        "6/30/23, 4:15 PM - ",
        "[30.06.23 16:15:00] ",
        "٣٠/٦/٢٠٢٣، ٤:١٥ م - ",
        "a: ",
        "\n",
        "\u200e",
        "<a: b.jpg>",
        "b.jpg (file attached)",
        "Ada left",
        "<This message was edited>",
        "null",
        "~",
        "+32 470 1",
        '"',
        ": ",
        "9999",
        "/",
        "x\r",
    ]
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(pieces, max_size=30).map(lambda p: "".join(p).encode()) | st.binary(),
    st.sampled_from([None, "dmy", "mdy", "ymd"]),
)
def test_any_bytes_are_accounted_for(data: bytes, order: str | None) -> None:
    source = BytesSource("a", data)
    assert 0 <= READER.sniff(source) <= 1
    for zone in (None, "Pacific/Chatham"):
        READER.ask(source, Given(zone=zone, date_order=order))
        assert accounted(list(READER.read(source, Given(zone=zone, date_order=order))))


def test_sniffing_leaves_other_texts_alone() -> None:
    assert READER.sniff(BytesSource("app.log", b"2016-04-29 10:30:00 INFO: started\n" * 9)) <= 0.3
    assert READER.sniff(BytesSource("x.txt", b"[12:18] <ada> hi\n")) == 0
    assert READER.sniff(BytesSource("signal.txt", b"[2019-12-24, 12:23] Jane: x\n")) == 0.5


@pytest.mark.parametrize(
    "line",
    [
        "30/06/2023," + " " * 300_000,
        "30/06/2023\u200e" + "\u200e" * 300_000,
        "30/06/2023, 16:15 - " + " " * 300_000 + ":",
        "30/06/2023, 16:15 - a: <x:" + " " * 300_000 + ">",
        "30/06/2023, 16:15 - a: " + "\u200e" * 300_000 + ">",
        "30/06/2023, 16:15 - a: " + " " * 300_000 + "<This message was edited>",
        "30/06/2023, 16:15 - " + "a changed the subject from " * 10_000,
        "30/06/2023, 16:15 - " + "disappearing messages" * 10_000,
        "30/06/2023, 16:15 - a: " + "f" * 300_000 + " (file attached)",
        "30/06/2023, 16:15 - a: \u200e" + "x • " * 80_000 + "image omitted",
    ],
    ids=range(10),
)
def test_long_lines_take_no_longer_than_their_length(line: str) -> None:
    """Made to have a pattern try every way to split a run of the same signs. In the square of 300,000 it would take hours."""
    begun = time.process_time()
    read("1/2/2020, 10:00 - a: m\n" + line)
    assert time.process_time() - begun < 10
