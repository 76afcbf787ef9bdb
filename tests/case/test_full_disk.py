"""A disk that fills while evidence is taken in: nothing of the evidence is lost, and the add goes on when there is room."""

import errno

import pytest

from case import made_exports as exports
from filon.case import open_case
from filon.case.flows import parse
from filon.errors import StoreError
from filon.evidence.worker import Worker


def test_an_add_stops_and_goes_on_when_there_is_room(case, settings, tmp_path, monkeypatch):
    (tmp_path / "h.log").write_bytes(exports.irc())
    call = Worker.call
    full = [True]

    def once(self, function, *args, **more):
        if function.endswith(":parse") and full[0]:
            return call(self, "evidence.attacks:fill_the_disk")
        return call(self, function, *args, **more)

    monkeypatch.setattr(Worker, "call", once)
    with pytest.raises(StoreError, match="the disk of the case is full") as stopped:
        case.add(case.view(), [tmp_path / "h.log"])
    assert "goes on from there" in stopped.value.hint
    assert case.counts(case.view()).messages == 0
    full[0] = False
    with open_case(str(case.root), settings) as again:
        added = again.resume(again.view())
        assert (added.tally.defects, again.counts(again.view()).messages) == (0, added.tally.messages)
        assert added.tally.messages > 0
        assert again.verify(again.view()).problems == ()


@pytest.mark.parametrize(("number", "raised"), [(errno.ENOSPC, True), (errno.EDQUOT, True), (errno.EIO, False)])
def test_a_full_disk_is_no_fault_of_the_reader(number, raised):
    class Reader:
        def read(self, source, given):
            raise OSError(number, "written by the system")
            yield

    records = parse.guarded(Reader().read(None, None))
    if raised:
        with pytest.raises(OSError, match="written by the system"):
            list(records)
    else:
        assert [record.code for record in records] == ["reader-failed"]
