"""Instagram and Messenger JSON: fixtures, chat-miner's target, mangled texts, any bytes and any shapes."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filon.evidence.reading import Given
from filon.evidence.source import BytesSource
from filon.model.records import Defect, Event, Message, Record
from filon.readers.meta import READER
from readers.golden import accounted, check, folder_source
from readers.json_shapes import damaged, documents, dumped

HERE = Path(__file__).parent
FIXTURES = sorted(HERE.glob("*.json"))
SAMPLES = Path(os.environ.get("FILON_SAMPLES", "../shared/samples"))


def read(value: Any, name: str = "message_1.json", given: Given = Given(), **beside: bytes) -> list[Record]:  # noqa: B008 - frozen
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    records = list(READER.read(BytesSource(name, data, beside), given))
    assert accounted(records)
    return records


def only(records: list[Record]) -> Message:
    messages = [record for record in records if isinstance(record, Message)]
    assert len(messages) == 1
    return messages[0]


@pytest.mark.parametrize("path", FIXTURES, ids=lambda p: p.name)
def test_fixtures(path: Path) -> None:
    source = folder_source(path)
    assert READER.sniff(source) >= 0.9
    assert READER.ask(source, Given()) == ()
    records = list(READER.read(source, Given()))
    assert accounted(records)
    check(records, path.with_name(path.name + ".expected.jsonl"))


@pytest.mark.parametrize(
    ("written", "text", "turned"),
    [
        ("\u00c3\u00a9", "é", True),
        ("\u00f0\u009f\u0098\u0082", "😂", True),
        ("plain", "plain", False),
        ("\u00e9", "é", False),  # not UTF-8: left as it is
        ("Ω", "Ω", False),
    ],
)
def test_mangled_texts_are_turned_back_one_by_one(written: str, text: str, turned: bool) -> None:
    message = only(read({"messages": [{"sender_name": "A", "timestamp_ms": 1, "content": written}]}))
    assert message.text == text
    assert ("mojibake-repaired" in message.assumptions) is turned


def test_all_parts_of_a_thread_are_one_conversation() -> None:
    refs = set()
    for number in (1, 2):
        thread = {"messages": [{"sender_name": "A", "timestamp_ms": number}], "thread_path": "inbox/a_1"}
        refs.add(only(read(thread, f"messages/inbox/a_1/message_{number}.json")).conversation)
    assert len(refs) == 1
    without_path = only(read({"messages": [{"sender_name": "A"}]}, "messages/inbox/a_1/message_1.json"))
    assert without_path.conversation in refs


def test_the_owner_gives_the_direction() -> None:
    thread = {
        "messages": [{"sender_name": "Ada", "timestamp_ms": 1}],
        "participants": [{"name": "Ada"}, {"name": "Bert"}],
    }
    assert [only(read(thread, given=Given(owner=name))).direction for name in ("Ada", "Bert", None)] == [
        "out",
        "in",
        None,
    ]
    assert [one.name for one in only(read(thread)).accounts_to] == ["Bert"]


@pytest.mark.parametrize(
    ("name", "platform"),
    [
        ("your_instagram_activity/messages/inbox/a/message_1.json", "instagram"),
        ("your_facebook_activity/messages/inbox/a/message_1.json", "messenger"),
        ("message_1.json", "meta"),
    ],
)
def test_the_platform_is_what_the_path_says(name: str, platform: str) -> None:
    assert only(read({"messages": [{"sender_name": "A"}]}, name)).platform == platform


def test_files_are_linked_by_the_end_of_their_address() -> None:
    thread = {"messages": [{"sender_name": "A", "photos": [{"uri": "x/messages/inbox/a_1/photos/1.jpg"}]}]}
    assert only(read(thread, **{"photos/1.jpg": b"x"})).attachments[0].member == "photos/1.jpg"
    assert only(read(thread)).attachments[0].member is None


def test_a_part_cut_short_keeps_its_messages() -> None:
    data = (HERE / "message_1.json").read_bytes()
    records = read(data[: data.index(b'"no time"')])
    assert sum(isinstance(record, Message) for record in records) == 5
    assert sum(isinstance(record, Defect) for record in records) == 1


@pytest.mark.samples
def test_chat_miner_agrees() -> None:
    folder = SAMPLES / "chat-miner/test/instagram"
    if not folder.exists():
        pytest.skip("chat-miner is not among the samples (FILON_SAMPLES)")
    source = BytesSource("message_1.json", (folder / "test_export.json").read_bytes())
    assert READER.sniff(source) > 0.9
    messages = [record for record in READER.read(source, Given()) if isinstance(record, Message)]
    target = json.loads((folder / "target.json").read_bytes())
    found = [(m.account_from.name if m.account_from else None, m.text) for m in messages]
    assert found == [(one["author"], one["message"]) for one in target]
    assert [m.sent.at for m in messages if m.sent] == [1579294140 * 10**6, 1577186580 * 10**6]


KEYS = [
    *(
        "sender_name",
        "senderName",
        "timestamp_ms",
        "timestamp",
        "content",
        "text",
        "type",
        "is_unsent",
        "photos",
        "uri",
    ),
    *("share", "link", "reactions", "reaction", "actor", "users", "name", "call_duration", "sticker", "participants"),
    *("messages", "title", "thread_path", "threadName"),
]


@settings(max_examples=150, deadline=None)
@given(documents(KEYS, ["Call", "Subscribe", "Ã©"]), documents(KEYS, ["Share"]), st.sampled_from([None, "Ada"]))
def test_any_shape_is_read_and_accounted_for(value: Any, other: Any, owner: str | None) -> None:
    for document in (value, {"messages": [value, other], "participants": other, "thread_path": value}):
        source = BytesSource("message_1.json", dumped(document))
        assert 0 <= READER.sniff(source) <= 1
        assert accounted(list(READER.read(source, Given(owner=owner))))


@settings(max_examples=100, deadline=None)
@given(damaged((HERE / "message_1.json").read_bytes()) | st.binary(max_size=200))
def test_any_bytes_are_read_and_accounted_for(data: bytes) -> None:
    assert 0 <= READER.sniff(BytesSource("message_1.json", data)) <= 1
    for record in read(data):
        offset = record.locator.offset if isinstance(record, Message | Event | Defect) else None
        assert offset is None or 0 <= offset <= len(data)


@pytest.mark.parametrize(
    ("path", "names", "id", "shared"),
    [
        ("inbox/harbour_1234567890123456", "ABC", "1234567890123456", True),
        ("inbox/ada_1234567890123456", "BA", "1234567890123456|A|B", True),
        ("inbox/ada_1234567890123456", "A", "ada_1234567890123456", False),
        ("inbox/harbour", "ABC", "harbour", False),
    ],
)
def test_threads_meet_across_items_only_where_their_id_is_the_same_everywhere(
    path: str, names: str, id: str, shared: bool
) -> None:
    people = [{"name": name} for name in names]
    message = only(read({"messages": [{"sender_name": "A"}], "participants": people, "thread_path": path}))
    assert message.conversation is not None
    assert (message.conversation.id, message.conversation.shared) == (id, shared)
