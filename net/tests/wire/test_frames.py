"""Every frame comes back as it was; nothing else is read; a frame has no room for anything but its fields."""

import typing
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from filon_net.wire import canonical, frames
from filon_net.wire.errors import Malformed, TooLarge, WireError
from filon_net.wire.frames import Ack, Code, Deliver, Frame, Post, decode_frame, encode_frame

KINDS: tuple[type[Any], ...] = typing.get_args(Frame)
key, signature, mark = (
    st.binary(min_size=32, max_size=32),
    st.binary(min_size=64, max_size=64),
    st.binary(min_size=8, max_size=8),
)
number, hour, small, request = (
    st.integers(0, (1 << 53) - 1),
    st.integers(0, (1 << 32) - 1),
    st.integers(0, 65535),
    st.integers(0, (1 << 31) - 1),
)
blob = st.sampled_from(frames.BLOB_SIZES).map(lambda size: b"\x07" * size)
bundle = st.binary(min_size=1, max_size=2_900)

some_frame = st.one_of(
    st.builds(frames.Challenge, key, key, small, small),
    st.builds(frames.Open, key, signature),
    st.builds(frames.Admit, key, signature, st.binary(min_size=1, max_size=256)),
    st.builds(frames.Opened, number, number, number, small, small),
    st.builds(frames.Fetch, number, st.integers(1, 1024)),
    st.builds(frames.Deliver, number, hour, hour, blob),
    st.builds(frames.Ack, st.sets(number, min_size=1, max_size=256).map(sorted).map(tuple)),
    st.builds(frames.Acked, small),
    st.builds(frames.Grant, request, key, small),
    st.builds(frames.Revoke, request, key),
    st.builds(frames.Stock, request, st.lists(bundle, max_size=32).map(tuple), st.none() | bundle),
    st.builds(frames.Done, request),
    st.builds(frames.Post, request, key, key, hour, blob),
    st.builds(frames.Posted, request),
    st.builds(frames.Claim, request, key, key),
    st.builds(frames.Claimed, request, bundle),
    st.builds(frames.Refused, st.none() | request, st.sampled_from(list(Code)), st.none() | small),
    st.builds(frames.Ping, mark),
    st.builds(frames.Pong, mark),
)


@given(some_frame)
def test_every_frame_comes_back(frame: Frame) -> None:
    data = encode_frame(frame)
    assert data[0] == frames.VERSION
    assert len(data) <= frames.FRAME_SIZE
    assert decode_frame(data) == frame


@given(st.binary(max_size=400), st.booleans())
def test_arbitrary_bytes_are_a_frame_or_a_wire_error(data: bytes, versioned: bool) -> None:
    try:
        frame = decode_frame(b"\x01" + data if versioned else data)
    except WireError:
        return
    assert encode_frame(frame) == (b"\x01" + data if versioned else data)


plain = st.none() | st.booleans() | st.integers(-9, 1 << 62) | key | signature | blob | st.text(max_size=3)


@given(st.lists(plain | st.lists(plain, max_size=3), max_size=7))
def test_arbitrary_arrays_are_a_frame_or_a_wire_error(fields: list[Any]) -> None:
    data = b"\x01" + canonical.encode(fields)
    try:
        frame = decode_frame(data)
    except WireError:
        return
    assert encode_frame(frame) == data


@given(some_frame, st.data())
def test_a_changed_frame_is_refused_or_reads_as_what_it_says(frame: Frame, draw: st.DataObject) -> None:
    data = bytearray(encode_frame(frame))
    data[draw.draw(st.integers(0, min(len(data), 80) - 1))] ^= draw.draw(st.integers(1, 255))
    try:
        other = decode_frame(bytes(data))
    except WireError:
        return
    assert other != frame
    assert encode_frame(other) == bytes(data)


def test_kinds_are_numbered_without_gaps_and_documented() -> None:
    tags = [kind.__struct_config__.tag for kind in KINDS]
    assert tags == list(range(19))
    assert all(
        kind.__doc__ and kind.__struct_config__.frozen and kind.__struct_config__.forbid_unknown_fields
        for kind in KINDS
    )


def test_refused_frames() -> None:
    good = Post(1, b"m" * 32, b"c" * 32, 5, b"x" * frames.BLOB_SIZES[0])
    with pytest.raises(Malformed):  # every length between the five would tell a relay how long a text is
        encode_frame(msgspec.structs.replace(good, blob=b"x" * (frames.BLOB_SIZES[0] + 1)))
    with pytest.raises(Malformed):
        encode_frame(msgspec.structs.replace(good, mailbox=b"m" * 31))
    with pytest.raises(Malformed):
        encode_frame(Deliver(1 << 53, 0, 0, good.blob))
    with pytest.raises(Malformed):
        encode_frame(Ack((2, 2)))
    with pytest.raises(Malformed):
        decode_frame(b"\x01" + canonical.encode([12, 1, b"m" * 32, b"c" * 32, 5, good.blob, 0]))  # one field more
    with pytest.raises(Malformed):
        decode_frame(b"\x01" + canonical.encode([12, 1, "m" * 43, b"c" * 32, 5, good.blob]))  # text is not bytes
    with pytest.raises(TooLarge):
        decode_frame(b"\x01" + b"x" * frames.FRAME_SIZE)
    with pytest.raises(Malformed, match="version") as caught:
        decode_frame(b"\x02" + encode_frame(good)[1:])
    assert caught.value.hint


def test_the_five_lengths_bite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "BLOB_SIZES", range(100_000))
    encode_frame(Post(1, b"m" * 32, b"c" * 32, 5, b"x" * 4000))
