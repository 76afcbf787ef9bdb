"""What stands before every request, found or not: Host, session, Origin, CSRF; and the headers of every answer.

The guard wraps the whole application, so an unknown address is guarded like a known one. It refuses before
anything of the case is touched:

    421  the Host header names another machine (DNS rebinding)
    401  no session; the page says how to get in. /enter/TOKEN gives one for a token that was never used
    403  something is to be changed from another origin, or without this session's CSRF token
"""

from collections.abc import Awaitable, Callable, Iterable
from http.cookies import CookieError, SimpleCookie
from typing import Any, Literal
from urllib.parse import urlsplit

from litestar.enums import ScopeType
from litestar.types import Message, Receive, Scope, Send

from filon.web.door import Door

__all__ = ["CSRF_HEADER", "Guard", "Refusal", "hostname", "read_cookie"]

CSRF_HEADER = "x-filon-csrf"
Refusal = Literal["host", "session", "origin", "csrf"]
STATUS: dict[Refusal, int] = {"host": 421, "session": 401, "origin": 403, "csrf": 403}
SAFE = {"GET", "HEAD", "OPTIONS"}
ENTRANCE = "/enter/"
OPEN = "/assets/"

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-embedder-policy", b"require-corp"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)
NO_STORE = (b"cache-control", b"no-store")

Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Refuse = Callable[[Scope, Refusal, int], bytes]


class Guard:
    """Wraps an ASGI application. ``cookie`` names the session cookie, ``hosts`` the names this server answers to."""

    def __init__(self, inside: Application, door: Door, hosts: Iterable[str], cookie: str, refuse: Refuse) -> None:
        self._inside = inside
        self._door = door
        self._hosts = frozenset(hosts)
        self._cookie = cookie
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through or refuse it; websockets are always refused."""
        if scope["type"] != ScopeType.HTTP:
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = [(name.lower(), value) for name, value in message["headers"]]
                present = {name for name, _ in given}
                extra = [*HEADERS, NO_STORE] if b"cache-control" not in present else list(HEADERS)
                message["headers"] = [*given, *extra]
            await send(message)

        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        refusal = self._judge(scope, headers)
        if refusal is None:
            await self._inside(scope, receive, send_with_headers)
            return
        await self._answer(scope, refusal, send_with_headers)

    async def _answer(self, scope: Any, refusal: Refusal, send: Send) -> None:
        """Let the bearer of a good token in, and refuse everybody else."""
        status, headers, body = STATUS[refusal], [(b"content-type", b"text/html; charset=utf-8")], b""
        session = self._door.enter(scope["path"].removeprefix(ENTRANCE)) if self._at_entrance(scope, refusal) else None
        if session:
            cookie = f"{self._cookie}={session}; Path=/; HttpOnly; SameSite=Strict"
            status, headers = 303, [(b"location", b"/"), (b"set-cookie", cookie.encode())]
        elif scope["method"] != "HEAD":
            body = self._refuse(scope, refusal, status)
        start: Any = {"type": "http.response.start", "status": status, "headers": headers}
        end: Any = {"type": "http.response.body", "body": body, "more_body": False}
        await send(start)
        await send(end)

    @staticmethod
    def _at_entrance(scope: Any, refusal: Refusal) -> bool:
        return refusal == "session" and scope["method"] == "GET" and scope["path"].startswith(ENTRANCE)

    def _judge(self, scope: Any, headers: dict[bytes, str]) -> Refusal | None:
        host = headers.get(b"host", "")
        if hostname(host) not in self._hosts:
            return "host"
        if scope["path"].startswith(OPEN) and scope["method"] in SAFE:
            return None
        if scope["path"].startswith(ENTRANCE):
            return "session"
        session = read_cookie(headers.get(b"cookie", ""), self._cookie)
        if session is None or not self._door.knows(session):
            return "session"
        scope["state"] = {**scope.get("state", {}), "session": session}
        if scope["method"] in SAFE:
            return None
        origin = headers.get(b"origin")
        if origin is None or origin != f"{scope['scheme']}://{host}":
            return "origin"
        return None if self._door.agrees(session, headers.get(CSRF_HEADER.encode())) else "csrf"


def hostname(host: str) -> str | None:
    """The name in a Host header without its port, or None where it is not one."""
    try:
        parts = urlsplit(f"//{host}")
        return parts.hostname if parts.netloc == host and "@" not in host else None
    except ValueError:
        return None


def read_cookie(header: str, name: str) -> str | None:
    """The value of one cookie, or None."""
    try:
        found = SimpleCookie(header).get(name)
    except CookieError:
        return None
    return found.value if found else None
