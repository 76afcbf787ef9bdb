"""Telegram Desktop JSON: fixtures, exports made by others, old and new ids and times, any bytes and any shapes."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filon.evidence.reading import Given
from filon.evidence.source import BytesSource
from filon.model.records import Account, Conversation, Defect, Event, Message, Record
from filon.readers.telegram import READER
from readers.golden import accounted, check, folder_source
from readers.json_shapes import damaged, documents, dumped

HERE = Path(__file__).parent
FIXTURES = sorted(HERE.glob("*.json"))
SAMPLES = Path(os.environ.get("FILON_SAMPLES", "../shared/samples"))
MADE_BY_OTHERS = "chat-history-manager-rust/backend/resources/test"


def read(value: Any, given: Given = Given(), beside: dict[str, bytes] | None = None) -> list[Record]:  # noqa: B008 - frozen
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    records = list(READER.read(BytesSource("result.json", data, beside), given))
    assert accounted(records)
    return records


def chat(*messages: Any, **head: Any) -> dict[str, Any]:
    return {"name": "Bert", "type": "personal_chat", "id": 1002, **head, "messages": list(messages)}


def first(records: list[Record]) -> Message:
    return next(record for record in records if isinstance(record, Message))


def sample(path: str) -> bytes:
    file = SAMPLES / path
    if not file.exists():
        pytest.skip(f"{path} is not among the samples (FILON_SAMPLES)")
    return file.read_bytes()


@pytest.mark.parametrize("path", FIXTURES, ids=lambda p: p.name)
def test_fixtures(path: Path) -> None:
    source = folder_source(path)
    assert READER.sniff(source) > 0.9
    records = list(READER.read(source, Given()))
    assert accounted(records)
    check(records, path.with_name(path.name + ".expected.jsonl"))


def test_locators_lead_back_to_the_element() -> None:
    data = (HERE / "account.json").read_bytes()
    for record in read(data):
        if isinstance(record, Message):
            locator = record.locator
            assert locator.offset is not None
            assert locator.length is not None
            piece = data[locator.offset : locator.offset + locator.length]
            assert piece.startswith(b"{")
            assert b'"id": ' + str(record.native_id).encode() in piece


def test_an_invalid_control_escape_is_mended_and_said() -> None:
    message = read(rb'{"messages":[{"id":1,"text":"a\x1Fb \\x1F"}]}')[0]
    assert isinstance(message, Message)
    assert message.text == "a\x1fb \\x1F"
    assert message.assumptions == ("json-escape",)


def test_the_zone_is_asked_for_and_the_epoch_is_not_applied() -> None:
    source = folder_source(HERE / "old_chat.json")
    question = READER.ask(source, Given())[0]
    assert (question.name, question.proposal) == ("zone", None)
    assert "UTC+02:00" in question.reason
    assert READER.ask(source, Given(zone="Europe/Kyiv")) == ()
    assert READER.ask(folder_source(HERE / "account.json"), Given()) == ()
    local, stated = (first(list(READER.read(source, Given(zone=zone)))) for zone in (None, "Europe/Kyiv"))
    assert local.sent is not None
    assert stated.sent is not None
    assert (local.sent.at, local.sent.basis) == (None, "unknown")
    assert stated.sent.at == (local.sent.local or 0) - 3 * 3600 * 10**6  # summer time, not the +02:00 of the epoch
    assert stated.assumptions == ("zone:Europe/Kyiv",)


def test_what_was_never_edited_has_no_time_of_edit() -> None:
    for edited in ("1970-01-01T05:00:00", "1969-12-31T19:00:00", None):
        assert first(read(chat({"id": 1, "date": "2019-07-01T12:00:00", "edited": edited}))).edited is None
    assert first(read(chat({"id": 1, "edited": "1970-01-01T05:00:00", "edited_unixtime": "0"}))).edited is None


@pytest.mark.parametrize(
    ("number", "sender", "direction"),
    [
        (1002, "user1002", "in"),
        (1002, "user1001", "out"),
        ((1 << 32) + 1002, 1002, "in"),
        ((1 << 32) + 1002, 1001, "out"),
        (1003, 1001, None),  # an old export whose chat id does not follow the rule: nothing is inferred from it
        ((1 << 32) + 1002, "user4294968298", "in"),  # today a user may have such a number
    ],
)
def test_direction_in_a_direct_chat_follows_from_its_id(number: int, sender: Any, direction: str | None) -> None:
    message = first(read(chat({"id": 1, "from_id": sender, "from": "X"}, id=number)))
    assert message.direction == direction
    receivers = [receiver.id for receiver in message.accounts_to]
    assert receivers == (["user1002"] if direction == "out" else [])


def test_direction_is_unknown_in_a_group_unless_the_owner_is_named() -> None:
    group = chat({"id": 1, "from_id": "user5", "from": "X"}, type="private_group")
    assert first(read(group)).direction is None
    export = {"personal_information": {"user_id": 5}, "chats": {"list": [group]}}
    for ordered in (export, dict(reversed(export.items()))):
        assert first(read(ordered)).direction == "out"
        assert first(read(ordered)).device == "user5"


def test_groups_are_shared_and_direct_chats_are_not() -> None:
    kinds = {
        "private_group": ("chat7", True),
        "private_supergroup": ("channel7", True),
        "public_channel": ("channel7", True),
        "personal_chat": ("user7", False),
        "saved_messages": ("user7", False),
        "a_type_of_tomorrow": ("7", False),
    }
    for kind, (native, shared) in kinds.items():
        ref = first(read(chat({"id": 1}, type=kind, id=7))).conversation
        assert ref is not None
        assert (ref.id, ref.shared) == (native, shared)


def test_files_are_linked_to_what_lies_beside() -> None:
    message = {"id": 1, "photo": "photos/1.jpg"}
    found = first(read(chat(message), beside={"photos/1.jpg": b"x"})).attachments[0]
    assert (found.kind, found.name, found.member) == ("image", "1.jpg", "photos/1.jpg")
    assert first(read(chat(message))).attachments[0].member is None


def test_damage_costs_one_message() -> None:
    data = json.dumps(chat(*({"id": n, "text": f"number {n}"} for n in range(50))), indent=1).encode()
    data = data.replace(b'"number 20"', b'"number 20')
    records = read(data)
    assert [record.native_id for record in records if isinstance(record, Message)] == [
        str(n) for n in range(50) if n != 20
    ]
    assert [record.code for record in records if isinstance(record, Defect)] == ["json-broken"]


@pytest.mark.samples
def test_the_exports_of_chat_history_manager() -> None:
    counts = {}
    for name in ("2020-01", "2021-07", "2023-01", "2024-01", "2024-01_inline-bot-buttons"):
        data = sample(f"{MADE_BY_OTHERS}/telegram_{name}/result.json")
        source = BytesSource("result.json", data)
        assert READER.sniff(source) > 0.9
        records = list(READER.read(source, Given()))
        assert accounted(records)
        assert not [record for record in records if isinstance(record, Defect)]
        chats = json.loads(data)["chats"]["list"]
        messages = [message for one in chats for message in one["messages"]]
        assert [r.native_id for r in records if isinstance(r, Message)] == [
            str(m["id"]) for m in messages if m["type"] == "message"
        ]
        assert sum(isinstance(r, Event) for r in records) == sum(m["type"] == "service" for m in messages)
        assert sum(isinstance(r, Conversation) for r in records) == len(chats)
        contacts = [r for r in records if isinstance(r, Account) and not r.owner]
        assert len(contacts) == len(json.loads(data)["contacts"]["list"])
        counts[name] = len(messages)
    assert counts == {"2020-01": 50, "2021-07": 2, "2023-01": 6, "2024-01": 2, "2024-01_inline-bot-buttons": 5}


@pytest.mark.samples
def test_the_export_of_telegram_export_md() -> None:
    records = read(sample("telegram-export-md/fixtures/export/result.json"))
    texts = [record.text for record in records if isinstance(record, Message)]
    assert texts[:2] == ["hello everyone?", "check this link <https://example.com>"]
    assert [record.kind for record in records if isinstance(record, Event)] == ["add"]
    assert len(texts) == 13


@pytest.mark.samples
@pytest.mark.parametrize("name", ["single", "batch"])
def test_chat_miner_agrees(name: str) -> None:
    target = json.loads(sample("chat-miner/test/telegram/target.json"))
    messages = [r for r in read(sample(f"chat-miner/test/telegram/test_{name}_export.json")) if isinstance(r, Message)]
    # chat-miner joins the pieces of a formatted text with spaces; Telegram writes the spaces into the pieces.
    expected = [one["message"].replace("Link: https", "Link:https") for one in target]
    assert [message.text for message in messages] == expected
    assert [message.account_from.name for message in messages if message.account_from] == [
        one["author"] for one in target
    ]
    stamps = [message.sent.at for message in messages if message.sent]
    assert stamps == [1544006350 * 10**6, 1544006964 * 10**6]  # target.json: the same instants, UTC


KEYS = [
    *("id", "type", "date", "date_unixtime", "edited", "edited_unixtime", "from", "from_id", "actor", "actor_id"),
    *("action", "text", "text_entities", "members", "photo", "file", "media_type", "poll", "location_information"),
    *("contact_information", "reactions", "recent", "emoji", "count", "title", "messages", "list", "chats", "name"),
    *("contacts", "personal_information", "user_id", "first_name", "phone_number", "href", "question", "answers"),
]
WORDS = ["message", "service", "personal_chat", "private_group", "user1", "create_group", "phone_call", "plain"]


@settings(max_examples=150, deadline=None)
@given(documents(KEYS, WORDS), documents(KEYS, WORDS), st.sampled_from([None, "Pacific/Chatham"]))
def test_any_shape_is_read_and_accounted_for(value: Any, other: Any, zone: str | None) -> None:
    given = Given(zone=zone)
    for document in (
        value,
        chat(value, other),
        {"chats": {"list": [chat(other), value]}, "contacts": {"list": [value]}},
    ):
        source = BytesSource("result.json", dumped(document))
        assert 0 <= READER.sniff(source) <= 1
        READER.ask(source, given)
        assert accounted(list(READER.read(source, given)))


@settings(max_examples=100, deadline=None)
@given(damaged((HERE / "account.json").read_bytes()) | st.binary(max_size=200))
def test_any_bytes_are_read_and_accounted_for(data: bytes) -> None:
    source = BytesSource("result.json", data)
    assert 0 <= READER.sniff(source) <= 1
    READER.ask(source, Given())
    for record in read(data):
        locator = getattr(record, "locator", None)
        if locator is not None and locator.offset is not None:
            assert 0 <= locator.offset <= locator.offset + locator.length <= len(data)
