"""The items of evidence: what came in, what was made of it, and the bytes themselves as a download."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from litestar import Response, get
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import File

from filon.case.answers import ItemRow
from filon.web.answer import Page
from filon.web.room import InRoom

__all__ = ["ItemsPage", "items", "original"]


@dataclass(frozen=True)
class ItemsPage(Page):
    """A stretch of the items, each with its readings and their accounts."""

    template: ClassVar[str] = "items.html"
    active: ClassVar[str] = "items"

    total: int
    items: tuple[ItemRow, ...]
    offset: int
    limit: int
    missing: int | None
    """The item that was asked for, where this view has none of that number."""


@get("/items", sync_to_thread=True)
def items(
    room: InRoom,
    item: FromQuery[int | None] = None,
    offset: Annotated[int, QueryParameter(ge=0)] = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
) -> ItemsPage:
    """What was taken in, in the order of the numbers; with ``item``, the stretch that it stands in."""
    total, first, rows = room.case.items_page(room.view, offset=offset, limit=limit, item=item)
    missing = None if item in {row.item.number for row in rows} else item
    return ItemsPage(total, tuple(rows), first, limit, missing)


@get("/items/{number:int}/original", sync_to_thread=True)
def original(room: InRoom, number: FromPath[int]) -> Response[bytes]:
    """The item as received: always a download, never shown; its hash in the ``digest`` header."""
    path, sha256 = room.case.original(room.view, number)
    return File(
        path,
        filename=path.name,
        media_type="application/octet-stream",
        content_disposition_type="attachment",
        headers={"digest": f"sha-256={sha256}", "cache-control": "no-store"},
    )
