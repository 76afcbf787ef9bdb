"""Rows cut many at once are the rows cut one by one, wherever the blocks end."""

import io

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from filon.evidence.rows.delimited import DelimitedSheet, start_of
from filon.evidence.rows.delimited_stripes import delimited_stripes
from filon.evidence.rows.json_stripes import json_stripes
from filon.evidence.rows.jsonlines import JsonLinesSheet
from filon.evidence.rows.row import Broken, Written

TEXT = st.text(st.sampled_from('ab;;"\n\n\r\té\u2028'), max_size=60)
OBJECTS = st.lists(
    st.sampled_from(
        [b'{"a": 1}', b'{"b": "x", "a": null}', b'{"a": 1, "a": 2}', b'{"a" :1,"a":2}', b"[1]", b"", b"{", b'{"a": true}', b" {}",
         b'{"a": "\\u0022: ", "c": [1]}', b'{"a": {"b": 1}}', b'{"a": "\xe9"}', b'{"a": "\\ud83d"}', b'{"a": 1e999}', b'{"A": 1}\r']
    ),
    max_size=12,
)  # fmt: skip


def typed(cells):
    """What is not empty, with its type: 1 is not 1.0."""
    return {name: (type(cell), cell) for name, cell in cells.items() if cell is not None}


def rows_of(stripes):
    """The rows of stripes one by one, in order; those that are alike also by their columns."""
    found = []
    for stripe in stripes:
        others = list(stripe.others)
        columns = [column.to_pylist() if isinstance(column, pa.Array) else column for column in stripe.columns]
        for place in range(len(stripe.numbers)):
            found += [cut for before, cut in others if before == place]
            row = stripe.row(place)
            assert (row.number, row.offset, row.length) == (
                stripe.numbers[place],
                stripe.offsets[place],
                stripe.lengths[place],
            )
            cells = [column[place] or None if isinstance(column[place], str) else column[place] for column in columns]
            if stripe.names is None:
                assert cells == row.cells
            else:
                named = dict(zip(stripe.names, cells, strict=True))
                assert typed(named) == typed(row.cells)
            found.append(row)
        found += [cut for before, cut in others if before == len(stripe.numbers)]
        assert not found or found[-1].number == stripe.last
    return found


@settings(max_examples=400, deadline=None)
@given(TEXT, st.integers(1, 40), st.sampled_from(["utf-8", "cp1252"]), st.booleans())
def test_delimited_text(text, size, charset, marked):
    data = b"\xef\xbb\xbf" * marked + b"a;b\n" + text.encode("utf-8")
    written = Written(charset=charset, delimiter=";", width=2)
    one_by_one = list(DelimitedSheet(lambda: io.BytesIO(data), written).rows())
    stream = io.BytesIO(data)
    start = start_of(stream)
    stream.seek(start)
    many = rows_of(delimited_stripes(stream, written, 2, start, 0, size))
    assert many == one_by_one


@settings(max_examples=300, deadline=None)
@given(OBJECTS, st.integers(1, 60), st.booleans())
def test_json_lines(lines, size, marked):
    data = b"\xef\xbb\xbf" * marked + b"\n".join(lines)
    one_by_one = list(JsonLinesSheet(lambda: io.BytesIO(data)).rows())
    assert rows_of(json_stripes(io.BytesIO(data), 0, 0, size)) == one_by_one


def test_a_line_past_the_limit_and_what_follows_it(monkeypatch):
    for module in ("delimited", "delimited_stripes", "jsonlines", "json_stripes"):
        monkeypatch.setattr(f"filon.evidence.rows.{module}.LIMIT", 20)
    data = b"a;b\n1;2\n" + b"x" * 30 + b";y\n3;4\n\r;5\n"
    written = Written(charset="utf-8", delimiter=";", width=2)
    one_by_one = list(DelimitedSheet(lambda: io.BytesIO(data), written).rows())
    assert rows_of(delimited_stripes(io.BytesIO(data), written, 2, 0, 0, 5)) == one_by_one
    assert isinstance(one_by_one[2], Broken)
    data = b'{"a": 1}\n{"a": "' + b"x" * 30 + b'"}\n{"a": 2}\n'
    one_by_one = list(JsonLinesSheet(lambda: io.BytesIO(data)).rows())
    assert rows_of(json_stripes(io.BytesIO(data), 0, 0, 5)) == one_by_one
