"""Taking evidence in: what comes in is accounted for, once, and bad input leaves the case as it was."""

import subprocess
import sys

import pytest

from case import made_exports as exports
from filon.case import create_case, open_case
from filon.errors import CaseBusy, EvidenceError, Interrupted, ReadingError
from filon.evidence.lock import writer_lock
from filon.model.given import Given
from filon.model.items import Tally


def state_of(case):
    """Everything a failed add must leave alone."""
    return (
        case.counts(case.view()),
        case.head,
        sorted(p.name for p in case.root.rglob("*") if "writer.lock" not in p.name),
    )


@pytest.fixture
def mixed(tmp_path):
    return exports.folder(tmp_path / "in")


def test_a_mixed_folder_is_taken_in_with_the_right_readers_and_sums_up(case, mixed):
    added = case.add(case.view(), [mixed])
    formats = {row.item.name: [r.format for r in row.readings] for row in added.items}
    assert formats == {
        "WhatsApp Chat with Marta.zip": ["archive", "whatsapp-text"],
        "a harbour.log": ["irc"],
        "b network.csv": ["table"],
        "photo.jpg": [],
    }
    assert all(r.tally.balanced for row in added.items for r in row.readings)
    archive = added.items[0].readings[0].tally
    assert (archive.units, archive.gave, archive.skipped) == (2, 1, {"no reader recognises it": 1})
    counts = case.counts(case.view())
    assert counts.messages == 300 + 500 + 200
    kinds = (counts.messages, counts.events, counts.accounts, counts.conversations, counts.attachments, counts.defects)
    assert counts.records == sum(kinds) == added.tally.records
    assert counts.items == 4


def test_an_item_the_case_holds_is_left_alone_and_said(case, mixed):
    view = case.view()
    case.add(view, [mixed])
    before = state_of(case)
    again = case.add(view, [mixed / "a harbour.log"])
    assert again.already == (str(mixed / "a harbour.log"),)
    assert again.items == ()
    assert state_of(case) == before


def test_equal_files_in_one_add_are_one_item(case, tmp_path):
    for name in ("one.log", "two.log"):
        (tmp_path / name).write_bytes(exports.irc())
    added = case.add(case.view(), [tmp_path / "one.log", tmp_path / "two.log"])
    assert (len(added.items), len(added.already)) == (1, 1)


@pytest.mark.parametrize("kind", ["missing", "unknown", "link", "fifo"])
def test_what_cannot_be_taken_is_refused_and_changes_nothing(case, tmp_path, kind):
    path = tmp_path / "x"
    if kind == "unknown":
        path.write_bytes(bytes(range(256)) * 9)
    elif kind == "link":
        (tmp_path / "real.log").write_bytes(exports.irc())
        path.symlink_to(tmp_path / "real.log")
    elif kind == "fifo":
        import os

        os.mkfifo(path)
    before = state_of(case)
    with pytest.raises(EvidenceError) as refused:
        case.add(case.view(), [path])
    assert refused.value.hint
    assert state_of(case) == before


def test_an_unknown_reader_is_refused(case, mixed):
    with pytest.raises(ReadingError, match="no reader called nonsense"):
        case.add(case.view(), [mixed / "a harbour.log"], reader="nonsense")


def test_a_stated_zone_is_used_and_without_one_none_is_invented(settings, tmp_path):
    (tmp_path / "h.log").write_bytes(exports.irc())
    one, two = create_case("one", settings), create_case("two", settings)
    one.add(one.view(), [tmp_path / "h.log"])
    two.add(two.view(), [tmp_path / "h.log"], given=Given(zone="Europe/Paris"))
    bare = one.message(one.view(), "1:1")
    stated = two.message(two.view(), "1:1")
    assert (bare.times["sent"].at, bare.message.zone_known) == (None, False)
    assert stated.times["sent"].basis == "user"
    assert stated.times["sent"].at == bare.times["sent"].local - 2 * 3600 * 1_000_000
    one.close()
    two.close()


def test_a_damaged_archive_gives_what_it_can_and_a_defect(case, tmp_path):
    whole = exports.zipped(**{"a.log": exports.irc(seed=3), "b.log": exports.irc(seed=4)})
    broken = bytearray(whole)
    broken[60:70] = bytes(10)
    (tmp_path / "broken.zip").write_bytes(bytes(broken))
    added = case.add(case.view(), [tmp_path / "broken.zip"])
    assert added.tally.defects >= 1
    assert added.tally.messages >= 300
    total, rows = case.defects(case.view())
    assert total == added.tally.defects
    assert rows[0].item.name == "broken.zip"


def test_an_archive_that_reaches_outside_loses_that_member_only(case, tmp_path):
    import io
    import tarfile

    with tarfile.open(tmp_path / "t.tar", "w") as archive:
        for name in ("../outside.log", "inside.log"):
            info = tarfile.TarInfo(name)
            data = exports.irc()
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    added = case.add(case.view(), [tmp_path / "t.tar"])
    [row] = added.items
    assert [r.member for r in row.readings] == [None, "inside.log"]
    assert row.readings[0].tally.balanced
    assert [d.code for d in case.defects(case.view())[1]] == ["member-name"]
    assert not (tmp_path / "outside.log").exists()


def test_copied_items_survive_the_loss_of_their_source(case, tmp_path):
    path = tmp_path / "h.log"
    path.write_bytes(exports.irc())
    case.add(case.view(), [path], copy=True)
    path.unlink()
    assert case.items(case.view())[0].at_hand
    assert case.raw(case.view(), "1:1").exact
    assert case.verify(case.view(), reread=True).problems == ()


def test_a_missing_source_is_a_stated_condition(case, tmp_path):
    path = tmp_path / "h.log"
    path.write_bytes(exports.irc())
    case.add(case.view(), [path])
    path.unlink()
    assert not case.message(case.view(), "1:1").at_hand
    assert "not at hand" in case.raw(case.view(), "1:1").problem
    assert [p.what for p in case.verify(case.view()).problems] == [
        "the source is not at hand; what was read from it is still here"
    ]


def test_a_second_writer_is_told_who_writes_and_readers_go_on(case, mixed, settings):
    with writer_lock(case.root / "writer.lock"):
        with pytest.raises(CaseBusy, match="is writing to the case"):
            case.add(case.view(), [mixed])
        reader = open_case("ops", settings)
        assert reader.counts(reader.view()).messages == 0
        reader.close()


def test_a_reader_sees_the_old_state_until_it_asks_for_the_new(case, mixed, settings):
    reader = open_case("ops", settings)
    case.add(case.view(), [mixed])
    assert reader.counts(reader.view()).messages == 0
    assert reader.refresh()
    assert reader.counts(reader.view()).messages == 1000
    reader.close()


def test_stopping_keeps_what_is_finished_and_the_next_add_goes_on(case, mixed):
    def stop(progress):
        if progress.stage == "read" and progress.done > 0:
            raise KeyboardInterrupt

    view = case.view()
    with pytest.raises(Interrupted, match="finished and kept"):
        case.add(view, [mixed], report=stop)
    assert case.counts(view).messages == 0
    resumed = case.resume(view)
    assert resumed is not None
    assert resumed.tally.messages == 1000
    assert case.resume(view) is None
    assert case.verify(view).problems == ()


def test_a_file_that_changes_after_it_was_hashed_leaves_the_case_as_it_was(case, tmp_path):
    path = tmp_path / "h.log"
    path.write_bytes(exports.irc())
    before = state_of(case)

    def swap(progress):
        if progress.stage == "hash" and progress.done == progress.total:
            path.write_bytes(exports.irc(seed=9))

    with pytest.raises(EvidenceError, match="changed"):
        case.add(case.view(), [path], report=swap)
    assert state_of(case) == before


def test_a_withdrawn_item_leaves_every_view_and_may_come_again(case, mixed):
    view = case.view()
    case.add(view, [mixed])
    row = case.withdraw(view, str(mixed / "b network.csv"), "outside the order")
    assert row.item.withdrawn == "outside the order"
    assert case.count(view, "platform:irc") + case.count(view, "platform:whatsapp") == case.count(view, "") == 500
    assert case.count(view, "from:oakheron") == 0
    assert all("oakheron" not in a.account.label for a in case.accounts(view)[1])
    assert case.counts(view).withdrawn_items == 1
    assert "item-withdrawn" in [entry["what"] for entry in case.custody(view)[1]]
    again = case.add(view, [mixed / "b network.csv"])
    assert again.tally.messages == 500
    assert case.counts(view).messages == 1000
    assert case.verify(view, reread=True).problems == ()


def test_numbers_of_withdrawn_accounts_are_never_given_to_others(case, mixed, tmp_path):
    view = case.view()
    case.add(view, [mixed / "b network.csv"])
    gone = {a.account.label: a.account.account for a in case.accounts(view)[1]}
    case.withdraw(view, 1, "outside the order")
    case.add(view, [mixed / "a harbour.log"])
    fresh = {a.account.label: a.account.account for a in case.accounts(view)[1]}
    assert not set(gone.values()) & set(fresh.values())
    case.add(view, [mixed / "b network.csv"])
    back = {a.account.label: a.account.account for a in case.accounts(view)[1]}
    assert back == gone | fresh


def test_withdrawing_needs_a_reason_and_one_item(case, mixed):
    case.add(case.view(), [mixed])
    with pytest.raises(EvidenceError, match="reason"):
        case.withdraw(case.view(), 1, " ")
    with pytest.raises(EvidenceError, match="means 0 items"):
        case.withdraw(case.view(), "nothing.csv", "x")


def test_proposals_say_what_would_be_done_and_do_nothing(case, mixed):
    before = state_of(case)
    found = {(p.member or p.path).rsplit("/")[-1]: p for p in case.propose(case.view(), [mixed])}
    assert found["a harbour.log"].format == "irc"
    assert [q.name for q in found["a harbour.log"].questions] == ["zone"]
    assert all(q.proposal is None for p in found.values() for q in p.questions if q.name == "zone")
    assert found["b network.csv"].preview[0]["from"]
    assert found["photo.jpg"].format is None
    assert state_of(case) == before


def test_all_rows_of_a_preview_have_the_same_names(case, tmp_path):
    log = tmp_path / "harbour.log"
    log.write_text("--- Day changed Wed Apr 01 2020\n10:00 -!- ann [a@b] has joined #harbour\n10:01 < ann> hello\n")
    rows = case.propose(case.view(), [log])[0].preview
    assert [row["kind"] for row in rows] == ["join", "text"]
    assert [tuple(row) for row in rows] == [("where", "kind", "sent", "from", "conversation", "text")] * 2
    assert rows[1]["text"] == "hello"


def test_decisions_are_asked_once_a_source_and_used(case, mixed):
    asked = []

    def decide(proposal, given):
        asked.append(proposal.member or proposal.path)
        return Given(zone="Europe/Brussels", date_order="dmy")

    case.add(case.view(), [mixed], decide=decide)
    assert len(asked) == len(set(asked)) >= 2
    assert case.overview(case.view()).zone_unknown == 0


def test_accounts_known_by_name_only_do_not_merge_across_items(case, tmp_path):
    for n in (1, 2):
        (tmp_path / f"WhatsApp Chat with Marta {n}.txt").write_bytes(exports.whatsapp(seed=n))
    case.add(case.view(), sorted(tmp_path.glob("*.txt")))
    martas = [a for a in case.accounts(case.view())[1] if a.account.name == "Marta"]
    assert len(martas) == 2
    assert len({a.account.account for a in martas}) == 2


def test_the_account_of_an_add_is_a_tally_that_sums(case, mixed):
    tally = case.add(case.view(), [mixed]).tally
    assert isinstance(tally, Tally)
    assert tally.balanced


def test_a_newer_case_is_refused_and_a_missing_one_named(settings, case):
    from filon.errors import StoreError

    case.close()
    about = case.root / "case.json"
    about.write_text(about.read_text().replace('"format": 1', '"format": 99'))
    with pytest.raises(StoreError, match="newer filon"):
        open_case("ops", settings)
    with pytest.raises(StoreError, match="no case"):
        open_case("elsewhere", settings)


def test_case_folders_are_closed_to_others(case):
    assert case.root.stat().st_mode & 0o777 == 0o700
    assert (case.root / "keys" / "custody").stat().st_mode & 0o777 == 0o600


def test_importing_the_command_line_stays_cheap():
    """``filon --help`` must not load engines or the web server."""
    code = "import sys, filon.cli; sys.exit(any(m in sys.modules for m in ('litestar', 'tantivy', 'sqlalchemy')))"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_folder_that_holds_the_case_brings_its_evidence_and_not_the_case(case, settings):
    (settings.home / "harbour.log").write_bytes(exports.irc())
    view = case.view()
    assert [p.path for p in case.propose(view, [settings.home])] == [str(settings.home / "harbour.log")]
    added = case.add(view, [settings.home])
    assert [row.item.name for row in added.items] == ["harbour.log"]


def test_an_open_order_of_day_and_month_is_called_by_one_code(case, tmp_path):
    """What the plan takes for want of an answer and what the reader says it took are one assumption."""
    path = tmp_path / "WhatsApp Chat with Ada.txt"
    path.write_text("01/04/2020, 10:00 - Ada: hi\n01/04/2020, 10:01 - Bo: ho\n01/04/2020, 10:02 - Ada: hm\n")
    case.add(case.view(), [path])
    assert [r.assumptions for row in case.items(case.view()) for r in row.readings] == [("date-order:dmy",)]
