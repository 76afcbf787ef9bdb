"""The application: every page, behind the guard."""

import secrets
from collections.abc import Iterable
from typing import Any

from litestar import Litestar
from litestar.datastructures import CacheControlHeader, State
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.static_files import create_static_files_router
from litestar.types import Receive, Scope, Send

from filon.case.case import Case
from filon.case.jobs import Jobs
from filon.web.answer import PageResponse, environment
from filon.web.assets import BUILT, assets
from filon.web.door import Door
from filon.web.drafts import Drafts
from filon.web.guard import Guard, Refusal, read_cookie
from filon.web.pages import PAGES
from filon.web.problems import HANDLERS
from filon.web.room import room
from filon.words import LANGUAGES

__all__ = ["HOSTS", "ReadingRoom", "create_app"]

HOSTS = ("127.0.0.1", "localhost", "::1")
BODY_LIMIT = 4_000_000
"""Bytes of an ordinary request; uploads set their own limit."""


class ReadingRoom(Litestar):
    """Litestar with a guard that also stands before addresses that do not exist."""

    guard: Guard

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Startup passes; everything else meets the guard."""
        if scope["type"] == "lifespan":
            await super().__call__(scope, receive, send)
        else:
            await self.guard(scope, receive, send)

    async def inside(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What the guard lets through."""
        await super().__call__(scope, receive, send)


def create_app(
    case: Case, *, door: Door | None = None, hosts: Iterable[str] = HOSTS, cookie: str | None = None
) -> ReadingRoom:
    """The reading room of one case. ``hosts``: names it answers to; ``cookie``: name of the session cookie."""
    door = door or Door()
    cookie = cookie or f"filon-{secrets.token_hex(4)}"
    state = State({"case": case, "door": door, "jobs": Jobs(), "drafts": Drafts(case.root), "cookie": cookie})
    app = ReadingRoom(
        route_handlers=[
            *PAGES,
            create_static_files_router(
                "/assets", [BUILT], cache_control=CacheControlHeader(max_age=31_536_000, immutable=True, private=True)
            ),
        ],
        response_class=PageResponse,
        dependencies={"room": Provide(room, sync_to_thread=False)},
        exception_handlers=HANDLERS,
        request_max_body_size=BODY_LIMIT,
        state=state,
        openapi_config=OpenAPIConfig(
            title="filon", version="1", path="/schema", render_plugins=[JsonRenderPlugin(path="/openapi.json")]
        ),
        logging_config=None,
    )
    app.guard = Guard(app.inside, door, hosts, cookie, refuse)
    for language in LANGUAGES:
        env = environment(language)
        for template in env.list_templates():
            env.get_template(template)  # compiled now, so that the first page does not wait for it
    return app


def refuse(scope: Scope, refusal: Refusal, status: int) -> bytes:
    """The page of a refusal: worded, styled, and without anything of the case."""
    headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
    language = read_cookie(headers.get(b"cookie", ""), "filon-language") or headers.get(b"accept-language", "en")[:2]
    known = language if language in LANGUAGES else "en"
    text = (
        environment(known)
        .get_template("refused.html")
        .render(refusal=refusal, status=status, language=known, assets=assets())
    )
    return text.encode()
