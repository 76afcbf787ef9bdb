"""From a page's context to bytes: HTML for people, the same context as JSON for programs.

A page is a frozen dataclass that derives from ``Page``. Its fields are all its template may use, beside the frame,
``show`` (writing values), ``term`` (words for codes) and gettext. ``block`` names the part of the template to send
when the page is a fragment of another one.
"""

import os
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import MediaType, Request, Response
from litestar.datastructures import Cookie
from litestar.response.base import ASGIResponse

from filon.web.frame import Frame, chosen, cited, frame_of
from filon.web.marks import folded, hidden, marked
from filon.web.room import asks_for_json
from filon.web.show import Show
from filon.words import LANGUAGES, translator

__all__ = ["GIVEN", "Page", "PageResponse", "environment", "render"]

TEMPLATES = Path(__file__).parent / "templates"
GIVEN = ("frame", "show", "term", "filled", "said", "languages", "marked", "folded", "hidden")
"""What every template may use beside the fields of its page."""
YEAR = 365 * 24 * 3600


class Page:
    """What a handler returns."""

    template: ClassVar[str]
    block: ClassVar[str | None] = None
    active: ClassVar[str] = ""
    """Key of the entry of the rail that is lit."""
    status: ClassVar[int | None] = None


@cache
def environment(language: str) -> Environment:
    """The templates, worded in one language."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        auto_reload=bool(os.environ.get("FILON_WEB_RELOAD")),
    )
    words = translator(language)
    env.install_gettext_callables(  # type: ignore[attr-defined]  # added by the i18n extension
        words.gettext, words.ngettext, newstyle=True, pgettext=words.pgettext
    )
    env.globals.update(
        term=words.term,
        filled=words.filled,
        said=words.said,
        languages=LANGUAGES,
        marked=marked,
        folded=folded,
        hidden=hidden,
    )
    return env


def render(page: Page, frame: Frame) -> bytes:
    """HTML of a page, or of its block. Lone surrogates that evidence holds cannot be sent and become ``?``."""
    template = environment(frame.view.language).get_template(page.template)
    values = {**vars(page), "frame": frame, "show": Show(frame.view.language, frame.view.zone)}
    html = (
        template.render(values)
        if page.block is None
        else "".join(template.blocks[page.block](template.new_context(values)))
    )
    return html.encode("utf-8", "replace")


class PageResponse(Response[Any]):
    """Sends a page as HTML, or as JSON to whoever asks for ``application/json``, and remembers preferences."""

    def to_asgi_response(self, app: Any, request: Request[Any, Any, Any], **rest: Any) -> ASGIResponse:
        """Choose by the Accept header."""
        page = self.content
        state = request.app.state
        if isinstance(page, Page) and not asks_for_json(request):
            frame = frame_of(request, state.case, state.door, page.active)
            self.content = render(page, frame)
            rest["media_type"] = self.media_type = MediaType.HTML
        else:
            rest["media_type"] = self.media_type = MediaType.JSON
        for name, value in chosen(request).items():
            self.cookies.append(
                Cookie(key=f"filon-{name}", value=value, max_age=YEAR, httponly=True, samesite="strict")
            )
        self.headers["vary"] = "Accept"
        if rest["media_type"] == MediaType.HTML and self.status_code == 200 and (to := cited(request, state.case)):
            self.content, self.status_code, self.headers["location"] = b"", 303, to
        return super().to_asgi_response(app, request, **rest)
