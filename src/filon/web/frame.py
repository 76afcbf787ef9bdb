"""The frame around every page: the case, the view on it, and how this person likes to see it."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from litestar import Request
from msgspec.structs import replace

from filon.case.case import Case
from filon.errors import FilonError
from filon.model import View
from filon.model.time import zone_named
from filon.web.assets import Assets, assets
from filon.web.door import Door
from filon.words import LANGUAGES

__all__ = ["PREFERENCES", "THEMES", "Frame", "Place", "chosen", "cited", "frame_of", "preference", "view_of"]

THEMES = ("system", "light", "dark")
LETTERS = ("on", "off")
PREFERENCES = ("zone", "language", "theme", "letters")
"""Each may stand in the address, in a header of a part's request, or in a cookie. What stands in the address is
remembered; but a zone is part of what is cited: it holds for its page, and another name chooses one for good."""
MY_ZONE = "my-zone"
"""A zone in the address that is chosen for good, where it is another than the address itself has."""
DATED = ("q", "time", "within")
"""Parts of an address whose meaning depends on the zone."""


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
    own_zone: str
    """The zone this person chose; that of the view is another one where the address says so."""
    theme: str
    letters: bool
    """Whether letters and signs act as keys, alone and outside of fields."""
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
    asked = (name == "zone" and _my_zone(request)) or request.query_params.get(name)
    asked = asked or request.headers.get(f"x-filon-{name}")
    return asked or request.cookies.get(f"filon-{name}")


def _my_zone(request: Request[Any, Any, Any]) -> str | None:
    """The zone that is chosen for good with this request. The form sends the zone of its page where none is."""
    mine = request.query_params.get(MY_ZONE)
    return mine if mine != request.query_params.get("zone") else None


def cited(request: Request[Any, Any, Any], case: Case) -> str | None:
    """The address to go on to once a zone was chosen: without the choice, with the zone where it means something.

    None where nothing of the kind was asked.
    """
    if MY_ZONE not in request.query_params:
        return None
    zone = _view(request, case).zone
    pairs = _pairs(request, ("zone", MY_ZONE))
    if zone != own_zone(request, case) or any(request.query_params.get(name) for name in DATED):
        pairs.append(("zone", zone))
    return f"{request.url.path}?{urlencode(pairs)}" if pairs else request.url.path


def _pairs(request: Request[Any, Any, Any], without: tuple[str, ...]) -> list[tuple[str, str]]:
    """What the address asks, in the order it stands there."""
    return [(k, v) for k, v in parse_qsl(request.url.query, keep_blank_values=True) if k not in without]


def own_zone(request: Request[Any, Any, Any], case: Case) -> str:
    """The zone this person chose, now or before."""
    return _known(_my_zone(request)) or _known(request.cookies.get("filon-zone")) or case.view().zone


def _known(zone: str | None) -> str | None:
    """None for a zone that does not exist."""
    if zone:
        with suppress(FilonError):
            zone_named(zone)
            return zone
    return None


def chosen(request: Request[Any, Any, Any]) -> dict[str, str]:
    """The choices that stand in the address and exist; the others must not displace what was chosen before."""
    asked = {name: value for name in ("language", "theme", "letters") if (value := request.query_params.get(name))}
    if asked.get("language", "en") not in LANGUAGES:
        del asked["language"]
    if asked.get("theme", "system") not in THEMES:
        del asked["theme"]
    if asked.get("letters", "on") not in LETTERS:
        del asked["letters"]
    if zone := _known(_my_zone(request)):
        asked["zone"] = zone
    return asked


def view_of(request: Request[Any, Any, Any], case: Case) -> View:
    """The case's view for this person, in the zone and language they chose. A zone in the address must exist."""
    for name in ("zone", MY_ZONE):
        if asked := request.query_params.get(name):
            zone_named(asked)
    return _view(request, case)


def _view(request: Request[Any, Any, Any], case: Case) -> View:
    """The same for a page that must be shown whatever the address says: a zone that does not exist is passed over."""
    view = case.view()
    language = preference(request, "language") or view.language
    zone = _known(preference(request, "zone")) or view.zone
    return replace(view, zone=zone, language=language if language in LANGUAGES else "en")


def frame_of(request: Request[Any, Any, Any], case: Case, door: Door, active: str) -> Frame:
    """The frame of this request."""
    theme = preference(request, "theme")
    return Frame(
        case_name=case.name,
        view=_view(request, case),
        own_zone=own_zone(request, case),
        theme=theme if theme in THEMES else "system",
        letters=preference(request, "letters") != "off",
        csrf=door.csrf(request.scope["state"].get("session", "")),
        path=request.url.path,
        query=tuple(_pairs(request, (*PREFERENCES, MY_ZONE))),
        active=active,
        assets=assets(),
    )
