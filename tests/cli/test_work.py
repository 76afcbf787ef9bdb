"""tag, note, undo."""

import json

import pytest

from case import made_exports as exports
from cli.running import told


@pytest.fixture
def ops(home, tmp_path):
    """A case of one IRC log."""
    source = tmp_path / "harbour.log"
    source.write_bytes(exports.irc(lines=40))
    told("new", "ops")
    told("add", "ops", source, "--yes")
    return json.loads(told("search", "ops", "--json", "--order", "oldest", "--limit", 1).out)["id"]


def test_tags_are_put_listed_and_taken_off(ops):
    assert told("tag", "ops").err == "0 tags\n"
    assert told("tag", "ops", "threat", ops).out == "1 message got the tag threat\n"
    total = int(told("search", "ops", "livraison", "--count").out)
    assert json.loads(told("tag", "ops", "delivery", "--search", "livraison", "--json").out)["messages"] == total
    assert told("tag").lines == ["tag\tmessages", f"delivery\t{total}", "threat\t1"]
    assert [tag["tag"] for tag in json.loads(told("tag", "ops", "--json").out)] == ["delivery", "threat"]
    assert told("search", "ops", "tag:threat", "--count").out == "1\n"
    assert (
        told("tag", "ops", "delivery", "--off", "--search", "livraison").out
        == f"{total} messages lost the tag delivery\n"
    )
    assert told("tag", "ops", "threat", "--off", ops).out == "1 message lost the tag threat\n"
    assert told("tag", "ops", "x", "--search", "xyzzy").code == 1


@pytest.mark.parametrize("words", [["threat"], ["threat", "1:1", "--search", "x"]])
def test_a_tag_needs_messages_or_a_search(ops, words):
    shown = told("tag", "ops", *words)
    assert shown.code == 2
    assert "say which messages get the tag" in shown.err


def test_a_tag_is_never_put_on_what_is_not_there(ops):
    assert told("tag", "ops", "threat", ops, "9:9").code == 1
    assert told("tag", "ops").err == "0 tags\n"


def test_a_note_is_written_shown_and_undone(ops):
    assert told("note", "ops", ops, "same van \x1b[31m").out == f"Note 1 is on {ops}.\n"
    assert "note      same van ␛[31m (ada)" in told("read", ops).lines
    assert told("undo", "ops").out.startswith("Undone: note")
    assert json.loads(told("read", ops, "--json").out)["notes"] == []
    assert told("undo", "ops").out == "There is nothing of yours to undo.\n"
    shown = told("undo", "ops", "--json")
    assert (shown.code, json.loads(shown.out)) == (1, {"undone": None})
    assert json.loads(told("note", ops, "again", "--json").out)["text"] == "again"
