"""Memory, time and the query language: what asks for too much ends alone."""

import os
import time
import zipfile

import pytest

from case import made_exports as exports
from case.hostile.attack import MIB, Attack, zip_bomb
from evidence.boxes import zip_of
from filon.errors import EvidenceError, QueryError


def huge_mail():
    """An e-mail of so many lines that it does not fit into the memory it is taken apart in."""
    head = b"X-RSMF-Version: 2.0.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n"
    return head + b"l\r\n" * (12 * MIB)


def test_a_parser_that_needs_too_much_ends_alone(narrow, evil):
    (evil / "huge.rsmf").write_bytes(huge_mail())
    attack = Attack(narrow, evil)
    assert attack.codes == ["reader-ended"] or "memory" in "".join(attack.left_out.values())


def test_a_member_that_ends_the_parser_does_not_take_its_archive_along(narrow, evil):
    inside = [("a.log", exports.irc(lines=5, seed=1)), ("b.rsmf", huge_mail()), ("c.log", exports.irc(lines=7, seed=2))]
    (evil / "telephone.zip").write_bytes(zip_of(inside, zipfile.ZIP_STORED))
    attack = Attack(narrow, evil)
    gave = [(r.format, r.member, r.tally.messages) for r in attack.readings if r.member != "b.rsmf"]
    assert gave == [("archive", None, 0), ("irc", "a.log", 5), ("irc", "c.log", 7)]
    # Whether looking at it or reading it takes the last of the memory depends on the machine; one of the two does.
    assert attack.codes == ["reader-ended"]
    read = [r for r in attack.readings if r.member == "b.rsmf"]
    assert read or [defect.path for defect in attack.defects] == ["b.rsmf"]
    assert all(r.tally.messages == 0 for r in read)
    assert attack.readings[0].tally.balanced


@pytest.mark.parametrize(
    "text",
    ["/(a+)+$/", "/(x+x+)+y/", "text:/(a|aa)+$/", "text:/(.*)*(.*)*b/", "text:/^(([a-z])+.)+[A-Z]([a-z])+$/", "*aaaa*"],
)
def test_patterns_made_to_run_forever_are_linear(case, evil, text):
    lines = "".join(f"09:{n % 60:02d} <dylan> {'a' * 5_000}!\n" for n in range(200))
    (evil / "#a.log").write_text(lines)
    Attack(case, evil)
    began = time.monotonic()
    case.search(case.view(), text)
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("text", ["/(a{1000}){1000}/", "text:/(/", "(" * 5_000, "NOT " * 2_000,
                                  "a" * 20_000])  # fmt: skip
def test_searches_made_to_break_the_language_are_refused(case, text):
    with pytest.raises(QueryError):
        case.search(case.view(), text)


def test_evidence_alone_that_cannot_be_taken_leaves_the_case_as_it_was(case, evil):
    (evil / "bomb.zip").write_bytes(zip_bomb())
    os.mkfifo(evil / "fifo")
    head, counts = case.head, case.counts(case.view())
    with pytest.raises(EvidenceError):
        case.add(case.view(), [evil / "fifo"])
    assert (case.head, case.counts(case.view())) == (head, counts)
    added = case.add(case.view(), [evil / "bomb.zip"])
    assert [row.readings[0].format for row in added.items] == ["archive"]
    assert added.tally.defects == 1
    with zipfile.ZipFile(evil / "bomb.zip") as box:
        assert box.namelist() == ["bomb.log"]
