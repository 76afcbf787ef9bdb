"""compact."""

import json

from case.test_compacting import segment
from cli.running import told
from filon.case import open_case
from filon.settings import load


def test_small_pieces_are_merged_by_the_command_and_after_adds(home, tmp_path):
    told("new", "ops")
    with open_case("ops", load()) as case:
        for number in range(9):
            case.add(case.view(), [segment(tmp_path, number, rows=5)])
    found = told("search", "ops", "harbour", "--json").out
    shown = told("compact", "ops")
    assert shown.code == 0
    assert [line.split() for line in shown.lines[:2]] == [["slices", "9", "now", "1"], shown.lines[1].split()]
    assert shown.lines[2] == "45 messages written again, under the same numbers"
    assert told("search", "ops", "harbour", "--json").out == found
    assert told("compact", "ops").lines == ["Nothing to do: there are not enough small pieces to merge."]
    assert json.loads(told("compact", "ops", "--json").out)["compactions"] == []
    for number in range(9, 17):
        assert told("add", "ops", segment(tmp_path, number, rows=5), "--yes", "--json").code == 0
    with open_case("ops", load()) as case:
        assert not case.compaction_due
        assert sum(entry["what"] == "compacted" for entry in case.custody(case.view())[1]) >= 2
    assert told("verify", "ops").code == 0
