"""JSON lines decoded together are those decoded one by one, or are not decoded together at all."""

import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filon.evidence.rows import json_columns, json_stripes
from filon.evidence.rows.json_columns import Kinds, decode_columns
from filon.evidence.rows.jsonlines import cut_lines
from filon.evidence.rows.row import Row

KINDS = {"t": str, "n": int, "f": float, "b": bool}
PLAIN = b'{"t":"x","n":1,"f":2.5,"b":true}\n'
STRANGE = [
    '{"t":"x","t":"y"}', '{"t":null,"t":"y"}', '{"t":"x","\\u0074":"y"}', '{"n":1,"n":1}', '{"t":"\\ud800"}', '{"t":"\\udc00"}',
    '{"t":"\\ud83d\\ude00"}', '{"t":"\\x1f"}', '{"t":"\x01"}', '{"t":"a\\u0000b"}', '{"t":1}', '{"n":"1"}', '{"n":-0}', '{"n":01}',
    '{"n":1.0}', '{"n":1e2}', '{"n":9223372036854775808}', '{"n":-9223372036854775808}', '{"n":' + "9" * 50 + "}", '{"f":5}',
    '{"f":5.0}', '{"f":1e400}', '{"f":NaN}', '{"f":-Infinity}', '{"f":-0.0}', '{"f":1e-400}', '{"f":1e16}', '{"f":0.1}',
    '{"f":123456789.123456789}', '{"f":4.9e-324}', '{"f":.5}', '{"f":5.}', '{"f":-}', '{"b":True}', '{"b":1}', '{"b":null}',
    '{"t":["x"]}', '{"t":{"t":"x"}}', '{"t":"x"} {"t":"y"}', '{"t":"x"}}', '{"t":"x"},', '{{"t":"x"}', '{"t":"x",}', '{"t":"x"',
    '"t":"x"}', '{"t":"x" // }', '{"t":\x0b"x"}', '{ "t" :\t"x" , "n" : 2 }', '{"t":"x"}\r', '{"t":"x"} \r', '{"t":"x"}\r\r', "{}",
    "", " ", '{"T":"x"}', '{"":"x"}', '{"t":""}', '{"t":"x}', 'x"}', '{"t":"{"}', "null", "[]", '{"t":"\x7f"}', '{"t":"\u2028é"}',
    '{"t":\x00"x"}', '{"t":"x"}\x00}', '{"t":"x"\x00}', "\ufeff" + '{"t":"x"}', '{"f":1.5}\x00{"f":2.5}',
]  # fmt: skip


def known():
    kinds = Kinds()
    for name, kind in KINDS.items():
        kinds.learn(name, {kind})
    return kinds


def typed(cells):
    return {name: (type(cell), cell) for name, cell in cells.items() if cell is not None}


def one_by_one(data):
    return list(cut_lines(io.BytesIO(data), 1, 1))


def assert_same(data, count):
    """What is decoded together is what single lines come to; a line that had to be mended never is."""
    columns = decode_columns(data, count, known())
    if columns is None:
        return False
    rows = one_by_one(data)
    assert len(rows) == count
    named = dict(zip(KINDS, (column.to_pylist() for column in columns), strict=True))
    for place, row in enumerate(rows):
        assert isinstance(row, Row)
        assert row.mended == ()
        assert typed({name: column[place] for name, column in named.items()}) == typed(row.cells)
    return True


@pytest.mark.parametrize("strange", STRANGE)
def test_a_strange_line_is_the_same_or_is_left_to_single_lines(strange):
    data = PLAIN + strange.encode("utf-8", "surrogatepass") + b"\n" + PLAIN
    if strange.startswith("{") and strange.rstrip("\r").endswith("}"):
        assert_same(data, 3)
    stripes = list(json_stripes.json_stripes(io.BytesIO(data), 1, 1))
    rows = one_by_one(data)
    assert [row.number for row in rows] == list(range(2, 2 + len(rows)))
    assert sum(len(stripe.numbers) + len(stripe.others) for stripe in stripes) == len(rows)


def test_bytes_that_are_not_text_are_left_to_single_lines():
    assert not assert_same(PLAIN + b'{"t":"\xff"}\n', 2)
    assert not assert_same(PLAIN + b'{"\xff":"x"}\n', 2)


def test_plain_lines_are_decoded_together():
    assert assert_same(PLAIN * 3 + b'{"t":"","n":null}\r\n{ "b" : false, "f":-1.5e-3 }\n', 5)


VALUES = st.one_of(
    st.text(max_size=8),
    st.integers(-(1 << 65), 1 << 65),
    st.floats(),
    st.booleans(),
    st.none(),
    st.lists(st.text(max_size=2), max_size=2),
)
ROWS = st.lists(st.dictionaries(st.sampled_from([*KINDS, "u"]), VALUES, max_size=5), min_size=1, max_size=6)


@settings(max_examples=300, deadline=None)
@given(ROWS, st.booleans(), st.lists(st.tuples(st.integers(0, 300), st.binary(max_size=2)), max_size=2))
def test_any_lines_are_the_same_or_are_left_to_single_lines(rows, ascii_only, changes):
    lines = [json.dumps(row, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass") for row in rows]
    data = b"".join(line + b"\n" for line in lines)
    for place, other in changes:
        data = data[:place] + other + data[place + 1 :]
    found = data.split(b"\n")
    if found.pop() == b"" and all(line[:1] == b"{" and line[-1:] == b"}" and len(line) > 1 for line in found):
        assert_same(data, len(found))


def test_too_many_cells_are_not_decoded_at_once(monkeypatch):
    monkeypatch.setattr(json_columns, "MOST_CELLS", 7)
    assert decode_columns(PLAIN * 2, 2, known()) is None
    assert decode_columns(PLAIN, 1, known()) is not None


def test_keys_of_several_kinds_are_not_decoded_together():
    kinds = known()
    kinds.learn("n", {str, type(None)})
    assert kinds.mixed
    assert decode_columns(PLAIN, 1, kinds) is None
