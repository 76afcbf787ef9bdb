"""The threat model says what was measured, and names only tests that exist."""

import json
import re
from pathlib import Path

import graph
from graph_page import MARKERS

TESTS = Path(__file__).parents[1]
PAGE = graph.PAGE.read_text(encoding="utf-8")
CITED = re.findall(r"`([a-z_]+(?:/[a-z_]+)*/test_\w+\.py)(?:::(test_\w+))?`", PAGE)


def test_the_page_says_what_the_result_says():
    """Where this fails: python net/bench/graph.py."""
    result = json.loads(graph.RESULT.read_text(encoding="utf-8"))
    assert graph.placed(PAGE, result) == PAGE
    assert PAGE.count(MARKERS[0]) == PAGE.count(MARKERS[1]) == 1
    assert [row["name"] for row in result["running"]] == [row.name for row in graph.ROWS]


def test_every_test_it_names_is_there():
    assert len(CITED) > 40
    for file, name in CITED:
        assert (TESTS / file).is_file(), file
        if name:
            assert re.search(rf"^def {name}\(", (TESTS / file).read_text(encoding="utf-8"), re.MULTILINE), (file, name)


def test_every_feature_that_is_claimed_names_a_test():
    table = PAGE.split("## Features")[1].split("\n## ")[0]
    rows = [line.split("|")[1:-1] for line in table.splitlines() if line.startswith("| ")][1:]
    assert len(rows) == 17
    for row in rows:
        claim, shown = row[8].strip(), row[9]
        assert claim.startswith(("**Y", "**P", "**N"))
        assert ("test_" in shown) or claim.startswith("**N"), row


def test_what_is_not_built_is_not_claimed():
    source = TESTS.parent / "src" / "filon_net"
    words = {"def wipe", "class Wipe", "class Broadcast(", "class Attachment", "class Group"}
    found = {word for file in source.rglob("*.py") for word in words if word in file.read_text(encoding="utf-8")}
    assert found == set(), "the page says that these are not built"


def test_links_lead_somewhere():
    for link in re.findall(r"\]\(([^)#]+)\)", PAGE):
        assert (graph.PAGE.parent / link).exists(), link
