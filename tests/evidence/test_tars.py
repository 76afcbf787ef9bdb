import io
import tarfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence.boxes import tar_of, tar_with, unpack
from filon.evidence.tars import looks_like_tar

FORMS = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}


@pytest.mark.parametrize("form", FORMS)
def test_members_in_order(tmp_path, form):
    files = [("b.txt", b"two" * 5000), ("dir/é.txt", b""), ("a", b"one")]
    box = unpack(tar_of(files, FORMS[form]), tmp_path)
    assert (list(box.read.items()), box.codes) == (files, [])


@pytest.mark.parametrize("form", ["gnu", "pax"])
def test_long_names(tmp_path, form):
    name = "/".join(["d" * 90] * 10) + "/é"
    assert list(unpack(tar_of([(name, b"x")], FORMS[form]), tmp_path).read) == [name]


@pytest.mark.parametrize("name", ["../up", "a/../../up", "/etc/passwd", "C:/x"])
def test_names_that_leave_the_archive(tmp_path, name):
    box = unpack(tar_of([(name, b"x"), ("good", b"y")]), tmp_path)
    assert (box.read, [code for _, code in box.codes]) == ({"good": b"y"}, ["member-name"])


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (tarfile.SYMTYPE, "member-link"),
        (tarfile.LNKTYPE, "member-link"),
        (tarfile.FIFOTYPE, "member-special"),
        (tarfile.CHRTYPE, "member-special"),
        (tarfile.BLKTYPE, "member-special"),
        (tarfile.GNUTYPE_SPARSE, "member-special"),
    ],
)
def test_links_fifos_and_devices(tmp_path, kind, code):
    box = unpack(tar_with(kind, "odd", "/etc/passwd"), tmp_path)
    assert (box.read, box.codes) == ({"plain.txt": b"plain"}, [("odd", code)])


def test_the_same_name_twice(tmp_path):
    assert unpack(tar_of([("a", b"one"), ("a", b"two")]), tmp_path).read == {"a": b"one", "a%~2": b"two"}


def test_names_that_are_not_utf8(tmp_path):
    raw = tar_of([("xx", b"1")], tarfile.USTAR_FORMAT)
    header = bytearray(raw[:512])
    header[0:2] = b"\xffx"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    assert unpack(bytes(header) + raw[512:], tmp_path).read == {"<ff>x": b"1"}


def test_a_broken_header_in_the_middle_is_stated(tmp_path):
    raw = bytearray(tar_of([("a", b"x" * 512), ("b", b"y"), ("c", b"z")]))
    raw[1024] ^= 1
    box = unpack(bytes(raw), tmp_path)
    assert (list(box.read), box.codes) == (["a"], [(None, "archive-damaged")])
    assert "bytes 1024-" in box.refused[0].detail


def test_cut_in_a_member_and_between_members(tmp_path):
    raw = tar_of([("a", b"x" * 512), ("b", b"y" * 5000)])
    box = unpack(raw[:3000], tmp_path)
    assert (list(box.read), box.codes[0]) == (["a"], ("b", "archive-damaged"))
    box = unpack(raw[:1024], tmp_path)
    assert (list(box.read), box.codes) == (["a"], [(None, "archive-damaged")])
    assert "end mark" in box.refused[0].detail


def test_something_behind_the_end(tmp_path):
    box = unpack(tar_of([("a", b"x")]) + b"hidden", tmp_path)
    assert (list(box.read), box.codes) == (["a"], [(None, "archive-damaged")])


@pytest.mark.parametrize("kind", [b"L", b"x", b"g"])
def test_a_header_that_asks_for_much_memory(tmp_path, kind):
    huge = tarfile.TarInfo("././@LongLink")
    huge.type, huge.size = kind, 64 << 20
    good = tar_of([("a", b"x")])[:1024]
    raw = good + huge.tobuf(tarfile.GNU_FORMAT) + b"y" * (64 << 20) + b"\0" * 1024
    box = unpack(raw, tmp_path)
    assert (list(box.read), box.codes) == (["a"], [(None, "archive-damaged")])
    assert "a header of" in box.refused[0].detail


def test_too_many_members(tmp_path):
    box = unpack(tar_of([(str(number), b"") for number in range(5)]), tmp_path, archive_members=3)
    assert (list(box.read), box.codes) == (["0", "1", "2"], [(None, "archive-members")])


def test_what_is_no_tar(tmp_path):
    assert not looks_like_tar(b"")
    assert not looks_like_tar(b"\0" * 512)
    assert not looks_like_tar(b"[12/03/2020, 10:00] a chat\n" * 40)
    good = tar_of([("a", b"x")])[:512]
    assert looks_like_tar(good)
    assert not looks_like_tar(good[:300] + b"!" + good[301:])


_SEED = tar_of([("a", b"x" * 600), ("long/" * 40, b"y"), ("é", b"z")])[:8192]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, len(_SEED) - 1), st.binary(min_size=1, max_size=12)), max_size=4),
    st.integers(0, len(_SEED)),
    st.booleans(),
)
def test_no_broken_tar_raises(tmp_path, changes, length, mended):
    data = bytearray(_SEED[:length])
    for at, put in changes:
        data[at : at + len(put)] = put
    if mended:  # so that more than the checksum is tried
        for at in range(0, len(data) - 511, 512):
            block = data[at : at + 512]
            if block[257:262] == b"ustar":
                block[148:156] = b" " * 8
                data[at + 148 : at + 156] = b"%06o\0 " % sum(block)
    unpack(bytes(data), tmp_path)


def test_the_standard_library_agrees(tmp_path):
    raw = tar_of([("a", b"one"), ("b/c", b"two" * 400)])
    with tarfile.open(fileobj=io.BytesIO(raw)) as box:
        expected = {one.name: box.extractfile(one).read() for one in box.getmembers()}
    assert unpack(raw, tmp_path).read == expected
