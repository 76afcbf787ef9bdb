"""Workbooks read in columns come to what they come to row by row: sheets of any headers, numbers, days and texts."""

import io
from datetime import datetime

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from case.test_columns import MAPPINGS, NAMES, WORDS, assert_equal
from filon.evidence.reading import Given
from filon.evidence.rows.workbook import open_workbook
from filon.evidence.source import BytesSource

MOMENT = datetime.fromisoformat("2020-04-01 04:35:55.250")
VALUES = [
    1,
    -2,
    2.5,
    43_922.25,
    4.9e11,
    491761234567,
    4.9e16,
    True,
    False,
    MOMENT,
    MOMENT.replace(microsecond=0),
    "4,9E+11",
    "",
]


def workbook(sheets, **options):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_numbers": False, **options}) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for place, cell in enumerate(row):
                    if isinstance(cell, str):
                        sheet.write_string(number, place, cell)
                    elif isinstance(cell, datetime):
                        sheet.write_datetime(number, place, cell, day)
                    elif cell is not None:
                        sheet.write(number, place, cell)
    return out.getvalue()


@st.composite
def sheets(draw):
    found = {}
    for sheet in range(draw(st.integers(1, 3))):
        names = draw(st.permutations(NAMES))[: draw(st.integers(2, len(NAMES)))]
        rows = [["report"]] if draw(st.booleans()) else []
        rows.append(names)
        for _ in range(draw(st.integers(0, 8))):
            row = [
                None if draw(st.integers(0, 3)) == 0 else draw(st.sampled_from([*WORDS.get(name, ["a", "é"]), *VALUES][:8]))
                if draw(st.integers(0, 2)) else draw(st.sampled_from(VALUES))
                for name in names
            ]  # fmt: skip
            rows.append(row + draw(st.sampled_from([[], [], [], [""], ["beyond"]])))
        rows += draw(st.lists(st.sampled_from([[], names, ["total", 3], ["a", "b"]]), max_size=2))
        found[f"Sheet {sheet}"] = rows
    return found


@settings(max_examples=60, deadline=None)
@given(sheets(), st.sampled_from(MAPPINGS), st.booleans())
def test_workbooks_in_columns_are_the_same(found, mapping, old_days):
    assert_equal("t.xlsx", workbook(found, date_1904=old_days), Given(mapping=mapping.to_dict()))


@pytest.mark.parametrize("cell", [*VALUES, "soon", "2020-04-01T04:35:55Z"])
@pytest.mark.parametrize("name", ["contact", "sent", "text", "id", "number"])
def test_a_column_of_one_kind_of_cell_is_the_same(name, cell):
    names = ["device", "direction", "contact", "sent", "text", "id", "number"]
    plain = ["d", "in", "ann", "2020-04-01T00:00:00Z", "x", "m1", 1]
    rows = [names] + [[cell if name == here else one for here, one in zip(names, plain, strict=True)]] * 5
    assert_equal("t.xlsx", workbook({"one": rows}), Given(mapping=MAPPINGS[0].to_dict()))


def test_plain_sheets_are_read_in_columns():
    names = ["device", "direction", "contact", "sent", "text"]
    rows = [["d", "in", "ann", MOMENT, f"text {row}"] for row in range(20)]
    found = {
        "one": [names, *rows],
        "two": [list(reversed(names)), *[list(reversed(row)) for row in rows]],
        "three": [["x"]],
    }
    assert assert_equal("t.xlsx", workbook(found), Given(mapping=MAPPINGS[0].to_dict())) == 2


def test_one_sheet_at_a_time_is_laid_out():
    book = open_workbook(BytesSource("t.xlsx", workbook({"one": [["a", "b"]] * 3, "two": [["c"]] * 2})))
    first, second = book
    kept = first.values()
    assert [row.path for row in second.rows()] == ["two!1", "two!2"]
    assert [list(row) for row in kept] == [["a", "b"]] * 3
    assert (first.count(), second.count()) == (3, 2)
    assert [row.cells for row in first.rows()] == [["a", "b"]] * 3
