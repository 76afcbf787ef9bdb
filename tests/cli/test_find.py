"""search, read, raw, conversations, accounts."""

import json

import pytest

from case import made_exports as exports
from cli.running import told


def json_lines(shown):
    return [json.loads(line) for line in shown.lines]


def test_search_shows_hits_and_says_how_many(read_only):
    shown = told("search", read_only, "livraison", "--limit", 2)
    assert shown.code == 0
    assert len([line for line in shown.lines if not line.startswith(" ")]) == 2
    assert all("livraison" in line for line in shown.lines[1::2])
    total = int(told("search", read_only, "livraison", "--count").out)
    assert shown.err == f"1 to 2 of {total} messages\n"
    assert total > 300
    assert told("search", read_only, "livraison", "--limit", 1, "--offset", 4).err == f"5 of {total} messages\n"


def test_search_gives_machines_one_object_a_line(read_only):
    rows = json_lines(told("search", read_only, "from:oakheron", "--json", "--limit", 3, "--order", "oldest"))
    assert len(rows) == 3
    assert {"id", "sent_at", "conversation", "sender", "text"} <= set(rows[0])
    assert rows[0]["sender"] == "oakheron"
    assert rows[0]["sent_at"].endswith("Z")
    assert rows[0]["sent_at"] <= rows[1]["sent_at"] <= rows[2]["sent_at"]
    local = json_lines(told("search", read_only, "platform:whatsapp", "--json", "--limit", 1))[0]
    assert local["sent_at"] is None
    assert local["sent_local"].startswith("2020-")
    assert json_lines(told("search", read_only, "livraison", "--count", "--json"))[0]["total"] > 300


def test_search_gives_as_many_as_are_asked_for(read_only, monkeypatch):
    everything = [row["id"] for row in json_lines(told("search", read_only, "--json", "--limit", 5_000))]
    assert len(set(everything)) == len(everything) == 1_000
    monkeypatch.setattr("filon.cli.find._PAGE", 64)
    assert [row["id"] for row in json_lines(told("search", read_only, "--json", "--limit", 5_000))] == everything
    part = [row["id"] for row in json_lines(told("search", read_only, "--json", "--limit", 150, "--offset", 10))]
    assert part == everything[10:160]
    assert told("search", read_only, "--limit", 0).out == ""


def test_nothing_found_leaves_with_1(read_only):
    for words in (["--count"], [], ["--json"], ["--facets"]):
        assert told("search", read_only, "xyzzy", *words).code == 1, words
    assert told("search", read_only, "xyzzy").err == "0 messages\n"


def test_a_text_that_cannot_be_understood_leaves_with_4(read_only):
    shown = told("search", read_only, "livraison AND")
    assert (shown.code, shown.out) == (4, "")
    assert "(at character " in shown.err


def test_facets_and_explain(read_only):
    shown = told("search", read_only, "livraison", "--facets")
    assert "by account" in shown.err
    assert any(line.startswith("oakheron\t") and "from:#" in line for line in shown.lines)
    fields = [row["field"] for row in json_lines(told("search", read_only, "livraison", "--facets", "--json"))]
    assert fields[:3] == ["account", "conversation", "month"]
    explained = told("search", read_only, "from:oakheron", "--explain")
    assert explained.out.endswith("from:oakheron takes 1 account: oakheron\n")
    assert json_lines(told("search", read_only, "from:nobody", "--explain", "--json"))[0]["accounts"] == {
        "from:nobody": []
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_word_list_is_tried_line_by_line(read_only, tmp_path, encoding):
    words = tmp_path / "words.txt"
    words.write_text('livraison\n# a remark\n\nété\n"open\n', encoding=encoding)
    rows = json_lines(told("search", read_only, "--list", words, "--json"))
    assert [row["term"] for row in rows] == ["livraison", "été", '"open']
    assert rows[0]["total"] == int(told("search", read_only, "livraison", "--count").out)
    assert sum(bucket["count"] for bucket in rows[0]["conversations"]) == rows[0]["total"]
    assert (rows[1]["total"], rows[1]["error"]) == (0, None)
    assert rows[2]["error"]
    shown = told("search", read_only, "--list", words)
    assert shown.code == 0
    assert shown.err == "3 terms, 1 without a hit, 1 that cannot be understood\n"
    assert [line.split("\t")[0] for line in shown.lines] == ["term", "livraison", "été", '"open']
    assert "error: " in shown.lines[3]


def test_a_word_list_without_a_hit_leaves_with_1(read_only, tmp_path):
    words = tmp_path / "words.txt"
    words.write_text("xyzzy\n")
    assert told("search", read_only, "--list", words).code == 1
    words.write_bytes(b"caf\xe9\n")
    shown = told("search", read_only, "--list", words)
    assert shown.code == 3
    assert "is not text in UTF-8: byte 3" in shown.err
    assert told("search", read_only, "x", "--list", words).code == 2


def test_read_shows_a_message_in_its_conversation(read_only):
    number = json_lines(told("search", read_only, "platform:irc", "--json", "--order", "oldest", "--offset", 9))[0][
        "id"
    ]
    shown = told("read", read_only, number, "--around", 2)
    assert shown.code == 0
    marked = [line for line in shown.lines if line.startswith("> ")]
    assert len(marked) == 1
    assert number in marked[0]
    assert len([line for line in shown.lines if line[:2] in ("> ", "  ") and line[2].isdigit()]) == 5
    assert "message 10 of 300 in its conversation" in shown.out
    assert "as written: 08:09" in shown.out
    detail = json_lines(told("read", read_only, number, "--json"))[0]
    assert detail["id"] == number
    assert detail["item_sha256"] in shown.out
    assert detail["locator"]["path"] in shown.out
    assert detail["times"]["sent"]["raw"] == "08:09"


def test_read_begins_at_the_first_message(read_only):
    first = json_lines(told("search", read_only, "platform:irc", "--json", "--order", "oldest", "--limit", 1))[0]["id"]
    shown = told("read", read_only, first, "--around", 1)
    assert shown.lines[0].startswith(f"> {first}")
    assert len([line for line in shown.lines if line[:2] in ("> ", "  ") and line[2].isdigit()]) == 2


def test_raw_gives_the_bytes_themselves(read_only):
    found = json_lines(told("search", read_only, "platform:irc", "--json", "--order", "oldest", "--limit", 1))[0]
    shown = told("raw", read_only, found["id"])
    assert shown.code == 0
    assert shown.out.encode() in exports.irc()
    assert found["text"] in shown.out
    told_as_json = json_lines(told("raw", read_only, found["id"], "--json"))[0]
    assert told_as_json["raw"] == shown.out
    assert told_as_json["exact"] is True


@pytest.mark.parametrize("command", ["read", "raw"])
def test_what_is_not_there_leaves_with_1_and_what_is_no_number_with_4(read_only, command):
    assert told(command, read_only, "9:9").code == 1
    assert told(command, read_only, "nine").code == 4


def test_raw_says_when_the_source_is_not_at_hand(home, tmp_path):
    source = tmp_path / "harbour.log"
    source.write_bytes(exports.irc(lines=3))
    told("new", "ops")
    told("add", "ops", source, "--yes")
    source.unlink()
    shown = told("raw", "ops", "1:3")
    assert (shown.code, shown.out) == (1, "")
    assert "not at hand" in shown.err
    assert "the source is not at hand" in told("read", "ops", "1:3").out
    assert json_lines(told("raw", "ops", "1:3", "--json"))[0]["problem"]


def test_conversations_and_accounts_are_listed_and_found(read_only):
    shown = told("conversations", read_only)
    assert shown.err == "3 conversations\n"
    assert shown.lines[0].split("\t")[:2] == ["number", "title"]
    assert any("dylan, marek, juno" in line for line in shown.lines)
    assert told("conversations", read_only, "--limit", 1).err == "3 conversations, the first 1\n"
    rows = json_lines(told("conversations", read_only, "MAREK", "--json"))
    assert [(row["title"], row["messages"], row["participant_count"]) for row in rows] == [
        ("dylan, marek, juno", 300, 3)
    ]
    assert told("conversations", read_only, "xyzzy").code == 1
    assert told("accounts", read_only).err == "7 accounts\n"
    rows = json_lines(told("accounts", read_only, "OAKHERON", "--json"))
    assert [(row["label"], row["platform"]) for row in rows] == [("oakheron", "synthetic")]
    assert told("accounts", read_only, "oakheron").lines[1].split("\t")[1] == "oakheron"
    assert told("accounts", read_only, "xyzzy", "--json").code == 1


def test_times_are_shown_in_the_zone_that_is_asked_for(read_only):
    shown = told("search", read_only, "from:oakheron", "--limit", 1, "--in-zone", "Asia/Tokyo")
    assert " JST  " in shown.out
    assert " UTC  " in told("search", read_only, "from:oakheron", "--limit", 1).out
    assert " zone?  " in told("search", read_only, "platform:whatsapp", "--limit", 1).out
