"""Files that ask for far more memory than they take, or lie about their size, stay within bounds and become defects."""

import io
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from case.test_blocks import state_of, taken_in, with_blocks
from case.test_member_blocks import DEFLATED, SIZE
from case.test_parquet_blocks import FILES
from filon.case import create_case, open_case
from filon.case.flows import dividing
from filon.errors import Interrupted
from filon.model.given import Given


def taken(settings, path, size):
    with create_case(f"c{size}", with_blocks(settings, size)) as case:
        return case.add(case.view(), [path], given=Given(zone="UTC")).items[0].readings[0].tally


@pytest.mark.parametrize("size", [0, 1000])
def test_one_large_text_for_many_rows_is_a_defect(settings, tmp_path, size):
    rows = 20_000
    large = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array(["x" * (8 << 20)]))
    few = {"contact": ["ann"] * rows, "sent_utc": ["2020-04-01T00:00:00Z"] * rows, "text": large}
    path = tmp_path / "t.parquet"
    with pq.ParquetWriter(path, pa.table(few).schema) as writer:
        writer.write_table(pa.table(few))
        writer.write_table(pa.table(few | {"text": pa.array(["x"] * rows).dictionary_encode()}))
    assert path.stat().st_size < 16 << 20
    tally = taken(settings, path, size)
    assert tally.balanced
    assert tally.defects >= 1
    assert tally.units == 2 * rows
    assert tally.messages == rows


def test_a_sheet_that_lies_about_its_size_gives_the_rows_it_has(settings, tmp_path):
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet("one")
        for number, row in enumerate([["contact", "text", "sent_utc"], *[["ann", "x", "2020-04-01T00:00:00Z"]] * 3]):
            sheet.write_row(number, 0, row)
    path = tmp_path / "t.xlsx"
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'ref="A1:C4"', b'ref="A1:XFD1048576"'))
    tally = taken(settings, path, 0)
    assert tally.balanced
    assert tally.messages == 3


@pytest.mark.parametrize(
    ("name", "data", "size"), [("t.zip", DEFLATED, SIZE), ("t.parquet", FILES["plain.parquet"], 1)]
)
def test_finished_blocks_outlive_an_interruption(settings, tmp_path, monkeypatch, name, data, size):
    path = tmp_path / name
    path.write_bytes(data)
    whole = taken_in(with_blocks(settings, 0), "whole", path)
    divided = with_blocks(settings, size)
    original = dividing.Dividing._parse

    def until_the_third(self, number, *rest):
        if number == 2:
            raise KeyboardInterrupt
        original(self, number, *rest)

    with create_case("torn", divided) as case:
        monkeypatch.setattr(dividing.Dividing, "_parse", until_the_third)
        with pytest.raises(Interrupted):
            case.add(case.view(), [path], given=Given(zone="UTC"))
        monkeypatch.setattr(dividing.Dividing, "_parse", original)
    with open_case("torn", divided) as case:
        case.resume(case.view())
        assert state_of(case) == whole
