"""Raw bytes to look at."""

from hypothesis import given
from hypothesis import strategies as st

from filon.web.dump import SHOWN, WIDTH, dump


@given(st.binary(max_size=200))
def test_bytes_are_shown_whole(data):
    shown = dump(data)
    assert shown.left_out == 0
    if shown.text is None:
        assert bytes.fromhex("".join(digits for _, digits, _ in shown.rows)) == data
        assert all(len(text) <= WIDTH for _, _, text in shown.rows)
    else:
        assert shown.text.encode() == data


def test_what_is_left_out_is_counted():
    assert dump(b"a" * (SHOWN + 7)).left_out == 7
    assert dump("é".encode() * SHOWN).text is not None
