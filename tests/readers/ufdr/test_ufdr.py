"""Cellebrite UFDR: the made report, units, damage at every place, any bytes."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filon.evidence.reading import Given
from filon.evidence.source import BytesSource
from filon.model.records import Account, Conversation, Defect, Event, Message, Record, Skipped, Total
from filon.readers.ufdr import READER
from readers.golden import accounted, check, folder_source
from readers.json_shapes import damaged

HERE = Path(__file__).parent
REPORT = (HERE / "report.xml").read_bytes()


def read(data: bytes, given: Given = Given(), beside: dict[str, bytes] | None = None) -> list[Record]:  # noqa: B008 - frozen
    records = list(READER.read(BytesSource("report.xml", data, beside), given))
    assert accounted(records)
    return records


def messages(records: list[Record]) -> dict[str, Message]:
    return {record.locator.path: record for record in records if isinstance(record, Message)}


def test_the_fixture() -> None:
    source = folder_source(HERE / "report.xml")
    assert READER.sniff(source) > 0.9
    records = list(READER.read(source, Given()))
    assert accounted(records)
    check(records, HERE / "report.xml.expected.jsonl")


def test_an_embedded_message_is_not_counted_as_new() -> None:
    records = read(REPORT)
    assert list(messages(records)) == [f"InstantMessage {name}" for name in ("m1", "m2", "m4")] + ["SMS s1"]
    assert messages(records)["InstantMessage m2"].reply_to == "AAA1"
    assert records[-1] == Total(11)


def test_locators_lead_back_to_the_model() -> None:
    for record in read(REPORT):
        if isinstance(record, Message | Conversation | Account):
            locator = record.locator
            assert locator.offset is not None
            assert locator.length is not None
            piece = REPORT[locator.offset : locator.offset + locator.length]
            kind, _, name = locator.path.partition(" ")
            assert piece.startswith(f'<model type="{kind}" id="{name}"'.encode())
            assert piece.endswith(b"</model>")


def test_direction_follows_from_who_owns_the_phone() -> None:
    found = messages(read(REPORT))
    assert {path: message.direction for path, message in found.items()} == {
        "InstantMessage m1": "in",
        "InstantMessage m2": "out",
        "InstantMessage m4": None,
        "SMS s1": "in",
    }


def test_a_sender_known_only_as_the_owner_is_the_owner_among_the_participants() -> None:
    message = messages(read(REPORT))["InstantMessage m2"]
    assert message.account_from is not None
    assert (message.account_from.name, message.assumptions[-1]) == ("Ada", "sender:owner")


def test_a_chat_whose_head_follows_its_messages_still_holds_them() -> None:
    ref = messages(read(REPORT))["InstantMessage m4"].conversation
    assert ref is not None
    assert (ref.platform, ref.id) == ("instagram", "340282366841")


def test_attachments_are_linked_by_their_path_in_the_report() -> None:
    beside = {"files/Image/IMG_1.jpg": b"x"}
    attachment = messages(read(REPORT, beside=beside))["InstantMessage m1"].attachments[0]
    assert (attachment.kind, attachment.member) == ("image", "files/Image/IMG_1.jpg")
    without = REPORT.replace(b"attachment_extracted_path", b"other").replace(b">IMG_1.jpg<", b">/data/media/IMG_1.jpg<")
    assert messages(read(without, beside=beside))["InstantMessage m1"].attachments[0].member == "files/Image/IMG_1.jpg"
    assert messages(read(REPORT))["InstantMessage m1"].attachments[0].member is None


@pytest.mark.parametrize(
    ("written", "at", "local"),
    [
        ("2020-04-01T18:03:22.500+00:00", 1585764202500000, None),
        ("2020-04-01T18:03:22+02:00", 1585757002000000, None),
        ("2020-04-01T18:03:22", None, 1585764202000000),
        ("01/04/2020 18:03:22(UTC+2)", 1585757002000000, None),
        ("01/04/2020 18:03:22 +02:00", 1585757002000000, None),
        ("01-Apr-20 18:03:22 +00:00", 1585764202000000, None),
        ("01/04/2020 18:03:22", None, 1585764202000000),
        ("10 days ago", None, None),
        ("31/02/2020 18:03:22", None, None),
    ],
)
def test_times_in_every_layout(written: str, at: int | None, local: int | None) -> None:
    data = (
        '<project xmlns="http://pa.cellebrite.com/report/2.0"><decodedData><model type="SMS"><field name="TimeStamp">'
        f"<value>{written}</value></field></model></decodedData></project>"
    ).encode()
    sent = next(iter(messages(read(data)).values())).sent
    assert sent is not None
    assert (sent.at, sent.local, sent.raw) == (at, local, written)
    assert bool(READER.ask(BytesSource("report.xml", data), Given())) is (local is not None)


def test_people_and_accounts() -> None:
    records = read(REPORT)
    owners = {record.ref.id for record in records if isinstance(record, Account) and record.owner}
    assert owners == {"31600000001@s.whatsapp.net"}
    contacts = [
        record.ref.id for record in records if isinstance(record, Account) and record.locator.path == "Contact b1"
    ]
    assert contacts == ["+31600000002", "31600000002@s.whatsapp.net"]
    assert Skipped("contact without name and handle") in records
    assert next(record for record in records if isinstance(record, Conversation)).kind == "group"
    assert [record.kind for record in records if isinstance(record, Event)] == ["reaction", "other", "add", "call"]


def test_a_report_cut_anywhere_keeps_what_ended_before() -> None:
    whole = list(messages(read(REPORT)))
    for length in range(0, len(REPORT), 97):
        records = read(REPORT[:length])
        assert list(messages(records)) == whole[: len(messages(records))]
        defects = [record for record in records if isinstance(record, Defect)]
        assert [defect.code for defect in defects] == ["xml-broken"]


def test_a_document_type_is_refused() -> None:
    records = read(REPORT.replace(b"<project", b'<!DOCTYPE project [<!ENTITY x "y">]><project', 1))
    assert [record.code for record in records if isinstance(record, Defect)] == ["xml-doctype"]


def test_other_xml_is_not_recognised() -> None:
    for data in (b"", b"<project/>", b'<project xmlns="urn:x">', b"\xff\xfe<\x00p\x00"):
        assert READER.sniff(BytesSource("report.xml", data)) == 0


WORDS = ["model", "field", "value", "modelField", "multiModelField", "project"]
TYPES = ["Chat", "InstantMessage", "SMS", "Call", "Contact", "UserAccount", "Party", "x"]
NAMES = ["Messages", "From", "To", "Parties", "TimeStamp", "Body", "Id", "Source", "Entries", "Value", "Attachments"]


@st.composite
def trees(draw: st.DrawFn, depth: int = 5) -> str:
    tag, kind, name = (draw(st.sampled_from(words)) for words in (WORDS, TYPES, NAMES))
    inside = (
        "".join(draw(st.lists(trees(depth - 1), max_size=3))) if depth else draw(st.sampled_from(["", "1", "x&#1;y"]))
    )
    return f'<{tag} type="{kind}" name="{name}">{inside}</{tag}>'


@settings(max_examples=60, deadline=None)
@given(trees(), st.sampled_from([None, "Pacific/Chatham"]))
def test_any_tree_is_read_and_accounted_for(tree: str, zone: str | None) -> None:
    data = f'<project xmlns="http://pa.cellebrite.com/report/2.0">{tree}</project>'.encode()
    READER.ask(BytesSource("report.xml", data), Given(zone=zone))
    read(data, Given(zone=zone))


@settings(max_examples=100, deadline=None)
@given(damaged(REPORT) | st.binary(max_size=200))
def test_any_bytes_are_read_and_accounted_for(data: bytes) -> None:
    assert 0 <= READER.sniff(BytesSource("report.xml", data)) <= 1
    READER.ask(BytesSource("report.xml", data), Given())
    read(data)
