"""docs/reference/cli.md is held equal to the commands, and its examples are run."""

import inspect
import json
import re
import shlex
import zipfile
from pathlib import Path

import click
import pytest
import xlsxwriter

from cli.running import piped, shell, told
from filon.cli import app

PAGE = (Path(__file__).parents[2] / "docs/reference/cli.md").read_text(encoding="utf-8")
GROUP = app.filon.make_context("filon", [], resilient_parsing=True)
COMMANDS = {name: app.filon.get_command(GROUP, name) for name in app.filon.list_commands(GROUP)}
PARTS = {
    part.split("\n", 1)[0]: part for part in re.split(r"^### filon ", PAGE.partition("## Take")[2], flags=re.M)[1:]
}
SHARED = ("--json", "--in-zone")


def escaped(text: str) -> str:
    return text.replace("|", "\\|")


def option_row(option: click.Option) -> str:
    """The row of the page that says what an option is."""
    value = ""
    if not option.is_flag:
        value = f" {'|'.join(option.type.choices) if isinstance(option.type, click.Choice) else option.metavar}"
    default = f"`{option.default}` " if isinstance(option.default, int | str) and not option.is_flag else ""
    return f"| `{option.opts[0]}{escaped(value)}` | {escaped(option.help or '')} | {default}|"


def help_of(command: click.Command) -> tuple[str, list[str]]:
    """The words of a command's help, and its examples."""
    words, _, examples = inspect.cleandoc(command.help or "").partition("\b\nExample:\n")
    return " ".join(words.split()), [line.strip() for line in examples.splitlines()]


def examples_in(part: str) -> list[str]:
    return re.findall(r"```sh\n(.*?)```", part, re.S)[0].splitlines()


def test_every_command_has_its_part_in_order() -> None:
    assert list(PARTS) == list(COMMANDS)
    titles = re.findall(r"^## (.+)$", PAGE, re.M)
    assert titles[-len(app.SECTIONS) :] == list(app.SECTIONS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_part_says_what_the_help_says(name: str) -> None:
    command, part = COMMANDS[name], PARTS[name]
    arguments = [p.make_metavar(click.Context(command)) for p in command.params if isinstance(p, click.Argument)]
    words, examples = help_of(command)
    usage = f"`{' '.join(['filon', name, *arguments])}`"
    assert part.split("\n\n")[1] == usage
    assert " ".join(part.partition(usage)[2].partition("```sh")[0].split()) == words
    assert examples_in(part) == examples
    options = [p for p in command.params if isinstance(p, click.Option) and p.opts[0] not in SHARED]
    assert [line for line in part.splitlines() if line.startswith("| `--")] == [option_row(o) for o in options]


def test_what_commands_share_is_said_once() -> None:
    shared = PAGE.partition("## Take")[0]
    for option in SHARED:
        assert f"`{option}" in shared
    assert all(any("--json" in p.opts for p in command.params) for command in COMMANDS.values())


def test_every_exit_code_is_told() -> None:
    found = re.findall(r"^\| (\d+) \| (.+) \|$", PAGE, re.M)
    assert {int(code): words for code, words in found} == app.EXITS


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files the examples name."""
    monkeypatch.setenv("FILON_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("FILON_WHO", "ada")
    monkeypatch.delenv("FILON_CASE", raising=False)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    chat = "".join(f"13/04/2020, 10:{n:02d} - dylan: livraison demain {n}\n" for n in range(20))
    with zipfile.ZipFile(work / "WhatsApp Chat with famille.zip", "w") as archive:
        archive.writestr("WhatsApp Chat with famille.txt", chat)
    sent = [
        {"id": n, "type": "message", "date": "2020-04-13T10:00:00", "date_unixtime": "1586764800", "from": "marek",
         "from_id": "user7", "text": "ok"} for n in range(3)
    ]  # fmt: skip
    export = {"name": "dylan", "type": "personal_chat", "id": 9, "messages": sent}
    (work / "result.json").write_text(json.dumps(export))
    with xlsxwriter.Workbook(work / "handles.xlsx") as book:
        sheet = book.add_worksheet()
        rows = [("sent (UTC)", "sender", "recipient", "text")]
        rows += [(f"2020-04-{n:02d} 10:00:00", "oakheron", "palewren", f"see you at number {n}") for n in range(1, 25)]
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    (work / "words.txt").write_text("livraison\nxyzzy\n")
    return work


def runnable(line: str) -> str:
    """An example with numbers and a head that this case has, small, and with a server that ends."""
    found = told("search", "ops-lille", "platform:whatsapp", "--json", "--limit", 2).lines if "7:" in line else []
    for number, row in zip(("7:1042", "7:1043"), found, strict=False):
        line = line.replace(number, json.loads(row)["id"])
    if "--head" in line:
        line = re.sub(r"--head \S+", f"--head {json.loads(told('info', 'ops-lille', '--json').out)['head']}", line)
    added = {"filon serve ops-lille": " --check --port 18796", "filon demo": " --messages 2000"}
    return line + added.get(line, "")


@pytest.mark.slow
def test_the_examples_run(place: Path) -> None:
    for part in PARTS.values():
        for example in examples_in(part):
            line = runnable(example)
            whole = re.search(r"[*>]|serve", line.split("--")[0])
            shown = shell(line, place, {}) if whole else told(*shlex.split(line)[1:])
            assert shown.code == 0, f"{line}\n{shown.out}\n{shown.err}"
    assert (place / "handles.toml").read_text().startswith("name = ")
    assert (place / "dylan.xlsx").is_file()


def test_a_shell_can_complete_commands() -> None:
    environment = {"_FILON_COMPLETE": "bash_complete", "COMP_WORDS": "filon se", "COMP_CWORD": "1"}
    shown = piped(environment=environment)
    assert {line.split(",")[1] for line in shown.lines} == {"search", "serve"}
