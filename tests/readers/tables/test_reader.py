"""The table reader: every layout, every row accounted for, and what is asked before anything is read."""

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filon.errors import ReadingError
from filon.evidence.reading import Given
from filon.evidence.source import BytesSource
from filon.model.records import Account, AccountRef, Conversation, Defect, Message, Record, Skipped, Total, Unread
from filon.readers.tables import READER, propose, shipped, shipped_names
from readers.golden import accounted, check, folder_source

HERE = Path(__file__).parent
FIXTURES = sorted(
    p
    for p in HERE.iterdir()
    if p.suffix in {".csv", ".json", ".xlsx", ".parquet", ".jsonl"} and "expected" not in p.name
)
NETWORK = (
    "device;direction;contact;nickname;sent (UTC);received (UTC);read (UTC);burn (UTC);text;conversation;message id;"
    "sequence;status;attachment;latitude;longitude"
)


def read(data: bytes | str, name: str = "x.csv", stated: Given = Given()) -> list[Record]:  # noqa: B008 - frozen
    data = data.encode() if isinstance(data, str) else data
    return list(READER.read(BytesSource(name, data), stated))


def messages(records: list[Record]) -> list[Message]:
    return [record for record in records if isinstance(record, Message)]


def asked(data: str, stated: Given = Given(), name: str = "x.csv") -> dict[str, str | None]:  # noqa: B008 - frozen
    return {question.name: question.proposal for question in READER.ask(BytesSource(name, data.encode()), stated)}


@pytest.mark.parametrize("path", FIXTURES, ids=lambda p: p.name)
def test_fixtures(path: Path) -> None:
    source = folder_source(path)
    assert READER.sniff(source) >= 0.5
    records = list(READER.read(source, Given()))
    assert accounted(records)
    check(records, path.with_name(path.name + ".expected.jsonl"))


@pytest.mark.parametrize("name", ["filon-network.csv", "filon-network.jsonl"])
def test_the_synthetic_export_is_read_without_a_question(name: str) -> None:
    source = folder_source(HERE / name)
    assert READER.ask(source, Given()) == ()
    found = propose(source)
    assert found is not None
    assert found.mapping.name == "filon-network"
    assert found.confidence == 1.0
    assert len(found.preview) == len(found.records) > 1


def test_the_same_header_is_understood_without_the_shipped_mapping() -> None:
    renamed = (
        NETWORK.replace("burn (UTC)", "burn time (UTC)").replace("nickname", "contact nickname").replace("text", "body")
    )
    renamed = renamed.replace("sequence", "seq").replace("contact;", "other party;")
    row = "oakheron;in;redfox;Fox;2020-04-01T18:03:22Z;;;2020-04-08T18:03:22Z;hello;;m-1;1;read;;51.2;4.4"
    data = f"{renamed}\n{row}\n"
    found = propose(BytesSource("x.csv", data.encode()))
    assert found is not None
    assert found.mapping.name == "proposed"
    taken = {guess.role for guess in found.columns}
    assert taken >= {
        "device",
        "direction",
        "contact",
        "nickname",
        "sent",
        "received",
        "expires",
        "text",
        "native_id",
        "sequence",
    }
    assert asked(data) == {}
    (message,) = messages(read(data))
    assert message.account_from == AccountRef("table", "redfox")
    assert message.accounts_to == (AccountRef("table", "oakheron"),)


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Appareil;Sens;Correspondant;Surnom;Envoyé le (UTC);Texte", "t1;entrant;renard;Rara;2020-04-01 10:00;ça va"),
        (
            "Toestel;Richting;Tegenpartij;Bijnaam;Verzonden op (UTC);Bericht",
            "t1;inkomend;renard;Rara;2020-04-01 10:00;ça va",
        ),
        (
            "Gerät;Richtung;Gegenstelle;Spitzname;Gesendet am (UTC);Nachricht",
            "t1;eingehend;renard;Rara;2020-04-01 10:00;ça va",
        ),
        (
            "Dispositivo;Dirección;Interlocutor;Apodo;Enviado el (UTC);Mensaje",
            "t1;entrante;renard;Rara;2020-04-01 10:00;ça va",
        ),
        ("Device;Direction;Contact;Nickname;Sent (UTC);Message", "t1;incoming;renard;Rara;2020-04-01 10:00;ça va"),
    ],
)
def test_headers_in_five_languages(header: str, row: str) -> None:
    data = f"{header}\n{row}\n"
    assert asked(data) == {}
    records = read(data)
    (message,) = messages(records)
    assert (message.device, message.direction, message.text) == ("t1", "in", "ça va")
    assert message.account_from == AccountRef("table", "renard")
    assert message.sent is not None
    assert (message.sent.at, message.sent.basis) == (1585735200000000, "source")
    nicknames = [account for account in records if isinstance(account, Account) and account.names]
    assert [(account.names[0].text, account.names[0].kind) for account in nicknames] == [("Rara", "nickname")]


def test_zone_and_order_of_days_are_asked_and_never_invented() -> None:
    data = "from;to;sent;text\na;b;03/04/2020 10:00;x\nb;a;05/04/2020 10:00;y\n"
    assert set(asked(data)) == {"zone", "date_order"}
    assert asked(data)["zone"] is None
    unread = messages(read(data))[0].sent
    assert unread is not None
    assert (unread.order, unread.raw) == (None, "03/04/2020 10:00")
    stated = Given(zone="Europe/Paris", date_order="dmy")
    assert asked(data, stated) == {}
    message = messages(read(data, stated=stated))[0]
    assert message.sent is not None
    assert (message.sent.at, message.sent.basis) == (1585900800000000, "user")
    assert {"zone:Europe/Paris", "date-order:dmy"} <= set(message.assumptions)


def test_a_number_above_twelve_decides_the_order_and_the_zone_stays_unknown() -> None:
    data = "from;to;sent;text\na;b;03/04/2020 10:00;x\nb;a;25/04/2020 10:00;y\n"
    assert set(asked(data)) == {"zone"}
    message = messages(read(data))[0]
    assert message.sent is not None
    assert (message.sent.at, message.sent.local) == (None, 1585908000000000)
    assert "date-order:dmy" in message.assumptions


def test_days_that_run_one_way_only_suggest_an_order() -> None:
    rows = "".join(f"a;b;{day:02}/{month:02}/2020 10:00;x\n" for month in (4, 5) for day in range(3, 9))
    assert asked("from;to;sent;text\n" + rows)["date_order"] == "dmy"
    assert messages(read("from;to;sent;text\n" + rows))[0].sent.order is None  # type: ignore[union-attr]  # set above


def test_a_zone_that_the_header_states_is_not_overruled() -> None:
    message = messages(
        read("from,to,sent (UTC+02:00),text\na,b,2020-04-01 10:00,x\n", stated=Given(zone="America/Lima"))
    )[0]
    assert message.sent is not None
    assert (message.sent.at, message.sent.basis) == (1585728000000000, "source")


def test_the_owner_is_asked_for_where_rows_name_only_the_contact() -> None:
    data = "direction;contact;sent (UTC);text\nin;fox;2020-04-01 10:00;x\nout;fox;2020-04-01 10:01;y\n"
    assert asked(data) == {"owner": None}
    first, second = messages(read(data))
    assert (first.account_from, first.accounts_to) == (AccountRef("table", "fox"), ())
    assert (second.account_from, second.accounts_to) == (None, (AccountRef("table", "fox"),))
    assert first.conversation is not None
    assert (first.conversation.id, first.conversation.shared) == ("fox", False)
    first, second = messages(read(data, stated=Given(owner="oak")))
    assert (first.device, first.accounts_to) == ("oak", (AccountRef("table", "oak"),))
    assert second.conversation is not None
    assert (second.conversation.id, second.conversation.shared) == ("fox|oak", True)


@pytest.mark.parametrize("header", ["author;sent (UTC);message", "sender name;sent (UTC);message"])
def test_names_of_people_are_not_handles(header: str) -> None:
    records = read(f"{header}\nJohn Doe;2020-04-01 10:00;x\nAnn;2020-04-01 10:01;y\n")
    assert [message.account_from for message in messages(records)] == [
        AccountRef("table", None, "John Doe"),
        AccountRef("table", None, "Ann"),
    ]
    assert [message.conversation for message in messages(records)] == [None, None]
    assert not any(isinstance(record, Conversation) for record in records)


def test_lost_digits_identify_nobody() -> None:
    data = "device;direction;contact;sent (UTC);text;message id\nd;in;4,9E+11;2020-04-01 10:00;x;1,2E+17\n"
    records = read(data)
    (message,) = messages(records)
    assert message.account_from == AccountRef("table", None, "4,9E+11")
    assert message.native_id is None
    assert {"number-rounded:contact", "number-rounded:native_id"} <= set(message.assumptions)
    told = {record.raw: record.locator.units for record in records if isinstance(record, Defect)}
    assert told == {"4,9E+11": 0, "1,2E+17": 0}


def test_the_apostrophe_that_keeps_digits_is_left_out_of_handles_and_kept_in_texts() -> None:
    data = "device;direction;contact;sent (UTC);text\nd;in;'+32470000001;2020-04-01 10:00;'=1\n"
    (message,) = messages(read(data))
    assert message.account_from == AccountRef("table", "+32470000001")
    assert message.text == "'=1"


def test_a_given_mapping_is_used_and_a_wrong_one_refused() -> None:
    data = "a|b|c|d\n2020-04-01|x|y|hello\n2020-04-02|y|x|bye\n"
    columns = {"sender": "b", "recipients": "c", "text": "d"}
    mapping = {"name": "mine", "platform": "net", "columns": columns, "times": {"sent": {"column": "a", "zone": "UTC"}}}
    stated = Given(mapping=mapping)
    assert READER.ask(BytesSource("x.csv", data.encode()), stated) == ()
    records = read(data, stated=stated)
    assert [message.text for message in messages(records)] == ["hello", "bye"]
    assert messages(records)[0].platform == "net"
    assert messages(records)[0].assumptions == ("mapping:mine", "zone:UTC")
    with pytest.raises(ReadingError):
        read(data, stated=Given(mapping={"name": "mine", "colums": {}}))
    with pytest.raises(ReadingError, match="no mapping"):
        read(data, stated=Given(mapping={"name": "no-such"}))


def test_without_header_the_values_are_asked_about() -> None:
    data = "2020-04-01T10:00:00Z,ann,bob,shall we meet at the usual place\n2020-04-01T10:01:00Z,bob,ann,yes see you there at noon\n"
    assert "mapping" in asked(data)
    assert accounted(read(data))
    mapping = {
        "name": "bare",
        "rows": {"header": 0},
        "columns": {"sender": "column 2", "recipients": "column 3", "text": "column 4"},
        "times": {"sent": {"column": "column 1"}},
    }
    records = read(data, stated=Given(mapping=mapping))
    assert [message.text[:3] for message in messages(records) if message.text] == ["sha", "yes"]


def test_rows_that_leave_out_empty_cells_are_padded_only_when_most_do() -> None:
    header = "from;to;sent (UTC);text;status\n"
    short = "a;b;2020-04-01 10:00;x\n"
    whole = "a;b;2020-04-01 10:00;x;read\n"
    assert len(messages(read(header + short * 3 + whole))) == 4
    records = read(header + short + whole * 3)
    assert len(messages(records)) == 3
    assert [record.code for record in records if isinstance(record, Defect)] == ["ragged-row"]


def test_unread_columns_and_words_are_counted() -> None:
    data = "from;to;sent (UTC);text;status;weather\na;b;2020-04-01 10:00;x;rainy;wet\na;b;2020-04-01 10:00;x;rainy;\n"
    unread = {record.what: record.count for record in read(data) if isinstance(record, Unread)}
    assert unread == {"column weather": 1, "value rainy of column status": 2}


def test_attachments_are_found_beside_the_table() -> None:
    data = "from;to;sent (UTC);text;attachment\na;b;2020-04-01 10:00;;C:\\x\\p.jpg;\n".replace(";\n", "\n")
    source = BytesSource("x.csv", data.encode(), {"media/p.jpg": b""})
    (message,) = messages(list(READER.read(source, Given())))
    assert message.kind == "image"
    assert [(file.kind, file.name, file.member) for file in message.attachments] == [
        ("image", "C:\\x\\p.jpg", "media/p.jpg")
    ]


@pytest.mark.parametrize("name", shipped_names())
def test_shipped_mappings_survive_their_toml(name: str) -> None:
    mapping = shipped(name)
    assert mapping.name == name
    assert type(mapping).from_toml(mapping.to_toml()) == mapping
    assert type(mapping).from_dict(mapping.to_dict()) == mapping


def test_pair_conversations_are_the_same_from_both_sides() -> None:
    header = "device;direction;contact;sent (UTC);text\n"
    rows = "oak;out;fox;2020-04-01 10:00;x\nfox;in;oak;2020-04-01 10:00;x\noak;out;owl;2020-04-01 10:00;x\n"
    records = read(header + rows)
    found = [message.conversation.id for message in messages(records) if message.conversation]
    assert found == ["fox|oak", "fox|oak", "oak|owl"]
    kinds = [record.kind for record in records if isinstance(record, Conversation)]
    assert set(kinds) == {"direct"}


HOSTILE = st.sampled_from(
    ["=cmd|' /C calc'!A0", "\u202egnp.exe", "\x1b[2J", "a\x00b", "x" * 3000, "\ufdd0", "\r", '"', '""', "\n", "4,9E+11"]
)
CELL = st.one_of(
    HOSTILE,
    st.text(max_size=12),
    st.sampled_from(["in", "out", "2020-04-01T10:00:00Z", "31/12/2020", "1585764202", ""]),
)


@settings(max_examples=120, deadline=None)
@given(
    st.lists(st.lists(CELL, max_size=7), max_size=12),
    st.sampled_from([";", ",", "\t"]),
    st.sampled_from(["utf-8", "utf-16", "cp1252"]),
)
def test_any_cells_are_accounted_for(rows: list[list[str]], delimiter: str, charset: str) -> None:
    header = delimiter.join(["device", "direction", "contact", "sent (UTC)", "text", "sequence", "status"])
    data = "\r\n".join([header, *(delimiter.join(row) for row in rows)]).encode(charset, "replace")
    records = read(data)
    assert accounted(records)
    _covers(records, len(data))
    msgspec.json.encode([msgspec.to_builtins(record) for record in records])


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["x.csv", "x.xlsx", "x.jsonl", "x.parquet", "x.json", "x"]))
def test_any_bytes_are_accounted_for(data: bytes, name: str) -> None:
    source = BytesSource(name, data)
    assert 0 <= READER.sniff(source) <= 1
    READER.ask(source, Given())
    assert accounted(list(READER.read(source, Given())))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(FIXTURES), st.data())
def test_damaged_fixtures_are_accounted_for(path: Path, data: st.DataObject) -> None:
    whole = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(whole) - 1))
    end = data.draw(st.integers(at, min(len(whole), at + 40)))
    whole[at:end] = data.draw(st.binary(max_size=20))
    assert accounted(list(READER.read(BytesSource(path.name, bytes(whole)), Given())))


VALUE = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=6,
)
KEYS = [
    "device",
    "direction",
    "contact",
    "sent_utc",
    "text",
    "conversation",
    "message_id",
    "sequence",
    "status",
    "latitude",
    "attachment",
]


@settings(max_examples=120, deadline=None)
@given(
    st.lists(
        st.dictionaries(st.one_of(st.sampled_from(KEYS), st.text(max_size=5)), VALUE, max_size=8),
        min_size=1,
        max_size=6,
    )
)
def test_any_types_in_json_are_accounted_for(rows: list[dict[str, object]]) -> None:
    first = {"device": "d", "direction": "in", "contact": "c", "sent_utc": "2020-04-01T10:00:00Z", "text": "t"}
    data = "\n".join(json.dumps(row) for row in [first, *rows])
    records = read(data, "x.jsonl")
    assert accounted(records)
    msgspec.json.encode([msgspec.to_builtins(record) for record in records])


def _covers(records: list[Record], size: int) -> None:
    """Rows lie one after another and inside the file; only skipped rows leave gaps."""
    spans = sorted(
        (record.locator.offset, record.locator.length)
        for record in records
        if isinstance(record, Message | Defect) and record.locator.units
    )
    end = 0
    for offset, length in spans:
        assert offset is not None
        assert length is not None
        assert offset >= end
        end = offset + length
    assert end <= size + 1  # half a UTF-16 unit at the end counts as a whole one
    assert any(isinstance(record, Total) for record in records)
    assert all(record.units for record in records if isinstance(record, Skipped))
