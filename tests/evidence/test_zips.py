import io
import struct
import zipfile
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence.boxes import RawZip, unpack, zip_of
from filon.errors import EvidenceError
from filon.evidence.items import open_item
from filon.settings import Limits


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_members_in_the_order_of_the_directory(tmp_path, method):
    files = [("b.txt", b"two" * 50_000), ("a/c.txt", b""), ("a/é.txt", b"three")]
    box = unpack(zip_of(files, method), tmp_path)
    assert list(box.read.items()) == files
    assert box.codes == []


def test_folders_are_counted_and_hold_nothing(tmp_path):
    path = tmp_path / "item.zip"
    path.write_bytes(zip_of([("a/", b""), ("a/b", b"x")]))
    with open_item(path, Limits(), tmp_path) as opened:
        assert [one.member for one in opened.members()] == ["a/b"]
        assert opened.folders == 1


def test_empty_archive(tmp_path):
    box = unpack(zip_of([]), tmp_path)
    assert (box.read, box.codes) == ({}, [])


def test_a_stream_written_without_seeking_has_its_sizes_behind_the_data(tmp_path):
    class Pipe(io.RawIOBase):
        written = b""

        def writable(self):
            return True

        def write(self, data):
            self.written += bytes(data)
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as box:
        box.writestr("a", b"x" * 1000)
        box.writestr("b", b"y" * 1000)
    found = unpack(pipe.written, tmp_path)
    assert (found.read, found.codes) == ({"a": b"x" * 1000, "b": b"y" * 1000}, [])


def test_zip64(tmp_path):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as box, box.open("big", "w", force_zip64=True) as member:
        member.write(b"z" * 100)
    body = out.getvalue()
    at = body.rfind(b"PK\x05\x06")
    _, _, _, here, count, size, start, _ = struct.unpack("<4sHHHHIIH", body[at:])
    record = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, here, count, size, start)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, at, 1)
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    box = unpack(body[:at] + record + locator + end, tmp_path)
    assert (box.read, box.codes) == ({"big": b"z" * 100}, [])


@pytest.mark.slow
def test_more_than_65535_members(tmp_path):
    box = unpack(zip_of([(f"{number}.txt", b"") for number in range(70_000)]), tmp_path)
    assert (len(box.read), box.codes) == (70_000, [])


@pytest.mark.parametrize(
    ("name", "code"),
    [
        (b"../up", "member-name"),
        (b"a/../../up", "member-name"),
        (b"..\\up", "member-name"),
        (b"/etc/passwd", "member-name"),
        (b"\\\\server\\share", "member-name"),
        (b"C:\\x", "member-name"),
        (b"a\0b", "member-name"),
        (b"", "member-name"),
    ],
)
def test_names_that_leave_the_archive(tmp_path, name, code):
    box = unpack(RawZip().add(name).add(b"good").bytes(), tmp_path)
    assert box.read == {"good": b"data"}
    assert [one.code for one in box.refused] == [code]


@pytest.mark.parametrize(
    ("mode", "code"), [(0o120777, "member-link"), (0o010644, "member-special"), (0o020644, "member-special")]
)
def test_links_fifos_and_devices(tmp_path, mode, code):
    box = unpack(RawZip().add(b"odd", b"/etc/passwd", mode=mode).add(b"good", mode=0o100644).bytes(), tmp_path)
    assert (list(box.read), box.codes) == (["good"], [("odd", code)])


def test_encrypted_members_need_a_password(tmp_path):
    box = unpack(RawZip().add(b"secret", flags=1).add(b"aes", flags=1, method=99).add(b"good").bytes(), tmp_path)
    assert box.codes == [("secret", "member-password"), ("aes", "member-password")]
    assert "needs a password" in box.refused[0].detail


def test_a_method_that_is_not_read(tmp_path):
    box = unpack(RawZip().add(b"a", method=9).bytes(), tmp_path)
    assert box.codes == [("a", "member-method")]
    assert "Deflate64" in box.refused[0].detail


@pytest.mark.parametrize("lie", [{"own_name": b"other"}, {"own_size": 3}])
def test_two_headers_that_differ(tmp_path, lie):
    box = unpack(RawZip().add(b"name", **lie).bytes(), tmp_path)
    assert (box.read, box.codes) == ({}, [("name", "member-headers-differ")])


def test_a_member_stored_as_it_is_with_another_size(tmp_path):
    box = unpack(RawZip().add(b"a", method=0, size=3).bytes(), tmp_path)
    assert (box.read, box.codes) == ({}, [("a", "member-headers-differ")])


def test_members_that_share_bytes(tmp_path):
    raw = RawZip().add(b"a" * 8, b"x" * 5000)
    raw.add(b"a" * 8, b"x" * 5000, at=0)
    box = unpack(raw.bytes(), tmp_path)
    assert (box.read, [code for _, code in box.codes]) == ({}, ["member-overlap"] * 2)


@pytest.mark.parametrize("size", [10, 3999, 4001])
def test_a_stated_size_that_is_not_so(tmp_path, size):
    data = bytes(range(256)) * 15 + b"x" * 160
    box = unpack(RawZip().add(b"a", data, size=size, crc=zlib.crc32(data[:size])).bytes(), tmp_path)
    assert box.read == {"a": data[:size]}
    assert box.codes == [("a", "member-damaged")]


@pytest.mark.parametrize("method", [0, 8])
def test_a_checksum_that_does_not_agree(tmp_path, method):
    box = unpack(RawZip().add(b"a", b"data" * 100, method=method, crc=7).bytes(), tmp_path)
    assert (box.read, box.codes) == ({"a": b"data" * 100}, [("a", "member-damaged")])


def test_bytes_behind_the_packed_data_of_a_member(tmp_path):
    packed = zlib.compressobj(wbits=-15)
    data = packed.compress(b"data") + packed.flush()
    box = unpack(RawZip().add(b"a", packed=data + b"hidden").bytes(), tmp_path)
    assert box.codes == [("a", "member-damaged")]


def test_broken_packed_data_gives_what_could_be_unpacked(tmp_path):
    good = zip_of([("a", b"".join(b"%d\n" % number for number in range(50_000)))])
    middle = len(good) // 2
    box = unpack(good[:middle] + b"\xff" * 40 + good[middle + 40 :], tmp_path)
    assert box.read["a"].startswith(b"0\n1\n2\n")
    assert box.codes == [("a", "member-damaged")]


def test_bytes_that_no_member_owns(tmp_path):
    raw = RawZip().add(b"a")
    raw.body += b"PK\x03\x04 a member that was deleted from the directory"
    raw.add(b"b")
    box = unpack(raw.bytes(after=b"!"), tmp_path)
    assert list(box.read) == ["a", "b"]
    assert [(one.code, one.detail.split()[0]) for one in box.refused] == [("archive-unlisted", "bytes")] * 2


def test_a_cut_archive_and_a_part_of_a_split_one(tmp_path):
    good = zip_of([("a", b"x" * 1000)])
    assert unpack(good[:-30], tmp_path).codes == [(None, "archive-damaged")]
    assert unpack(RawZip().add(b"a").bytes(disk=2), tmp_path).codes == [(None, "archive-damaged")]


def test_a_count_that_is_not_so(tmp_path):
    box = unpack(RawZip().add(b"a").bytes(count=2), tmp_path)
    assert (list(box.read), box.codes) == (["a"], [(None, "archive-damaged")])


def test_the_same_name_twice(tmp_path):
    box = unpack(RawZip().add(b"a", b"one").add(b"a", b"two").add(b"a%~2", b"three").bytes(), tmp_path)
    assert box.read == {"a": b"one", "a%~2": b"two", "a%25~2": b"three"}


def test_names_in_other_encodings(tmp_path):
    unicode = "na\u00efve".encode()
    raw = b"na\x8bve"
    path_field = struct.pack("<HHBI", 0x7075, 5 + len(unicode), 1, zlib.crc32(raw)) + unicode
    stale = struct.pack("<HHBI", 0x7075, 5 + 4, 1, 0) + b"evil"
    box = unpack(
        RawZip()
        .add("é".encode())
        .add(b"\x82\xff")
        .add(b"\xff", flags=0x800)
        .add(raw, extra=path_field)
        .add(b"stale\x80", extra=stale)
        .bytes(),
        tmp_path,
    )
    assert list(box.read) == ["é", "é\u00a0", "<ff>", "na\u00efve", "stale\u00c7"]


def test_a_unicode_path_cannot_leave_the_archive_either(tmp_path):
    field = struct.pack("<HHBI", 0x7075, 5 + 5, 1, zlib.crc32(b"a\xff")) + b"../up"
    box = unpack(RawZip().add(b"a\xff", extra=field).bytes(), tmp_path)
    assert [one.code for one in box.refused] == ["member-name"]


def test_too_many_members(tmp_path):
    box = unpack(zip_of([(str(number), b"") for number in range(5)]), tmp_path, archive_members=3)
    assert (list(box.read), box.codes) == (["0", "1", "2"], [(None, "archive-members")])


def test_a_bomb_is_refused_before_it_is_unpacked_and_the_rest_is_read(tmp_path):
    box = unpack(
        zip_of([("bomb", b"\0" * (8 << 20)), ("chat.txt", b"hello")]),
        tmp_path,
        archive_ratio=100,
        archive_ratio_from=1 << 20,
    )
    assert (box.read, box.codes) == ({"chat.txt": b"hello"}, [("bomb", "archive-ratio")])


def test_a_member_larger_than_the_limit(tmp_path):
    box = unpack(zip_of([("big", b"x" * 2000), ("small", b"x")], zipfile.ZIP_STORED), tmp_path, member_bytes=1000)
    assert (list(box.read), box.codes) == (["small"], [("big", "member-size")])


@pytest.mark.parametrize(
    "files",
    [
        [("[Content_Types].xml", b""), ("_rels/.rels", b""), ("xl/a", b"")],
        [("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", b"")],
        [("META-INF/MANIFEST.MF", b""), ("A.class", b"")],
        [("AndroidManifest.xml", b""), ("classes.dex", b"")],
    ],
)
def test_documents_are_offered_whole(tmp_path, files):
    document = zip_of(files)
    assert unpack(document, tmp_path).read == {"": document}
    assert unpack(zip_of([("d.bin", document)]), tmp_path).read == {"d.bin": document}


def test_an_extraction_report_is_an_archive(tmp_path):
    assert list(unpack(zip_of([("report.xml", b"<project/>"), ("files/a.jpg", b"")]), tmp_path).read) == [
        "report.xml",
        "files/a.jpg",
    ]


_NAMES = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=5)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(_NAMES, st.binary(max_size=300)), max_size=6, unique_by=lambda one: one[0]),
    st.sampled_from([0, 8, 12]),
)
def test_reads_what_the_standard_library_writes(tmp_path, files, method):
    files = [(name, b"-" + data) for name, data in files]
    box = unpack(zip_of(files, method), tmp_path)
    assert (list(box.read.items()), box.codes) == (files, [])


_SEED = RawZip().add(b"a.txt", b"hello" * 9).add(b"dir/b", b"x", method=0).add(b"c.zip", zip_of([("d", b"e")])).bytes()


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, len(_SEED) - 1), st.binary(min_size=1, max_size=4)), min_size=1, max_size=4))
def test_no_broken_archive_raises(tmp_path, changes):
    data = bytearray(_SEED)
    for at, put in changes:
        data[at : at + len(put)] = put
    unpack(bytes(data), tmp_path, archive_ratio_from=1 << 20)


def test_an_archive_cut_while_it_is_open(tmp_path):
    path = tmp_path / "item.zip"
    path.write_bytes(zip_of([("a", b"x")]))
    with open_item(path, Limits(), tmp_path) as opened:
        path.write_bytes(b"PK\x03\x04")
        with pytest.raises(EvidenceError, match="changed while it was read"):
            list(opened.members())
