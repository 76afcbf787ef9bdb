"""A large table in an archive read block by block: the case is the one an undivided reading gives."""

import gzip
import io
import random
import tarfile
import zipfile

import pytest

from case.test_blocks import json_with_everything, taken_in, with_blocks
from case.test_parquet_blocks import parquet
from filon.case import create_case, open_case
from filon.case.flows import dividing
from filon.errors import EvidenceError
from filon.model.given import Given

CHANCE = random.Random(11)
LONG = b'{"contact": "ann", "device": "d1", "sent_utc": "2020-06-01T00:00:00Z", "text": "x", "padding": "%s"}'
PADDED = (
    json_with_everything(600) + b"\n" + b"\n".join(LONG % CHANCE.randbytes(20_000).hex().encode() for _ in range(460))
)
"""Packs to more than is unpacked from its beginning at once."""
SIZE = 3 << 20


def zipped(data, method=zipfile.ZIP_DEFLATED, name="in/t.jsonl"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("in/readme.bin", b"\0" * 50)
        archive.writestr(name, data)
        archive.writestr("in/p.jpg", b"\xff\xd8\xff")
    return out.getvalue()


def tarred(data):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        info = tarfile.TarInfo("t.jsonl")
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def nested(data):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("inner.zip", data)
    return out.getvalue()


DEFLATED = zipped(PADDED)
CASES = {
    "deflated.zip": (DEFLATED, SIZE, True),
    "stored.zip": (zipped(PADDED, zipfile.ZIP_STORED), SIZE, True),
    "parquet.zip": (zipped(parquet(), zipfile.ZIP_STORED, "t.parquet"), 1, True),
    "t.jsonl.gz": (gzip.compress(PADDED), SIZE, True),
    "phone.tar.gz": (tarred(PADDED), SIZE, True),
    "bzip2.zip": (zipped(json_with_everything(600), zipfile.ZIP_BZIP2), 20_000, False),
    "little.zip": (zipped(json_with_everything(600)), 20_000, False),
    "inside.zip": (nested(zipped(json_with_everything(600), zipfile.ZIP_STORED)), 20_000, False),
    "followed.jsonl.gz": (gzip.compress(json_with_everything(600)) + b"more", 20_000, False),
}


def broken(data):
    """A zip with a byte of its last large member changed, so that its checksum is another one."""
    at = len(data) // 2
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


CASES["damaged.zip"] = (broken(DEFLATED), SIZE, False)
CASES["damaged-stored.zip"] = (broken(CASES["stored.zip"][0]), SIZE, False)


@pytest.fixture
def divided_into(monkeypatch):
    seen = []
    original = dividing.Dividing.jobs
    monkeypatch.setattr(
        dividing.Dividing, "jobs", lambda self, meter: seen.append(len(self.blocks)) or original(self, meter)
    )
    return seen


@pytest.mark.parametrize("name", CASES)
def test_members_in_blocks_come_to_the_undivided_reading(settings, tmp_path, name, divided_into):
    data, size, in_blocks = CASES[name]
    path = tmp_path / name
    path.write_bytes(data)
    whole = taken_in(with_blocks(settings, 0), "whole", path)
    assert divided_into == []
    divided = with_blocks(settings, size)
    assert taken_in(divided, "divided", path) == whole
    assert bool(divided_into) == in_blocks
    assert all(count > 2 for count in divided_into)
    if not in_blocks:
        return
    with open_case("divided", divided) as case:
        assert case.verify(case.view(), reread=True).problems == ()


def test_a_member_that_changes_between_blocks_is_not_taken_in(settings, tmp_path, monkeypatch):
    path = tmp_path / "t.zip"
    path.write_bytes(DEFLATED)
    original = dividing.Dividing.jobs

    def change(self, meter):
        path.write_bytes(broken(DEFLATED))
        return original(self, meter)

    monkeypatch.setattr(dividing.Dividing, "jobs", change)
    with create_case("changed", with_blocks(settings, SIZE)) as case:
        with pytest.raises(EvidenceError):
            case.add(case.view(), [path], given=Given(zone="UTC"))
        assert case.counts(case.view()).items == 0


def test_the_points_made_for_blocks_show_records_later(settings, tmp_path, divided_into):
    path = tmp_path / "deflated.zip"
    path.write_bytes(DEFLATED)
    with create_case("one", with_blocks(settings, SIZE)) as case:
        case.add(case.view(), [path], given=Given(zone="UTC"))
    assert divided_into[0] > 1
    [points] = (settings.home / "one" / "access").glob("*/*.points")
    made = points.stat().st_ino
    with open_case("one", settings) as case:
        view = case.view()
        row = case.conversations(view, limit=1)[1][0]
        [message] = case.page(view, row.conversation, 0, 1).messages
        raw = case.raw(view, message.id)
        assert raw.exact
        assert raw.data in PADDED
    assert points.stat().st_ino == made  # they were not made once more
