"""Whatever comes from outside, what goes wrong is an error of ours with a sentence, and memory stays bounded."""

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filon_net.errors import FilonNetError, LogError, Malformed, SplitView
from filon_net.log import accept, read_checkpoint, read_entry, read_lines, read_note, read_verifier_key
from filon_net.log.entries import devices_of, release_of
from filon_net.log.strict import read_base64, read_hash, read_number
from filon_net.log.tiles import read_tile_path, split_hashes, unpack_entries
from filon_net.log.witness import read_request
from log.builders import NOW, MemoryLog, device_list, policy_of, request, some_entries

LOG = MemoryLog(some_entries(20))
NOTE = LOG.note(NOW, NOW)
READERS = {
    "note": (read_note, NOTE),
    "accepted": (lambda data: accept(data, policy_of()), NOTE),
    "request": (read_request, request(3, LOG.proof(3), NOTE)),
    "entry": (lambda data: devices_of(read_entry(data)), device_list("ada", 1, devices=3).data),
    "release": (lambda data: release_of(read_entry(data)), device_list("ada", 1).data),
    "tile": (lambda data: split_hashes(data, 20), LOG.files["tile/0/000.p/20"]),
    "bundle": (lambda data: unpack_entries(data, 20), LOG.files["tile/entries/000.p/20"]),
}
TEXT_READERS = {
    "checkpoint": (read_checkpoint, LOG.checkpoint.text),
    "lines": (read_lines, NOTE.decode().split("\n\n")[1]),
    "key": (read_verifier_key, policy_of().witnesses[0].text),
    "path": (read_tile_path, "tile/0/x001/234.p/5"),
    "number": (lambda text: read_number(text, "it"), "1234"),
    "base64": (lambda text: read_base64(text, "it"), "AAAA"),
    "hash": (lambda text: read_hash(text, "it"), "A" * 43 + "="),
}


@st.composite
def mangled(draw, good):
    """Bytes near the good ones: cut, doubled, changed, with something put in."""
    data = bytearray(good)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(data)))
        end = draw(st.integers(at, min(len(data), at + 40)))
        data[at:end] = draw(
            st.binary(max_size=6)
            | st.sampled_from(
                [b"", b"\n", b"\n\n", b" ", b"+", b"\xe2\x80\x94 ", b"\xff", b"\x9f", b"0", b"=", bytes(data[:50])]
            )
        )
    return bytes(data)


def read_or_refused(call, data):
    refused = None
    try:
        call(data)
    except LogError as error:
        refused = error
    if refused is not None:
        assert 0 < len(str(refused)) < 1000
        assert str(refused).isprintable()
        assert refused.hint is None or refused.hint


@settings(max_examples=400, deadline=None)
@given(st.data(), st.sampled_from(sorted(READERS)))
def test_bytes(data, name):
    call, good = READERS[name]
    read_or_refused(call, data.draw(mangled(good) | st.binary(max_size=100)))


@settings(max_examples=400, deadline=None)
@given(st.data(), st.sampled_from(sorted(TEXT_READERS)))
def test_texts(data, name):
    call, good = TEXT_READERS[name]
    read_or_refused(
        call, data.draw(mangled(good.encode()).map(lambda one: one.decode("utf-8", "replace")) | st.text(max_size=60))
    )
    read_or_refused(call, good[:3] + "\ud800" + good[3:])


@pytest.mark.parametrize("name", sorted(READERS))
def test_large_input_takes_little_memory(name):
    call, good = READERS[name]
    for data in (
        bytes(4_000_000),
        good * (4_000_000 // len(good)),
        b"\n" * 4_000_000,
        b"\x9f" * 4_000_000,
        b"\x81" * 4_000_000,
    ):
        tracemalloc.start()
        with pytest.raises(LogError):
            call(data)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 3_000_000, (name, peak)


def test_errors_show_hostile_words_and_do_not_obey_them():
    error = Malformed("{text} and {what}", text="\x1b[31m{what}\n" + "x" * 10_000, what="a note", hint="{text}")
    assert "\x1b" not in str(error)
    assert "\n" not in str(error)
    assert len(str(error)) < 200
    assert len(error.hint) < 200
    assert str(error).endswith("… and a note")
    assert str(Malformed("{data}", data=b"\xff" * 500)).startswith("b'\\xff")
    assert isinstance(error, FilonNetError)
    assert error.hint_message == "{text}"
    assert SplitView("two", ours=b"a", theirs=b"b").hint is None
