"""The pages of the documentation, their headings, links and examples."""

import re
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted((*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("changes/*.md")))

_FENCE = re.compile(r"^(```+|~~~+).*?^\1\s*$", re.M | re.S)
_LINK = re.compile(r"!?\[(?:[^\]\[]|\[[^\]]*\])*\]\(<?([^)>\s]+)>?(?:\s+\"[^\"]*\")?\)")
_MARK = re.compile(r"^<!-- (?P<kind>prepare|run|serve|not run)\b(?P<words>.*?)-->\n", re.M | re.S)
_CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.M | re.S)
_PYTHON = re.compile(r"^```python\n(.*?)^```$", re.M | re.S)


@dataclass
class Command:
    """A command of an example and what the page shows below it."""

    text: str
    line: int
    shown: list[str] = field(default_factory=list)
    code: int = 0
    kind: str = "run"


def links(page: str) -> list[str]:
    """Targets of all links and pictures, those in code left out."""
    return _LINK.findall(re.sub(r"`[^`\n]*`", "", _FENCE.sub("", page)))


def anchors(page: str) -> set[str]:
    """The fragments a page has: of its headings, as the forges make them, and of explicit ids."""
    found: set[str] = set(re.findall(r'<a (?:id|name)="([^"]+)"', page))
    for title in re.findall(r"^#{1,6} +(.+?)\s*#*$", _FENCE.sub("", page), re.M):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).replace("`", "").lower()
        slug = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        number, name = 0, slug
        while name in found:
            number += 1
            name = f"{slug}-{number}"
        found.add(name)
    return found


def unmarked(page: str) -> list[int]:
    """Lines of examples that neither run nor say why not."""
    marked = {found.end() for found in _MARK.finditer(page)}
    examples = sorted(found.start() for kind in (_CONSOLE, _PYTHON) for found in kind.finditer(page))
    return [_line(page, start) for start in examples if start not in marked]


def commands(page: str) -> list[Command]:
    """All commands of a page in order: ``prepare`` comments, and examples marked to run, in the console or in Python.

    In an example a line that begins with ``$ `` is a command, ``> `` goes on with it, ``[exit 1]`` is how it leaves, and every
    other line is what it shows; ``...`` stands for the rest of a line or, alone, for any number of lines.
    """
    found: list[Command] = []
    for mark in _MARK.finditer(page):
        line = _line(page, mark.end())
        if mark["kind"] == "prepare":
            found.append(Command(" &&\n".join(mark["words"].strip().splitlines()), _line(page, mark.start())))
        elif mark["kind"] in ("run", "serve"):
            if python := _PYTHON.match(page, mark.end()):
                found.append(Command(f"python - <<'EOF'\n{python[1]}EOF", line))
            elif example := _CONSOLE.match(page, mark.end()):
                found += _example(example[1], line, mark["kind"])
            else:
                raise AssertionError(f"line {line}: no example follows the mark")
    return found


def _example(text: str, first: int, kind: str) -> list[Command]:
    found: list[Command] = []
    for line, shown in enumerate(text.splitlines(), first + 1):
        if shown.startswith("$ "):
            found.append(Command(shown[2:], line, kind=kind))
        elif shown.startswith("> ") and found[-1].text.endswith("\\"):
            found[-1].text += f"\n{shown[2:]}"
        elif code := re.fullmatch(r"\[exit (\d+)\]", shown):
            found[-1].code = int(code[1])
        else:
            found[-1].shown.append(shown)
    return found


def agrees(shown: list[str], output: str) -> bool:
    """Whether an output is what the page shows; runs of blanks count as one. Nothing shown agrees with everything."""
    if not shown:
        return True
    pattern = "".join(r"(?:.*\n)*?" if line.strip() == "..." else f"{_pattern(line)} *\n" for line in shown)
    text = "".join(f"{' '.join(line.split())}\n" for line in output.splitlines())
    return re.fullmatch(pattern, text) is not None


def _pattern(line: str) -> str:
    """Runs of blanks are one; ``...``, with the blanks around it, is anything."""
    words = re.escape(" ".join(line.split())).replace(r"\ ", " ")
    return re.sub(r" ?\\\.\\\.\\\. ?", " ?.* ?", words)


def _line(page: str, place: int) -> int:
    return page.count("\n", 0, place) + 1
