"""Pages that repeat what the code says are held equal to it: settings, columns, the tree of a case, words, decisions."""

import re

import pyarrow as pa
import pytest

from docs.pages import ROOT
from filon import settings
from filon.case.flows.exporting import COLUMNS
from filon.cli.app import filon as commands
from filon.model import layout, records
from filon.web.frame import PLACES

WORDS = (
    "case", "item", "reading", "delivery", "record", "message", "event", "device", "account", "conversation", "participant",
    "person",
    "attachment", "mention", "suggestion", "finding", "alert", "tag", "note", "exhibit", "defect", "locator", "custody log", "copy",
    "scope", "privileged", "view",
)  # fmt: skip
"""The words the design lays down."""
RECORDS = {"AccountRef", "ConversationRef", "Name", "Place", "Record", "Skipped", "Total", "Unread"}
"""Parts of records, which no page or command names."""


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def rows(text: str, columns: int) -> list[list[str]]:
    """The cells of all table rows of that many columns that begin with a name in code."""
    found = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| `")
    ]
    return [cells for cells in found if len(cells) == columns]


@pytest.fixture(scope="module")
def defined() -> dict[str, bool]:
    """Every word of the glossary, and whether it is there to be met."""
    found = {}
    for line in page("reference/glossary.md").splitlines():
        if line.startswith("- **"):
            head = line.split("**: ")[0].split(" (*not yet*)")[0]
            found |= dict.fromkeys(re.findall(r"\*\*(.+?)\*\*", head + "**"), "(*not yet*)" not in line)
    return found


def test_every_word_of_the_design_is_defined(defined: dict[str, bool]) -> None:
    assert set(WORDS) <= set(defined)
    assert len(defined) > 45


def test_the_words_of_pages_and_records_are_defined(defined: dict[str, bool]) -> None:
    kinds = {name.lower() for name in records.__all__ if name not in RECORDS}
    assert {name for name in kinds if defined.get(name)} == kinds
    singular = {place.key: place.key.removesuffix("s") for place in PLACES}
    named = singular | {"custody": "custody log", "around": "around a minute"}
    assert {word for word in named.values() if defined.get(word)} == set(named.values())


def test_every_command_is_placed_in_the_glossary() -> None:
    named = set(re.findall(r"`filon ([a-z]+)`", page("reference/glossary.md")))
    assert named == set(commands.list_commands(commands.make_context("filon", [], resilient_parsing=True)))


def test_every_setting_is_described() -> None:
    text = page("reference/settings.md")
    source = (ROOT / "src/filon/settings.py").read_text(encoding="utf-8")
    script = (ROOT / "script/demo").read_text(encoding="utf-8")
    read = set(re.findall(r"FILON_[A-Z]+", source)) | set(re.findall(r"\$\{(FILON_[A-Z_]+)", script))
    assert {cells[0].strip("`") for cells in rows(text, 3) if "FILON" in cells[0]} == read


def test_every_limit_stands_with_its_value() -> None:
    stated = {
        c[0].strip("`"): int(c[1].replace(",", ""))
        for c in rows(page("reference/settings.md"), 3)
        if "FILON" not in c[0]
    }
    limits = settings.Limits()
    assert stated == {name: getattr(limits, name) for name in limits.__struct_fields__}


def test_the_columns_of_an_export_are_described_in_order() -> None:
    types = {"text": pa.types.is_string, "number": pa.types.is_floating, "whole number": pa.types.is_integer}
    described = rows(page("reference/export-columns.md"), 3)
    assert [cells[0].strip("`") for cells in described] == COLUMNS.names
    assert all(types[cells[1]](COLUMNS.field(cells[0].strip("`")).type) for cells in described)


def test_the_tree_of_a_case_is_that_of_the_code() -> None:
    assert layout.__doc__ is not None
    tree = layout.__doc__[layout.__doc__.index("CASE/") :].strip()
    assert tree in page("reference/case-folder.md")
    assert f"now {layout.CASE_FORMAT}." in page("reference/case-folder.md")


def test_all_decisions_are_listed_with_their_titles() -> None:
    listed = re.findall(r"^(\d+)\. \[(.+)\]\((.+)\)$", page("decisions/README.md"), re.M)
    files = sorted(path for path in (ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    titles = [path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ") for path in files]
    assert [(f"{number}. {title}", name) for number, title, name in listed] == [
        (title, path.name) for title, path in zip(titles, files, strict=True)
    ]
    assert [int(path.name[:4]) for path in files] == list(range(1, len(files) + 1))
