"""Who may come in: a one-time token in the printed link, exchanged for a session that lives as long as the process.

The token is a bearer secret on a command line and in a browser's history, so it dies with its first use. What is
kept of a session is a digest; the CSRF token is an HMAC of the session, so it needs no second cookie.
"""

import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable

__all__ = ["Door"]


class Door:
    """Tokens given out and sessions let in. Safe to call from several threads.

    ``on_token`` is told every token, among them the fresh one that follows a used one: a second browser needs it.
    """

    def __init__(self, on_token: Callable[[str], None] | None = None) -> None:
        self._on_token = on_token
        self._secret = secrets.token_bytes(32)
        self._tokens: set[bytes] = set()
        self._sessions: set[bytes] = set()
        self._lock = threading.Lock()

    def token(self) -> str:
        """A fresh one-time token for a link."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._tokens.add(_digest(token))
        if self._on_token:
            self._on_token(token)
        return token

    def enter(self, token: str) -> str | None:
        """The session a token buys; None where it is unknown or was used before."""
        with self._lock:
            if _digest(token) not in self._tokens:
                return None
            self._tokens.discard(_digest(token))
            session = secrets.token_urlsafe(32)
            self._sessions.add(_digest(session))
        if self._on_token:
            self.token()
        return session

    def knows(self, session: str | None) -> bool:
        """True for a session that was let in."""
        return session is not None and _digest(session) in self._sessions

    def csrf(self, session: str) -> str:
        """What a page of this session sends along with everything that changes something."""
        return hmac.new(self._secret, session.encode(), hashlib.sha256).hexdigest()

    def agrees(self, session: str, csrf: str | None) -> bool:
        """True where the CSRF token belongs to the session; compared in constant time."""
        return csrf is not None and hmac.compare_digest(self.csrf(session).encode(), csrf.encode())


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
