"""Whatever is changed behind filon's back, ``verify`` says what differs."""

import json
import shutil
import sqlite3

import pytest

from case import made_exports as exports
from filon.case import open_case, verify_case
from filon.evidence.custody import Custody
from filon.model import silent


@pytest.fixture
def taken(settings, case, tmp_path):
    """A closed case with evidence, work on the desk and an export in its log; its folder."""
    folder = exports.folder(tmp_path / "in")
    view = case.view()
    case.add(view, [folder], copy=True)
    case.tag(view, "seen", ["2:1", "2:2"])
    case.note(view, "2:3", "look again")
    case.export(view, "from:dylan", "jsonl", tmp_path / "out.jsonl")
    assert case.verify(view, reread=True).problems == ()
    case.close()
    return case.root


def problems(settings, head=None, reread=False):
    return verify_case("ops", settings, head, reread, silent).problems


def flip(path, at=None):
    data = bytearray(path.read_bytes())
    data[len(data) // 2 if at is None else at] ^= 0x5A
    path.chmod(0o600)
    path.write_bytes(bytes(data))


@pytest.mark.parametrize(
    "pattern",
    ["items/*/*/*.log", "slices/*/messages.arrow", "slices/*/*.npy", "slices/*/words/*.store", "slices/*/words/*.term",
     "slices/*/meta.json", "tables/names/*.parquet", "manifest.json", "case.json", "tables/readings/*.parquet"],
)  # fmt: skip
def test_a_flipped_byte_is_found_and_the_file_named(settings, taken, pattern):
    path = sorted(taken.glob(pattern), key=lambda p: p.stat().st_size)[-1]
    flip(path)
    found = problems(settings)
    assert found
    assert any(path.name in p.where or path.name in p.what for p in found), found


def test_a_changed_name_of_the_case_is_found(settings, taken):
    about = taken / "case.json"
    about.write_text(about.read_text().replace('"ops"', '"oops"'))
    assert [p.where for p in problems(settings)] == ["case.json"]


def test_a_missing_part_and_a_file_too_many_are_found(settings, taken):
    extra = taken / "slices" / "000099"
    extra.mkdir()
    (extra / "x").write_text("x")
    assert any("000099" in p.where for p in problems(settings))
    shutil.rmtree(extra)
    next(taken.glob("slices/*/messages.arrow")).unlink()
    assert any("messages.arrow" in p.where for p in problems(settings))


def test_a_changed_desk_is_found(settings, taken):
    with sqlite3.connect(taken / "desk.sqlite") as connection:
        connection.execute("UPDATE notes SET text = 'nothing here'")
    connection.close()
    assert [(p.where, p.what) for p in problems(settings)] == [("desk.sqlite", "note 1 differs from its history")]


def test_a_damaged_desk_does_not_keep_the_rest_from_being_checked(settings, taken):
    (taken / "desk.sqlite").write_bytes(b"not a database at all" * 500)
    found = problems(settings)
    assert [p.where for p in found] == ["desk.sqlite"]


def test_a_flipped_byte_in_the_log_is_found(settings, taken):
    log = taken / "custody.jsonl"
    flip(log, at=log.read_bytes().index(b'"item-added"') + 3)
    assert any(p.where.startswith("custody.jsonl line 2") for p in problems(settings))


def test_a_cut_tail_shows_against_the_items_or_a_head_kept_elsewhere(settings, taken):
    log = taken / "custody.jsonl"
    lines = log.read_bytes().splitlines(keepends=True)
    head = "{n}:{hash}".format(**json.loads(lines[-1]))
    log.write_bytes(b"".join(lines[:-1]))  # the export is gone: the chain alone cannot know
    assert problems(settings) == ()
    assert any("head" in p.what for p in problems(settings, head=head))
    log.write_bytes(b"".join(lines[:3]))  # entries of items are gone: the items know
    assert any("no entry that took it in" in p.what for p in problems(settings))


def test_an_old_copy_of_the_whole_case_shows_only_against_a_head_kept_elsewhere(settings, taken, tmp_path):
    old = tmp_path / "old"
    shutil.copytree(taken, old)
    with open_case("ops", settings) as case:
        (tmp_path / "late.log").write_bytes(exports.irc(seed=5))
        head = case.add(case.view(), [tmp_path / "late.log"], copy=True).head
    shutil.rmtree(taken)
    shutil.copytree(old, taken)
    assert problems(settings) == ()
    assert any("head" in p.what for p in problems(settings, head=head))


def test_a_log_signed_anew_shows_only_against_a_head_kept_elsewhere(settings, taken):
    with open_case("ops", settings) as case:
        head = case.head
    layout_log = taken / "custody.jsonl"
    lines = [json.loads(line) for line in layout_log.read_bytes().splitlines()]
    layout_log.write_bytes(b"")
    from filon.model.layout import Layout

    again = Custody(Layout(taken))
    for line in lines[:-1]:  # whoever holds the key leaves the export out and signs the rest anew
        again.append(line["what"], line["who"], line["values"])
    assert problems(settings) == ()
    assert any("head" in p.what for p in problems(settings, head=head))


def test_rereading_finds_rows_that_no_reading_gives(settings, case, tmp_path):
    """Evidence replaced together with its recorded hash: only reading again shows it."""
    path = tmp_path / "h.log"
    path.write_bytes(exports.irc())
    case.add(case.view(), [path])
    case.close()
    path.write_bytes(exports.irc().replace(b"livraison", b"levering!"))
    found = problems(settings, reread=True)
    assert any("SHA-256" in p.what for p in found)
    assert any("could not be read again" in p.what and "changed" in p.what for p in found)
