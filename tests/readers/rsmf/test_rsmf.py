"""RSMF: made packages, Relativity's deliberately invalid samples, hostile containers, any bytes and any shapes."""

import base64
import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filon.evidence.reading import Given
from filon.evidence.source import BytesSource
from filon.model.records import Conversation, Defect, Event, Message, Record
from filon.model.time import Stamp
from filon.readers.rsmf import READER
from readers.golden import accounted, check, folder_source
from readers.json_shapes import damaged, documents, dumped

HERE = Path(__file__).parent
FIXTURES = [HERE / name for name in ("rsmf_manifest.json", "rsmf.zip", "chat.rsmf")]
SAMPLES = Path(os.environ.get("FILON_SAMPLES", "../shared/samples")) / "rsmf-validator-samples/Documentation"


def read(
    value: Any,
    name: str = "rsmf_manifest.json",
    given: Given = Given(),  # noqa: B008 - frozen
    beside: dict[str, bytes] | None = None,
) -> list[Record]:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    records = list(READER.read(BytesSource(name, data, beside), given))
    assert accounted(records)
    return records


def faults(records: list[Record]) -> set[tuple[str, str | None]]:
    return {(record.code, record.detail) for record in records if isinstance(record, Defect)}


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("_json", ".json"), data)
    return buffer.getvalue()


def mailed(attachment: bytes, headers: str = "", extra: str = "") -> bytes:
    encoded = base64.encodebytes(attachment).decode()
    head = f"X-RSMF-Version: 2.0.0\n{headers}Content-Type: multipart/mixed; boundary=B\n\n{extra}--B\n"
    part = 'Content-Transfer-Encoding: base64\nContent-Disposition: attachment; filename="rsmf.zip"\n\n'
    return f"{head}{part}{encoded}\n--B--\n".encode()


MANIFEST = json.dumps(
    {"version": "2.0.0", "participants": [], "conversations": [], "events": [{"type": "message", "body": "x"}]}
).encode()


@pytest.mark.parametrize("path", FIXTURES, ids=lambda p: p.name)
def test_fixtures(path: Path) -> None:
    source = folder_source(path)
    assert READER.sniff(source) >= 0.9
    records = list(READER.read(source, Given()))
    assert accounted(records)
    check(records, path.with_name(path.name + ".expected.jsonl"))


def test_every_broken_rule_of_the_made_manifest_is_named() -> None:
    records = list(READER.read(folder_source(HERE / "rsmf_manifest.json"), Given()))
    assert faults(records) == {
        ("not-an-event", "str"),
        ("rsmf-missing-file", "avatar: av3.png"),
        ("rsmf-missing-file", "attachment: gone"),
        ("rsmf-unknown-conversation", "event: c9"),
        ("rsmf-unknown-participant", "event: p9"),
        ("rsmf-undefined-property", "event: color"),
    }


def test_the_package_is_sound() -> None:
    assert faults(list(READER.read(folder_source(HERE / "chat.rsmf"), Given()))) == {
        ("rsmf-missing-file", "attachment: gone")
    }


@pytest.mark.samples
@pytest.mark.parametrize(
    ("file", "codes"),
    [
        ("Sample1/rsmf_manifest.json", {"rsmf-schema", "rsmf-unknown-participant"}),
        ("Sample2/rsmf.zip", {"rsmf-missing-file"}),
        ("Sample3/sample.rsmf", {"rsmf-extra-attachment"}),
        ("Sample3/message.eml", {"rsmf-extra-attachment"}),
        (
            "Sample4/rsmf_manifest.json",
            {
                "rsmf-schema",
                "rsmf-unknown-participant",
                "rsmf-participant-outside-conversation",
                "rsmf-undefined-property",
            },
        ),
    ],
)
def test_relativitys_invalid_samples_are_rejected_with_their_reason(file: str, codes: set[str]) -> None:
    path = SAMPLES / file
    if not path.exists():
        pytest.skip("Relativity's samples are not there (FILON_SAMPLES)")
    source = BytesSource(path.name, path.read_bytes())
    assert READER.sniff(source) >= 0.9
    records = list(READER.read(source, Given()))
    assert accounted(records)
    assert {record.code for record in records if isinstance(record, Defect)} == codes
    assert sum(isinstance(record, Message) for record in records) == 1


@pytest.mark.parametrize(
    ("collection", "id", "shared"),
    [
        ("0d0ffb3e-8d6c-4f0a-9a2f-3c1b6f2f7e51", "0d0ffb3e-8d6c-4f0a-9a2f-3c1b6f2f7e51/d1", True),
        ("1", "1/d1", False),  # anybody's first collection
        (None, "d1", False),
    ],
)
def test_a_conversation_cut_into_files_is_one_where_their_collection_is_unique(
    collection: str | None, id: str, shared: bool
) -> None:
    manifest: dict[str, Any] = {"conversations": [{"id": "d1", "platform": "x"}]}
    if collection is not None:
        manifest["eventcollectionid"] = collection
    found = [record.ref for record in read(manifest) if isinstance(record, Conversation)]
    assert [(ref.id, ref.shared) for ref in found] == [(id, shared)]


def test_the_schema_of_the_format_is_no_package() -> None:
    names = {"properties": {"participants": {"type": "array"}, "conversations": {}, "events": {}}, "version": "2.0.0"}
    assert READER.sniff(BytesSource("rsmf_schema_2_0_0.json", json.dumps(names).encode())) == 0


def test_an_edit_without_a_time_still_marks_the_message() -> None:
    manifest = {"events": [{"id": "1", "type": "message", "body": "b", "edits": [{"previous": "a", "new": "b"}]}]}
    [message] = [record for record in read(manifest) if isinstance(record, Message)]
    assert message.edited == Stamp()


def test_what_happened_to_a_message_becomes_events() -> None:
    records = list(READER.read(folder_source(HERE / "chat.rsmf"), Given()))
    events = [(e.kind, e.target, e.actor.name if e.actor else None, e.value) for e in records if isinstance(e, Event)]
    assert events == [
        ("edit", "e1", "Ada", "helo"),
        ("receipt", "e1", "Bert", "read"),
        ("reaction", "e1", "Bert", "👍"),
        ("reaction", "e1", None, "👍"),
    ]


def test_times_without_an_offset_stay_local_and_the_zone_is_asked_for() -> None:
    source = folder_source(HERE / "chat.rsmf")
    assert [(one.name, one.proposal) for one in READER.ask(source, Given())] == [("zone", None)]
    for zone, at in ((None, None), ("UTC", 1614593220000000)):
        message = [r for r in READER.read(source, Given(zone=zone)) if isinstance(r, Message)][1]
        assert message.sent is not None
        assert message.sent.at == at


def test_offsets_are_given_only_where_they_are_the_items() -> None:
    bare = next(r for r in read(MANIFEST) if isinstance(r, Message)).locator
    assert bare.offset is not None
    packed = next(r for r in read(zipped(rsmf_manifest_json=MANIFEST), "rsmf.zip") if isinstance(r, Message)).locator
    assert (packed.path, packed.offset) == ("rsmf_manifest.json/events/0", None)


def test_files_beside_a_bare_manifest_are_linked() -> None:
    manifest = {"events": [{"type": "message", "attachments": [{"id": "a1", "display": "x.png"}]}]}
    message = next(r for r in read(manifest, beside={"a1": b"x"}) if isinstance(r, Message))
    assert (message.kind, message.attachments[0].member) == ("image", "a1")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (mailed(b"not a zip"), "rsmf-unreadable"),
        (mailed(zipped(other=b"x")), "rsmf-no-manifest"),
        (b"X-RSMF-Version: 2.0.0\n\nno attachment", "rsmf-no-manifest"),
        (mailed(zipped(rsmf_manifest_json=MANIFEST), "X-RSMF-EventCount: 7\n"), "rsmf-event-count"),
        (mailed(zipped(rsmf_manifest_json=MANIFEST)[:60]), "rsmf-unreadable"),
        (zipped(rsmf_manifest_json=b" " * (80 << 20)), "rsmf-too-large"),
        (MANIFEST.replace(b'"version": "2.0.0", ', b""), "rsmf-schema"),
        (MANIFEST[:-20], "json-truncated"),
    ],
    ids=range(8),
)
def test_every_unsound_container_is_a_defect(data: bytes, code: str) -> None:
    assert code in {record.code for record in read(data, "x.rsmf") if isinstance(record, Defect)}


def test_a_member_that_lies_about_its_bytes_is_a_defect() -> None:
    data = bytearray(zipped(rsmf_manifest_json=MANIFEST * 50))
    data[data.index(b"rsmf_manifest.json") + 40] ^= 0xFF
    codes = [record.code for record in read(bytes(data), "rsmf.zip") if isinstance(record, Defect)]
    assert "rsmf-unreadable" in codes


def test_a_thousand_parts_inside_each_other_do_no_harm() -> None:
    nested = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(3000))
    assert faults(read(("X-RSMF-Version: 2.0.0\n" + nested).encode(), "x.rsmf"))


def test_other_mail_is_not_recognised() -> None:
    for data in (b"From: a\n\nX-RSMF-Version: 2.0.0\n", b"", b"PK\x03\x04", b"{}"):
        assert READER.sniff(BytesSource("x.eml", data)) == 0


KEYS = [
    *("version", "participants", "conversations", "events", "id", "display", "platform", "type", "custodian", "custom"),
    *("body", "participant", "conversation", "timestamp", "parent", "deleted", "reactions", "value", "count", "edits"),
    *("previous", "new", "read_receipts", "action", "attachments", "eventcollectionid", "avatar", "name", "email"),
]
WORDS = ["message", "join", "direct", "1", "2021-03-01T10:00:00", "2021-03-01T10:00:00Z", "incoming"]


@settings(max_examples=150, deadline=None)
@given(documents(KEYS, WORDS), documents(KEYS, WORDS), st.sampled_from([None, "Pacific/Chatham"]))
def test_any_shape_is_read_and_accounted_for(value: Any, other: Any, zone: str | None) -> None:
    whole = {
        "version": other,
        "participants": [value, {"id": "1"}],
        "conversations": [other, {"id": "1", "custodian": "1"}],
    }
    for document in (value, {**whole, "events": [value, other]}, {"events": value, "participants": other}):
        source = BytesSource("rsmf_manifest.json", dumped(document))
        assert 0 <= READER.sniff(source) <= 1
        READER.ask(source, Given(zone=zone))
        assert accounted(list(READER.read(source, Given(zone=zone))))


@settings(max_examples=150, deadline=None)
@given(st.one_of(*(damaged(path.read_bytes()) for path in FIXTURES), st.binary(max_size=200)))
def test_any_bytes_are_read_and_accounted_for(data: bytes) -> None:
    source = BytesSource("x.rsmf", data)
    assert 0 <= READER.sniff(source) <= 1
    READER.ask(source, Given())
    read(data, "x.rsmf")
