"""Byte lines: nothing between two lines is lost, and lines are counted on their own."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filon.evidence import lines as module
from filon.evidence.lines import count_lines, decode, head_lines, lines

texts = st.lists(st.sampled_from([b"a", b"\n", b"\r\n", b"\r", b"", b"\xff", b"bc" * 5, b"\xc3\xa9"])).map(b"".join)


@settings(max_examples=300, deadline=None)
@given(texts | st.binary(), st.integers(1, 9), st.integers(1, 12))
def test_lines_cover_the_stream(data: bytes, block: int, limit: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK", block)
        found = list(lines(io.BytesIO(data), limit))
        assert count_lines(io.BytesIO(data)) == len(found)
    at = 0
    for offset, line, length in found:
        assert offset == at
        assert line == data[at : at + length][:limit]
        at += length
    assert at == len(data)


def test_line_ends() -> None:
    def ends(data: bytes) -> list[bytes]:
        return [line for _, line, _ in lines(io.BytesIO(data), 100)]

    assert ends(b"a\nb\r\nc\rd\ne") == [b"a\n", b"b\r\n", b"c\rd\n", b"e"]
    assert ends(b"a\rb\r") == [b"a\r", b"b\r"]
    assert ends(b"\n\n") == [b"\n", b"\n"]
    assert ends(b"") == []


def test_a_line_that_is_too_long_is_cut_without_being_kept() -> None:
    found = list(lines(io.BytesIO(b"x" * (3 << 20) + b"\nnext"), 10))
    assert found == [(0, b"x" * 10, (3 << 20) + 1), ((3 << 20) + 1, b"next", 4)]


def test_charsets() -> None:
    assert decode("é".encode()) == ("é", None)
    assert decode(b"\x93caf\xe9\x94") == ("“café”", "windows-1252")
    assert decode(b"\x81\xe9") == ("\x81é", "iso-8859-1")


def test_head_lines() -> None:
    assert head_lines(b"\xef\xbb\xbfa\r\nb\r\nc", 2) == ["a", "b"]
    assert head_lines(b"", 5) == [""]
