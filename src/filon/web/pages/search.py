"""Search: hits first; the total and the facets, which take longer, come in requests of their own; completion while typing.

Who has no script, and a program that asks for JSON, gets all at once.
"""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from litestar import Request, get
from litestar.params import FromQuery, QueryParameter

from filon.case.answers import Completion, FacetView, FirstHits, Hits, SavedSearch
from filon.errors import NotHeld, QueryError
from filon.query.explain import explain
from filon.query.parse import parse
from filon.web.answer import Page
from filon.web.room import InRoom, asks_for_json
from filon.words import translator

__all__ = ["FacetsPart", "HitsPart", "SearchPage", "TotalPart", "complete", "facets", "hits", "search", "total"]

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
    whole: bool
    """Whether all of a page is to come at once."""
    hits: FirstHits | Hits | None
    """None where the text cannot be understood."""
    more: bool
    """Whether there are hits after these."""


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
    at_problem: str | None
    """Why it cannot be opened: it left with an item that was withdrawn, or never was."""
    saved: tuple[SavedSearch, ...]
    facets: dict[str, FacetView] | None
    """None where they come later."""
    bare: bool = False
    """Whether this view holds no message at all, so that no search can find one."""


@dataclass(frozen=True)
class TotalPart(Page):
    """How many hits there are, exactly."""

    template: ClassVar[str] = "search.html"
    block: ClassVar[str | None] = "total"

    total: int


@dataclass(frozen=True)
class FacetsPart(Page):
    """What the hits share, biggest first."""

    template: ClassVar[str] = "search.html"
    block: ClassVar[str | None] = "facets"

    q: str
    order: Order
    whole: bool
    facets: dict[str, FacetView]


@get("/search", sync_to_thread=True)
def search(
    room: InRoom,
    request: Request[Any, Any, Any],
    q: FromQuery[str] = "",
    order: FromQuery[Order] = "newest",
    offset: Offset = 0,
    limit: Limit = 50,
    at: FromQuery[str | None] = None,
    whole: FromQuery[bool] = False,
) -> SearchPage:
    """A text that cannot be understood is no error of the page: it says what is wrong, and where."""
    ask = room.case.search if (at_once := whole or asks_for_json(request)) else room.case.first_hits
    saved = tuple(room.case.saved_searches(room.view))
    gone = opened = None
    try:
        open_at = room.case.place_of(room.view, at) if at else None
        opened = open_at[0] if open_at else None
    except NotHeld as error:
        gone = " — ".join(filter(None, translator(room.view.language).error(error)))
    try:
        found = ask(room.view, q, order=order, offset=offset, limit=limit)
        spread = room.case.facets(room.view, q) if at_once else None
    except QueryError as error:
        problem, hint = translator(room.view.language).error(error)
        nothing = None, False, problem, hint, error.position, None
        return SearchPage(q, order, limit, whole, *nothing, at, opened, gone, saved, None)
    understood = explain(parse(q), translator(room.view.language).gettext)
    bare = found.total == 0 and room.case.count(room.view, "") == 0
    told = None, None, None, understood
    return SearchPage(q, order, limit, whole, found, _more(found), *told, at, opened, gone, saved, spread, bare)


@get("/search/hits", sync_to_thread=True)
def hits(
    room: InRoom, q: FromQuery[str] = "", order: FromQuery[Order] = "newest", offset: Offset = 0, limit: Limit = 50
) -> HitsPart:
    """The next stretch of the list."""
    found = room.case.first_hits(room.view, q, order=order, offset=offset, limit=limit)
    return HitsPart(q, order, limit, False, found, found.more)


@get("/search/total", sync_to_thread=True)
def total(room: InRoom, q: FromQuery[str] = "") -> TotalPart:
    """The exact number of hits."""
    return TotalPart(room.case.count(room.view, q))


@get("/search/facets", sync_to_thread=True)
def facets(room: InRoom, q: FromQuery[str] = "", order: FromQuery[Order] = "newest") -> FacetsPart:
    """Facets of the whole result."""
    return FacetsPart(q, order, False, room.case.facets(room.view, q))


@get("/search/complete", sync_to_thread=True)
def complete(room: InRoom, q: FromQuery[str], cursor: FromQuery[int]) -> list[Completion]:
    """What may stand at the cursor."""
    return room.case.complete(room.view, q, cursor)


def _more(found: FirstHits | Hits) -> bool:
    return found.more if isinstance(found, FirstHits) else found.offset + len(found.hits) < found.total
