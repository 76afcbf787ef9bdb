"""The proxy a phone may be told to use for everything: relay and log know fewer kinds of it in common than each alone."""

from urllib.parse import urlsplit

from filon_net.phone.errors import BadProxy

__all__ = ["require_proxy"]

_SCHEMES = ("socks5", "http", "https")


def require_proxy(proxy: str | None) -> None:
    """Refuse with BadProxy what is not ``socks5://host:port`` or ``http://host:port``, with a name and password where it wants
    them; None is no proxy. Said before anything is connected: a phone must not go round a proxy it was told to use."""
    if proxy is None:
        return
    try:
        parts = urlsplit(proxy)
        good = parts.scheme in _SCHEMES and bool(parts.hostname) and bool(parts.port)
    except ValueError:
        good = False
    if not good:
        raise BadProxy(
            "this is no proxy's address", hint="write it as socks5://127.0.0.1:9050 or http://127.0.0.1:8118"
        )
