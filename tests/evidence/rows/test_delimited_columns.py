"""Lines of delimited text cut together by their bytes are the lines cut one by one."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filon.evidence.rows.delimited import DelimitedSheet
from filon.evidence.rows.delimited_columns import PlainLines
from filon.evidence.rows.delimited_stripes import delimited_blocks, delimited_stripes
from filon.evidence.rows.row import Broken, Written

CELLS = st.sampled_from(
    ["a", "é", "", "b c", '"d"', '"e;f"', '""', '"g""h"', '"i\nj"', 'k"l', '"m"n', ' "o"', '"p', '"\r"', "q\r", "\r", '"""r"""',
     '"\ufdd0"',     "\ufdd0", "\0", '"\0"', '"\u2028"', "'s'", '"t" ']
)  # fmt: skip
LINES = st.lists(
    st.tuples(st.lists(CELLS, min_size=1, max_size=4), st.sampled_from(["\n", "\r\n", "\n", "\r\r\n"])), max_size=6
)


def rows_of(stripes):
    found = []
    for stripe in stripes:
        columns = [column.to_pylist() for column in stripe.columns]
        others = list(stripe.others)
        for place in range(len(stripe.numbers)):
            found += [cut for before, cut in others if before == place]
            row = stripe.row(place)
            assert row.cells == [column[place] for column in columns]
            found.append(row)
        found += [cut for before, cut in others if before == len(stripe.numbers)]
        assert not found or found[-1].number == stripe.last
    return found


@settings(max_examples=500, deadline=None)
@given(LINES, st.integers(1, 60), st.booleans(), st.sampled_from(["utf-8", "cp1252", "shift_jis"]), st.integers(0, 2))
def test_lines_with_quotes(lines, size, ended, charset, mixed):
    text = "u;v;w\n" + "".join(";".join(cells) + end for cells, end in lines)
    data = (text if ended else text.rstrip("\n")).encode(charset, "replace").replace(b"\xe9", "é".encode(), mixed)
    written = Written(charset=charset, delimiter=";", width=3)
    one_by_one = list(DelimitedSheet(lambda: io.BytesIO(data), written).rows())
    assert rows_of(delimited_stripes(io.BytesIO(data), written, 3, 0, 0, size)) == one_by_one
    blocks = list(delimited_blocks(io.BytesIO(data), written, 0, size))
    assert b"".join(block for block, *_ in blocks) == data
    assert blocks[-1][3] == one_by_one[-1].number


@pytest.mark.parametrize(
    ("line", "plain"),
    [('a;b', True), ('"a";b', True), ('"a;b";""', True), ('"a";"b"\r', True), ('"a""b";c', False), ('a"b";c', False),
     ('"a" ;b', False), ('"a;b', False), ('"a";b\r\r', False), ('"a\0";b', False)],
)  # fmt: skip
def test_which_lines_are_plain(line, plain):
    found = PlainLines(f"{line}\n".encode(), ord(";"))
    assert found.plain.tolist() == [plain]


def test_a_line_that_leaves_a_quote_open_changes_nothing_for_the_others():
    lines = PlainLines(b'"a;b\n"c;d";e\n', ord(";"))
    assert lines.plain.tolist() == [False, True]
    cells = lines.of_width(2)
    assert cells.alike.tolist() == [False, True]
    assert [column.to_pylist() for column in cells.columns(np.array([1]))] == [["c;d"], ["e"]]


def test_a_quote_that_is_never_closed_is_a_broken_row_and_the_rest_is_cut_together():
    data = b'a;b\n"c;d\n' + b"e;f\n" * 3
    stripes = list(delimited_stripes(io.BytesIO(data), Written(charset="utf-8", delimiter=";", width=2), 2, 0, 0))
    assert [len(stripe.numbers) for stripe in stripes] == [4]
    assert isinstance(stripes[0].others[0][1], Broken)
