"""The frame around every page: the case, the view on it, and how this person likes to see it."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from litestar import Request
from msgspec.structs import replace

from filon.case.case import Case
from filon.errors import FilonError
from filon.model import View
from filon.model.time import zone_named
from filon.web.assets import Assets, assets
from filon.web.door import Door
from filon.words import LANGUAGES

__all__ = ["PREFERENCES", "THEMES", "Frame", "Place", "chosen", "frame_of", "preference", "view_of"]

THEMES = ("system", "light", "dark")
PREFERENCES = ("zone", "language", "theme")
"""Each may stand in the address (then it is also remembered), in a header of a part's request, or in a cookie."""


@dataclass(frozen=True)
class Place:
    """An entry of the rail."""

    key: str
    path: str
    icon: str


PLACES = (
    Place("overview", "/", "overview"),
    Place("search", "/search", "search"),
    Place("conversations", "/conversations", "conversations"),
    Place("accounts", "/accounts", "accounts"),
    Place("around", "/around", "clock"),
    Place("items", "/items", "items"),
    Place("defects", "/defects", "defect"),
    Place("custody", "/custody", "custody"),
    Place("desk", "/desk", "desk"),
)


@dataclass(frozen=True)
class Frame:
    """What the frame of a page shows. ``path`` and ``query`` are those of this request, without preferences."""

    case_name: str
    view: View
    theme: str
    csrf: str
    path: str
    query: tuple[tuple[str, str], ...]
    active: str
    assets: Assets
    places: tuple[Place, ...] = PLACES


def preference(request: Request[Any, Any, Any], name: str) -> str | None:
    """A preference from the address, else from the page that asks for a part of itself, else from its cookie.

    Cookies are shared by all tabs: a page that goes on loading parts must get them in the zone it began in.
    """
    asked = request.query_params.get(name) or request.headers.get(f"x-filon-{name}")
    return asked or request.cookies.get(f"filon-{name}")


def chosen(request: Request[Any, Any, Any]) -> dict[str, str]:
    """The preferences that stand in the address and exist; the others must not displace what was chosen before."""
    asked = {name: value for name in PREFERENCES if (value := request.query_params.get(name))}
    if asked.get("language", "en") not in LANGUAGES:
        del asked["language"]
    if asked.get("theme", "system") not in THEMES:
        del asked["theme"]
    if zone := asked.get("zone"):
        try:
            zone_named(zone)
        except FilonError:
            del asked["zone"]
    return asked


def view_of(request: Request[Any, Any, Any], case: Case) -> View:
    """The case's view for this person, in the zone and language they chose. A zone in the address must exist."""
    if asked := request.query_params.get("zone"):
        zone_named(asked)
    return _view(request, case)


def _view(request: Request[Any, Any, Any], case: Case) -> View:
    """The same for a page that must be shown whatever the address says: a zone that does not exist is passed over."""
    view = case.view()
    language = preference(request, "language") or view.language
    zone = view.zone
    if wanted := preference(request, "zone"):
        with suppress(FilonError):
            zone_named(wanted)
            zone = wanted
    return replace(view, zone=zone, language=language if language in LANGUAGES else "en")


def frame_of(request: Request[Any, Any, Any], case: Case, door: Door, active: str) -> Frame:
    """The frame of this request."""
    theme = preference(request, "theme")
    pairs = tuple((k, v) for k, v in request.query_params.multi_items() if k not in PREFERENCES)
    return Frame(
        case_name=case.name,
        view=_view(request, case),
        theme=theme if theme in THEMES else "system",
        csrf=door.csrf(request.scope["state"].get("session", "")),
        path=request.url.path,
        query=pairs,
        active=active,
        assets=assets(),
    )
