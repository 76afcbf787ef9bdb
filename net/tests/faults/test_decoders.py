"""Every decoder of what others wrote, given valid bytes that were changed, joined, cut: a value or a refusal of ours."""

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faults.decoders import DECODERS, tried
from filon_net.wire import canonical

PIECES = [
    b"",
    b"\x00",
    b"\xff" * 9,
    b"\x9f",
    b"\x5f",
    b"\x1b\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\n",
    b"\xe2\x80\xae",
    b"\xed\xa0\x80",
]


@st.composite
def changed(draw: st.DrawFn, good: list[bytes]) -> bytes:
    """One that was good, with up to four stretches put in, taken out or doubled."""
    data = bytearray(draw(st.sampled_from(good)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        end = draw(st.integers(at, min(len(data), at + 20)))
        data[at:end] = draw(st.binary(max_size=4) | st.sampled_from([*PIECES, bytes(data[:40])]))
    return bytes(data)


@pytest.mark.parametrize("name", DECODERS)
def test_what_is_good_is_taken(name: str) -> None:
    assert all(tried(name, one) for one in DECODERS[name].good)


@pytest.mark.parametrize("name", DECODERS)
@settings(max_examples=60)
@given(data=st.data())
def test_what_was_changed_is_refused_or_means_what_it_says(name: str, data: st.DataObject) -> None:
    tried(name, data.draw(changed(DECODERS[name].good) | st.binary(max_size=200)))


def test_a_decoder_that_takes_a_second_spelling_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fetch whose first number is written longer than needed: refused, and noticed where a library reads it as it likes."""
    longer = b"\x01\x83\x04\x18\x00\x19\x01\x00"
    assert not tried("frames", longer)
    monkeypatch.setattr(canonical, "decode", lambda data, size=0: cbor2.loads(data))
    with pytest.raises(AssertionError, match="second spelling"):
        tried("frames", longer)
