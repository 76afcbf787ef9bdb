"""Rows out of every shape of table: cells, bytes, and what cannot be cut."""

import io
import struct
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from filon.evidence.rows import Broken, Row, Written, kind_of, open_table, written_of
from filon.evidence.rows import workbook as workbook_module
from filon.evidence.rows.charset import charset_of, decode_line
from filon.evidence.source import BytesSource


def cut(data: bytes, name: str = "x.csv", written: Written | None = None) -> list[Row | Broken]:
    table = open_table(BytesSource(name, data), written)
    assert table is not None
    if table.problem:
        return [table.problem]
    found = [row for sheet in table.sheets for row in sheet.rows()]
    assert sum(sheet.count() for sheet in table.sheets) == sum(
        row.units if isinstance(row, Broken) else 1 for row in found
    )
    return found


def cells(data: bytes, name: str = "x.csv", written: Written | None = None) -> list[object]:
    return [row.cells if isinstance(row, Row) else row.code for row in cut(data, name, written)]


def test_quotes_delimiters_and_line_ends() -> None:
    data = b'a;b\r\n"x;y";"say ""hi"""\n"two\r\nlines";\n\nz;"q\rr"'
    assert cells(data) == [["a", "b"], ["x;y", 'say "hi"'], ["two\r\nlines", None], [], ["z", "q\rr"]]


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    text = "\n".join(delimiter.join(row) for row in [["a", "b", "c"], ["1,5", "x;y" if delimiter != ";" else "z", "t"]])
    assert written_of(text.encode()).delimiter == delimiter


def test_excel_states_its_delimiter() -> None:
    assert written_of(b"sep=|\na,b|c\n1,2|3\n").delimiter == "|"


@pytest.mark.parametrize(
    ("text", "written", "charset"),
    [
        ("grüß;x\n", "utf-8", "utf-8"),
        ("grüß;x\n", "utf-8-sig", "utf-8"),
        ("grüß;x\n", "utf-16", "utf-16-le"),
        ("grüß;x und noch mehr\n", "utf-16-be", "utf-16-be"),
        ("Grüße aus Köln, schöne Straße; Äpfel über Öl\n", "cp1252", "cp1252"),
        (
            "Привет, как дела сегодня; хорошо, спасибо большое. Мы встретимся завтра вечером у вокзала, если не будет дождя\n",
            "cp1251",
            "cp1251",
        ),
    ],
)
def test_the_charset_is_found(text: str, written: str, charset: str) -> None:
    data = text.encode(written)
    assert charset_of(data) == charset
    row = cut(data, written=Written(delimiter=";"))[0]
    assert isinstance(row, Row)
    assert "".join(str(cell) for cell in row.cells) == text.strip().replace(";", "")


def test_few_letters_among_utf8_are_taken_for_the_commonest_charset():
    """Of so few a guess said cp1250, and made "ŕ" of "à"."""
    data = "time,text\n1,été\n".encode() + "2,été à Lyon\n".encode("cp1252")
    assert charset_of(data) == "utf-8"
    assert decode_line("2,été à Lyon".encode("cp1252"), charset_of(data)) == ("2,été à Lyon", "windows-1252")


def test_every_row_leads_back_to_its_bytes() -> None:
    text = 'ä;b\r\n"x\r\ny";2\n\n€😀;3'
    for charset, mark in (
        ("utf-8", b""),
        ("utf-8", b"\xef\xbb\xbf"),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
    ):
        data = mark + text.encode(charset)
        rows = cut(data)
        assert [row.cells for row in rows if isinstance(row, Row)] == [["ä", "b"], ["x\r\ny", "2"], [], ["€😀", "3"]]
        spans = [(row.offset or 0, row.length or 0) for row in rows]
        assert "".join(data[offset : offset + length].decode(charset) for offset, length in spans) == text


def test_bytes_that_are_not_utf8_are_told() -> None:
    rows = cut("ä;b\n".encode() + b"\xe4;\x81\n" + b"c;d\n", written=Written(charset="utf-8", delimiter=";"))
    assert [row.charset for row in rows if isinstance(row, Row)] == [None, "iso-8859-1", None]
    assert rows[1].cells == ["ä", "\x81"]  # type: ignore[union-attr]  # a row, as the line above shows


def test_a_quote_that_is_never_closed_costs_one_row() -> None:
    data = b'a;b;c\n1;2;"never closed\n4;5;6\n7;8;9\n'
    assert cells(data) == [["a", "b", "c"], "unclosed-quote", ["4", "5", "6"], ["7", "8", "9"]]
    assert [(row.offset, row.length) for row in cut(data)][1] == (6, 18)


def test_a_quote_closed_by_a_later_cell_costs_one_row() -> None:
    data = b'a;b;c\n1;2;"not closed\n4;5;6\n7;8;"nine"\n'
    assert cells(data) == [["a", "b", "c"], "unclosed-quote", ["4", "5", "6"], ["7", "8", "nine"]]


def test_quotes_inside_one_line_are_read_as_spreadsheets_do() -> None:
    assert cells(b'a;b\n"x"y;2\n5" pipe;3\n') == [["a", "b"], ["xy", "2"], ['5" pipe', "3"]]


def test_long_cells_and_many_columns() -> None:
    wide = ";".join("x" * 3 for _ in range(16_384))
    rows = cut(f"{wide}\n{wide}\n".encode())
    assert [len(row.cells) for row in rows if isinstance(row, Row)] == [16_384] * 2
    long = "y" * 1_000_000
    assert cells(f'a;b\n"{long}";2\n'.encode())[1] == [long, "2"]


def test_a_line_past_the_limit_is_a_defect_and_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("filon.evidence.rows.delimited.LIMIT", 20)
    for charset in ("utf-8", "utf-16-le"):
        data = f"a;b\n{'x' * 50};2\n3;4\n".encode(charset)
        written = Written(charset=charset, delimiter=";")
        assert cells(data, written=written) == [["a", "b"], "line-too-long", ["3", "4"]]
        rows = cut(data, written=written)
        assert sum(row.length or 0 for row in rows) == len(data)


def test_json_lines_and_their_faults() -> None:
    data = b'\xef\xbb\xbf{"a":{"b":1,"c":["x",2,null]},"d":[{"e":1}],"f":""}\n\nnope\n[1]\n{"a":"\\ud83d","a":1}\n'
    found = cut(data, "x.jsonl")
    first = found[0]
    assert isinstance(first, Row)
    assert first.cells == {"a.b": 1, "a.c": ["x", "2"], "d": '[{"e": 1}]', "f": None}
    assert cells(data, "x.jsonl")[1:4] == [{}, "json-broken", "not-an-object"]
    last = found[4]
    assert isinstance(last, Row)
    assert "json-duplicate-key" in last.mended
    assert data[(last.offset or 0) :][: last.length] == b'{"a":"\\ud83d","a":1}\n'


def test_json_documents() -> None:
    for data in (b'[{"a":1},\n {"a":2}]', b'{\n"a":1}\n{\n"a":2}'):
        found = cut(data, "x.json")
        assert [row.cells for row in found if isinstance(row, Row)] == [{"a": 1}, {"a": 2}]
        assert all(data[(row.offset or 0) :].startswith(b"{") for row in found)
    inside = b'{"title":"t","messages":[{"a":1},{"a":2}]}'
    rows = cells(inside + b"\n", "x.json", Written(path="/messages/*"))
    assert rows == ["beside-the-rows", {"a": 1}, {"a": 2}]
    pretty = inside.replace(b",", b",\n")
    assert cells(pretty, "x.json", Written(path="/messages/*")) == ["beside-the-rows", {"a": 1}, {"a": 2}]


def book(fill: object, **options: object) -> bytes:
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, options) as made:
        fill(made)  # type: ignore[operator]  # a function of the test
    return data.getvalue()


def test_workbooks_keep_row_numbers_types_and_formula_looking_text() -> None:
    def fill(made: xlsxwriter.Workbook) -> None:
        sheet = made.add_worksheet("Tel 1")
        sheet.write_string(2, 1, "=1+1")
        sheet.write_formula(2, 2, "=1+1", None, 2)
        sheet.write_number(4, 1, 32470000001)
        sheet.write_boolean(4, 2, True)
        made.add_worksheet("empty")

    found = cut(book(fill), "x.xlsx")
    assert [(row.path, row.cells) for row in found if isinstance(row, Row)] == [
        ("Tel 1!1", [None, None]),
        ("Tel 1!2", [None, None]),
        ("Tel 1!3", ["=1+1", 2]),
        ("Tel 1!4", [None, None]),
        ("Tel 1!5", [32470000001, "true"]),
    ]  # calamine leaves out empty columns at the left


def test_workbooks_state_their_days() -> None:
    def fill(made: xlsxwriter.Workbook) -> None:
        made.add_worksheet().write(0, 0, 1)

    for old in (False, True):
        table = open_table(BytesSource("x.xlsx", book(fill, date_1904=old)))
        assert table is not None
        assert table.days_from_1904 is old


def test_two_cells_far_apart_do_not_cost_a_sheet() -> None:
    def fill(made: xlsxwriter.Workbook) -> None:
        sheet = made.add_worksheet()
        sheet.write(0, 0, "a")
        sheet.write(1_048_575, 16_383, "b")

    (found,) = cut(book(fill), "x.xlsx")
    assert isinstance(found, Broken)
    assert found.code == "workbook-too-large"


def test_a_workbook_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = workbook_module._LIMITS
    monkeypatch.setattr(workbook_module, "_LIMITS", type(limits)(archive_ratio=10, archive_ratio_from=1000))
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", b" " * 5_000_000)
    (found,) = cut(data.getvalue(), "x.xlsx")
    assert isinstance(found, Broken)
    assert found.code == "workbook-too-large"


def test_parquet_row_groups_nested_columns_and_nanoseconds() -> None:
    data = io.BytesIO()
    times = pa.array([1585764202123456789, None, 0], pa.timestamp("ns"))
    table = pa.table({"a": [1, 2, 3], "b": [{"c": "x"}, None, {"c": None}], "t": times})
    pq.write_table(table, data, row_group_size=2)
    found = cut(data.getvalue(), "x.parquet")
    assert [row.path for row in found] == ["row group 0/row 1", "row group 0/row 2", "row group 1/row 1"]
    assert found[0].cells["t"].isoformat() == "2020-04-01T18:03:22.123456"  # type: ignore[union-attr,call-overload]  # a row


def test_a_damaged_row_group_keeps_the_account() -> None:
    data = io.BytesIO()
    pq.write_table(pa.table({"a": [f"text {n}" for n in range(1000)]}), data, row_group_size=500, compression="gzip")
    damaged = bytearray(data.getvalue())
    damaged[200:260] = b"\xff" * 60
    found = cut(bytes(damaged), "x.parquet")
    assert sum(row.units if isinstance(row, Broken) else 1 for row in found) == 1000
    assert [row.code for row in found if isinstance(row, Broken)] == ["unreadable-row-group"]


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        (b"PAR1....", "x", "parquet"),
        (b"PK\x03\x04....xl/workbook.xml", "x", "workbook"),
        (b"PK\x03\x04....", "photos.zip", None),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "x.xls", "workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "x.doc", None),
        (b'{"a":1}\n{"a":2}', "x", "json-lines"),
        (b'[{"a":1}]', "x", "json"),
        (b"[12:30] <ada> hi", "x", "delimited"),
        (b"\x00\x01\x02" + struct.pack("<Q", 77), "x", None),
        (b"", "x.csv", None),
    ],
)
def test_kinds(head: bytes, name: str, kind: str | None) -> None:
    assert kind_of(head, name) == kind


CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufdd0"), max_size=8)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=8), st.sampled_from(["utf-8", "utf-16-le"])
)
def test_what_is_written_by_the_rules_is_read_as_it_was(rows: list[list[str]], charset: str) -> None:
    def quoted(cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"'

    data = "".join(";".join(map(quoted, row)) + "\r\n" for row in rows).encode(charset)
    written = Written(charset=charset, delimiter=";", width=3)
    if open_table(BytesSource("x.csv", data), written) is None:
        return
    found = cells(data, written=written)
    assert found == [[cell or None for cell in row] for row in rows]


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from(list('ab;"\r\n\x00ä')), max_size=60), st.sampled_from(["utf-8", "utf-16-le", "cp1252"]))
def test_any_text_is_covered_row_by_row(text: str, charset: str) -> None:
    data = text.encode(charset)
    written = Written(charset=charset, delimiter=";", width=2)
    if open_table(BytesSource("x.csv", data), written) is None:
        return
    end = 0
    for row in cut(data, written=written):
        assert row.offset == end
        end += row.length or 0
    assert end == len(data)
