"""A list of words, tried one by one: how many messages each finds, and where."""

from dataclasses import dataclass
from typing import ClassVar

from litestar import get, post
from litestar.params import URLEncodedBody

from filon.case.answers import TermHits
from filon.web.answer import Page
from filon.web.room import InRoom

__all__ = ["WordsForm", "WordsPage", "try_words", "words"]


@dataclass(frozen=True)
class WordsForm:
    """One search text a line."""

    lines: str = ""


@dataclass(frozen=True)
class WordsPage(Page):
    """The list and what each line found."""

    template: ClassVar[str] = "words.html"
    active: ClassVar[str] = "search"

    lines: str
    found: tuple[TermHits, ...]


@dataclass(frozen=True)
class WordsPart(WordsPage):
    """The results alone."""

    block: ClassVar[str | None] = "found"


@get("/words", sync_to_thread=False)
def words() -> WordsPage:
    """An empty list."""
    return WordsPage("", ())


@post("/words", sync_to_thread=True, status_code=200)
def try_words(room: InRoom, data: URLEncodedBody[WordsForm]) -> WordsPart:
    """Try every line; a line that cannot be understood says why and stops nothing."""
    lines = [line.strip() for line in data.lines.splitlines() if line.strip()]
    return WordsPart(data.lines, tuple(room.case.try_words(room.view, lines)))
