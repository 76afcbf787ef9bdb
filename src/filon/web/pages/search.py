"""Search: hits first; the facets, which take longer, come in a second request; completion while typing."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from litestar import get
from litestar.params import FromQuery, QueryParameter

from filon.case.answers import Completion, FacetView, Hits, SavedSearch
from filon.errors import QueryError
from filon.query.explain import explain
from filon.query.parse import parse
from filon.web.answer import Page
from filon.web.room import InRoom
from filon.words import translator

__all__ = ["HitsPart", "SearchPage", "complete", "facets", "hits", "search"]

Order = Literal["newest", "oldest", "relevance"]
Limit = Annotated[int, QueryParameter(ge=1, le=500)]
Offset = Annotated[int, QueryParameter(ge=0)]


@dataclass(frozen=True)
class HitsPart(Page):
    """One stretch of the list of hits."""

    template: ClassVar[str] = "search.html"
    block: ClassVar[str | None] = "hits"

    q: str
    order: Order
    limit: int
    hits: Hits | None
    """None where the text cannot be understood."""


@dataclass(frozen=True)
class SearchPage(HitsPart):
    """The whole page."""

    block: ClassVar[str | None] = None
    active: ClassVar[str] = "search"

    problem: str | None
    hint: str | None
    position: int | None
    """Character of ``q`` at which it stops making sense."""
    understood: str | None
    """What the search was taken to mean, in the language of the view."""
    at: str | None
    """Number of the message that is open in the reader."""
    at_conversation: int | None
    """The conversation it stands in, where there is one."""
    saved: tuple[SavedSearch, ...]


@dataclass(frozen=True)
class FacetsPart(Page):
    """What the hits share, biggest first."""

    template: ClassVar[str] = "search.html"
    block: ClassVar[str | None] = "facets"

    q: str
    order: Order
    facets: dict[str, FacetView]


@get("/search", sync_to_thread=True)
def search(
    room: InRoom,
    q: FromQuery[str] = "",
    order: FromQuery[Order] = "newest",
    offset: Offset = 0,
    limit: Limit = 50,
    at: FromQuery[str | None] = None,
) -> SearchPage:
    """A text that cannot be understood is no error of the page: it says what is wrong, and where."""
    saved = tuple(room.case.saved_searches(room.view))
    open_at = room.case.place_of(room.view, at) if at else None
    opened = open_at[0] if open_at else None
    try:
        found = room.case.search(room.view, q, order=order, offset=offset, limit=limit)
    except QueryError as error:
        problem, hint = translator(room.view.language).error(error)
        return SearchPage(q, order, limit, None, problem, hint, error.position, None, at, opened, saved)
    understood = explain(parse(q), translator(room.view.language).gettext)
    return SearchPage(q, order, limit, found, None, None, None, understood, at, opened, saved)


@get("/search/hits", sync_to_thread=True)
def hits(
    room: InRoom, q: FromQuery[str] = "", order: FromQuery[Order] = "newest", offset: Offset = 0, limit: Limit = 50
) -> HitsPart:
    """The next stretch of the list."""
    return HitsPart(q, order, limit, room.case.search(room.view, q, order=order, offset=offset, limit=limit))


@get("/search/facets", sync_to_thread=True)
def facets(room: InRoom, q: FromQuery[str] = "", order: FromQuery[Order] = "newest") -> FacetsPart:
    """Facets of the whole result."""
    return FacetsPart(q, order, room.case.facets(room.view, q))


@get("/search/complete", sync_to_thread=True)
def complete(room: InRoom, q: FromQuery[str], cursor: FromQuery[int]) -> list[Completion]:
    """What may stand at the cursor."""
    return room.case.complete(room.view, q, cursor)
