"""The accounts of the case, and one of them."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from litestar import get
from litestar.params import FromPath, FromQuery, QueryParameter

from filon.case.answers import AccountRow, FacetView
from filon.web.answer import Page
from filon.web.room import InRoom

__all__ = ["AccountPage", "AccountsPage", "account", "accounts"]

Order = Literal["sent", "label", "last"]


@dataclass(frozen=True)
class AccountsPage(Page):
    """A stretch of the list. ``contains`` narrows by label and name."""

    template: ClassVar[str] = "accounts.html"
    active: ClassVar[str] = "accounts"

    total: int
    rows: tuple[AccountRow, ...]
    contains: str
    order: Order
    offset: int
    limit: int


@get("/accounts", sync_to_thread=True)
def accounts(
    room: InRoom,
    contains: FromQuery[str] = "",
    order: FromQuery[Order] = "sent",
    offset: Annotated[int, QueryParameter(ge=0)] = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
) -> AccountsPage:
    """By what they sent, by label, or latest."""
    total, rows = room.case.accounts(room.view, contains=contains, order=order, offset=offset, limit=limit)
    return AccountsPage(total, tuple(rows), contains, order, offset, limit)


@dataclass(frozen=True)
class AccountPage(Page):
    """One account: the names it was met under, and where it wrote."""

    template: ClassVar[str] = "account.html"
    active: ClassVar[str] = "accounts"

    row: AccountRow
    facets: dict[str, FacetView]
    """Conversations, months and kinds of what it sent."""
    term_text: str
    """Search text for everything this account sent."""


@get("/accounts/{number:int}", sync_to_thread=True)
def account(room: InRoom, number: FromPath[int]) -> AccountPage:
    """One account."""
    row = room.case.account(room.view, number)
    text = f"from:#{number}"  # its label may hold quotes, or stand in the names of other accounts
    return AccountPage(row, room.case.facets(room.view, text, ("conversation", "month", "kind")), text)
