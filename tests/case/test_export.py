"""Exports: what was written reads back as what was found, runs nothing when it is opened, and stands in the log."""

import csv
import json
import re
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

import filon
from case import made_exports as exports
from filon.case.flows.exporting import COLUMNS
from filon.case.notebook import Notebook
from filon.errors import CustodyError, EvidenceError, Unsupported
from filon.evidence.hashing import hash_file
from filon.evidence.lock import writer_lock
from filon.model.view import View

HOSTILE = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+10+20+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "＝1+1",
    '=HYPERLINK("http://example.net";"click")',
    "+33 6 12 34 56 78",
    "-5",
    "plain, with commas; semicolons\tand tabs",
    'quotes " and "" more',
    "two\nlines\r\nand more",
    "\x00\x01\x1b[31mred\x1b[0m\x7f",
    "\u202egnp.exe\u202c \u200b\ufeff",
    "_x000D_ and _x0041_",
    "é 🚚 👨‍👩‍👧 ﷺ",
    "http://example.net/?a=1",
    "0012",
    "1e5",
    "TRUE",
    " leading and trailing ",
    "",
    "x" * 40_000,
]
FORMULA = re.compile(r"^[=@\t\r\n＝＋－＠]|^[+-](?![0-9 ().]*$)")
"""What a spreadsheet may take for more than a text."""


@pytest.fixture
def taken(case, tmp_path):
    """A case with hostile texts and names, tags, undated and ordinary messages."""
    folder = exports.folder(tmp_path / "in")
    people = [
        {"id": "a", "account_id": "=ada", "display": "@SUM(A1)"},
        {"id": "b", "account_id": "+32470", "display": "-b"},
    ]
    room = {"id": "c", "platform": "chat", "participants": ["a", "b"], "display": "=room"}
    events = [
        {"type": "message", "id": f"={n}", "conversation": "c", "participant": "ab"[n % 2], "body": text}
        | ({"timestamp": f"2020-04-13T10:{n:02d}:00.{n:03d}Z"} if n % 5 else {})
        for n, text in enumerate(HOSTILE)
    ]
    manifest = {"version": "2.0.0", "participants": people, "conversations": [room], "events": events}
    (folder / "rsmf_manifest.json").write_text(json.dumps(manifest))
    view = case.view()
    case.add(view, [folder])
    case.tag_hits(view, "=tag", "livraison")
    return case


def rows_of(case, view, text):
    return pa.Table.from_batches(case.rows(view, text), COLUMNS).to_pylist()


def unguarded(cell):
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell[1:]) else cell


@pytest.mark.parametrize("text", ["", "livraison", "nowhere", 'platform:chat NOT "lines and"'])
@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_json_lines_and_parquet_are_exact(taken, tmp_path, kind, text):
    view = taken.view()
    out = tmp_path / f"out.{kind}"
    exported = taken.export(view, text, kind, out)
    expected = rows_of(taken, view, text)
    assert exported.rows == taken.count(view, text) == len(expected)
    if kind == "jsonl":
        assert [json.loads(line) for line in out.read_text("utf-8").splitlines()] == expected
    else:
        assert pq.read_table(out).to_pylist() == expected


def test_csv_reads_back_equal_once_the_guard_is_taken_off(taken, tmp_path):
    view = taken.view()
    taken.export(view, "", "csv", tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        header, *lines = csv.reader(file)
    assert header == COLUMNS.names
    expected = rows_of(taken, view, "")
    assert len(lines) == len(expected)
    for line, row in zip(lines, expected, strict=True):
        assert [unguarded(cell) for cell in line] == ["" if v is None else str(v) for v in row.values()]


def test_no_cell_of_a_csv_begins_like_a_formula(taken, tmp_path):
    taken.export(taken.view(), "", "csv", tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for line in csv.reader(file) for cell in line]
    assert [cell for cell in cells if FORMULA.match(cell)] == []
    guarded = {cell[1:] for cell in cells if cell.startswith("'")}
    assert guarded >= {text for text in HOSTILE if FORMULA.match(text)}
    assert {"+33 6 12 34 56 78", "-5", "+32470"} <= set(cells)  # numbers stay as they are


def test_spreadsheets_hold_texts_as_texts(taken, tmp_path):
    view = taken.view()
    taken.export(view, "", "xlsx", tmp_path / "out.xlsx")
    book = CalamineWorkbook.from_path(str(tmp_path / "out.xlsx"))
    assert book.sheet_names == ["messages 1"]
    header, *lines = book.get_sheet_by_index(0).to_python()
    assert header == COLUMNS.names
    expected = rows_of(taken, view, "")
    assert len(lines) == len(expected)
    for line, row in zip(lines, expected, strict=True):
        for cell, value in zip(line, row.values(), strict=True):
            if isinstance(value, str) and len(value) > 32_767:
                assert cell.endswith(" […cut]")
                assert value.startswith(cell.removesuffix(" […cut]"))
            elif isinstance(value, str):
                assert read_as(cell) == read_as(value)
            elif value is None:
                assert cell == ""
            else:
                assert cell == value
    with zipfile.ZipFile(tmp_path / "out.xlsx") as box:
        sheet = box.read("xl/worksheets/sheet1.xml")
        assert b"<f>" not in sheet
        assert b"<hyperlink" not in sheet


def read_as(text):
    """Line ends as XML gives them back."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def test_an_export_stands_in_the_log_with_its_hash_and_head(taken, tmp_path):
    view = View(who="bob", scope="date:2020", zone="Pacific/Chatham")
    before = taken.head
    exported = taken.export(view, "livraison", "csv", tmp_path / "out.csv")
    assert hash_file(tmp_path / "out.csv") == (exported.sha256, (tmp_path / "out.csv").stat().st_size)
    assert exported.head == taken.head != before
    entry = taken.custody(taken.view())[1][0]
    assert (entry["what"], entry["who"]) == ("exported", "bob")
    assert entry["values"] == {
        "path": str(tmp_path / "out.csv"),
        "format": "csv",
        "search": "livraison",
        "scope": "date:2020",
        "zone": "Pacific/Chatham",
        "rows": exported.rows,
        "sha256": exported.sha256,
    }
    number, _, digest = exported.head.partition(":")
    assert (int(number), digest) == (entry["n"], entry["hash"])
    assert taken.verify(taken.view(), head=exported.head).problems == ()
    wrong = f"{number}:{'0' * 64}"
    assert any("head" in problem.what for problem in taken.verify(taken.view(), head=wrong).problems)


def test_nothing_is_overwritten_and_nothing_half_written_stays(taken, tmp_path):
    view = taken.view()
    taken.export(view, "ok", "csv", tmp_path / "out.csv")
    data, head = (tmp_path / "out.csv").read_bytes(), taken.head
    with pytest.raises(EvidenceError, match="is there already"):
        taken.export(view, "", "csv", tmp_path / "out.csv")
    with pytest.raises(Unsupported, match="no export called"):
        taken.export(view, "", "docx", tmp_path / "out.docx")

    def stop(progress):
        raise KeyboardInterrupt

    for kind in ("csv", "xlsx", "jsonl", "parquet"):
        with pytest.raises(KeyboardInterrupt):
            taken.export(view, "", kind, tmp_path / f"stopped.{kind}", report=stop)
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["out.csv"]
    assert ((tmp_path / "out.csv").read_bytes(), taken.head) == (data, head)


def test_a_folder_that_is_not_there_is_said_and_nothing_is_logged(taken, tmp_path):
    head = taken.head
    for kind in ("csv", "xlsx", "jsonl", "parquet"):
        with pytest.raises(EvidenceError, match="cannot be written: No such file"):
            taken.export(taken.view(), "", kind, tmp_path / "nowhere" / f"out.{kind}")
    assert taken.head == head


def test_exports_go_on_while_another_process_adds(taken, tmp_path):
    with writer_lock(taken.root / "writer.lock"):
        exported = taken.export(taken.view(), "", "csv", tmp_path / "out.csv")
    assert taken.verify(taken.view(), head=exported.head).problems == ()


def test_what_cannot_be_logged_is_not_exported(taken, tmp_path):
    head = taken.head
    with pytest.raises(CustodyError, match="broken Unicode"):
        taken.export(taken.view(), "caf\udce9", "csv", tmp_path / "out.csv")
    assert [path for path in tmp_path.iterdir() if path.is_file()] == []
    assert taken.head == head


def test_every_line_leads_back_to_its_source(taken, tmp_path):
    view = taken.view()
    taken.export(view, "platform:irc livraison", "jsonl", tmp_path / "out.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert lines
    for line in lines:
        with open(line["item"], "rb") as source:  # noqa: PTH123 - without filon, as a reader of the export would
            source.seek(line["offset"])
            assert line["text"] in source.read(line["length"]).decode()
        assert hash_file(Path(line["item"]))[0] == line["item_sha256"]


def test_a_notebook_gives_the_same_rows(taken, settings, monkeypatch):
    monkeypatch.setenv("FILON_HOME", str(settings.home))
    book = filon.open("ops")
    assert isinstance(book, Notebook)
    found = book.search("livraison")
    assert found.total == len(found) == taken.count(taken.view(), "livraison")
    assert [hit.message.id for hit in found] == [
        hit.message.id for hit in taken.search(taken.view(), "livraison", limit=10_000).hits
    ]
    table = found.to_arrow()
    assert table.schema == COLUMNS
    assert table.to_pylist() == rows_of(taken, taken.view(), "livraison")
    assert book.counts() == taken.counts(taken.view())
    bounded = Notebook(taken, View(who="eve", scope="platform:irc"))
    assert bounded.search("").total == taken.count(taken.view(), "platform:irc")
    book.close()


def test_a_name_that_the_log_cannot_hold_is_refused_before_anything_is_written(taken, tmp_path):
    out = tmp_path / b"caf\xe9.csv".decode("utf-8", "surrogateescape")
    head = taken.head
    with pytest.raises(EvidenceError, match="cannot be the name of an export: it is not text in UTF-8"):
        taken.export(taken.view(), "", "csv", out)
    assert taken.head == head
    assert list(tmp_path.glob("caf*")) == []


def test_a_spreadsheet_that_fails_before_its_first_row_leaves_nothing_behind(taken, tmp_path, monkeypatch):
    def fails(*_):
        raise ValueError("before the first row")
        yield

    monkeypatch.setattr("filon.case.flows.exporting.batches", fails)
    folder = tmp_path / "out"
    folder.mkdir()
    with pytest.raises(ValueError, match="before the first row"):
        taken.export(taken.view(), "", "xlsx", folder / "out.xlsx")
    assert list(folder.iterdir()) == []
