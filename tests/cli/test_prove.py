"""verify, export."""

import hashlib
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from case import made_exports as exports
from cli.running import told


@pytest.fixture
def ops(home, tmp_path):
    """A case of one IRC log, whose file can be changed."""
    source = tmp_path / "harbour.log"
    source.write_bytes(exports.irc(lines=40))
    told("new", "ops")
    told("add", "ops", source, "--yes")
    return source


def test_a_case_that_agrees_says_so(ops):
    head = json.loads(told("info", "ops", "--json").out)["head"]
    shown = told("verify", "ops")
    assert shown.code == 0
    assert any(line.startswith("Everything agrees; ") and line.endswith(head) for line in shown.lines)
    assert "against a head kept elsewhere" in shown.lines[-1]
    kept = told("verify", "ops", "--head", head, "--reread")
    assert kept.code == 0
    assert "kept elsewhere" not in kept.lines[-1]
    found = json.loads(told("verify", "--json").out)
    assert (found["problems"], found["head"]) == ([], head)


def test_what_differs_is_told_exactly(ops):
    data = ops.read_bytes()
    ops.write_bytes(data.replace(b"marek", b"derek", 1))
    shown = told("verify", "ops")
    assert shown.code == 1
    assert any(line.startswith("DIFFERS  ") and "harbour.log" in line for line in shown.lines)
    assert shown.lines[-1].startswith("1 difference; ")
    assert told("verify", "ops", "--json").code == 1
    assert told("verify", "ops", "--head", "1:" + "0" * 64).code == 1
    assert told("verify", "ops", "--head", "1:00").code == 6


@pytest.mark.parametrize("kind", ["csv", "xlsx", "jsonl", "parquet"])
def test_hits_are_written_in_every_format(ops, kind):
    total = int(told("search", "ops", "livraison", "--count").out)
    shown = told("export", "ops", "livraison", "--format", kind)
    assert shown.code == 0
    path = Path(f"ops.{kind}")
    assert shown.lines[0] == f"{total} messages in ops.{kind}"
    assert shown.lines[1] == f"SHA-256 {hashlib.sha256(path.read_bytes()).hexdigest()}"
    assert json.loads(told("info", "ops", "--json").out)["head"] in shown.lines[2]
    if kind == "parquet":
        assert pq.read_table(path).num_rows == total
    again = told("export", "ops", "livraison", "--format", kind)
    assert again.code == 3
    assert "nothing is overwritten" in again.err


def test_an_export_of_nothing_and_one_that_cannot_be_written(ops, tmp_path):
    shown = told("export", "ops", "xyzzy", "--out", tmp_path / "none.csv", "--json")
    assert (shown.code, json.loads(shown.out)["rows"]) == (1, 0)
    head = told("log", "ops", "--limit", 1).lines[-1]
    refused = told("export", "ops", "--out", tmp_path / "nowhere" / "x.csv")
    assert refused.code in (3, 8)
    assert refused.err.startswith("filon: ")
    assert told("log", "ops", "--limit", 1).lines[-1] == head


def test_all_messages_are_exported_where_there_is_no_text(ops):
    assert told("export", "--out", "all.csv").lines[0] == "40 messages in all.csv"
