"""Signal transcripts: the fixture, chat-miner's expected result, and any bytes."""

import json
import os
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filon.evidence.reading import Given
from filon.evidence.source import BytesSource
from filon.model.records import Message
from filon.model.time import from_wall
from filon.readers.signal_text import READER
from readers.golden import accounted, check, folder_source

HERE = Path(__file__).parent
SAMPLES = Path(os.environ.get("FILON_SAMPLES", "../shared/samples")) / "chat-miner/test/signal"


def test_fixture() -> None:
    source = folder_source(HERE / "transcript.txt")
    assert READER.sniff(source) == 0.8
    records = list(READER.read(source, Given(owner="Ada")))
    assert accounted(records)
    check(records, HERE / "transcript.txt.expected.jsonl")


def test_the_zone_is_asked_for() -> None:
    source = folder_source(HERE / "transcript.txt")
    assert [(q.name, q.proposal) for q in READER.ask(source, Given())] == [("zone", None)]
    assert READER.ask(source, Given(zone="UTC")) == ()


@pytest.mark.samples
def test_chat_miner() -> None:
    """Its parser joins the lines of a message with blanks; we keep the line ends."""
    if not SAMPLES.is_dir():
        pytest.skip(f"no samples at {SAMPLES}")
    source = BytesSource("signal.txt", (SAMPLES / "test_export.txt").read_bytes())
    assert READER.sniff(source) > 0.9
    messages = [r for r in READER.read(source, Given()) if isinstance(r, Message)]
    target = json.loads((SAMPLES / "target.json").read_text())
    found = [(m.sent, m.account_from and m.account_from.name, (m.text or "").replace("\n", " ")) for m in messages]
    expected = []
    for line in reversed(target):
        wall = datetime.fromisoformat(line["timestamp"])
        expected.append((from_wall(wall, f"{wall:%Y-%m-%d, %H:%M}", None, "min"), line["author"], line["message"]))
    assert found == expected


parts = st.sampled_from(
    ["[2021-03-04, 18:02] ", "Ada: ", "\n", "\r", ":", "[0000-00-00, 99:99] ", "[9999-12-31, 23:59:59] ", "x"]
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(parts, max_size=30).map(lambda p: "".join(p).encode()) | st.binary(),
    st.sampled_from([None, "Pacific/Apia"]),
)
def test_any_bytes_are_accounted_for(data: bytes, zone: str | None) -> None:
    source = BytesSource("a", data)
    assert 0 <= READER.sniff(source) <= 1
    assert accounted(list(READER.read(source, Given(zone=zone))))
