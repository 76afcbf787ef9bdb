"""Every table of docs/reference/query.md is run: searches against the page's own messages, refusals, and the rules for words."""

import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from filon.errors import QueryError
from filon.model.words import cut_joined
from filon.query.fields import CHOICES, FIELDS, flags, held
from filon.query.match import Named, Row, match
from filon.query.parse import parse
from filon.query.show import show

PAGE = (Path(__file__).parents[2] / "docs/reference/query.md").read_text(encoding="utf-8")
ZONE = "Europe/Paris"


def table(header: str) -> list[list[str]]:
    """The rows of every table whose first columns are called so."""
    found = []
    inside = False
    for line in PAGE.splitlines():
        inside = line.startswith(header) or (inside and line.startswith("|"))
        if inside and not line.startswith((header, "|---")):
            found.append([cell.strip() for cell in line[1:-1].split("|")])
    return found


def code(cell: str) -> str:
    return cell.strip("`")


def names(cell: str) -> Named:
    return Named(names=tuple(cell.split(", ")))


def row(cells: list[str]) -> Row:
    number, time, sender, recipient, conversation, text, more = cells
    facts = dict.fromkeys(["lang", "platform", "device", "kind"])
    marks: dict[str, list[str]] = {"is": [], "has": [], "mention": [], "tag": []}
    for name, value in (fact.split(":") for fact in more.split()):
        if name in marks:
            marks[name].append(value)
        else:
            facts[name] = value
    wall = None if time == "–" else datetime.fromisoformat(time.removeprefix("≈ "))
    local = int(wall.replace(tzinfo=UTC).timestamp()) * 1_000_000 if wall and time.startswith("≈") else None
    at = int(wall.replace(tzinfo=ZoneInfo(ZONE)).timestamp()) * 1_000_000 if wall and local is None else None
    found = flags(
        state=None, direction=None, deleted="deleted" in marks["is"], edited="edited" in marks["is"], reply=False,
        forwarded=False, at=at, local=local,
    )  # fmt: skip
    return Row(
        id=int(number), text=text or None, at=at, local=local, sender=names(sender), recipients=(names(recipient),),
        conversation=names(conversation), **facts, has=held(marks["has"], place=False, text=text), flags=found,
        mentions=frozenset(marks["mention"]), tags=frozenset(marks["tag"]),
    )  # fmt: skip


ROWS = [row(cells) for cells in table("| No |")]
SEARCHES = [(code(cells[0]), cells[1]) for cells in table("| Search | Finds |")]
REFUSED = [(code(cells[0]), int(cells[1]), cells[2]) for cells in table("| Search | Place |")]
WORDS = [(code(cells[0]), code(cells[1])) for cells in table("| Text | Words |")]


def test_the_page_was_read() -> None:
    assert [r.id for r in ROWS] == list(range(1, 11))
    assert len(SEARCHES) > 50
    assert len(REFUSED) == 10
    assert len(WORDS) == 20


@pytest.mark.parametrize(("text", "numbers"), SEARCHES)
def test_searches_find_what_the_page_says(text: str, numbers: str) -> None:
    tree = parse(text)
    assert [r.id for r in ROWS if match(tree, r, ZONE)] == [int(n) for n in numbers.split()]
    assert parse(show(tree)) == tree


@pytest.mark.parametrize(("text", "place", "message"), REFUSED)
def test_refusals_read_as_the_page_says(text: str, place: int, message: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert (caught.value.position, str(caught.value)) == (place, message)


@pytest.mark.parametrize(("text", "words"), WORDS)
def test_words_are_cut_as_the_page_says(text: str, words: str) -> None:
    assert cut_joined(text) == words


def test_the_page_names_every_field_and_choice() -> None:
    named = set(re.findall(r"\b([a-z]+):", PAGE))
    assert set(FIELDS) <= named
    for choices in CHOICES.values():
        assert all(re.search(rf"\b{choice}\b", PAGE) for choice in choices)
