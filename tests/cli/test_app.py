"""All commands at once: help, summaries, exit codes, and what a mistake is answered with."""

import inspect
import subprocess
import sys

import click
import pytest

from cli.running import piped, told
from filon import errors
from filon.cli import app

GROUP = app.filon.make_context("filon", [], resilient_parsing=True)
COMMANDS = {name: app.filon.get_command(GROUP, name) for name in app.filon.list_commands(GROUP)}
HEAVY = ("pyarrow", "tantivy", "duckdb", "sqlalchemy", "litestar", "rich", "numpy")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example_and_json(name):
    command = COMMANDS[name]
    summary = next(place for section in app.SECTIONS.values() for key, place in section.items() if key == name).summary
    assert command.help.splitlines()[0] == summary
    assert f"Example:\n  filon {name}" in inspect.cleandoc(command.help)
    options = {option.name: option for option in command.params if isinstance(option, click.Option)}
    assert options["json"].is_flag
    assert [option.opts for option in options.values() if not option.help] == []
    shown = told(name, "--help")
    assert (shown.code, shown.err) == (0, "")
    assert summary in shown.out


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["add", "--help"], ["search", "--help"], ["serch"]])
def test_help_and_mistakes_cost_no_engine(words):
    code = (
        f"import sys; from filon.cli.app import filon, run; run(lambda: filon.main({words!r}, standalone_mode=False)); "
    )
    code += f"sys.exit([m for m in {HEAVY!r} if m in sys.modules] or 0)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_help_of_all_commands_is_grouped():
    shown = told("--help")
    assert [line for line in shown.lines if line.endswith(":") and line[:1].isalpha()] == [
        "Options:", *(f"{title}:" for title in app.SECTIONS)
    ]  # fmt: skip
    assert sum(line.startswith("  ") and line.split()[0] in COMMANDS for line in shown.lines) >= len(COMMANDS)


def test_no_command_shows_the_help():
    shown = told()
    assert shown.code == 2
    assert shown.err.startswith("Usage: filon")


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (["serch"], "There is no command 'serch'. Did you mean 'search'?", "`filon --help`"),
        (["xyzzy"], "There is no command 'xyzzy'.\n", "`filon --help`"),
        (["search", "--limt", "3"], "No such option '--limt'", "`filon search --help`"),
        (["search", "a", "b", "c"], "'c' is one word too many", "`filon search --help`"),
        (["read"], "something is missing of: [CASE] MESSAGE.", "`filon read --help`"),
        (["search", "x", "--in-zone", "Mars/X"], "there is no time zone called 'Mars/X'", "--help"),
        (["search", "--count", "--facets"], "exclude each other", "--help"),
        (["new", " "], "a case needs a name", "--help"),
        (["withdraw", "3"], "Missing option '--reason'", "--help"),
        (["search", "\x1b[31m", "b", "c\x1b[31m"], "is one word too many", "--help"),
    ],
)
def test_a_command_that_is_not_written_well_leaves_with_2(words, message, hint):
    shown = told(*words)
    assert (shown.code, shown.out) == (2, "")
    assert shown.err.startswith("filon: ")
    assert message in shown.err
    assert hint in shown.err
    assert "\x1b[31m" not in shown.err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.NotHeld("x"), 1),
        (click.UsageError("x"), 2),
        (errors.EvidenceError("x"), 3),
        (errors.ReadingError("x"), 3),
        (errors.QueryError("x", position=3), 4),
        (errors.StoreError("x"), 5),
        (errors.CaseBusy("x"), 5),
        (errors.CustodyError("x"), 6),
        (errors.DeskError("x"), 7),
        (errors.PermissionDenied("x"), 7),
        (errors.Unsupported("x"), 7),
        (PermissionError(13, "Permission denied", "/x"), 8),
        (OSError("no space"), 8),
        (errors.Interrupted("x"), 130),
        (KeyboardInterrupt(), 130),
        (click.exceptions.Abort(), 130),
    ],
)
def test_every_error_has_its_exit_code(error, code, capsys):
    def fail():
        raise error

    assert app.run(fail) == code
    assert code in app.EXITS
    told_on = capsys.readouterr()
    assert told_on.err.startswith("filon: ")
    assert told_on.out == ""


def test_an_error_tells_its_place_and_the_next_step(capsys):
    def fail():
        raise errors.QueryError("the quote is not closed", position=3, hint="close it\n\x1b[31mhere")

    assert app.run(fail) == 4
    assert capsys.readouterr().err == (
        "filon: the quote is not closed (at character 4)\n       close it\n       ␛[31mhere\n"
    )


def test_what_a_command_answers_is_its_exit_code():
    assert app.run(lambda: 1) == 1
    assert app.run(lambda: None) == 0


def test_a_terminal_that_cannot_show_a_letter_is_no_crash(read_only):
    shown = piped("search", read_only, "nothing of the kind", "--explain", environment={"PYTHONIOENCODING": "latin-1"})
    assert shown.code == 0
    assert "\\u201c" in shown.out


def test_a_missing_right_is_told(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    shown = told("new", tmp_path / "file" / "case")
    assert shown.code == 8
    assert "Not a directory" in shown.err
