"""Parquet read in columns comes to what it comes to row by row."""

import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from case.test_columns import MAPPINGS, NAMES, WORDS, assert_equal
from filon.evidence.reading import Given

WRITTEN = ("2020-04-01 04:35:55", "2020-03-29 02:30:00", "2020-10-25 02:30:01.25", "0001-01-01", "1969-12-31 23:59:59.000007",
           "9999-12-31 23:59:59.999999")  # fmt: skip
MOMENTS = [datetime.fromisoformat(text) for text in WRITTEN]
NUMBERS = [0, 1, -2, 1585715755, 1585715755000, 10**15, (1 << 63) - 1, -(1 << 63)]
FLOATS = [0.5, 43_922.25, 4.9e11, 1e15, 4.9e16, -1.0, 7.0, float("inf"), float("nan")]
KINDS = {
    "text": (pa.string(), None),
    "large": (pa.large_string(), None),
    "few": (pa.dictionary(pa.int32(), pa.string()), None),
    "whole": (pa.int64(), NUMBERS),
    "small": (pa.int16(), [0, 1, -7]),
    "unsigned": (pa.uint64(), [0, 1, (1 << 64) - 1]),
    "float": (pa.float64(), FLOATS),
    "single": (pa.float32(), [0.5, 1e15, 12.25]),
    "truth": (pa.bool_(), [True, False]),
    "us": (pa.timestamp("us"), MOMENTS),
    "s": (pa.timestamp("s"), [m.replace(microsecond=0) for m in MOMENTS]),
    "ns": (pa.timestamp("ns"), [m for m in MOMENTS if 1900 < m.year < 2100]),
    "utc": (pa.timestamp("us", "UTC"), [m.replace(tzinfo=UTC) for m in MOMENTS]),
    "zoned": (pa.timestamp("ms", "Europe/Paris"), [m.replace(tzinfo=UTC) for m in MOMENTS[:3]]),
    "day": (pa.date32(), [date(2020, 4, 1), date(1, 1, 1)]),
    "decimal": (pa.decimal128(12, 2), [Decimal("1.50"), Decimal(7)]),
    "bytes": (pa.binary(), [b"", b"a1", b"\xff\xfe"]),
    "span": (pa.duration("us"), [timedelta(days=1)]),
    "list": (pa.list_(pa.string()), [[], ["a", "b"], [None]]),
    "deep": (pa.struct([("inner", pa.string()), ("more", pa.int64())]), [None, {"inner": "x", "more": None}]),
    "none": (pa.null(), [None]),
}
LOOSE = ["", " ", "a", "é", "\U0001f600", "'007", "4,9E+11", "4.9E+11", "x\ny"]


def parquet(columns, **options):
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out, **options)
    return out.getvalue()


@st.composite
def tables(draw):
    count = draw(st.integers(1, 12))
    columns = {}
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=3)):
        plain = draw(st.integers(0, 3))
        kind, values = KINDS["text" if plain else draw(st.sampled_from(list(KINDS)))]
        values = values if values is not None else [*WORDS.get(name, LOOSE), *LOOSE]
        cells = [draw(st.none() | st.sampled_from(values)) for _ in range(count)]
        columns[name] = pa.array(cells, kind)
    return parquet(columns, row_group_size=draw(st.integers(1, 12)))


@settings(max_examples=150, deadline=None)
@given(tables(), st.sampled_from(MAPPINGS))
def test_parquet_in_columns_is_the_same(data, mapping):
    assert_equal("t.parquet", data, Given(mapping=mapping.to_dict()))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["contact", "sent", "text", "id", "number", "north"])
def test_a_column_of_any_type_in_columns_is_the_same(kind, name):
    type_, values = KINDS[kind]
    values = [*(values if values is not None else LOOSE), None]
    columns = {"direction": ["in"] * len(values), "contact": ["ann"] * len(values), "text": ["x"] * len(values)}
    columns |= {"device": ["d"] * len(values), "sent": ["2020-04-01T00:00:00Z"] * len(values)}
    data = parquet(columns | {name: pa.array(values, type_)})
    count = assert_equal("t.parquet", data, Given(mapping=MAPPINGS[0].to_dict()))
    assert (count > 0) == (kind not in {"list", "deep"})


def test_text_that_is_no_utf8_is_the_same_in_columns():
    texts = pa.Array.from_buffers(
        pa.string(), 2, [None, pa.py_buffer(b"\0\0\0\0\x01\0\0\0\x02\0\0\0"), pa.py_buffer(b"a\xff")]
    )
    data = parquet({"contact": ["ann", "ben"], "sent": ["2020-04-01T00:00:00Z"] * 2, "text": texts})
    assert_equal("t.parquet", data, Given(mapping=MAPPINGS[0].to_dict()))


def test_columns_of_one_name_are_read_row_by_row():
    table = pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"]), pa.array(["c"])], ["text", "text", "contact"])
    out = io.BytesIO()
    pq.write_table(table, out)
    assert not assert_equal("t.parquet", out.getvalue(), Given(mapping=MAPPINGS[0].to_dict()))


@pytest.mark.parametrize("place", range(3))
def test_a_damaged_row_group_is_the_same_in_columns(place):
    rows = 30_000
    columns = {
        "contact": [f"c{row % 7}" for row in range(rows)],
        "text": [f"text {row * 7919 % 10007}" for row in range(rows)],
        "sent": ["2020-04-01T00:00:00Z"] * rows,
    }
    data = bytearray(parquet(columns, row_group_size=rows // 3))
    group = pq.read_metadata(io.BytesIO(bytes(data))).row_group(place)
    at = group.column(1).data_page_offset + 40
    data[at : at + 200] = bytes(200)
    assert_equal("t.parquet", bytes(data), Given(mapping=MAPPINGS[0].to_dict()))
