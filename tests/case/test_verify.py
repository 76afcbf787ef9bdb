"""Whatever is changed behind filon's back, ``verify`` says what differs."""

import json
import os
import shutil
import sqlite3

import msgspec
import pytest

from case import made_exports as exports
from filon.case import open_case, verify_case
from filon.errors import CustodyError, DeskError, EvidenceError, StoreError
from filon.evidence.custody import Custody
from filon.model import silent
from filon.model.layout import Layout
from filon.store.embedded.backend import EmbeddedBackend
from filon.store.embedded.manifest import load, save


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


def change_manifest(taken, **values):
    """The manifest says something else, and its own hash agrees: nobody signs it."""
    layout = Layout(taken)
    save(layout, msgspec.structs.replace(load(layout), **values))


def test_an_item_hidden_without_a_word_in_the_log_is_found(settings, taken):
    change_manifest(taken, withdrawn=(1, 2))
    hidden = "it is hidden, and the custody log does not say that it was withdrawn"
    assert (hidden, "item 1") in [(p.what, p.where) for p in problems(settings)]


def test_a_slice_left_out_of_the_manifest_is_found(settings, taken):
    layout = Layout(taken)
    rest = load(layout).slices[1:]
    shutil.rmtree(layout.slice(load(layout).slices[0].number))
    change_manifest(taken, slices=rest)
    assert any(p.where.startswith("reading") and "its account says" in p.what for p in problems(settings))


@pytest.mark.parametrize("kind", ["events", "defects"])
def test_a_table_left_out_of_the_manifest_is_found(settings, case, tmp_path, kind):
    group = (
        '13/04/2020, 10:00 - Ada created group "Harbour"\n13/04/2020, 10:01 - Ada: hi\n13/04/2020, 10:02 - Ada: ho\n'
    )
    (tmp_path / "WhatsApp Chat with Harbour.txt").write_text(group)
    (tmp_path / "t.csv").write_text("date,from,to,text\n2020-04-01 10:00:00,a,b,x\n\nno time,a,b,y\n")
    case.add(case.view(), [tmp_path / "WhatsApp Chat with Harbour.txt", tmp_path / "t.csv"])
    case.close()
    layout = Layout(case.root)
    assert problems(settings) == ()
    gone = [part for part in load(layout).parts if part.kind == kind]
    assert sum(part.rows for part in gone) > 0
    for part in gone:
        (case.root / part.file.path).unlink()
    change_manifest(case.root, parts=tuple(part for part in load(layout).parts if part.kind != kind))
    assert any(f" {kind}" in p.what and p.where.startswith("reading") for p in problems(settings))


def test_a_desk_that_is_gone_is_told_and_no_empty_one_takes_its_place(settings, taken):
    (taken / "desk.sqlite").unlink()
    for _ in range(2):
        found = problems(settings)
        assert [p.where for p in found] == ["desk.sqlite"]
        assert "is missing" in found[0].what
    with open_case("ops", settings) as case, pytest.raises(DeskError, match="is missing") as raised:
        case.tags(case.view())
    assert "an empty file of that name begins a new desk" in raised.value.hint
    (taken / "desk.sqlite").touch()
    with open_case("ops", settings) as case:
        assert case.tag(case.view(), "anew", ["2:1"]) == 1


def test_another_key_is_told_and_signs_nothing(settings, taken):
    key = taken / "keys" / "custody"
    key.write_text("0" * 64 + "\n")
    before = (taken / "custody.jsonl").read_bytes()
    assert any("keys/custody is not the key that case.json names" in p.what for p in problems(settings))
    with pytest.raises(CustodyError, match="is not the key"):
        open_case("ops", settings)
    assert (taken / "custody.jsonl").read_bytes() == before
    key.unlink()
    assert any("the key of the case cannot be read" in p.what for p in problems(settings))


@pytest.mark.parametrize(
    "pattern", ["tables/items/*.parquet", "tables/readings/*.parquet", "slices/*/meta.json", "custody.jsonl"]
)
def test_damage_to_what_a_case_is_opened_with_leaves_the_rest_checked(settings, taken, pattern):
    """A byte that is no UTF-8 in the middle of a text, or a file that was cut: told, and with it what else differs."""
    path = sorted(taken.glob(pattern))[-1]
    whole, evidence = path.read_bytes(), next(taken.glob("items/*/*/*.log"))
    flip(next(taken.glob("tables/names/*.parquet")))
    for damaged in (
        whole.replace(b"o", b"\xef", 1),
        whole.replace(b"a", b"\xe1"),
        whole[:-9],
        whole.replace(b'item"', b'jtem"'),
    ):
        path.chmod(0o600)
        path.write_bytes(damaged)
        found = problems(settings)
        assert any(path.name in p.where or path.name in p.what for p in found) or damaged == whole, found
        assert any("tables/names" in p.where for p in found)
    assert evidence.is_file()


def test_a_desk_with_a_changed_history_is_told_line_by_line(settings, taken):
    with sqlite3.connect(taken / "desk.sqlite") as connection:
        connection.execute("""UPDATE actions SET body = replace(body, '"tag"', '"gat"')""")
    connection.close()
    found = problems(settings)
    assert found
    assert {p.where for p in found} == {"desk.sqlite"}
    assert all("was changed after it was written" in p.what for p in found)


def test_what_another_process_takes_in_is_no_difference(settings, case, tmp_path):
    """An open reading room shows what it saw last; the log is ahead of it."""
    (tmp_path / "h.log").write_bytes(exports.irc())
    with open_case("ops", settings) as other:
        other.add(other.view(), [tmp_path / "h.log"])
    assert case.verify(case.view()).problems == ()


def test_a_withdrawal_that_was_cut_short_is_told_and_ended(settings, taken, monkeypatch):
    """The process ends between the entry in the log and the change in the store."""
    with open_case("ops", settings) as case:
        view = case.view()
        monkeypatch.setattr(EmbeddedBackend, "set_withdrawn", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            case.withdraw(view, 1, "outside the order")
        monkeypatch.undo()
    assert [(p.where, "still shown" in p.what) for p in problems(settings)] == [("item 1", True)]
    with open_case("ops", settings) as case:
        view = case.view()
        assert case.count(view, "item:#1") > 0
        with pytest.raises(EvidenceError, match="item 1 was withdrawn already: outside the order"):
            case.withdraw(view, 1, "outside the order")
        assert case.count(view, "item:#1") == 0
    assert problems(settings) == ()


@pytest.mark.parametrize("head", ["e860b77febfc3780", "4:e860b77febfc3780", "", "4", "4:" + "g" * 64])
def test_a_head_that_was_copied_badly_does_not_accuse_the_log(settings, taken, head):
    with pytest.raises(CustodyError, match="is not a head of a custody log") as raised:
        problems(settings, head=head)
    assert "all 64 characters" in raised.value.hint


def test_a_case_where_nothing_can_be_written_is_not_called_damaged(settings, taken, monkeypatch):
    """As on a disc, or behind a write blocker. Who may do everything can write to any folder: the system is asked in its stead."""
    may = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: may(path, mode) and not mode & os.W_OK)
    for tried in (lambda: open_case("ops", settings), lambda: problems(settings)):
        with pytest.raises(StoreError, match="lies where nothing can be written") as raised:
            tried()
        assert "open the copy" in raised.value.hint
