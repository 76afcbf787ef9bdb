"""Files that were cut off or damaged on their way: what is whole is read, what is lost is said, the case stands."""

import gzip
import io
import json
import random
import tarfile
import zipfile

import pytest

from case import made_exports as exports

MEMBERS = {f"{number} harbour.log": exports.irc(lines=400, seed=number) for number in range(10)}
STRUCK = "8 harbour.log"
ROWS = 3_000


def zipped():
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in MEMBERS.items():
            archive.writestr(zipfile.ZipInfo(name, (2020, 5, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return box.getvalue()


def second_half(data, name):
    """Where the second half of the packed data of a member lies."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        about = archive.getinfo(name)
    start = about.header_offset + 30 + len(name)
    return slice(start + about.compress_size // 2, start + about.compress_size)


def flipped():
    """One bit of one member; the directory of the archive is whole."""
    data = bytearray(zipped())
    data[second_half(data, STRUCK).start] ^= 0x10
    return bytes(data)


def blank():
    """Half of one member was never written; the directory of the archive is whole."""
    data = bytearray(zipped())
    lost = second_half(data, STRUCK)
    data[lost] = bytes(lost.stop - lost.start)
    return bytes(data)


def tarred():
    box = io.BytesIO()
    with tarfile.open(fileobj=box, mode="w:gz") as archive:
        for name, data in MEMBERS.items():
            about = tarfile.TarInfo(name)
            about.size = len(data)
            archive.addfile(about, io.BytesIO(data))
    return box.getvalue()


def lines():
    chance = random.Random(4)
    for n in range(ROWS):
        sent, text = f"2020-04-{1 + n % 28:02d}T10:00:{n % 60:02d}Z", " ".join(chance.choices(exports.WORDS, k=9))
        row = {"device": "ada", "direction": "out", "contact": f"c{n % 7}", "sent (UTC)": sent, "text": text}
        yield json.dumps(row | {"message id": f"{chance.getrandbits(64):016x}"}).encode() + b"\n"


def cut(data):
    return data[: len(data) * 9 // 10]


BROKEN = {
    # name: (its bytes, messages at least, messages at most, codes that must be among its defects)
    "bit.zip": (flipped, 9 * 400, 9 * 400 + 399, {"member-damaged"}),
    "half.zip": (blank, 9 * 400, 9 * 400 + 399, {"member-damaged"}),
    "short.zip": (lambda: cut(zipped()), 0, 0, {"archive-damaged"}),
    "short.tar.gz": (lambda: cut(tarred()), 8 * 400, 9 * 400, {"archive-damaged", "member-damaged"}),
    "short.jsonl.gz": (lambda: cut(gzip.compress(b"".join(lines()), mtime=0)), ROWS // 2, ROWS - 1, {"member-damaged"}),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_whole_is_read_and_what_is_lost_is_said(case, tmp_path, name):
    make, least, most, codes = BROKEN[name]
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / name).write_bytes(make())
    (folder / "z good.log").write_bytes(exports.irc())
    view = case.view()
    added = case.add(view, [folder])
    rows = {row.item.name: row for row in added.items}
    assert [r.tally.messages for r in rows["z good.log"].readings] == [300]
    assert least <= sum(r.tally.messages for r in rows[name].readings) <= most
    assert all(r.tally.balanced for r in rows[name].readings)
    found = case.defects(view, limit=100)[1]
    assert codes <= {defect.code for defect in found}
    assert all(defect.detail for defect in found if defect.code in codes)
    assert case.verify(view, reread=True).problems == ()


def test_a_member_that_nobody_knows_because_it_is_damaged_is_a_loss_and_no_picture(case, tmp_path):
    (tmp_path / "bit.zip").write_bytes(flipped())
    [row] = case.add(case.view(), [tmp_path / "bit.zip"]).items
    skipped = row.readings[0].tally.skipped
    [defect] = case.defects(case.view(), limit=100)[1]
    assert (defect.code, defect.path) == ("member-damaged", STRUCK)
    assert skipped == {}
