"""The items of evidence: what came in, what was made of it, and the bytes themselves as a download."""

from dataclasses import dataclass
from typing import ClassVar

from litestar import Response, get
from litestar.params import FromPath
from litestar.response import File

from filon.case.answers import ItemRow
from filon.web.answer import Page
from filon.web.room import InRoom

__all__ = ["ItemsPage", "items", "original"]


@dataclass(frozen=True)
class ItemsPage(Page):
    """Every item with its readings and the account of each."""

    template: ClassVar[str] = "items.html"
    active: ClassVar[str] = "items"

    items: tuple[ItemRow, ...]


@get("/items", sync_to_thread=True)
def items(room: InRoom) -> ItemsPage:
    """Everything that was taken in."""
    return ItemsPage(tuple(room.case.items(room.view)))


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
