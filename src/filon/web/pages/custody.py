"""The custody log: everything that was done to the evidence, newest first."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from litestar import get
from litestar.params import QueryParameter

from filon.web.answer import Page
from filon.web.room import InRoom

__all__ = ["CustodyPage", "custody"]


@dataclass(frozen=True)
class CustodyPage(Page):
    """A stretch of the log."""

    template: ClassVar[str] = "custody.html"
    active: ClassVar[str] = "custody"

    total: int
    entries: tuple[dict[str, Any], ...]
    offset: int
    limit: int


@get("/custody", sync_to_thread=True)
def custody(
    room: InRoom,
    offset: Annotated[int, QueryParameter(ge=0)] = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=1000)] = 200,
) -> CustodyPage:
    """Entries as they stand in the log."""
    total, entries = room.case.custody(room.view, offset=offset, limit=limit)
    return CustodyPage(total, tuple(entries), offset, limit)
