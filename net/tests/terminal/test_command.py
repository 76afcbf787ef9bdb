"""``filon-net phone`` as a person types it."""

import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from filon_net.cli.phone import bits_of, command, guessing
from filon_net.phone.links import link_of
from filon_net.phone.terminal.pipe import Pipe
from filon_net.words import words


@pytest.fixture
def leave(table):
    return link_of(table.network.leave())


def made(tmp_path, leave, *more):
    secret = tmp_path / "secret"
    secret.write_text("six words that nobody ever said\n")
    arguments = ["new", str(tmp_path / "ada.phone"), "--leave", leave, "--name", "Ada", "--secret-file", str(secret)]
    return CliRunner().invoke(command, [*arguments, *more]), secret


def test_a_phone_is_made_and_its_backup_code_shown_once(tmp_path, leave):
    result, _ = made(tmp_path, leave)
    assert result.exit_code == 0, result.output
    assert "Write this backup code on paper" in result.output
    assert sum(len(line.strip().split("-")) == 7 for line in result.output.splitlines()) == 2
    again, _ = made(tmp_path, leave)
    assert again.exit_code == 1
    assert "There already is a phone in" in again.output
    assert "Give another path." in again.output


def test_the_cost_of_guessing_is_measured_and_printed(tmp_path, leave):
    path = tmp_path / "pin.phone"
    typed = "1234\n1234\ny\n"
    result = CliRunner().invoke(command, ["new", str(path), "--leave", leave, "--name", "Ada"], input=typed)
    assert result.exit_code == 0, result.output
    assert "A PIN stops a finder, only a passphrase stops a laboratory." in result.output
    assert "for each guess" in result.output
    assert "This stops a finder, not a laboratory." in result.output
    assert "1234" not in result.output


def test_secrets_are_not_counted_for_more_than_they_are():
    assert 13 < bits_of("1234") < 14
    assert bits_of("correct horse battery staple") < 52
    assert bits_of("aaaaaaaaaaaaaaaaaaaaaaaaa") < 10
    assert "years" in guessing("tulip anvil ferry cobalt rhubarb mosaic", words("en"))


def test_a_wrong_secret_and_a_missing_phone_are_one_line(tmp_path, leave):
    _, secret = made(tmp_path, leave)
    secret.write_text("wrong\n")
    opened = ["open", str(tmp_path / "ada.phone"), "--plain", "--secret-file", str(secret), "--language", "fr"]
    result = CliRunner().invoke(command, opened)
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert "Ce secret n’ouvre pas le téléphone" in result.output
    opened[1] = str(tmp_path / "nobody.phone")
    assert "Il n’y a pas de téléphone dans" in CliRunner().invoke(command, opened).output


def test_a_pipe_gets_plain_lines_without_being_asked(tmp_path, leave):
    _, secret = made(tmp_path, leave)
    program = [sys.executable, "-c", "from filon_net.cli import main; main()"]
    opened = ["phone", "open", str(tmp_path / "ada.phone"), "--secret-file", str(secret)]
    done = subprocess.run(
        [*program, *opened],
        input=b"/settings\n/quit\n",
        capture_output=True,
        timeout=60,
        env={**os.environ, "LANG": "C"},
    )
    assert done.returncode == 0, done.stderr
    assert b"Name your contacts see: Ada" in done.stdout
    assert b"Relay NOT connected" in done.stdout
    assert b"\x1b" not in done.stdout


def test_a_program_talks_in_json(table, pair):
    ada, bob = pair
    said = []
    pipe = Pipe(ada, lambda line: said.append(json.loads(line)))
    pipe.do(json.dumps({"to": "Bob", "text": "alert: disk full"}))
    pipe.do(json.dumps({"to": "Nobody", "text": "x"}))
    pipe.do("not json")
    bob.send(ada.user, "seen\x1b[2J")
    table.settle()
    for event in ada.engine.take_events():
        pipe.take(event)
    assert [one["event"] for one in said[:3]] == ["state", "refused", "refused"]
    came = next(one for one in said if one["event"] == "message")
    assert (came["from"], came["text"], came["verified"]) == ("Bob", "seen\x1b[2J", False)
    assert bob.wired.texts(ada.wired).count("alert: disk full") == 1
    assert ada.chat(bob.user)[-1][1].state.value == "read"
