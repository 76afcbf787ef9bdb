"""Many small items: added together as one by one, and the plug pulled while they are."""

import random
import shutil
import signal
import time

import msgspec
import pytest

from case import made_exports as exports
from case.test_kill import digests, start
from filon.case import create_case, open_case
from filon.case.flows import bundling, intake, looking
from filon.case.flows.bundling import finished, keep


def many(path, count, seed=3):
    """A folder of small exports of several formats in folders; some are there twice, some are nothing."""
    chance = random.Random(seed)
    for n in range(count):
        folder = path / f"{n // 20:03d}"
        folder.mkdir(parents=True, exist_ok=True)
        rows = chance.randrange(5, 40)
        if n % 5 == 0:
            (folder / f"{n:04d}.csv").write_bytes(exports.table(rows=rows, seed=n))
        elif n % 5 == 1:
            (folder / f"{n:04d}.log").write_bytes(exports.irc(lines=rows, seed=n))
        elif n % 5 == 2:
            chat = {f"WhatsApp Chat with Marta {n}.txt": exports.whatsapp(messages=rows, seed=n), "a.jpg": b"\xff\xd8"}
            (folder / f"{n:04d}.zip").write_bytes(exports.zipped(**chat))
        elif n % 5 == 3:
            (folder / f"{n:04d}.csv").write_bytes(exports.table(rows=20, seed=7))  # the same again and again
        else:
            (folder / f"{n:04d}.bin").write_bytes(bytes([n % 256]) * 40)
    return path


def test_together_or_one_by_one_gives_the_same_case(settings, tmp_path, monkeypatch):
    folder = many(tmp_path / "in", 100)
    with create_case("together", settings) as case:
        added = case.add(case.view(), [folder])
        expected = digests(case)
        total, first, rows = case.items_page(case.view(), limit=10, item=57)
        assert (total, first, [row.item.number for row in rows]) == (81, 50, list(range(51, 61)))
    monkeypatch.setattr(bundling, "_MOST", 1)
    monkeypatch.setattr(looking, "_TOGETHER", 1)
    with create_case("single", settings) as case:
        single = case.add(case.view(), [folder])
        assert digests(case) == expected
    assert len(added.items) == 81
    assert (single.already, single.refused, single.tally) == (added.already, added.refused, added.tally)
    assert added.tally.balanced


def test_a_reading_that_ends_the_process_takes_none_of_its_bundle_along(settings, tmp_path, monkeypatch):
    folder = many(tmp_path / "in", 45)
    huge = b"X-RSMF-Version: 2.0.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n" + b"l\r\n" * (
        12 << 20
    )
    monkeypatch.setattr(bundling, "_BUNDLE", 1 << 30)
    monkeypatch.setattr(bundling, "_LEAST_BUNDLES", 1)
    limits = msgspec.structs.replace(settings.limits, worker_memory=768 << 20)
    settings = msgspec.structs.replace(settings, limits=limits)
    (folder / "001" / "0025 huge.rsmf").write_bytes(huge)
    with create_case("one", settings) as case:
        added = case.add(case.view(), [folder])
        ended = [row.item.name for row in added.items if any(r.tally.defects for r in row.readings)]
        assert ended in ([], ["0025 huge.rsmf"])  # looking at it may take the last of the memory already
        assert ended or [path.endswith("huge.rsmf") for path, _ in added.refused] == [True]
        assert added.tally.messages > 400
        assert case.verify(case.view()).problems == ()


def bundles_of(home):
    """Names of the finished bundles of the add of the torn case."""
    folders = home / "torn" / "intake"
    return {path.name for one in folders.iterdir() for path in finished(one).values()} if folders.is_dir() else set()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_finished_bundles_outlive_a_kill(settings, tmp_path, monkeypatch):
    folder = many(tmp_path / "in", 400)
    with create_case("whole", settings) as case:
        case.add(case.view(), [folder])
        expected = digests(case)
    again = []
    monkeypatch.setattr(intake, "keep", lambda *values: (again.append(values[1].name), keep(*values)))
    held = []
    for moment in (1, 3, 7):
        create_case("torn", settings).close()
        with start(settings.home, "torn", folder) as torn:
            while torn.poll() is None and len(bundles_of(settings.home)) < moment:
                time.sleep(0.001)
            torn.send_signal(signal.SIGKILL)
        before = bundles_of(settings.home)
        held.append(len(before))
        again.clear()
        with open_case("torn", settings) as case:
            if case.resume(case.view()) is None:
                case.add(case.view(), [folder])
            assert digests(case) == expected
            assert case.verify(case.view()).problems == ()
        assert not before & set(again)
        shutil.rmtree(settings.home / "torn")
    assert any(held)
