"""Archives that unpack to too much, lie about their members, or lead out of themselves."""

import io
import os
import tarfile
import zipfile
import zlib

import pytest
import zstandard

from case import made_exports as exports
from case.hostile.attack import MIB, Attack, zip_bomb
from evidence.boxes import RawZip, tar_with, zip_of


def nested_bomb(levels, wide):
    data = zip_bomb()
    for level in range(levels):
        data = zip_of([(f"{level}-{n}.zip", data) for n in range(wide)])
    return data


def xlsx_bomb():
    sheet = b"<worksheet><sheetData>" + b"<row><c><v>1</v></c></row>" * MIB + b"</sheetData></worksheet>"
    types = b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    return zip_of(
        [("[Content_Types].xml", types), ("xl/workbook.xml", b"<workbook/>"), ("xl/worksheets/sheet1.xml", sheet)]
    )


BOMBS = {
    "bomb.zip": (zip_bomb, "archive-ratio"),
    "nested.zip": (lambda: nested_bomb(2, 4), "archive-ratio"),
    "deep.zip": (lambda: nested_bomb(6, 1), "archive-depth"),
    "bomb.log.gz": (lambda: zlib.compress(bytes(100 * MIB), 9, wbits=31), "archive-ratio"),
    "bomb.log.zst": (lambda: zstandard.ZstdCompressor().compress(bytes(100 * MIB)), "archive-ratio"),
    "many.zip": (lambda: zip_of([(f"{n}.txt", b"x") for n in range(3_000)]), "archive-members"),
    "large.zip": (lambda: zip_of([("large.log", os.urandom(MIB) * 70)], zipfile.ZIP_STORED), "member-size"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_as_soon_as_they_are_seen_for_what_they_are(case, evil, name):
    make, code = BOMBS[name]
    (evil / name).write_bytes(make())
    attack = Attack(case, evil)
    assert code in attack.codes
    assert sum(reading.tally.messages for reading in attack.readings) == 0
    assert attack.seconds < 60


def test_a_workbook_that_unpacks_to_too_much_ends_as_a_defect(case, evil):
    (evil / "bomb.xlsx").write_bytes(xlsx_bomb())
    attack = Attack(case, evil)
    assert sum(reading.tally.messages for reading in attack.readings) == 0
    assert attack.codes == ["archive-ratio"]


def tar_of_names(names):
    box = io.BytesIO()
    with tarfile.open(fileobj=box, mode="w") as out:
        for name in names:
            member = tarfile.TarInfo(name)
            data = exports.irc(lines=3)
            member.size = len(data)
            out.addfile(member, io.BytesIO(data))
    return box.getvalue()


def zip_of_names(names):
    box = RawZip()
    for name in names:
        box.add(name.encode(), exports.irc(lines=3))
    return box.bytes()


OUTSIDE = ["../beside/x.log", "/tmp/x.log", "a/../../beside/x.log", "..\\beside\\x.log", "C:\\x.log", "inside.log"]


@pytest.mark.parametrize("make", [tar_of_names, zip_of_names])
def test_names_that_leave_the_archive_are_refused_and_the_rest_is_read(case, evil, make):
    (evil / "names.box").write_bytes(make(OUTSIDE))
    attack = Attack(case, evil)
    assert attack.codes == ["member-name"]
    assert len(attack.defects) == len(OUTSIDE) - 1
    assert [r.member for r in attack.readings] == [None, "inside.log"]
    account = attack.readings[0].tally
    assert (account.units, account.gave, account.balanced) == (len(OUTSIDE), len(OUTSIDE), True)


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.GNUTYPE_SPARSE]
)
def test_links_and_special_members_of_a_tar_are_not_followed(case, evil, kind):
    (evil / "special.tar").write_bytes(tar_with(kind, "odd.log", link="/etc/passwd"))
    attack = Attack(case, evil)
    assert attack.codes in (["member-link"], ["member-special"])
    assert all("root:" not in repr(defect) for defect in attack.defects)


def test_links_of_a_zip_are_not_followed(case, evil):
    box = RawZip().add(b"link.log", b"/etc/passwd", mode=0o120777).add(b"inside.log", exports.irc(lines=3))
    (evil / "links.zip").write_bytes(box.bytes())
    attack = Attack(case, evil)
    assert attack.codes == ["member-link"]


def test_headers_that_differ_are_refused(case, evil):
    box = RawZip()
    box.add(b"report.log", exports.irc(lines=3), own_name=b"other!.log")
    box.add(b"size.log", exports.irc(lines=3), own_size=7)
    box.add(b"inside.log", exports.irc(lines=3))
    (evil / "two-faced.zip").write_bytes(box.bytes())
    attack = Attack(case, evil)
    assert set(attack.codes) == {"member-headers-differ"}
    assert [r.member for r in attack.readings] == [None, "inside.log"]


def test_members_that_share_their_bytes_are_refused(case, evil):
    """Many members over one stretch of packed bytes: a bomb without nesting."""
    box = RawZip().add(b"0.log", exports.irc(lines=30))
    for number in range(1, 200):
        box.add(f"{number}.log".encode(), exports.irc(lines=30), own_name=b"0.log", at=0)
    (evil / "overlap.zip").write_bytes(box.bytes())
    attack = Attack(case, evil)
    assert set(attack.codes) <= {"member-overlap", "member-headers-differ"}
    assert sum(r.tally.messages for r in attack.readings) <= 30
