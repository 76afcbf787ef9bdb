"""Many small adds in an open case: durable and searchable each, merged in the background, killed at any moment."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import msgspec
import pytest

from filon.case import create_case, open_case
from filon.case.flows import compacting
from filon.errors import CaseBusy, StoreError
from filon.evidence.lock import writer_lock

STEP = 30
MOMENTS = 20


def segment(folder, number, rows=STEP):
    """A small JSON-lines export: some people talking, a new one every few segments."""
    chance = random.Random(number)
    path = folder / f"segment {number:04d}.jsonl"
    with path.open("w", encoding="utf-8") as out:
        for row in range(rows):
            people = chance.sample(range(20 + number // 4), 2)
            line = {
                "id": f"{number}-{row}",
                "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1_700_000_000 + number * 60 + row)),
                "from": f"+3360000{people[0]:04d}",
                "to": f"+3360000{people[1]:04d}",
                "text": f"harbour segment{number} row{row}",
            }
            out.write(json.dumps(line) + "\n")
    return path


def digests(case):
    """One SHA-256 a table; items without the time of adding and the folder they were added from."""
    found = case._site.store.digests()
    found.pop("items")
    items = [msgspec.structs.replace(row.item, added_at=0) for row in case.items(case.view())]
    return found | {"items": msgspec.json.encode(items)}


@pytest.fixture
def fed(case, tmp_path):
    """A case of eighteen small adds, by one open case."""
    for number in range(18):
        added = case.add(case.view(), [segment(tmp_path, number)])
        assert (added.tally.messages, added.tally.defects, added.refused) == (STEP, 0, ())
    return case


def test_a_compacted_case_is_the_same_case(fed, settings):
    view, before = fed.view(), digests(fed)
    assert fed.compaction_due
    done = fed.compact(view)
    assert done[-1].slices[1] < 8 < done[0].slices[0]
    assert not fed.compaction_due
    assert fed.compact(view) == []
    assert digests(fed) == before
    assert fed.search(view, "harbour").total == 18 * STEP
    entries = [e["values"] for e in fed.custody(view)[1] if e["what"] == "compacted"]
    assert [(e["messages"], e["slices"]) for e in entries][::-1] == [(m.messages, list(m.slices)) for m in done]
    assert fed.verify(view, reread=True).problems == ()


def test_adding_goes_on_after_a_compaction_and_a_withdrawal(fed, tmp_path):
    view = fed.view()
    fed.withdraw(view, 3, "outside the order")
    fed.compact(view)
    assert fed.search(view, "segment2").total == 0
    assert fed.count(view, "harbour") == 17 * STEP
    again = fed.add(view, [segment(tmp_path, 2)])
    assert again.tally.messages == STEP
    assert again.tally.accounts == 0  # they were numbered before, and numbers are never given twice
    fed.withdraw(view, 5, "outside the order")
    assert fed.count(view, "harbour") == 17 * STEP
    assert fed.verify(view, reread=True).problems == ()


def test_an_add_that_failed_gives_no_numbers(case, tmp_path, monkeypatch):
    view = case.view()
    case.add(view, [segment(tmp_path, 0)])
    with monkeypatch.context() as patch:
        patch.setattr(type(case._site.store.tables), "write", _full)
        with pytest.raises(StoreError, match="No space"):
            case.add(view, [segment(tmp_path, 40)])
    resumed = case.resume(view)
    assert resumed.tally.messages == STEP
    case.add(view, [segment(tmp_path, 1)])
    keys = case._site.store.tables.table("accounts", withdrawn=True)
    assert keys["account"].to_pylist() == list(range(keys.num_rows))
    assert case.verify(view, reread=True).problems == ()


def _full(*_):
    raise OSError(28, "No space left on device")


def test_a_compaction_that_was_not_logged_is_logged_by_the_next_writer(fed, tmp_path, monkeypatch):
    view = fed.view()
    with monkeypatch.context() as patch:
        patch.setattr(compacting, "settle", _killed)
        with pytest.raises(KeyboardInterrupt):
            fed.compact(view)
    logged = [e for e in fed.custody(view)[1] if e["what"] == "compacted"]
    assert logged == []
    fed.add(view, [segment(tmp_path, 50)])
    fed.add(view, [segment(tmp_path, 51)])
    assert sum(e["what"] == "compacted" for e in fed.custody(view)[1]) == 1
    assert fed.verify(view).problems == ()


def _killed(*_):
    raise KeyboardInterrupt


def test_one_writer_and_one_compaction_at_a_time(fed, settings):
    view = fed.view()
    with writer_lock(fed._layout.compaction), pytest.raises(CaseBusy, match="is writing"):
        fed.compact(view)
    with writer_lock(fed._layout.lock), pytest.raises(CaseBusy, match="is writing") as busy:
        fed.withdraw(view, 1, "no reason")
    assert "wait" in busy.value.hint


def test_a_parsing_process_that_ended_between_adds_is_no_defect(case, tmp_path):
    view = case.view()
    case.add(view, [segment(tmp_path, 0)])
    os.kill(case._crew[0].pid, signal.SIGKILL)
    time.sleep(0.1)
    added = case.add(view, [segment(tmp_path, 1)])
    assert (added.tally.messages, added.tally.defects) == (STEP, 0)


WRITER = """
import sys, time
from pathlib import Path
from filon.case import open_case
from filon.settings import load
with open_case(sys.argv[1], load()) as case:
    case.resume(case.view())
    case.compact_beside()
    for path in sys.argv[2:]:
        case.add(case.view(), [Path(path)])
        print(path, flush=True)
    while case._compactor.running:
        time.sleep(0.02)
"""
READER = """
import sys
from filon.case import open_case
from filon.settings import load
with open_case(sys.argv[1], load()) as case:
    view, last, looked = case.view(), 0, 0
    while last < int(sys.argv[2]):
        case.refresh()
        found = case.search(view, "harbour", limit=5)
        assert found.total >= last, (found.total, last)
        last, looked = found.total, looked + 1
        if last:
            assert len(case.page(view, 0, 0, 20).messages) > 0
            assert sum(b.count for b in case.facets(view, "harbour", ("kind",))["kind"].buckets) >= last
    print(looked)
"""


def process(settings, code, *words):
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, words)],
        env=os.environ | {"FILON_HOME": str(settings.home), "FILON_WHO": "ada"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_reader_sees_counts_that_only_grow_while_pieces_are_merged(settings, tmp_path):
    create_case("live", settings).close()
    paths = [segment(tmp_path, number) for number in range(26)]
    with (
        process(settings, WRITER, "live", *paths) as writer,
        process(settings, READER, "live", len(paths) * STEP) as reader,
    ):
        assert reader.wait() == 0, reader.stderr.read()
        assert writer.wait() == 0, writer.stderr.read()
        assert int(reader.stdout.read()) > 5
    with open_case("live", settings) as case:
        assert any(e["what"] == "compacted" for e in case.custody(case.view())[1])
        assert case.verify(case.view()).problems == ()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_twenty_kills_lose_and_double_nothing(settings, tmp_path):
    paths = []
    create_case("torn", settings).close()
    chance, killed, known = random.Random(20200401), 0, set()
    while killed < MOMENTS:
        left = [path for path in paths if str(path) not in known]
        # a quick machine must not run out of work before it is killed
        more = [segment(tmp_path, number) for number in range(len(paths), len(paths) + 16 - len(left))]
        paths += more
        with process(settings, WRITER, "torn", *left, *more) as writer:
            try:
                writer.wait(0.7 + 1.5 * chance.random())
            except subprocess.TimeoutExpired:
                writer.send_signal(signal.SIGKILL)
                killed += 1
            known |= set(writer.stdout.read().splitlines())
        with open_case("torn", settings) as case:
            held = {row.item.path for row in case.items(case.view())}
            assert known <= held
            assert case.count(case.view(), "harbour") == len(held) * STEP
    with open_case("torn", settings) as case:
        case.resume(case.view())
        for path in paths:
            if str(path) not in {row.item.path for row in case.items(case.view())}:
                case.add(case.view(), [path])
        case.compact(case.view())
        torn = digests(case)
        assert case.verify(case.view()).problems == ()
        logged = [e["values"]["item"] for e in case.custody(case.view(), limit=10_000)[1] if e["what"] == "item-added"]
        assert sorted(logged) == list(range(1, len(paths) + 1))
    with create_case("whole", settings) as whole:
        for path in paths:
            whole.add(whole.view(), [path])
        assert digests(whole) == torn
