"""Every console example of the documentation is run, in the order of its page, and shows what the page shows."""

import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from docs.pages import PAGES, ROOT, Command, agrees, commands, unmarked

_END = "\x1e"
_LEFT = "../environment"
"""Where the shell writes the variables it ends with."""
EXAMPLES = {str(page.relative_to(ROOT)): commands(page.read_text(encoding="utf-8")) for page in PAGES}
RUN = {page: found for page, found in EXAMPLES.items() if found}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder that looks like a checkout which was set up: programs, ``script/demo``, and nothing else."""
    work = tmp_path / "work"
    (work / "script").mkdir(parents=True)
    (work / ".venv").symlink_to(Path(sys.prefix))
    shutil.copy(ROOT / "script" / "demo", work / "script" / "demo")
    setup = work / "script" / "setup"
    setup.write_text("#!/bin/sh\n", encoding="utf-8")
    setup.chmod(0o755)
    return work


def environment(work: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FILON_")}
    return kept | {
        "PATH": f"{work / '.venv' / 'bin'}:{os.environ['PATH']}",
        "FILON_HOME": str(work.parent / "filon"),
        "FILON_WHO": "a.martin",
        "FILON_DEMO_PORT": "18480",
        "LANG": "C.UTF-8",
        "COLUMNS": "120",
        "CI": "true",
    }


def run(work: Path, todo: list[Command]) -> list[tuple[int, str]]:
    """Exit code and output of every command, all in one shell, so that ``cd`` and ``export`` last."""
    pieces = [f"{{ {one.text}\n}} 2>&1 </dev/null\nprintf '{_END}%s{_END}' $?\n" for one in todo]
    pieces.append(f"env -0 > {_LEFT}\n")
    done = subprocess.run(
        ["bash", "-s"],
        input="".join(pieces).encode(),
        cwd=work,
        env=environment(work),
        stdout=subprocess.PIPE,
        check=False,
    )
    parts = done.stdout.decode().split(_END)
    return [(int(code), output) for output, code in zip(parts[::2], parts[1::2], strict=False)]


def serve(work: Path, command: Command) -> tuple[int, str]:
    """Start a command that serves, open the link it says first, and end it as a person does."""
    left = (work / _LEFT).read_text(encoding="utf-8")
    variables = dict(pair.split("=", 1) for pair in left.split("\0") if pair)
    with subprocess.Popen(
        ["bash", "-c", f"exec {command.text}"], cwd=work, env=variables, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        try:
            with browser.open(said.strip(), timeout=60) as answer:
                assert b"<main" in answer.read()
        finally:
            process.send_signal(signal.SIGINT)
        said += process.stdout.read()
    return process.returncode, said


@pytest.mark.slow
@pytest.mark.parametrize("page", RUN)
def test_examples_show_what_the_page_shows(page: str, place: Path) -> None:
    told = [one for one in RUN[page] if one.kind == "run"]
    results = run(place, told)
    assert len(results) == len(told), f"{page}: the shell ended after {told[len(results) - 1].text}"
    outcomes = [
        *zip(told, results, strict=True),
        *((one, serve(place, one)) for one in RUN[page] if one.kind == "serve"),
    ]
    for one, (code, output) in outcomes:
        assert code == one.code, f"{page}, line {one.line}: {one.text}\nleft with {code}:\n{output}"
        assert agrees(one.shown, output), (
            f"{page}, line {one.line}: {one.text}\nshows\n{output}\nand not\n" + "\n".join(one.shown)
        )


@pytest.mark.parametrize("page", RUN)
def test_every_example_of_a_page_runs_or_says_why_not(page: str) -> None:
    assert unmarked((ROOT / page).read_text(encoding="utf-8")) == []


def test_there_are_examples_to_run() -> None:
    assert {"README.md", "docs/tutorial/first-case.md"} <= set(RUN)
    assert sum(one.text.startswith("filon ") for found in RUN.values() for one in found) > 30
    howto = {str(page.relative_to(ROOT)) for page in ROOT.glob("docs/howto/*.md")}
    assert len(howto & set(RUN)) >= 6


@pytest.mark.parametrize(
    ("shown", "output", "same"),
    [
        ([], "anything\n", True),
        (["4 messages"], "4 messages\n", True),
        (["4 messages"], "5 messages\n", False),
        (["4 messages"], "4 messages\nand more\n", False),
        (["4   messages"], "4\tmessages\n", True),
        (["sent ... UTC"], "sent 2020-04-01 UTC\n", True),
        (["sent ... UTC ..."], "sent UTC\n", True),
        (["a... b"], "abc b\n", True),
        (["a ... b"], "a\n", False),
        (["...", "last"], "first\nmiddle\nlast\n", True),
        (["...", "last"], "first\nmiddle\n", False),
        (["(1.0)"], "(1x0)\n", False),
    ],
)
def test_what_is_shown_is_compared(shown: list[str], output: str, same: bool) -> None:
    assert agrees(shown, output) is same


def test_commands_are_found() -> None:
    page = (
        "# A\n<!-- prepare\nmkdir x\n-->\n<!-- run -->\n```console\n$ ls \\\n> x\n[exit 2]\n$ true\nout\n```\n"
        "```console\n$ a\n```\n<!-- run -->\n```python\nprint(1)\n```\n"
    )
    found = commands(page)
    assert [(one.text, one.code, one.shown) for one in found] == [
        ("mkdir x", 0, []),
        ("ls \\\nx", 2, []),
        ("true", 0, ["out"]),
        ("python - <<'EOF'\nprint(1)\nEOF", 0, []),
    ]
    assert unmarked(page) == [13]
    with pytest.raises(AssertionError, match="no example"):
        commands("<!-- run -->\ntext\n")
