"""A record shown again: the very bytes, from any kind of packing, and never bytes that are not the item's."""

import bz2
import gzip
import hashlib
import lzma
import random
import shutil

import msgspec
import pytest
import zstandard

from evidence.boxes import tar_of, zip_of
from filon.errors import EvidenceError
from filon.evidence import access, points
from filon.evidence.access import Wanted, forget_damaged, hash_again, piece
from filon.evidence.blocks import BLOCK
from filon.settings import Limits

_CHANCE = random.Random(7)
TEXT = b"".join(b"%d a line %x\n" % (n, _CHANCE.getrandbits(64)) for n in range(300_000))
PLACES = (0, 17, 4 << 20, len(TEXT) - 300)


@pytest.fixture(autouse=True)
def near(monkeypatch):
    """Access points also for little evidence, and none held between tests."""
    monkeypatch.setattr(points, "_LITTLE", 1000)
    monkeypatch.setattr(points, "_SPACING", 256 << 10)
    monkeypatch.setattr(access, "_KEPT_FROM", 0)
    access._HELD.close()
    yield
    access._HELD.close()


@pytest.fixture
def want(tmp_path):
    """Writes an item and gives what is asked of it."""
    (tmp_path / "tmp").mkdir()

    def wanted(data, member=None, offset=0, length=200, name="item", path="line 1"):
        item = tmp_path / name
        item.write_bytes(data)
        sha256 = hashlib.sha256(data).hexdigest()
        return Wanted(
            item=item, root=None, sha256=sha256, size=len(data), member=member, path=path, offset=offset,
            length=length, kept=tmp_path / "access" / sha256, tmp=tmp_path / "tmp", limits=Limits(),
        )  # fmt: skip

    return wanted


BOXES = {
    "plain": (TEXT, None),
    "zip": (zip_of([("a.txt", b"other"), ("chat.txt", TEXT)]), "chat.txt"),
    "stored zip": (zip_of([("chat.txt", TEXT)], method=0), "chat.txt"),
    "gz": (gzip.compress(TEXT, 1), "item"),
    "gz of several": (gzip.compress(TEXT[: 3 << 20]) + gzip.compress(b"") + gzip.compress(TEXT[3 << 20 :]), "item"),
    "tar.gz": (gzip.compress(tar_of([("x", b"y" * 70_000), ("chat.txt", TEXT)])), "chat.txt"),
    "zip in zip": (zip_of([("in.zip", zip_of([("chat.txt", TEXT)]))]), "in.zip!chat.txt"),
    "gz in zip": (zip_of([("chat.txt.gz", gzip.compress(TEXT))]), "chat.txt.gz!chat.txt"),
    "bz2": (bz2.compress(TEXT), "item"),
    "xz": (lzma.compress(TEXT, preset=0), "item"),
    "zst": (zstandard.compress(TEXT), "item"),
}


@pytest.mark.parametrize("kind", BOXES)
def test_the_bytes_at_any_place_of_any_box(want, kind):
    data, member = BOXES[kind]
    for offset in PLACES:
        shown = piece(want(data, member, offset))
        assert (shown.data, shown.exact) == (TEXT[offset : offset + 200], True)


@pytest.mark.parametrize("kind", ["zip", "gz", "tar.gz", "zip in zip"])
def test_with_points_only_what_is_near_is_unpacked(want, monkeypatch, kind):
    data, member = BOXES[kind]
    wanted = want(data, member, PLACES[2])
    piece(wanted)
    access._HELD.close()
    read = []
    load = points._Anywhere._load
    monkeypatch.setattr(points._Anywhere, "_load", lambda self, number: read.append(number) or load(self, number))
    monkeypatch.setattr(points, "_made", lambda packed: pytest.fail("the points were made again"))
    assert piece(wanted).data == TEXT[PLACES[2] : PLACES[2] + 200]
    assert 1 <= len(read) <= 6


@pytest.mark.parametrize("kind", ["plain", "zip", "gz", "tar.gz", "bz2"])
def test_an_item_that_changed_is_never_shown(want, kind):
    data, member = BOXES[kind]
    wanted = want(data, member, PLACES[2])
    piece(wanted)
    for at in range(0, len(data), BLOCK // 2):  # the file is as long as it was
        data = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
    wanted.item.write_bytes(data)
    with pytest.raises(EvidenceError):
        piece(wanted)
    shutil.rmtree(wanted.kept, ignore_errors=True)
    with pytest.raises(EvidenceError, match="is not what was taken in"):
        piece(wanted)


@pytest.mark.parametrize("kind", ["zip", "gz"])
@pytest.mark.parametrize("how", ["cut", "changed", "empty", "other"])
def test_damaged_points_are_made_anew(want, kind, how):
    data, member = BOXES[kind]
    wanted = want(data, member, PLACES[2])
    piece(wanted)
    access._HELD.close()
    kept = list(wanted.kept.iterdir())
    assert len(kept) == 2
    for file in kept:
        good = file.read_bytes()
        bad = {
            "cut": good[:-9],
            "changed": good[:-1] + b"x",
            "empty": b"",
            "other": hashlib.sha256(b"x").digest() + b"x",
        }
        file.write_bytes(bad[how])
    assert piece(wanted).data == TEXT[PLACES[2] : PLACES[2] + 200]
    assert [points.is_sealed(file) for file in kept] == [True, True]


def test_a_damaged_stream_gives_what_can_be_unpacked(want):
    packed = gzip.compress(TEXT)
    cut = packed[: len(packed) // 2]
    assert piece(want(cut, "item", 17)).data == TEXT[17:217]
    with pytest.raises(EvidenceError):
        piece(want(cut, "nothing"))


def test_a_full_disk_makes_it_slow_and_nothing_else(want, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(points, "replace_file", full)
    data, member = BOXES["gz"]
    assert piece(want(data, member, 17)).data == TEXT[17:217]


def test_what_no_item_needs_and_what_is_damaged_is_forgotten(want, tmp_path):
    data, member = BOXES["gz"]
    wanted = want(data, member, 17)
    piece(wanted)
    folder = wanted.kept.parent
    (folder / ("0" * 64)).mkdir()
    (folder / "stray").write_bytes(b"")
    (wanted.kept / "torn.points").write_bytes(b"12")
    forget_damaged(folder, {wanted.sha256})
    assert [one.name for one in folder.iterdir()] == [wanted.sha256]
    assert len(list(wanted.kept.iterdir())) == 2
    forget_damaged(tmp_path / "nowhere", set())


def test_hashing_again_finds_digests_that_are_not_the_items(want):
    wanted = want(TEXT)
    piece(wanted)
    blocks = points.read_sealed(wanted.kept / "blocks", access.Blocks)
    assert hash_again(wanted.item, wanted.kept) == (wanted.sha256, len(TEXT))
    assert (wanted.kept / "blocks").exists()
    points.write_sealed(wanted.kept / "blocks", msgspec.structs.replace(blocks, digests=bytes(len(blocks.digests))))
    assert hash_again(wanted.item, wanted.kept) == (wanted.sha256, len(TEXT))
    assert not (wanted.kept / "blocks").exists()
    assert hash_again(wanted.item, wanted.kept) == (wanted.sha256, len(TEXT))
