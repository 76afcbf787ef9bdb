"""Every relative link and anchor of the documentation leads somewhere, and every page is reached from the index."""

from pathlib import Path
from urllib.parse import unquote

import pytest

from docs.pages import PAGES, ROOT, anchors, links


def targets(page: Path) -> list[tuple[str, Path, str]]:
    """(link as written, file, fragment) of the links of a page that stay inside the repository."""
    found = []
    for link in links(page.read_text(encoding="utf-8")):
        if "://" in link or link.startswith("mailto:"):
            continue
        path, _, fragment = unquote(link).partition("#")
        found.append((link, (page.parent / path).resolve() if path else page, fragment))
    return found


@pytest.mark.parametrize("page", [str(page.relative_to(ROOT)) for page in PAGES])
def test_links_lead_somewhere(page: str) -> None:
    broken = []
    for link, path, fragment in targets(ROOT / page):
        inside = path.is_relative_to(ROOT) and path.exists()
        if not inside or (
            fragment and path.suffix == ".md" and fragment not in anchors(path.read_text(encoding="utf-8"))
        ):
            broken.append(link)
    assert broken == []


def test_every_page_is_reached_from_the_index() -> None:
    todo, reached = [ROOT / "docs" / "README.md"], set()
    while todo:
        page = todo.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        todo += [path for _, path, _ in targets(page) if path.is_relative_to(ROOT / "docs")]
    assert {page for page in PAGES if page.is_relative_to(ROOT / "docs")} <= reached


def test_every_picture_is_shown_somewhere() -> None:
    pictures = set((ROOT / "docs" / "pictures").glob("*.png"))
    assert pictures
    assert pictures <= {path for page in PAGES for _, path, _ in targets(page)}


def test_links_and_anchors_are_understood() -> None:
    page = "# One `two`\n## A & b\n## A & b\n[x](a.md#one-two) `[no](b.md)` ![p](<c.png>)\n```\n[no](d.md)\n# no\n```\n"
    assert links(page) == ["a.md#one-two", "c.png"]
    assert anchors(page) == {"one-two", "a--b", "a--b-1"}
