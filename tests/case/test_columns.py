"""Tables read in columns come to what they come to row by row: the same rows, numbers, names, defects and account."""

import json
import tempfile
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filon.case.flows.pack import Packer, open_stream
from filon.evidence.reading import BulkReader, Given
from filon.evidence.source import BytesSource
from filon.model.columns import TABLES
from filon.readers import by_name
from filon.readers.tables.mapping import Columns, Conversations, Device, Mapping, Time

READER = by_name("table")
FIXTURES = Path(__file__).parent.parent / "readers" / "tables"
COMPARED = sorted(
    path.name
    for path in FIXTURES.iterdir()
    if path.suffix in {".csv", ".jsonl", ".xlsx"} and not path.name.endswith(".expected.jsonl")
)


def packed(folder, records):
    """Everything a packer leaves of these records, tables as lists of rows, messages by number."""
    folder.mkdir()
    packer = Packer(folder, 7, "ab" * 32)
    columns = 0
    for record in records:
        columns += type(record).__name__ == "Columns"
        packer.add(record)
    found = {"tally": packer.finish("rows"), "assumptions": packer.assumptions}
    for kind in (*TABLES, "messages"):
        if (folder / f"{kind}.arrows").exists():
            rows = pa.Table.from_batches(list(open_stream(folder, kind)), open_stream(folder, kind).schema).to_pylist()
            found[kind] = sorted(rows, key=lambda row: row["id"]) if kind == "messages" else rows
    return found, columns


def assert_equal(name, data, told):
    with tempfile.TemporaryDirectory() as folder:
        one, _ = packed(Path(folder, "rows"), READER.read(BytesSource(name, data), told))
        many, columns = packed(Path(folder, "columns"), READER.read_columns(BytesSource(name, data), told))
    assert one.keys() == many.keys()
    for found in (one, many):
        found["assumptions"] = sorted(found["assumptions"])  # columns tell theirs behind those of single rows
    for kind in one:
        assert one[kind] == many[kind], kind
    return columns


NAMES = ("device", "direction", "contact", "nickname", "sent", "received", "text", "conversation", "id", "number", "status",
         "file", "north", "east", "kind", "gone", "answer", "more")  # fmt: skip
MAPPINGS = (
    Mapping(
        name="contacts",
        columns=Columns(
            direction="direction", contact="contact", nickname="nickname", text="text", conversation="conversation",
            native_id="id", sequence="number", status="status", attachments=("file",), latitude="north",
            longitude="east", kind="kind", deleted="gone", reply_to="answer",
        ),
        times={
            "sent": Time(column="sent", form="iso", zone="Europe/Paris"),
            "received": Time(column="received", form="auto"),
        },
        device=Device(column="device"),
    ),
    Mapping(
        name="senders",
        columns=Columns(
            sender="contact", recipients="nickname", participants="conversation", conversation="answer", title="kind",
            text="text", native_id="id", platform="status", owner="device",
        ),
        account_form="id-name",
        times={
            "sent": Time(column="sent", form="dmy", zone="UTC", zone_basis="source"),
            "read": Time(column="number", form="s"),
        },
        conversations=Conversations(shared=True),
    ),
    Mapping(
        name="names",
        columns=Columns(contact="contact", direction="direction", text="text", sequence="number", latitude="north"),
        account_form="name",
        times={"sent": Time(column="sent", form="iso"), "expires": Time(column="received", zone="+02:00")},
        device=Device(column="device"),
    ),
)  # fmt: skip
WORDS = {
    "direction": ["in", "out", "IN", "sideways"],
    "sent": ["2020-04-01T04:35:55Z", "2020-04-01 04:35:55", "2020-03-29T02:30:00", "2020-02-30T00:00:00", "01.04.2020 07:00",
             "2020-10-25T02:30:00", "0001-01-01T00:00:00", "soon", "2020-04-01T04:35:55.25+02:00", "2020-04-01x04:35:55"],
    "received": ["2020-04-01T04:35:56", "2020-04-01 04:35", "12", "9999-12-31T23:59:59"],
    "id": ["a1", " a1", "'007", "4,9E+11", "+4917612345", "é"],
    "number": ["1", "-2", " 3", "x", "99999999999999999999", "1585715755", "1_0"],
    "status": ["read", "delivered", "eaten"],
    "file": ["a.jpg", "b.opus;c.pdf"],
    "north": ["48,5", "91", "12.25"],
    "east": ["2.5", "no"],
    "kind": ["text", "image", "riddle"],
    "gone": ["yes", "no"],
    "nickname": ["ben", "Ben (owner)", "a; b"],
    "device": ["d1", "d2", "4.9E+12"],
    "conversation": ["c1", "c2", "x;y;z"],
}  # fmt: skip
LOOSE = st.text(st.sampled_from('ab ;"\n\r\té,\u2028\U0001f600'), max_size=6)


def a_row(draw):
    row = {}
    for name in NAMES:
        if draw(st.integers(0, 9)) < 6:
            row[name] = draw(
                LOOSE if draw(st.integers(0, 9)) == 0 or name not in WORDS else st.sampled_from(WORDS[name])
            )
    return row


@st.composite
def delimited(draw):
    lines = [";".join(NAMES)]
    for _ in range(draw(st.integers(1, 12))):
        row = a_row(draw)
        cells = []
        for name in NAMES:
            cell = row.get(name, "")
            quote = draw(st.integers(0, 19))
            cells.append(
                '"' + cell.replace('"', '""') + '"' if (quote < 18 and set(cell) & {*';"\n\r'}) or quote < 1 else cell
            )
        lines.append(";".join(cells))
    lines += draw(
        st.lists(
            st.sampled_from(["", ";" * 17, lines[0], "total;3" + ";" * 16, "a;b", '"open;' + ";" * 16]), max_size=2
        )
    )
    text = draw(st.sampled_from(["\n", "\r\n"])).join(
        draw(st.permutations(lines[1:])) if draw(st.booleans()) else lines[1:]
    )
    data = (lines[0] + "\n" + text + draw(st.sampled_from(["", "\n"]))).encode()
    return data.replace("é".encode(), b"\xe9", draw(st.sampled_from([0, 1, 1, 2, 4, -1])))


@st.composite
def json_lines(draw):
    lines = []
    for _ in range(draw(st.integers(1, 12))):
        row = a_row(draw)
        for name in draw(st.lists(st.sampled_from(NAMES), max_size=3)):
            row[name] = draw(
                st.sampled_from([None, 1, 2.5, True, 1585715755, 1e300, ["a", "b"], {"deep": 1}, [], 10**30, 1e16])
            )
        names = draw(st.permutations(list(row)))
        line = json.dumps({name: row[name] for name in names}, ensure_ascii=draw(st.booleans()))
        lines.append(
            draw(
                st.sampled_from(
                    [line] * 9 + [line[:-2], "[1]", "", line.replace('"text"', '"id"'), line.replace(":", " :")]
                )
            )
        )
    return ('{"text": "first", "contact": "ann"}\n' + "\n".join(lines)).encode()


KINDS = {
    "int": [0, 1, -5, 1585715755, 1585715755000, 10**15, (1 << 63) - 1, -(1 << 63)],
    "float": [2.5, -48.25, 1585715755.5, 0.1, 1e-9, 123456.789],
    "large": [2.5e16 + 4, 1.5e300],
    "bool": [True, False],
}


@st.composite
def json_lines_of_kinds(draw):
    """Each key holds values of one kind throughout, so that lines can be decoded together."""
    kinds = {name: draw(st.sampled_from(["word"] * 4 + [*KINDS])) for name in NAMES}
    lines = []
    for _ in range(draw(st.integers(1, 12))):
        row = {}
        for name, kind in kinds.items():
            chance = draw(st.integers(0, 9))
            if chance < 6:
                row[name] = draw(LOOSE if kind == "word" and name not in WORDS else st.sampled_from(
                    WORDS[name] if kind == "word" else KINDS[kind]
                ))  # fmt: skip
            elif chance == 9:
                row[name] = None
        lines.append(json.dumps(row, ensure_ascii=draw(st.booleans())))
    return ("\n".join(lines) + draw(st.sampled_from(["", "\n", "\r\n"]))).encode()


@settings(max_examples=150, deadline=None)
@given(delimited(), st.sampled_from(MAPPINGS))
def test_delimited_text_in_columns_is_the_same(data, mapping):
    assert_equal("t.csv", data, Given(mapping=mapping.to_dict()))


MIXED = "date,from,to,text\n2020-04-01 10:00:00,a,b,{}\n2020-04-01 10:00:01,a,b,{}\n2020-04-01 10:00:02,a,b,{}\n"


@pytest.mark.parametrize(
    ("charsets", "told", "counted"),
    [
        (("utf-8", "cp1252", "utf-8"), {"charset:windows-1252"}, ["windows-1252: 1 rows, this is the first"]),
        (("cp1252", "utf-8", "cp1252"), {"charset:cp1252", "charset:utf-8"}, ["utf-8: 1 rows, this is the first"]),
        (("utf-8", "utf-8", "utf-8"), set(), []),
        (("cp1252", "cp1252", "cp1252"), {"charset:cp1252"}, []),
    ],
)
def test_each_row_is_read_in_its_own_charset(charsets, told, counted):
    """A table put together out of files in UTF-8 and in a single-byte charset. How many rows are in which is told."""
    lines = MIXED.format(*["étés élevés"] * 3).splitlines(keepends=True)
    data = b"".join(line.encode(charset) for line, charset in zip(lines, ("ascii", *charsets), strict=True))
    with tempfile.TemporaryDirectory() as folder:
        found, _ = packed(Path(folder, "rows"), READER.read(BytesSource("t.csv", data), Given(zone="UTC")))
    assert [row["text"] for row in found["messages"]] == ["étés élevés"] * 3
    assert {one for one in found["assumptions"] if one.startswith("charset")} == told
    differing = [one["detail"] for one in found.get("defects", []) if one["code"] == "charset-differs"]
    assert [detail.split("; ")[1] for detail in differing] == counted
    assert_equal("t.csv", data, Given(zone="UTC"))


@settings(max_examples=150, deadline=None)
@given(json_lines(), st.sampled_from(MAPPINGS))
def test_json_lines_in_columns_are_the_same(data, mapping):
    assert_equal("t.jsonl", data, Given(mapping=mapping.to_dict()))


@settings(max_examples=80, deadline=None)
@given(json_lines_of_kinds(), st.sampled_from(MAPPINGS))
def test_json_lines_decoded_together_are_the_same(data, mapping):
    assert_equal("t.jsonl", data, Given(mapping=mapping.to_dict()))


@pytest.mark.parametrize("name", COMPARED)
def test_fixtures_in_columns_are_the_same(name):
    columns = assert_equal(name, (FIXTURES / name).read_bytes(), Given(zone="UTC"))
    assert columns or name.startswith(("cellebrite", "dates", "nachrichten", "operator", "axiom"))


def test_the_reader_of_tables_reads_in_bulk():
    assert isinstance(READER, BulkReader)
    assert not isinstance(by_name("whatsapp-text"), BulkReader)
