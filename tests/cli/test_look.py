"""info, defects, log, readers."""

import json

from case import made_exports as exports
from cli.running import told
from filon.readers import all_readers


def test_info_sums_up(read_only):
    shown = told("info", read_only)
    assert shown.code == 0
    assert shown.lines[0].startswith("ops  (")
    equation = next(line for line in shown.lines if " records = " in line)
    total, *parts = [int(word.replace(",", "")) for word in equation.split() if word[0].isdigit()]
    assert total == sum(parts) == 1_011
    assert "times without a zone: 500 messages, shown as written with `zone?`" in shown.lines
    assert sum("\t" in line for line in shown.lines) == 5
    assert sum("\t" in line for line in told("info", read_only, "--items", 2).lines) == 3
    assert "\t" not in told("info", read_only, "--items", 0).out


def test_info_gives_machines_at_least_these(read_only):
    found = json.loads(told("info", read_only, "--json").out)
    wanted = {"items", "bytes", "records", "messages", "events", "defects", "conversations", "accounts"}
    assert wanted <= set(found)
    assert (found["items"], found["messages"], found["accounts"], found["conversations"]) == (4, 1_000, 7, 3)
    assert len(found["list"]) == 4
    assert all(reading["tally"]["balanced"] for item in found["list"] for reading in item["readings"])


def test_defects_are_listed_with_their_place(home, tmp_path):
    source = tmp_path / "broken.jsonl"
    row = '{"id":"1","sender":"a","recipient":"b","sent":"2020-04-01T10:00:00Z","text":"hello you"}'
    source.write_text("\n".join([row] * 4 + ['{"id": "5", "sen']))
    told("new", "ops")
    assert told("defects", "ops").err == "0 defects\n"
    told("add", "ops", source, "--yes")
    shown = told("defects", "ops")
    assert (shown.code, shown.err) == (0, "1 defect\n")
    assert shown.lines[1].split("\t")[1:3] == ["json-broken", "broken.jsonl"]
    found = json.loads(told("defects", "ops", "--json").out)
    assert found["code"] == "json-broken"
    assert json.loads(told("defects", "ops", "--json", "--item", 1).out) == found
    assert told("defects", "ops", "--code", "other", "--json").out == ""
    assert "1 defect: json-broken 1" in told("info", "ops").lines


def test_the_log_is_told_newest_first(read_only):
    shown = told("log", read_only, "--limit", 2)
    assert shown.err == "5 entries\n"
    assert [line.split("\t")[0] for line in shown.lines[:3]] == ["entry", "5", "4"]
    entries = [json.loads(line) for line in told("log", read_only, "--json").lines]
    assert [entry["n"] for entry in entries] == [5, 4, 3, 2, 1]
    assert shown.lines[-1] == f"Head of the custody log: 5:{entries[0]['hash']}"


def test_readers_are_listed_with_what_they_count():
    shown = told("readers")
    names = [loaded.reader.format.name for loaded in all_readers()]
    assert [line.split("\t")[0] for line in shown.lines[1:]] == names
    assert [json.loads(line)["name"] for line in told("readers", "--json").lines] == names


def test_a_reader_that_cannot_be_loaded_is_told(monkeypatch):
    from filon import readers
    from filon.readers import Loaded

    monkeypatch.setattr(readers, "all_readers", lambda: [Loaded(None, "theirs", "theirs:READER", "no module")])
    assert told("readers").lines[1] == "theirs\t\tcould not be loaded: no module\t"
    assert json.loads(told("readers", "--json").out) == {"name": "theirs", "error": "no module"}


def test_an_item_that_went_away_is_told(home, tmp_path):
    source = tmp_path / "harbour.log"
    source.write_bytes(exports.irc(lines=3))
    told("new", "ops")
    told("add", "ops", source, "--yes")
    source.unlink()
    assert any(line.endswith("\tsource not at hand") for line in told("info", "ops").lines)
