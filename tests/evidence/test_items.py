import bz2
import gzip
import hashlib
import io
import lzma
import os
import shutil
import tempfile
import zipfile
import zlib

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence.boxes import RawZip, tar_of, unpack, zip_of
from filon.errors import EvidenceError
from filon.evidence import archives, codecs, copies, items
from filon.evidence.hashing import hash_stretch
from filon.evidence.items import Held, Opened, open_item
from filon.evidence.source import Refused
from filon.settings import Limits

PACKERS = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zst": zstandard.compress}
TEXT = b"".join(b"%d a line of a chat\n" % number for number in range(20_000))


@pytest.fixture
def tmp(tmp_path):
    folder = tmp_path / "tmp"
    folder.mkdir()
    return folder


def test_a_plain_file_is_its_own_only_member(tmp_path, tmp):
    path = tmp_path / "chat.txt"
    path.write_bytes(TEXT)
    with open_item(path, Limits(), tmp) as opened:
        (source,) = opened.members()
        assert (source.member, source.name, source.size, source.head(4)) == (None, "chat.txt", len(TEXT), TEXT[:4])
        assert list(source.beside()) == []
        assert source.sibling("chat.txt") is None


def test_an_empty_file(tmp_path):
    assert unpack(b"", tmp_path).read == {"": b""}


@pytest.mark.parametrize("kind", PACKERS)
def test_one_packed_file(tmp_path, kind):
    box = unpack(PACKERS[kind](TEXT), tmp_path, f"chat.json.{kind}")
    assert (box.read, box.codes) == ({"chat.json": TEXT}, [])


@pytest.mark.parametrize("kind", PACKERS)
def test_several_frames_one_after_another(tmp_path, kind):
    box = unpack(PACKERS[kind](TEXT) + PACKERS[kind](b"") + PACKERS[kind](b"more"), tmp_path, f"a.{kind}")
    assert (box.read, box.codes) == ({"a": TEXT + b"more"}, [])


@pytest.mark.parametrize("kind", PACKERS)
def test_a_packed_file_cut_in_the_middle_gives_what_is_there(tmp_path, kind):
    packed = PACKERS[kind](os.urandom(300_000))
    box = unpack(packed[: len(packed) // 2 + 1], tmp_path, f"a.{kind}")
    assert box.codes == [(None, "member-damaged")]
    assert "early" in box.refused[0].detail
    assert list(box.read) == ["a"]


@pytest.mark.parametrize("kind", PACKERS)
def test_other_bytes_behind_a_packed_file_are_stated_and_zeros_are_padding(tmp_path, kind):
    box = unpack(PACKERS[kind](TEXT) + b"hidden", tmp_path, f"a.{kind}")
    assert (box.read["a"], box.codes) == (TEXT, [(None, "member-damaged")])
    assert unpack(PACKERS[kind](TEXT) + b"\0" * 5000, tmp_path, f"a.{kind}").codes == []


@pytest.mark.parametrize("kind", PACKERS)
def test_a_packed_tar_gives_its_members(tmp_path, kind):
    box = unpack(PACKERS[kind](tar_of([("a/b.txt", TEXT), ("c", b"x")])), tmp_path, f"a.tar.{kind}")
    assert (box.read, box.codes) == ({"a/b.txt": TEXT, "c": b"x"}, [])


@pytest.mark.parametrize("kind", PACKERS)
def test_a_bomb_in_a_packed_file_stops_at_the_limit(tmp_path, kind):
    bomb = PACKERS[kind](b"\0" * (32 << 20))
    box = unpack(bomb, tmp_path, f"a.{kind}", archive_ratio=20, archive_ratio_from=1 << 20)
    assert (box.read, box.codes) == ({}, [(None, "archive-ratio")])
    box = unpack(bomb, tmp_path, f"a.{kind}", member_bytes=1 << 20)
    assert (box.read, box.codes) == ({}, [(None, "member-size")])


@pytest.mark.parametrize("kind", PACKERS)
def test_no_step_of_unpacking_gives_more_than_memory_bears(tmp_path, tmp, kind, monkeypatch):
    """What the limits are judged on comes in pieces: the densest input there is must not unpack at once."""
    largest = 0
    path = tmp_path / f"a.{kind}"
    path.write_bytes(PACKERS[kind](b"\0" * (128 << 20)))

    real = codecs._steps

    def watch(*args):
        nonlocal largest
        for piece in real(*args):
            largest = max(largest, len(piece))
            yield piece

    monkeypatch.setattr(codecs, "_steps", watch)
    with open_item(path, Limits(archive_ratio=10**9), tmp) as opened:
        (source,) = opened.members()
        assert source.size == 128 << 20
    assert largest <= 33 << 20


def test_xz_that_asks_for_much_memory_is_refused(tmp_path):
    stream = bytearray(lzma.compress(b"x", filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 20}]))
    at = stream.index(b"\x21\x01") + 2  # the size of the dictionary, as one byte of the block header
    stream[at] = 40  # 4 GiB
    stream[20:24] = zlib.crc32(bytes(stream[12:20])).to_bytes(4, "little")
    box = unpack(bytes(stream), tmp_path, "a.xz")
    assert box.codes == [(None, "member-damaged")]
    assert "emory" in box.refused[0].detail


def test_archives_inside_archives(tmp_path):
    inner = zip_of([("chat.txt", TEXT)])
    middle = gzip.compress(tar_of([("d/in!ner%.zip", inner), ("plain", b"p")]))
    stored = zip_of([("m.tar.gz", middle), ("in.zip", inner)], zipfile.ZIP_STORED)
    box = unpack(stored, tmp_path)
    assert box.read == {
        "m.tar.gz!d/in%21ner%25.zip!chat.txt": TEXT,
        "m.tar.gz!plain": b"p",
        "in.zip!chat.txt": TEXT,
    }
    assert box.codes == []


def test_archives_inside_archives_beyond_the_limit(tmp_path):
    data = zip_of([("chat.txt", b"x")])
    for number in range(3):
        data = zip_of([(f"{number}.zip", data), (f"{number}.txt", b"y")])
    box = unpack(data, tmp_path, archive_depth=2)
    assert box.read == {"2.txt": b"y", "2.zip!1.txt": b"y"}
    assert box.codes == [("2.zip!1.zip", "archive-depth")]
    assert "2.zip!1.zip!0.zip!chat.txt" in unpack(data, tmp_path, archive_depth=4).read


def test_the_ratio_is_judged_over_all_archives_of_an_item_together(tmp_path):
    inner = [(f"{number}.zip", zip_of([("zeros", b"\0" * (1 << 20))])) for number in range(6)]
    box = unpack(zip_of(inner), tmp_path, archive_ratio=1, archive_ratio_from=4 << 20)
    assert len(box.read) == 3
    assert [code for _, code in box.codes] == ["archive-ratio"] * 3


def test_the_number_of_members_is_judged_over_all_archives_of_an_item_together(tmp_path):
    inner = zip_of([(str(number), b"") for number in range(4)])
    box = unpack(zip_of([("a.zip", inner), ("b.zip", inner)]), tmp_path, archive_members=8)
    assert sorted(box.read) == ["a.zip!0", "a.zip!1", "a.zip!2", "a.zip!3", "b.zip!0", "b.zip!1"]
    assert box.codes == [("b.zip", "archive-members")]


@pytest.mark.parametrize(("head", "kind"), [(b"7z\xbc\xaf\x27\x1c", "7z"), (b"Rar!\x1a\x07\x01\x00", "rar")])
def test_archives_that_are_not_read_here(tmp_path, head, kind):
    box = unpack(head + b"x" * 100, tmp_path)
    assert box.codes == [(None, "archive-kind")]
    assert f"a {kind} archive is not read here: unpack it" in box.refused[0].detail
    assert unpack(zip_of([("a", head)]), tmp_path).codes == [("a", "archive-kind")]


def test_a_full_disk_refuses_the_member_and_not_the_item(tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=copies.ROOM_LEFT))
    box = unpack(zip_of([("in.zip", zip_of([("a", b"x")])), ("b", b"y")]), tmp_path)
    assert (box.read, box.codes) == ({"b": b"y"}, [("in.zip", "disk-space")])


def test_unpacking_stops_when_the_disk_refuses_to_write(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda dir: io.FileIO("/dev/full", "r+"))
    box = unpack(zip_of([("in.zip", zip_of([("a", b"x")])), ("b", b"y")]), tmp_path)
    assert (box.read, box.codes) == ({"b": b"y"}, [("in.zip", "disk-space")])


def test_what_lies_beside_a_member(tmp_path, tmp):
    path = tmp_path / "item.zip"
    path.write_bytes(
        RawZip().add(b"d/chat.txt").add(b"d/IMG.jpg", b"jpg").add(b"d/e/x").add(b"other").add(b"../d/up").bytes()
    )
    with open_item(path, Limits(), tmp) as opened:
        chat = next(one for one in opened.members() if one.member == "d/chat.txt")
        assert list(chat.beside()) == ["IMG.jpg", "chat.txt", "e/x"]
        found = chat.sibling("IMG.jpg")
        assert (found.member, found.open().read()) == ("d/IMG.jpg", b"jpg")
        assert chat.sibling("e/x").name == "d/e/x"
        for name in ("../other", "other", "/etc/passwd", "..", "", "e/../../other"):
            assert chat.sibling(name) is None


def test_members_can_be_read_anywhere_and_more_than_once(tmp_path, tmp):
    path = tmp_path / "item.zip"
    path.write_bytes(zip_of([("chat", TEXT)]))
    with open_item(path, Limits(), tmp) as opened:
        (source,) = opened.members()
        with source.open() as one, source.open() as two:
            one.seek(100_000)
            assert one.read(20) == TEXT[100_000:100_020]
            assert two.read(10) == TEXT[:10]
            one.seek(5)
            assert one.read(10) == TEXT[5:15]
            assert one.seek(-4, os.SEEK_END) == len(TEXT) - 4
            assert one.read() == TEXT[-4:]
            assert one.read() == b""
        assert source.trouble == ()


@pytest.mark.parametrize("outer", ["plain", "stored", "deflated", "tar.gz"])
def test_a_private_copy(tmp_path, tmp, outer):
    data = {
        "plain": b"x" * 5000,
        "stored": zip_of([("b.sqlite", b"x" * 5000)], zipfile.ZIP_STORED),
        "deflated": zip_of([("b.sqlite", b"x" * 5000)]),
        "tar.gz": gzip.compress(tar_of([("b.sqlite", b"x" * 5000)])),
    }[outer]
    path = tmp_path / "item.sqlite"
    path.write_bytes(data)
    with open_item(path, Limits(), tmp) as opened:
        (source,) = opened.members()
        copy = source.file()
        assert (copy.read_bytes(), copy.suffix, copy.parent) == (b"x" * 5000, ".sqlite", tmp)
        assert copy.stat().st_mode & 0o777 == 0o400
        assert source.file() == copy
        assert list(tmp.iterdir()) == [copy]
        del source
    assert list(tmp.iterdir()) == []


def test_a_copy_never_takes_a_name_from_evidence(tmp_path, tmp):
    path = tmp_path / "item.zip"
    path.write_bytes(RawZip().add("x/-rf ‮\n.$(id)".encode()).bytes())
    with open_item(path, Limits(), tmp) as opened:
        (source,) = opened.members()
        assert source.file().name.isascii()
        assert source.file().name.startswith("copy-")
        assert source.file().suffix == ""


def test_a_copy_needs_room(tmp_path, tmp, monkeypatch):
    path = tmp_path / "chat.txt"
    path.write_bytes(TEXT)
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=copies.ROOM_LEFT + len(TEXT) - 1))
    with open_item(path, Limits(), tmp) as opened, pytest.raises(EvidenceError, match="are kept free"):
        opened.whole().file()


def reopen(path, member, limits, tmp):
    return Opened(path, limits, tmp).find(member)


def test_reopening_by_name_finds_the_same_bytes(tmp_path, tmp):
    inner = zip_of([("chat.txt", TEXT), ("b", b"b")])
    path = tmp_path / "item"
    path.write_bytes(
        zip_of([("m.tar.gz", gzip.compress(tar_of([("d/in!ner%.zip", inner), ("d/in!ner%.zip", inner)]))), ("q", b"q")])
    )
    with open_item(path, Limits(), tmp) as opened:
        found = [(one.member, one.open().read()) for one in opened.members() if not isinstance(one, Refused)]
    assert len(found) == 5
    for member, data in found:
        assert reopen(path, member, Limits(), tmp).open().read() == data
    stream = reopen(path, "m.tar.gz!d/in%21ner%25.zip%~2!chat.txt", Limits(), tmp).open()
    stream.seek(200_000)
    assert stream.read(50) == TEXT[200_000:200_050]
    assert reopen(path, None, Limits(), tmp).open().read() == path.read_bytes()
    assert reopen(path, "q", Limits(), tmp).sibling("m.tar.gz") is not None


@pytest.mark.parametrize("member", ["nothing", "m.tar.gz!nothing", "q!x", "../q", "q!"])
def test_reopening_what_is_not_there(tmp_path, tmp, member):
    path = tmp_path / "item"
    path.write_bytes(zip_of([("m.tar.gz", gzip.compress(tar_of([("a", b"")]))), ("q", b"q")]))
    with pytest.raises(EvidenceError, match="is not in"):
        reopen(path, member, Limits(), tmp)


def test_reopening_is_as_strict_as_reading(tmp_path, tmp):
    path = tmp_path / "item"
    path.write_bytes(RawZip().add(b"../up").add(b"link", mode=0o120777).add(b"x", own_name=b"y").bytes())
    for member in ("../up", "link", "x", "y"):
        with pytest.raises(EvidenceError):
            reopen(path, member, Limits(), tmp)


def test_the_open_item_is_what_was_hashed(tmp_path, tmp):
    path = tmp_path / "item.zip"
    path.write_bytes(zip_of([("a", b"one")]))
    with open_item(path, Limits(), tmp) as opened:
        sha256, size = opened.hash()
        assert size == path.stat().st_size
        list(opened.members())
        opened.prove(sha256)
        path.touch()  # the file system says that something changed; the bytes did not
        opened.prove(sha256)
        with pytest.raises(EvidenceError, match="changed while it was read"):
            opened.prove("0" * 64)
        with path.open("r+b") as out:
            out.seek(40)
            out.write(b"?")
        with pytest.raises(EvidenceError, match="changed while it was read"):
            opened.prove(sha256)


def test_an_item_that_grew(tmp_path, tmp):
    path = tmp_path / "item.zip"
    path.write_bytes(zip_of([("a", b"one")]))
    with open_item(path, Limits(), tmp) as opened:
        sha256, _ = opened.hash()
        with path.open("ab") as out:
            out.write(b"more")
        with pytest.raises(EvidenceError, match="changed while it was read"):
            opened.prove(sha256)


def test_a_closed_item_cannot_be_read(tmp_path, tmp):
    path = tmp_path / "chat.txt"
    path.write_bytes(TEXT)
    with open_item(path, Limits(), tmp) as opened:
        source = opened.whole()
    with pytest.raises(ValueError, match="closed"):
        source.open().read(1)


_NESTED = zip_of([("t.tar.gz", gzip.compress(tar_of([("a", b"b" * 50)]))), ("x.xz", lzma.compress(b"y" * 50))], 0)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([*(pack(TEXT[:2000]) for pack in PACKERS.values()), _NESTED]),
    st.lists(st.tuples(st.integers(0, 400), st.binary(min_size=1, max_size=3)), max_size=3),
    st.integers(0, 50),
)
def test_no_broken_item_raises(tmp_path, seed, changes, cut):
    data = bytearray(seed)
    for at, put in changes:
        data[at : at + len(put)] = put
    unpack(bytes(data[: len(data) - cut]), tmp_path, "item")


def nested(names):
    return zip_of([(name, tar_of([("_chat.txt", name.encode())])) for name in names])


def test_a_held_item_is_opened_listed_and_proven_once(tmp_path, tmp, monkeypatch):
    path = tmp_path / "all.zip"
    path.write_bytes(nested(["a.tar", "b.tar"]))
    listed, hashed = [], []
    list_ = archives.Lister.list
    monkeypatch.setattr(
        archives.Lister, "list", lambda self, source, depth: listed.append(source.name) or list_(self, source, depth)
    )
    monkeypatch.setattr(items, "hash_stretch", lambda *said: hashed.append(said) or hash_stretch(*said))
    held = Held()
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    for member in ("a.tar!_chat.txt", "a.tar!_chat.txt", "b.tar!_chat.txt"):
        opened = held.open(path, Limits(), tmp)
        assert opened.find(member).open().read() == member[:5].encode()
        opened.prove(sha256)
    assert listed == ["all.zip", "a.tar", "b.tar"]
    assert len(hashed) == 1
    held.close()


@pytest.mark.parametrize("how", ["replaced", "rewritten"])
def test_a_held_item_that_is_another_now_is_opened_anew(tmp_path, tmp, how):
    path = tmp_path / "all.zip"
    path.write_bytes(nested(["a.tar"]))
    held = Held()
    sha256 = held.open(path, Limits(), tmp).hash()[0]
    other = zip_of([("a.tar", tar_of([("_chat.txt", b"other")]))])
    if how == "replaced":
        (tmp_path / "new").write_bytes(other)
        (tmp_path / "new").rename(path)
    else:
        path.write_bytes(other)
    opened = held.open(path, Limits(), tmp)
    assert opened.find("a.tar!_chat.txt").open().read() == b"other"
    with pytest.raises(EvidenceError, match="changed"):
        opened.prove(sha256)
    held.close()
