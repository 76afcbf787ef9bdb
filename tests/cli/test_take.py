"""new, add, withdraw: what they say, ask, refuse and go on with."""

import json
import os

import pytest

from case import made_exports as exports
from cli.running import in_terminal, piped, told

TABLE = "Date;De;Vers;Texte\n" + "".join(f"0{n}/02/2020 10:00;anna;bert;salut {n}\n" for n in range(1, 6))
MAPPING = """name = "month"
[columns]
sender = "De"
recipients = "Vers"
text = "Texte"
[times.sent]
column = "Date"
form = "dmy"
"""


@pytest.fixture
def ops(home):
    """An empty case called ops."""
    assert told("new", "ops").code == 0
    return home / "ops"


def added(shown):
    return json.loads(shown.out)


def given(case):
    entry = json.loads(told("log", case, "--json", "--limit", 1).out)
    return entry["values"]["readings"][0]["given"]


def test_new_makes_a_case_once(home):
    shown = told("new", "ops")
    assert shown.lines[0] == f"Made the case ops in {home / 'ops'}"
    head = json.loads(told("info", "ops", "--json").out)["head"]
    assert head in shown.lines[1]
    again = told("new", "ops")
    assert again.code == 5
    assert "is not empty" in again.err
    assert json.loads(told("new", "./other", "--json").out)["case"] == "other"


def test_the_account_sums_up(ops, tmp_path):
    shown = told("add", "ops", exports.folder(tmp_path / "in"), "--yes")
    assert shown.code == 0
    assert "  reading 1: archive 1" in shown.lines
    assert "    2 members = 1 gave records + 1 skipped: no reader recognises it" in shown.lines
    assert "    301 lines = 300 gave records + 1 skipped: session or day line" in shown.lines
    assert "    501 rows = 500 gave records + 1 skipped: header" in shown.lines
    assert "  kept as a file: no reader recognises it" in shown.lines
    equation = next(line for line in shown.lines if " records = " in line and "new accounts" in line)
    total, *parts = [int(word.replace(",", "")) for word in equation.split() if word[0].isdigit()]
    assert total == sum(parts)
    assert shown.lines[-1].startswith("4 items taken, 0 already there, 0 not taken, in ")


def test_the_account_is_one_value_for_machines(ops, tmp_path):
    shown = told("add", "ops", exports.folder(tmp_path / "in"), "--json")
    account = added(shown)
    assert shown.err == ""
    assert account["resumed"] is False
    assert [item["number"] for item in account["items"]] == [1, 2, 3, 4]
    assert all(r["tally"]["balanced"] for item in account["items"] for r in item["readings"])
    assert account["tally"]["records"] == sum(
        account["tally"][kind] for kind in ("messages", "events", "accounts", "conversations", "attachments", "defects")
    )
    info = json.loads(told("info", "ops", "--json").out)
    assert info["records"] == account["tally"]["records"]
    assert info["head"] == account["head"]


def test_what_is_not_taken_leaves_with_3_and_the_rest_is_taken(ops, tmp_path):
    good = tmp_path / "harbour.log"
    good.write_bytes(exports.irc(lines=3))
    os.mkfifo(tmp_path / "pipe")
    shown = told("add", "ops", good, tmp_path / "pipe", tmp_path / "missing", "--yes")
    assert shown.code == 3
    assert shown.out.count("Not taken: ") == 2
    assert "1 item taken, 0 already there, 2 not taken" in shown.out
    alone = told("add", "ops", tmp_path / "missing", "--yes")
    assert (alone.code, alone.out) == (3, "")
    assert "nothing was changed" in alone.err
    again = told("add", "ops", good, "--yes")
    assert again.code == 0
    assert again.lines[0] == f"Already in the case, left alone: {good}"


def test_a_name_that_is_no_text_stops_nothing(ops, tmp_path):
    folder = tmp_path / "seized"
    folder.mkdir()
    (folder / "harbour.log").write_bytes(exports.irc(lines=3))
    with open(os.fsencode(folder) + b"/caf\xe9.log", "wb") as file:  # noqa: PTH123 - a path of bytes
        file.write(exports.irc(lines=4))
    shown = told("add", "ops", folder, "--yes")
    assert shown.code == 3
    assert f"Not taken: {folder}/caf\\xe9.log: its name is not text in UTF-8" in shown.out
    assert "1 item taken, 0 already there, 1 not taken" in shown.out
    account = added(told("add", "ops", folder, "--json"))
    assert account["refused"][0]["path"] == f"{folder}/caf\\xe9.log"
    assert "cannot be read" in told("mapping", os.fsencode(folder).decode() + "/caf\udce9.log").err


def test_a_first_word_that_is_nothing_is_told(ops, tmp_path):
    shown = told("add", "osp", tmp_path)
    assert shown.code == 5
    assert "there is no case 'osp'; the cases in" in shown.err
    assert "a file is named by its path" in shown.err
    good = tmp_path / "harbour.log"
    good.write_bytes(exports.irc(lines=3))
    assert told("add", good, "--yes").code == 0
    assert json.loads(told("info", "--json").out)["items"] == 1


def test_nothing_to_do_is_said(ops):
    shown = told("add", "ops")
    assert (shown.code, shown.out) == (0, "Nothing to do: no paths were given, and no add was interrupted.\n")
    assert told("add", "ops", "--json").out == ""


def test_yes_never_asks_and_never_invents(ops, tmp_path):
    table = tmp_path / "table.csv"
    table.write_text(TABLE)
    code, shown = in_terminal("add", "ops", table, "--yes")
    assert code == 0
    assert "? " not in shown
    assert given("ops") == {"zone": None, "date_order": None, "owner": None, "mapping": None}
    row = json.loads(told("search", "ops", "salut", "--json", "--limit", 1).out)
    assert (row["sent_at"], row["sent_local"]) == (None, None)


def test_what_is_stated_is_used_and_logged(ops, tmp_path):
    table, mapping = tmp_path / "table.csv", tmp_path / "map.toml"
    table.write_text(TABLE)
    mapping.write_text("\ufeff" + MAPPING, encoding="utf-8")
    shown = told(
        "add", "ops", table, "--mapping", mapping, "--zone", "Europe/Paris", "--save-mapping", "month", "--yes"
    )
    assert shown.code == 0
    assert "    assumed: mapping:month" in shown.lines
    assert (given("ops")["zone"], given("ops")["mapping"]["columns"]["text"]) == ("Europe/Paris", "Texte")
    row = json.loads(told("search", "ops", "salut", "--json", "--limit", 1).out)
    assert (row["sent_at"], row["recipients"]) == ("2020-02-05T09:00:00Z", ["bert"])
    next_month = tmp_path / "next.csv"
    next_month.write_text(TABLE.replace("/02/", "/03/"))
    assert told("add", "ops", next_month, "--mapping", "month", "--yes").code == 0
    assert given("ops")["mapping"]["name"] == "month"
    assert told("add", "ops", next_month, "--zone", "Europe/Pariss").code == 2
    unknown = told("add", "ops", next_month, "--mapping", "nonesuch")
    assert unknown.code == 3
    assert "month, " in unknown.err
    mapping.write_bytes(b"\xff")
    assert "is not text in UTF-8" in told("add", "ops", next_month, "--mapping", mapping).err


def test_the_proposed_mapping_can_be_kept(ops, tmp_path):
    table = tmp_path / "table.csv"
    table.write_text(TABLE)
    assert told("add", "ops", table, "--save-mapping", "as-proposed", "--date-order", "dmy", "--yes").code == 0
    assert given("ops")["mapping"]["name"] == "as-proposed"
    assert (ops / "mappings" / "as-proposed.toml").is_file()
    refused = told("add", "ops", table, "--save-mapping", "other", "--yes")
    assert refused.code == 3
    assert "no table was found to keep the mapping of" in refused.err


def test_a_person_at_a_terminal_is_asked_once_for_all(ops, tmp_path):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(TABLE.replace("anna", name[0]))
    answers = ["Europe/Pariss", "Europe/Paris", "y", "dmy", "y", "yes", "yes"]
    code, shown = in_terminal("add", "ops", tmp_path / "a.csv", tmp_path / "b.csv", answers=answers)
    assert code == 0, shown
    assert "there is no time zone called 'Europe/Pariss'" in shown
    assert shown.count("zone, such as") == 2
    assert shown.count("order of day, month and year") == 1
    assert shown.count("Read the table so?") == 2
    assert (given("ops")["zone"], given("ops")["date_order"]) == ("Europe/Paris", "dmy")


def test_a_person_may_leave_it_open_or_say_no(ops, tmp_path):
    table = tmp_path / "a.csv"
    table.write_text(TABLE)
    code, shown = in_terminal("add", "ops", table, answers=["", "n", "", "n", "no"])
    assert code == 3
    assert "the table was not taken, and nothing else of this add" in shown
    assert json.loads(told("info", "ops", "--json").out)["items"] == 0
    code, shown = in_terminal(
        "add", "ops", table, answers=["", "n", "", "n", "edit"], environment={"EDITOR": "sed -i s/proposed/edited/"}
    )
    assert code == 0, shown
    assert given("ops")["mapping"]["name"] == "edited"
    assert given("ops")["zone"] is None


def test_many_items_are_told_by_format(ops, tmp_path):
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(52):
        (folder / f"{number}.log").write_bytes(exports.irc(lines=2, seed=number, channel=f"#{number}"))
    (folder / "x.jpg").write_bytes(b"\xff\xd8\xff synthetic")
    rows = ['{"id":"1","sender":"a","recipient":"b","sent":"2020-04-01T10:00:00Z","text":"hello you"}'] * 4
    (folder / "broken.jsonl").write_text("\n".join([*rows, '{"id": "5", "sen']))
    shown = told("add", "ops", folder, "--yes")
    assert "Item 1 " not in shown.out
    assert "1 item kept as files, no reader recognises them: .jpg 1" in shown.lines
    assert "1 item needs a look:" in shown.lines
    place = shown.lines.index("1 item needs a look:")
    assert shown.lines[place + 1].endswith("broken.jsonl")
    assert shown.lines[place + 2].endswith("; 1 defect")
    again = told("add", "ops", folder, "--yes")
    assert again.lines[0] == "Already in the case, left alone: 54 files (--verbose lists them)"
    assert told("add", "ops", folder, "--yes", "--verbose").out.count("left alone: ") == 54


def test_an_item_is_withdrawn_with_a_reason(ops, tmp_path):
    told("add", "ops", exports.folder(tmp_path / "in"), "--yes")
    shown = told("withdraw", "ops", 3, "--reason", "outside the order")
    assert shown.code == 0, shown.err
    assert shown.lines[0].startswith("Withdrew item 3, ")
    assert shown.lines[0].endswith(": outside the order")
    assert told("search", "ops", "platform:synthetic", "--count").out == "0\n"
    assert told("search", "ops", "platform:irc", "--count").out == "300\n"
    assert json.loads(told("info", "ops", "--json").out)["withdrawn_items"] == 1
    assert "withdrawn: outside the order" in told("info", "ops").out
    again = told("withdraw", "3", "--reason", "x")
    assert again.code == 3
    assert json.loads(told("withdraw", "1", "--reason", "x", "--json").out)["item"]["withdrawn"] == "x"


def test_progress_goes_beside_the_answer(ops, tmp_path):
    shown = piped("add", "ops", exports.folder(tmp_path / "in"), "--yes")
    assert shown.code == 0
    assert shown.err == ""
    assert "\x1b" not in shown.out
