"""What a person sees when something cannot be done: the reason, and the next step."""

import logging
from dataclasses import dataclass
from typing import Any, ClassVar

from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from filon.errors import (
    CaseBusy,
    DeskError,
    EvidenceError,
    FilonError,
    NotHeld,
    PermissionDenied,
    QueryError,
    ReadingError,
    Unsupported,
)
from filon.web.answer import Page, PageResponse
from filon.web.frame import preference
from filon.words import translator

__all__ = ["HANDLERS", "ProblemPage"]

LOG = logging.getLogger(__name__)
STATUS: tuple[tuple[type[FilonError], int], ...] = (
    (QueryError, 400),
    (ReadingError, 400),
    (EvidenceError, 400),
    (DeskError, 400),
    (PermissionDenied, 403),
    (NotHeld, 404),
    (CaseBusy, 409),
    (Unsupported, 501),
)


@dataclass(frozen=True)
class ProblemPage(Page):
    """A page that says what went wrong. ``code`` is the HTTP status."""

    template: ClassVar[str] = "problem.html"

    code: int
    problem: str
    hint: str | None
    """What to do next, or None."""
    position: int | None = None
    """Of a search text, the character at which it stops making sense."""
    detail: str | None = None
    """What the server has to say of a request that does not fit, in English."""


@dataclass(frozen=True)
class ProblemPart(ProblemPage):
    """The same where only a part of a page was asked for."""

    block: ClassVar[str | None] = "problem"


def expected(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """An error that filon raises on purpose."""
    assert isinstance(error, FilonError)
    words = translator(preference(request, "language") or request.app.state.case.view().language)
    problem, hint = words.error(error)
    code = next((status for kind, status in STATUS if isinstance(error, kind)), 500)
    if code == 500:
        LOG.error("%s %s", request.method, request.url.path, exc_info=error)
    return _answer(request, code, problem, hint, error.position if isinstance(error, QueryError) else None)


def declined(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """An address that does not exist, or a request that does not fit it."""
    assert isinstance(error, HTTPException)
    words = translator(preference(request, "language") or request.app.state.case.view().language)
    if error.status_code == 404:
        problem = words.gettext("There is nothing at this address.")
        hint = words.gettext("Go back, or start again from the overview.")
    else:
        problem = words.gettext("This request does not fit the address it was sent to.")
        hint = words.gettext("Go back and try again from a page of this reading room.")
    return _answer(request, error.status_code, problem, hint, detail=None if error.status_code == 404 else error.detail)


def unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """A fault of filon: told as such, with the details in the log of the server and not in the page."""
    LOG.error("%s %s", request.method, request.url.path, exc_info=error)
    words = translator(preference(request, "language") or "en")
    return _answer(
        request,
        500,
        words.gettext("filon made a mistake and could not answer."),
        words.gettext("The evidence is untouched. What happened stands in the terminal that runs filon serve."),
    )


def _answer(
    request: Request[Any, Any, Any],
    code: int,
    problem: str,
    hint: str | None,
    position: int | None = None,
    detail: str | None = None,
) -> Response[Any]:
    if not request.scope["state"].get("session"):  # somebody at a file that is open to all: nothing of the case is told
        return Response(content=problem, status_code=code, media_type="text/plain")
    kind = ProblemPart if request.headers.get("hx-request") else ProblemPage
    return PageResponse(kind(code, problem, hint, position, detail), status_code=code)


HANDLERS: ExceptionHandlersMap = {FilonError: expected, HTTPException: declined, Exception: unexpected}
