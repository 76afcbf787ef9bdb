"""Whole programs: pipes that close, Ctrl-C at any moment, a narrow terminal, a server that ends."""

import json
import os
import signal
import subprocess

import pytest
from rich.cells import cell_len

from case import made_exports as exports
from cli.running import PROGRAM, in_terminal, piped, shell, told
from cli.test_passages import STYLE


def test_a_reader_that_has_seen_enough_is_no_error(read_only, tmp_path):
    for words in ("search {case} --limit 1000", "search {case} --json --limit 1000", "conversations {case} --json"):
        shown = shell(f"filon {words} | head -n 1".format(case=f"'{read_only}'"), tmp_path, {})
        assert (shown.code, shown.err.replace("1 to 1,000 of 1,000 messages\n", "")) == (0, ""), words
        assert len(shown.lines) == 1


def test_an_answer_goes_into_a_file_alone(read_only, tmp_path):
    shown = shell(f"filon search '{read_only}' livraison --limit 2 > out.txt", tmp_path, {})
    assert shown.out == ""
    assert shown.err.startswith("1 to 2 of ")
    assert len((tmp_path / "out.txt").read_text().splitlines()) == 4


@pytest.mark.parametrize("columns", [60, 100])
def test_tables_fit_the_terminal(read_only, columns):
    for words in (["conversations"], ["accounts"], ["log"], ["defects"]):
        code, shown = in_terminal(words[0], read_only, columns=columns)
        assert code == 0
        rows = [line for line in STYLE.sub("", shown).splitlines() if not line.startswith("Head")]
        assert max(map(cell_len, rows)) <= columns, words


def test_ctrl_c_stops_an_add_that_can_go_on(home, tmp_path):
    source = tmp_path / "table.csv"
    source.write_bytes(exports.table(rows=60_000))
    told("new", "ops")
    code, shown = in_terminal("add", "ops", source, "--yes", interrupt_at="Reading  ")
    assert code == 130, shown
    assert "stopped" in shown
    assert "`filon add CASE` alone, goes on from there" in shown
    assert "Traceback" not in shown
    assert json.loads(told("info", "ops", "--json").out)["messages"] == 0
    finished = piped("add", "ops", "--json")
    assert (finished.code, finished.err) == (0, "")
    account = json.loads(finished.out)
    assert account["resumed"] is True
    assert account["tally"]["messages"] == 60_000
    assert told("verify", "ops").code == 0


def test_ctrl_c_at_a_question_changes_nothing(home, tmp_path):
    table = tmp_path / "table.csv"
    table.write_text("Date;De;Texte\n" + "".join(f"0{n}/02/2020 10:00;anna;salut {n}\n" for n in range(1, 6)))
    told("new", "ops")
    code, shown = in_terminal("add", "ops", table, interrupt_at="leave it open): ")
    assert code == 130
    assert "filon: stopped" in shown
    assert json.loads(told("info", "ops", "--json").out)["items"] == 0
    assert told("add", "ops").out.startswith("Nothing to do")


def test_the_server_says_its_link_and_ends_with_ctrl_c(read_only):
    with subprocess.Popen(
        [*PROGRAM, "serve", read_only, "--port", "18790"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline().startswith("http://127.0.0.1:187")
        process.send_signal(signal.SIGINT)
        code = process.wait(60)
        assert (code, process.stderr.read()) == (0, "Open the link in a browser; Ctrl-C closes the reading room.\n")


def test_the_server_can_look_at_itself(read_only):
    shown = piped("serve", read_only, "--check", "--json", "--port", "18791")
    assert shown.code == 0, shown.err
    *links, page = [json.loads(line) for line in shown.lines]
    assert all(set(link) == {"link"} for link in links)
    assert page["page"].startswith("http://127.0.0.1:187")


def test_another_writer_is_told_apart_from_a_broken_case(home, tmp_path):
    from filon.evidence.lock import writer_lock

    told("new", "ops")
    source = tmp_path / "harbour.log"
    source.write_bytes(exports.irc(lines=3))
    with writer_lock(home / "ops" / "writer.lock"):
        shown = told("add", "ops", source, "--yes")
    assert shown.code == 5
    assert f"process {os.getpid()} is writing to the case" in shown.err
    assert "wait until it has finished" in shown.err
