"""A row of a workbook in its own XML, with the strings its cells stand for."""

import io

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.boxes import zip_of
from filon.evidence import sheets
from filon.evidence.files import FileSource
from filon.evidence.sheets import row_of


def book(rows, name="Chats", constant=False):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": constant}) as made:
        made.add_worksheet("First").write(0, 0, "elsewhere")
        sheet = made.add_worksheet(name)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                sheet.write(number, column, value)
    return out.getvalue()


def stretch(path, data):
    path.write_bytes(data)
    return FileSource(path).data


@pytest.mark.parametrize("constant", [False, True])
@pytest.mark.parametrize("block", [64, 1 << 20])
def test_every_row_is_found(tmp_path, monkeypatch, constant, block):
    monkeypatch.setattr(sheets, "_BLOCK", block)
    rows = [(f"text {n} <&>", n, f"é{n % 3}") for n in range(200)]
    data = stretch(tmp_path / "b.xlsx", book(rows, "Chats & more", constant))
    for number in (1, 2, 7, 77, 200):
        shown = row_of(data, f"Chats & more!{number}", tmp_path).decode()
        first, *strings = shown.split("\n")
        assert first.startswith(f'<row r="{number}"')
        assert first.endswith("</row>")
        assert f"<v>{number - 1}</v>" in first
        if constant:
            assert f"text {number - 1} &lt;&amp;&gt;" in first
        else:
            text, third = f"text {number - 1} <&>", f"é{(number - 1) % 3}"
            assert strings == [f"A{number}: {text}", f"C{number}: {third}"]
    assert row_of(data, "Chats & more!201", tmp_path) is None


@pytest.mark.parametrize("path", ["Nothing!1", "Chats!x", "Chats!", "line 1", "!1"])
def test_what_is_not_there(tmp_path, path):
    assert row_of(stretch(tmp_path / "b.xlsx", book([("a",)])), path, tmp_path) is None


@given(
    st.lists(st.sampled_from([b"<row", b' r="7"', b">", b"<c r='7'", b"</row>", b"<sst><si><t>", b"x"]), max_size=12)
)
@settings(max_examples=100, deadline=None)
def test_hostile_sheets_give_a_row_or_nothing(tmp_path_factory, pieces):
    tmp_path = tmp_path_factory.mktemp("sheets")
    files = [
        ("xl/workbook.xml", b'<workbook><sheets><sheet name="S" r:id="rId1"/></sheets></workbook>'),
        ("xl/_rels/workbook.xml.rels", b'<Relationships><Relationship Id="rId1" Target="worksheets/s.xml"/></Relationships>'),
        ("xl/worksheets/s.xml", b"".join(pieces)),
        ("xl/sharedStrings.xml", b"<sst>" + b"".join(pieces)),
    ]  # fmt: skip
    found = row_of(stretch(tmp_path / "b.xlsx", zip_of(files)), "S!7", tmp_path)
    assert found is None or found.startswith(b"<row")


def test_no_zip_is_no_workbook(tmp_path):
    assert row_of(stretch(tmp_path / "b.xlsx", b"PK\x03\x04 nothing"), "S!1", tmp_path) is None
