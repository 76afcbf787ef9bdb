"""A large Parquet file read row group by row group: the case is the one an undivided reading gives."""

import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from case.test_blocks import json_with_everything, taken_in, with_blocks
from filon.case import create_case, open_case
from filon.case.flows import dividing
from filon.errors import EvidenceError
from filon.evidence.rows.parquet_blocks import footer_of, groups_of, metadata_of, stream_of
from filon.model.given import Given


def parquet(rows=3000, size=250):
    lines = []
    for line in json_with_everything(rows).splitlines():
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict) and "other" not in value:
            lines.append(value | {"file": "p.jpg" if len(lines) % 90 == 0 else None})
    lines[7] |= {"message_id": "4,9E+11"}
    lines[8] |= {"direction": "sideways"}
    lines[9] |= {"direction": "sideways", "sent_utc": "soon"}
    lines[-1] |= {"direction": "sideways"}
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(lines), out, row_group_size=size)
    return out.getvalue()


def damaged(data, group):
    metadata = pq.read_metadata(io.BytesIO(data))
    names = metadata.schema.to_arrow_schema().names
    at = metadata.row_group(group).column(names.index("text")).data_page_offset + 30
    return data[:at] + bytes(40) + data[at + 40 :]


FILES = {"plain.parquet": parquet(), "damaged.parquet": damaged(parquet(), 3), "one.parquet": parquet(400, 1000)}


@pytest.mark.parametrize("name", FILES)
def test_row_groups_in_blocks_come_to_the_undivided_reading(settings, tmp_path, name, monkeypatch):
    path = tmp_path / name
    path.write_bytes(FILES[name])
    whole = taken_in(with_blocks(settings, 0), "whole", path)
    seen = []
    original = dividing.Dividing.jobs
    monkeypatch.setattr(
        dividing.Dividing, "jobs", lambda self, meter: seen.append(len(self.blocks)) or original(self, meter)
    )
    for size in (1, 20_000):
        divided = with_blocks(settings, size)
        assert taken_in(divided, f"divided{size}", path) == whole
        with open_case(f"divided{size}", divided) as case:
            assert case.verify(case.view(), reread=True).problems == ()
    assert seen[0] == pq.read_metadata(path).num_row_groups
    assert seen[0] > seen[1] or name == "one.parquet"


@pytest.mark.parametrize("place", ["group", "footer"])
def test_a_file_that_changes_between_blocks_is_not_taken_in(settings, tmp_path, monkeypatch, place):
    path = tmp_path / "t.parquet"
    path.write_bytes(FILES["plain.parquet"])
    original = dividing.Dividing.jobs

    def change(self, meter):
        data = bytearray(path.read_bytes())
        data[5000 if place == "group" else -50] ^= 1
        path.write_bytes(data)
        return original(self, meter)

    monkeypatch.setattr(dividing.Dividing, "jobs", change)
    with create_case("changed", with_blocks(settings, 20_000)) as case:
        with pytest.raises(EvidenceError):
            case.add(case.view(), [path], given=Given(zone="UTC"))
        assert case.counts(case.view()).items == 0


def test_the_account_of_blocks_without_rows_sums_up(settings, tmp_path):
    path = tmp_path / "t.parquet"
    schema = pa.schema([("contact", pa.string()), ("text", pa.string()), ("sent_utc", pa.string())])
    with pq.ParquetWriter(path, schema) as writer:
        for count in (0, 3, 0, 0, 2, 0):
            rows = {"contact": ["ann"] * count, "text": ["x"] * count, "sent_utc": ["2020-04-01T00:00:00Z"] * count}
            writer.write_table(pa.table(rows, schema), row_group_size=10)
    with create_case("c", with_blocks(settings, 1)) as case:
        tally = case.add(case.view(), [path], given=Given(zone="UTC")).items[0].readings[0].tally
        assert tally.balanced
        assert (tally.units, tally.messages) == (5, 5)


def test_row_groups_that_do_not_follow_one_another_are_not_divided():
    data = FILES["plain.parquet"]
    footer = footer_of(io.BytesIO(data))
    metadata = metadata_of(footer.data)
    groups = groups_of(metadata, footer.offset, 1)
    assert groups[0].offset == 0
    assert sum(one.length for one in groups) == footer.offset
    assert groups_of(metadata, footer.offset - 1, 1) is None
    swapped = io.BytesIO()
    both = pa.table({"text": [str(row) for row in range(3)]})
    with pq.ParquetWriter(swapped, both.schema) as writer:
        writer.write_table(both, row_group_size=1)
    first, second = pq.read_metadata(swapped), pq.read_metadata(swapped)
    first.append_row_groups(second)  # the same bytes twice
    assert groups_of(first, len(swapped.getvalue()), 1) is None


def test_a_file_that_does_not_end_like_parquet_has_no_footer():
    assert footer_of(io.BytesIO(b"PAR1")) is None
    assert footer_of(io.BytesIO(b"PAR1" + b"\xff" * 4 + b"PAR1")) is None
    assert footer_of(io.BytesIO(b"PAR1" + b"\0" * 4 + b"PARE")) is None


def test_a_piece_of_a_file_is_where_it_was():
    stream = stream_of(b"abcdef", 3, 12)
    assert stream.read() == b"\0\0\0abcdef\0\0\0"
    for at in range(12):
        stream.seek(at)
        assert stream.read(4) == b"\0\0\0abcdef\0\0\0"[at : at + 4]
