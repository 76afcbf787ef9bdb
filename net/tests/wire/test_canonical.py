"""Only one spelling of a value is read, and a short input never asks for much."""

import tracemalloc
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from filon_net.wire import canonical
from filon_net.wire.errors import Malformed, TooLarge, WireError

plain = (
    st.none() | st.booleans() | st.integers(-(1 << 63), (1 << 63) - 1) | st.binary(max_size=40) | st.text(max_size=20)
)
values = st.recursive(
    plain,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def depth(value: Any) -> int:
    if isinstance(value, list | dict) and value:
        inner = value.values() if isinstance(value, dict) else value
        return 1 + max(depth(one) for one in inner)
    return 0


@given(values)
def test_every_value_comes_back(value: Any) -> None:
    if depth(value) <= canonical.DEPTH:
        assert canonical.decode(canonical.encode(value)) == value
    else:
        with pytest.raises(TooLarge):
            canonical.encode(value)


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_a_value_or_a_wire_error(data: bytes) -> None:
    try:
        value = canonical.decode(data)
    except WireError:
        return
    assert canonical.encode(value) == data


@given(values, st.data())
def test_one_changed_byte_never_gives_the_same_value(value: Any, data: st.DataObject) -> None:
    good = bytearray(cbor2.dumps(value, canonical=True))
    good[data.draw(st.integers(0, len(good) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        other = canonical.decode(bytes(good))
    except WireError:
        return
    assert other != value or repr(other) != repr(value)  # 0 == False in Python, not on the wire


REFUSED = [
    ("", "nothing"),
    ("0000", "a second value"),
    ("1800", "a number longer than needed"),
    ("190017", "a number longer than needed"),
    ("1a0000ffff", "a number longer than needed"),
    ("580161", "a length longer than needed"),
    ("9f00ff", "an indefinite array"),
    ("bf616100ff", "an indefinite map"),
    ("5f4161ff", "an indefinite byte string"),
    ("7f6161ff", "an indefinite text"),
    ("a26161006161" + "01", "a key twice"),
    ("a26162006161" + "01", "keys out of order"),
    ("a100" + "00", "a key that is a number"),
    ("a1a0" + "00", "a key that is a map"),
    ("c100", "a date"),
    ("d82361" + "61", "a regular expression"),
    ("c2" + "49" + "01" * 9, "a long integer"),
    ("f90000", "a float"),
    ("fb3ff0000000000000", "a float"),
    ("f7", "undefined"),
    ("e0", "a simple value"),
    ("f8ff", "a simple value"),
    ("1bffffffffffffffff", "more than 63 bits"),
    ("62c328", "text that is not UTF-8"),
    ("81" * 9 + "00", "nine levels"),
    ("9affffffff", "four thousand million elements"),
    ("bbffffffffffffffff", "a map past all memory"),
    ("5b7fffffffffffffff", "a string past all memory"),
    ("1c", "a reserved length"),
    ("ff", "a break"),
    ("19", "half a head"),
]


@pytest.mark.parametrize(("text", "what"), REFUSED, ids=[what for _, what in REFUSED])
def test_refused(text: str, what: str) -> None:
    with pytest.raises(WireError):
        canonical.decode(bytes.fromhex(text))


def test_limits() -> None:
    with pytest.raises(TooLarge):
        canonical.decode(canonical.encode(b"x" * 200), size=200)
    with pytest.raises(TooLarge):
        canonical.decode(b"\x99\x20\x00" + b"\x00" * 0x2000)
    with pytest.raises(Malformed):
        canonical.encode(1.5)
    with pytest.raises(Malformed):
        canonical.encode(object())


@pytest.mark.parametrize("text", ["9affffffff", "bbffffffffffffffff", "5b7fffffffffffffff", "81" * 4000])
def test_a_short_input_asks_for_little_memory(text: str) -> None:
    data = bytes.fromhex(text)
    tracemalloc.start()
    try:
        with pytest.raises(WireError):
            canonical.decode(data)
        assert tracemalloc.get_traced_memory()[1] < 64 * 1024
    finally:
        tracemalloc.stop()


def test_the_walk_bites(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the walk a date would be built from a tag."""
    monkeypatch.setattr(canonical, "walk", lambda data, size: None)
    assert canonical.decode(bytes.fromhex("c074323031332d30332d32315432303a30343a30305a")).year == 2013
