"""Rows come back from a slice's leaves exactly as they went in, whatever they hold."""

from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from filon.model.columns import MESSAGES
from filon.model.ids import pack as numbered
from filon.store.embedded import arrow, shape
from filon.store.embedded.columns import UNDATED

START = 1_585_699_200_000_000
LEAST, MOST = -(1 << 63), (1 << 63) - 1

INSTANTS = st.one_of(
    st.integers(0, 40_000).map(lambda second: START + second * 1_000_000),
    st.integers(START, START + 10**9),
    st.sampled_from((LEAST, LEAST + 1, -1, 0, 1, MOST - 1, MOST, -62_135_596_800_000_000, 253_402_300_799_999_999)),
)
WRITTEN = (
    "2020-04-01T00:{:02}:57Z",
    "2020-04-01T00:{}:57Z",
    "2020-04-01 02:{:02}",
    "01.04.2020, 2:{:02}",
    "4/1/20 12:{:02} AM",
    "158569{:04}",
    "0158569{:04}",
    "15856992000000000{:04}",
    "٢٠٢٠-٠٤-{}",
    " 2020-04-01T00:{:02}:57Z ",
    "\x00{}",
)
RAW = st.one_of(
    st.none(),
    st.just(""),
    st.builds(lambda form, number: form.format(number), st.sampled_from(WRITTEN), st.integers(0, 70)),
)
STAMPS = st.none() | st.fixed_dictionaries(
    {
        "at": st.none() | INSTANTS,
        "local": st.none() | INSTANTS,
        "raw": RAW,
        "basis": st.sampled_from((None, "source", "user")),
        "precision": st.sampled_from(("s", "min", "")),
    }
)
NUMBERED = (
    "row {}",
    "row 0{}",
    "Blatt 1!{}",
    "{} von 7",
    "{:016x}",
    "{:016X}",
    "a{:09x}",
    "n-{:05}",
    "{}{}",
    "é{}é",
    "{:032x}",
    "",
)
SPELLED = st.none() | st.builds(
    lambda form, number: form.format(number, number),
    st.sampled_from(NUMBERED),
    st.integers(0, 5) | st.integers(0, 1 << 70),
)
LOCATORS = st.none() | st.fixed_dictionaries(
    {
        "path": SPELLED.map(lambda path: path or ""),
        "offset": st.none() | st.integers(0, MOST),
        "length": st.none() | st.integers(0, 300),
        "units": st.none() | st.integers(0, 2),
    }
)
ATTACHMENT = st.fixed_dictionaries({"kind": st.sampled_from(("image", None)), "name": st.none() | st.text(max_size=3)})
ROW = st.fixed_dictionaries(
    {
        "id": st.integers(1, (1 << 40) - 1).map(lambda record: numbered(1, record)),
        "time": st.none() | INSTANTS,
        "text": st.none() | st.text(max_size=5),
        "native_id": SPELLED,
        "reply_to": SPELLED,
        "sequence": st.none() | st.integers(LEAST, MOST),
        "sent": STAMPS,
        "received": STAMPS,
        "expires": STAMPS,
        "forwarded_from": st.none() | st.text(max_size=3),
        "attachments": st.none() | st.lists(ATTACHMENT, max_size=2),
        "locator": LOCATORS,
        "assumptions": st.none() | st.lists(st.sampled_from(("", "zone:UTC", "\x1f")), max_size=2),
    }
)
NAMES = [name for name in MESSAGES.names if name not in shape.HELD]


def returned(rows: pa.Table, places: list[int]) -> list[dict[str, Any]]:
    """Rows at these places, packed, written, read and unpacked."""
    packed = shape.pack(rows)
    known = shape.notes(packed.schema)
    if packed.column_names:
        sink = pa.BufferOutputStream()
        with pa.ipc.new_file(sink, packed.schema, options=pa.ipc.IpcWriteOptions(unify_dictionaries=True)) as writer:
            writer.write_table(packed, max_chunksize=3)
        packed = pa.ipc.open_file(sink.getvalue()).read_all().take(places)
    times = arrow.numbers(rows["time"], UNDATED)[places]
    held = {"attachments": rows["attachments"].take(places).combine_chunks()} if known.apart else {}
    of = shape.Rows(rows["id"].to_numpy()[places], times, held)
    return list(shape.unpack(packed, known, of, NAMES).to_pylist())


@settings(max_examples=100, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_every_row_comes_back_as_it_was(made: list[dict[str, Any]], chance: Any) -> None:
    rows = pa.Table.from_pylist(made, schema=MESSAGES)
    expected = rows.select(NAMES).to_pylist()
    places = [chance.randrange(len(made)) for _ in range(6)]
    assert returned(rows, places) == [expected[place] for place in places]


@settings(max_examples=100, deadline=None)
@given(st.lists(ROW, min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_rows_that_lie_in_the_same_way_are_put_together(made: list[dict[str, Any]], chance: Any) -> None:
    """Parts of one file, each with integers as narrow as its own rows allow, as files of their own have them."""
    rows = pa.Table.from_pylist(made, schema=MESSAGES)
    packed = shape.pack(rows)
    known, times = shape.notes(packed.schema), arrow.numbers(rows["time"], UNDATED)
    edges = sorted(chance.randrange(len(made) + 1) for _ in range(2))
    parts, ways = [], set()
    for start, stop in zip([0, *edges], [*edges, len(made)], strict=True):
        leaves = {name: arrow.narrowed(packed[name].combine_chunks()[start:stop]) for name in packed.column_names}
        held = {"attachments": rows["attachments"][start:stop].combine_chunks()} if known.apart else {}
        of = shape.Rows(rows["id"].to_numpy()[start:stop], times[start:stop], held)
        parts.append(shape.Packed(pa.table(leaves, metadata=packed.schema.metadata), of))
        ways.add(shape.way(parts[-1].leaves.schema))
    assert len(ways) == 1
    joined = shape.joined(parts)
    assert shape.unpack(joined.leaves, known, joined.rows, NAMES).to_pylist() == rows.select(NAMES).to_pylist()


def test_another_kind_of_leaf_is_another_way() -> None:
    text, word = pa.field("assumptions", pa.string()), pa.field("assumptions", pa.dictionary(pa.int8(), pa.string()))
    narrow, wide = pa.field("sequence", pa.int8()), pa.field("sequence", pa.int64())
    assert shape.way(pa.schema([text, narrow])) == shape.way(pa.schema([text, wide]))
    assert shape.way(pa.schema([text])) != shape.way(pa.schema([word]))
    assert shape.way(pa.schema([text])) != shape.way(pa.schema([text], {b"filon": b'{"apart":true}'}))


def test_an_ordinary_export_is_kept_as_numbers() -> None:
    """Raw times, paths, hexadecimal ids, and what all rows say alike, take no text at all."""
    made = [
        {
            "id": numbered(1, at + 3),
            "time": START + at * 61_000_000,
            "native_id": f"{at * 0x9E3779B97F4A7C15 % (1 << 64):016x}",
            "sent": {
                "at": START + at * 61_000_000,
                "raw": str(np.datetime64(START + at * 61_000_000, "us").astype("datetime64[s]")) + "Z",
                "basis": "source",
                "precision": "s",
            },
            "locator": {"path": f"row {at + 1}", "offset": at * 100, "length": 90, "units": 1},
            "attachments": [],
            "assumptions": ["mapping:x", "zone:UTC"],
        }
        for at in range(2_000)
    ]
    packed = shape.pack(pa.Table.from_pylist(made, schema=MESSAGES))
    assert set(packed.column_names) == {"native_id.number", "locator.offset"}
    rows = pa.Table.from_pylist(made, schema=MESSAGES)
    assert returned(rows, [0, 7, 1999]) == rows.select(NAMES).take([0, 7, 1999]).to_pylist()
