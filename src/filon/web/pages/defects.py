"""Evidence that could not be read as it should: every place, and why."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from litestar import get
from litestar.params import FromQuery, QueryParameter

from filon.case.answers import DefectRow
from filon.web.answer import Page
from filon.web.room import InRoom

__all__ = ["DefectsPage", "defects"]


@dataclass(frozen=True)
class DefectsPage(Page):
    """A stretch of the defects, of one code or one item where asked."""

    template: ClassVar[str] = "defects.html"
    active: ClassVar[str] = "defects"

    total: int
    rows: tuple[DefectRow, ...]
    code: str | None
    item: int | None
    offset: int
    limit: int


@get("/defects", sync_to_thread=True)
def defects(
    room: InRoom,
    code: FromQuery[str | None] = None,
    item: FromQuery[int | None] = None,
    offset: Annotated[int, QueryParameter(ge=0)] = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
) -> DefectsPage:
    """Defects in archive order."""
    total, rows = room.case.defects(room.view, code=code or None, item=item, offset=offset, limit=limit)
    return DefectsPage(total, tuple(rows), code or None, item, offset, limit)
