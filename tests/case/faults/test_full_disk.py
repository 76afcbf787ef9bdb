"""A disk that is truly full at each step: the error says so and what to do; with room, the add goes on to the same rows."""

import msgspec
import pytest

from case import made_exports as exports
from case.torn import digests
from filon.case import create_case, open_case
from filon.errors import DeskError, FilonError, StoreError
from filon.settings import Limits, Settings
from filon.store.embedded import backend
from filon.store.embedded.partition import Bounds

ROWS = 4_000
STAGES = ("hash", "divide", "read", "join", "unify", "sample", "sort", "index", "write")


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Few rows in several slices, so that there is something to sort."""
    monkeypatch.setattr(backend, "Bounds", lambda: Bounds(rows=1_000))


@pytest.fixture
def evidence(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a large.csv").write_bytes(exports.table(rows=ROWS, seed=7))
    (folder / "b harbour.log").write_bytes(exports.irc())
    return folder


def added(settings, name, evidence):
    with create_case(name, settings) as case:
        case.add(case.view(), [evidence])
        return digests(case)


@pytest.mark.parametrize("stage", STAGES)
def test_the_add_stops_says_why_and_goes_on_when_there_is_room(disk, tmp_path, evidence, stage):
    limits = Limits(block_bytes=200_000, blocks_from=1)
    settings = Settings(home=disk.root, who="ada", limits=limits)
    expected = added(msgspec.structs.replace(settings, home=tmp_path), "whole", evidence)
    full = []

    def report(progress):
        if progress.stage == stage and not full:
            disk.fill()
            full.append(progress)

    with create_case("torn", settings) as case:
        head = case.head
        with pytest.raises((FilonError, OSError)) as stopped:
            case.add(case.view(), [evidence], report=report)
        assert full
        assert isinstance(stopped.value, StoreError), repr(stopped.value)
        assert "full" in str(stopped.value)
        assert stopped.value.hint
        assert case.head == head
    with open_case("torn", settings) as case:  # a full disk does not keep anybody from reading
        assert case.counts(case.view()).messages == 0
        disk.empty()
        if case.resume(case.view()) is None:
            case.add(case.view(), [evidence])
        assert digests(case) == expected
        assert case.verify(case.view(), reread=True).problems == ()


def test_the_desk_says_so_and_keeps_what_it_had(disk, tmp_path):
    (tmp_path / "h.log").write_bytes(exports.irc())
    with create_case("ops", Settings(home=disk.root, who="ada")) as case:
        view = case.view()
        case.add(view, [tmp_path / "h.log"])
        long = "word " * 20_000

        def write_until_full():
            for number in range(300):
                case.note(view, f"1:{number + 1}", long)

        for noted in (False, True):  # before the desk has a log of its own, and in the midst of it
            if noted:
                case.tag(view, "kept", ["1:5"])
            disk.fill()
            with pytest.raises(DeskError, match="the disk of the desk is full") as stopped:
                write_until_full()
            assert "make room" in stopped.value.hint
            disk.empty()
        assert case.count(view, "tag:kept") == 1
        case.tag(view, "later", ["1:6"])
        assert case.count(view, "tag:later") == 1
        assert case.verify(view).problems == ()
